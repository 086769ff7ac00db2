//! An existing object, opened and judged but not yet mapped.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::FileExt;

use ipc_core::entry::{Convention, Entry, Identity};
use ipc_core::{Access, Content, Error, Mapping, Name, Result, Trust};

use crate::trailer::Trailer;

/// How the C library calls them.
const SHARED_MEMORY: Convention =
    Convention { noun: "shared memory", prefix: "", open: "shm_open", unlink: "shm_unlink" };

/// The place of the shared memory with that name.
pub(crate) fn entry(name: Name) -> Entry {
    Entry::new(&SHARED_MEMORY, name)
}

/// A file that exists and may be used; its end says how much of it is data.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) entry: Entry,
    pub(crate) identity: Identity,
    pub(crate) content: Content,
    file: File,
    size: usize,
}

impl Found {
    pub(crate) fn open(name: Name, trust: Trust, access: Access) -> Result<Self> {
        let entry = entry(name);
        let (file, metadata) = entry.open(trust, access)?;
        let (size, content) = data(&entry, &file, &metadata)?;
        Ok(Self { entry, identity: Identity::of(&metadata), content, file, size })
    }

    /// Copies the first bytes of the data, and says how many.
    pub(crate) fn read(&self, head: &mut [u8]) -> Result<usize> {
        let wanted = head.len().min(self.size);
        read_at(&self.entry, &self.file, &mut head[..wanted], 0).map(|()| wanted)
    }

    pub(crate) fn map(&self, access: Access) -> Result<Mapping> {
        Mapping::new(&self.file, self.size, access).map_err(|errno| Error::os("mmap", self.entry.name(), errno))
    }
}

/// How much of a file is data, and of what.
fn data(entry: &Entry, file: &File, metadata: &Metadata) -> Result<(usize, Content)> {
    let len = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
    if len == 0 {
        return Err(Error::mismatch("shm_open", entry.name(), "it is empty"));
    }
    let Some(behind_data) = len.checked_sub(Trailer::LEN) else {
        return Ok((len, Content::Foreign));
    };
    let mut bytes = [0; Trailer::LEN];
    read_at(entry, file, &mut bytes, behind_data)?;
    let trailer = Trailer::decode(&bytes, len);
    Ok(trailer.map_or((len, Content::Foreign), |trailer| (trailer.size, trailer.content)))
}

/// Copies bytes of a file that a moment ago was long enough to have them.
fn read_at(entry: &Entry, file: &File, bytes: &mut [u8], at: usize) -> Result<()> {
    file.read_exact_at(bytes, at as u64).map_err(|err| match err.kind() {
        io::ErrorKind::UnexpectedEof => Error::mismatch("pread", entry.name(), "it shrank while it was opened"),
        _ => entry.refused("pread", &err),
    })
}
