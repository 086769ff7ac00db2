//! The file behind a name: how shared memory and named semaphores are made, found and ended.

use std::fs::{self, File, Metadata, Permissions as Mode};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use crate::named::life;
use crate::sys::lock::{self, Lock};
use crate::{Access, sys};
use ipc_core::{Errno, Error, Name, Permissions, Result, Trust, UserId, crash_point, switched_on};

/// Where the names of objects are files.
const DIRECTORY: &str = "/dev/shm";

/// How long somebody else may take to remove a name: not as long as it takes to be stopped, or to mean harm.
const PATIENCE: Duration = Duration::from_secs(1);

/// How the C library calls the files of one kind of object, and its functions for them.
#[derive(Debug)]
pub struct Convention {
    /// What one is, in an error message.
    pub noun: &'static str,
    /// What comes before the name in the name of the file.
    pub prefix: &'static str,
    /// The function that makes or finds one.
    pub open: &'static str,
    /// The function that ends a name.
    pub unlink: &'static str,
}

impl Convention {
    /// The names that objects of this kind have now, in order; a file that is called otherwise is none of them.
    ///
    /// # Errors
    ///
    /// What the system refuses to who looks for them.
    pub fn names(&self) -> Result<Vec<Name>> {
        let refused = |err: io::Error| Error::os("readdir", DIRECTORY, Errno::new(err.raw_os_error().unwrap_or(0)));
        let mut names = Vec::new();
        for entry in fs::read_dir(DIRECTORY).map_err(refused)? {
            let file = entry.map_err(refused)?.file_name();
            let rest = file.to_str().and_then(|file| file.strip_prefix(self.prefix));
            names.extend(rest.and_then(|rest| Name::new(&format!("/{rest}")).ok()));
        }
        names.sort();
        Ok(names)
    }
}

/// A place for a file that other processes find by name, whether or not there is one.
///
/// A file is made without a name, filled, and then linked: nobody sees it half-made, and a
/// process that dies on the way leaves nothing.
#[derive(Debug)]
pub struct Entry {
    convention: &'static Convention,
    name: Name,
    pub(crate) path: PathBuf,
}

/// Which object it is, whatever it is called: no two that exist at the same time have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    /// The identity of the file that `metadata` are about.
    #[must_use]
    pub fn of(metadata: &Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }
}

