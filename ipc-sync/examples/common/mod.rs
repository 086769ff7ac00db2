//! A file that two processes map, for the examples, as `ipc-shm` makes them for real programs.

#![expect(unsafe_code, reason = "vouches for the bytes of a file as a `Memory`")]

use std::fs::{self, File};
use std::process::{Child, Command};
use std::ptr::NonNull;
use std::{env, io, process};

use ipc_mem::{Access, Mapping, Memory};

/// 4096 bytes in `/dev/shm`.
pub(crate) struct SharedFile {
    mapping: Mapping,
    /// The path, if this process made the file.
    made: Option<String>,
}

impl SharedFile {
    /// In the parent: a new file.
    pub(crate) fn create() -> io::Result<Self> {
        let path = path(process::id());
        File::create_new(&path)?.set_len(4096)?;
        Ok(Self { mapping: map(&path)?, made: Some(path) })
    }

    /// In the child: the file of its parent.
    pub(crate) fn open(path: &str) -> io::Result<Self> {
        Ok(Self { mapping: map(path)?, made: None })
    }

    /// Starts this program again, to open the file.
    pub(crate) fn start_child() -> io::Result<Child> {
        Command::new(env::current_exe()?).arg(path(process::id())).spawn()
    }
}

fn path(creator: u32) -> String {
    format!("/dev/shm/example-{creator}")
}

fn map(path: &str) -> io::Result<Mapping> {
    let file = File::options().read(true).write(true).open(path)?;
    Mapping::new(&file, 4096, Access::ReadWrite).map_err(|errno| io::Error::from_raw_os_error(errno.raw()))
}

impl Drop for SharedFile {
    fn drop(&mut self) {
        if let Some(path) = &self.made {
            let _ = fs::remove_file(path);
        }
    }
}

// SAFETY: mapped as long as `self`, 4096 bytes at one address that nobody gets a reference to; fresh is
// only the one that made the file.
unsafe impl Memory for SharedFile {
    fn base(&self) -> NonNull<u8> {
        self.mapping.base()
    }

    fn size(&self) -> usize {
        self.mapping.size()
    }

    fn access(&self) -> Access {
        Access::ReadWrite
    }

    fn is_fresh(&self) -> bool {
        self.made.is_some()
    }

    fn label(&self) -> String {
        String::from("the example's file")
    }
}
