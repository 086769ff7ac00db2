//! An existing object, opened and judged but not yet mapped.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::FileExt;

use ipc_core::entry::{Convention, Entry, Identity};
use ipc_core::{Access, Content, Errno, Error, Mapping, Name, Removal, Result, Trust};

use crate::OpenOptions;
use crate::attachment::Attachment;
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
    pub(crate) identity: Identity,
    pub(crate) content: Content,
    removal: Removal,
    file: File,
    size: usize,
}

impl Found {
    /// Opens an object and becomes one of its users, if they are counted.
    pub(crate) fn open(name: Name, options: OpenOptions, access: Access) -> Result<(Self, Attachment)> {
        let entry = entry(name);
        loop {
            let found = Self::look(&entry, options.trust, access)?;
            if options.reclaim && found.reclaim(&entry) {
                return Err(Error::os("shm_open", entry.name(), Errno::ENOENT));
            }
            let identity = found.identity;
            if found.removal != Removal::LastUser {
                return Ok((found, Attachment::uncounted(entry, identity)));
            }
            if let Some(life) = entry.enter(identity)? {
                return Ok((found, Attachment::counted(entry, identity, life)));
            }
        }
    }

    /// Opens an object without becoming a user.
    pub(crate) fn look(entry: &Entry, trust: Trust, access: Access) -> Result<Self> {
        let (file, metadata) = entry.open(trust, access)?;
        let (size, content, removal) = data(entry, &file, &metadata)?;
        Ok(Self { identity: Identity::of(&metadata), content, removal, file, size })
    }

    /// Removes the name of what all users were killed of, and says whether it did.
    pub(crate) fn reclaim(&self, entry: &Entry) -> bool {
        self.removal == Removal::LastUser && entry.unlink_unused(&self.file)
    }

    /// Copies the first bytes of the data, and says how many.
    pub(crate) fn read(&self, entry: &Entry, head: &mut [u8]) -> Result<usize> {
        let wanted = head.len().min(self.size);
        read_at(entry, &self.file, &mut head[..wanted], 0).map(|()| wanted)
    }

    pub(crate) fn map(&self, entry: &Entry, access: Access) -> Result<Mapping> {
        Mapping::new(&self.file, self.size, access).map_err(|errno| Error::os("mmap", entry.name(), errno))
    }
}

/// How much of a file is data, of what, and what ends it.
fn data(entry: &Entry, file: &File, metadata: &Metadata) -> Result<(usize, Content, Removal)> {
    let len = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
    if len == 0 {
        return Err(Error::mismatch("shm_open", entry.name(), "it is empty"));
    }
    let foreign = (len, Content::Foreign, Removal::Never);
    let Some(behind_data) = len.checked_sub(Trailer::LEN) else { return Ok(foreign) };
    let mut bytes = [0; Trailer::LEN];
    read_at(entry, file, &mut bytes, behind_data)?;
    let trailer = Trailer::decode(&bytes, len);
    Ok(trailer.map_or(foreign, |trailer| (trailer.size, trailer.content, trailer.removal)))
}

/// Copies bytes of a file that a moment ago was long enough to have them.
fn read_at(entry: &Entry, file: &File, bytes: &mut [u8], at: usize) -> Result<()> {
    file.read_exact_at(bytes, at as u64).map_err(|err| match err.kind() {
        io::ErrorKind::UnexpectedEof => Error::mismatch("pread", entry.name(), "it shrank while it was opened"),
        _ => entry.refused("pread", &err),
    })
}