impl Entry {
    /// The place of one kind of object with that name.
    #[must_use]
    pub fn new(convention: &'static Convention, name: Name) -> Self {
        let path = [DIRECTORY, "/", convention.prefix, name.file_name()].concat().into();
        Self { convention, name, path }
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Makes a file of `len` zero bytes that has no name yet, with exactly these permissions.
    ///
    /// # Errors
    ///
    /// `is_no_space` if there is no room; `is_unsupported` if the system has no files without a name.
    #[doc(alias = "O_TMPFILE")]
    pub fn create_unnamed(&self, permissions: Permissions, len: usize) -> Result<(File, Identity)> {
        self.make_unnamed(permissions, |file| {
            if !switched_on("reserve") {
                return file.set_len(len as u64).map_err(|err| self.refused("ftruncate", &err));
            }
            sys::file::lengthen(file, 0..len as u64).map_err(|errno| Error::os("fallocate", &self.name, errno))
        })
    }

    /// As [`create_unnamed`](Self::create_unnamed), but the file is empty until something is written into it. It takes
    /// the room for `room` bytes.
    ///
    /// A file without a name can be found by way of `/proc`: what is written as its last bytes, and makes it long, who
    /// finds them there finds at once.
    ///
    /// # Errors
    ///
    /// As [`create_unnamed`](Self::create_unnamed).
    pub fn create_empty(&self, permissions: Permissions, room: usize) -> Result<(File, Identity)> {
        self.make_unnamed(permissions, |file| {
            if room == 0 || !switched_on("reserve") {
                return Ok(());
            }
            sys::file::reserve(file, 0..room as u64).map_err(|errno| Error::os("fallocate", &self.name, errno))
        })
    }

    fn make_unnamed(
        &self,
        permissions: Permissions,
        take_room: impl FnOnce(&File) -> Result<()>,
    ) -> Result<(File, Identity)> {
        let mode = permissions.mode();
        let made = File::options().read(true).write(true).mode(mode).custom_flags(sys::file::UNNAMED).open(DIRECTORY);
        let file = made.map_err(|err| match err.kind() {
            // What is not found is the directory: to who creates something, that is another thing than a name.
            io::ErrorKind::NotFound | io::ErrorKind::IsADirectory | io::ErrorKind::Unsupported => {
                let why = format!("{DIRECTORY} has no files without a name: {err}");
                Error::unsupported(self.convention.open, &self.name, why)
            }
            _ => self.refused(self.convention.open, &err),
        })?;
        crash_point("entry.create.unnamed");
        if !switched_on("whole first") {
            self.link(&file)?;
        }
        take_room(&file)?;
        crash_point("entry.create.reserved");
        let metadata = file.metadata().map_err(|err| self.refused("fstat", &err))?;
        if metadata.mode() & 0o777 != mode {
            file.set_permissions(Mode::from_mode(mode)).map_err(|err| self.refused("fchmod", &err))?;
        }
        Ok((file, Identity::of(&metadata)))
    }

    /// Gives a file without a name this one, from which moment on everybody can find it.
    ///
    /// # Errors
    ///
    /// `is_exists` if the name is taken; `is_unsupported` if the system links neither by descriptor nor by way of
    /// `/proc`; otherwise what the system refuses.
    pub fn link(&self, file: &File) -> Result<()> {
        if !switched_on("whole first") && self.names(file, None) {
            return Ok(());
        }
        crash_point("entry.link.before");
        sys::file::link(file, &self.path).map_err(|errno| match errno {
            Errno::ENOENT => {
                let why = "no way to link a file without a name: neither by descriptor nor by way of /proc";
                Error::unsupported(self.convention.open, &self.name, why)
            }
            _ => Error::os(self.convention.open, &self.name, errno),
        })?;
        crash_point("entry.link.after");
        Ok(())
    }

    /// Opens the file that has this name.
    ///
    /// # Errors
    ///
    /// `is_not_found` if there is none; `is_permission_denied` if its mode forbids it; `is_untrusted` if it is
    /// somebody's who was not asked for; `is_mismatch` if it is no file.
    pub fn open(&self, trust: Trust, access: Access) -> Result<(File, Metadata)> {
        let (file, metadata) = self.open_any(access)?;
        let (owner, mode) = (UserId::new(metadata.uid()), metadata.mode().into());
        trust.judge(self.convention.open, &self.name, owner, mode)?;
        Ok((file, metadata))
    }

    /// As [`open`](Self::open), for who knows whose file it has to be.
    pub(crate) fn open_any(&self, access: Access) -> Result<(File, Metadata)> {
        let write = access == Access::ReadWrite;
        // A FIFO of that name would make `open` wait for its other end.
        let flags = sys::file::NO_FOLLOW | sys::file::NO_WAIT;
        let opened = File::options().read(true).write(write).custom_flags(flags).open(&self.path);
        let file = opened.map_err(|err| self.refused(self.convention.open, &err))?;
        let metadata = file.metadata().map_err(|err| self.refused("fstat", &err))?;
        if !metadata.is_file() {
            let why = format!("found something that is no file, wanted {}", self.convention.noun);
            return Err(Error::mismatch(self.convention.open, &self.name, why));
        }
        Ok((file, metadata))
    }

    /// Ends the name. A name that nobody has is not an error.
    ///
    /// # Errors
    ///
    /// `is_permission_denied` if the file is somebody else's.
    pub fn unlink(&self) -> Result<()> {
        let claimed = self.claim(None); // until this returns
        let is_absent = || fs::symlink_metadata(&self.path).is_err_and(|err| err.kind() == io::ErrorKind::NotFound);
        if claimed.as_ref().map_or_else(is_absent, |file| !self.names(file, None)) {
            return Ok(()); // somebody else has ended it meanwhile, and what has the name now came later
        }
        match fs::remove_file(&self.path) {
            Err(err) if err.kind() != io::ErrorKind::NotFound => Err(self.refused(self.convention.unlink, &err)),
            _ => Ok(()),
        }
    }

    /// Ends the name if it is still that file's, which the caller has open or mapped: no other can
    /// have its identity meanwhile.
    pub fn unlink_if(&self, identity: Identity) {
        let _claimed = self.claim(Some(identity));
        if self.is_of(identity) || !switched_on("identity") {
            crash_point("entry.unlink.before");
            // Done by `drop`, where nobody is there to be told; a name that stays is seen by who looks for it.
            let _ = fs::remove_file(&self.path);
            crash_point("entry.unlink.after");
        }
    }

    /// Opens the file that has this name and locks it against all others who end names: until it is closed, the name
    /// passes to no successor whom one of them could take it from.
    ///
    /// `None` if it cannot be written, or is not the one wanted. A lock that is not to be had in good time is done without.
    fn claim(&self, wanted: Option<Identity>) -> Option<File> {
        let file = self.open_to_remove(wanted)?;
        let mut until = None;
        while lock::set(&file, Lock::Exclusive, life::NAME, false) == Err(Errno::EAGAIN) {
            if Instant::now() >= *until.get_or_insert_with(|| Instant::now() + PATIENCE) {
                break;
            }
            thread::yield_now();
        }
        Some(file)
    }

    /// Opens the file that has this name, if it can be written, and is the one wanted.
    pub(crate) fn open_to_remove(&self, wanted: Option<Identity>) -> Option<File> {
        let flags = sys::file::NO_FOLLOW | sys::file::NO_WAIT;
        let file = File::options().write(true).custom_flags(flags).open(&self.path).ok()?;
        let is_it = |wanted| file.metadata().is_ok_and(|metadata| Identity::of(&metadata) == wanted);
        wanted.is_none_or(is_it).then_some(file)
    }

    /// Whether this is still the name of a file that was opened by it, and which is the one wanted.
    pub(crate) fn names(&self, file: &File, wanted: Option<Identity>) -> bool {
        let Ok(metadata) = file.metadata() else { return false };
        let identity = Identity::of(&metadata);
        let has_no_other = metadata.nlink() == 1;
        wanted.is_none_or(|wanted| wanted == identity) && (has_no_other || metadata.nlink() > 1 && self.is_of(identity))
    }

    /// Whether this is the name of that file.
    fn is_of(&self, identity: Identity) -> bool {
        fs::symlink_metadata(&self.path).is_ok_and(|metadata| Identity::of(&metadata) == identity)
    }

    /// What the system said no to, on this name.
    #[must_use]
    pub fn refused(&self, call: &'static str, err: &io::Error) -> Error {
        Error::os(call, &self.name, Errno::new(err.raw_os_error().unwrap_or(0)))
    }
}
