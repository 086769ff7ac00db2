//! An existing object, opened and judged but not yet mapped.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use crate::Access;
use crate::named::{Convention, Entry, Identity};
use ipc_core::{Errno, Error, Name, Removal, Result, Trust};

use crate::OpenOptions;
use crate::file::{Body, Extent};
use crate::named::Attachment;

/// How the C library calls them.
pub const SHARED_MEMORY: Convention =
    Convention { noun: "shared memory", prefix: "", open: "shm_open", unlink: "shm_unlink" };

/// The place of the shared memory with that name.
pub fn entry(name: Name) -> Entry {
    Entry::new(&SHARED_MEMORY, name)
}

/// A file that exists and may be used; its end says how much of it is data.
#[derive(Debug)]
pub struct Found {
    pub identity: Identity,
    extent: Extent,
    file: File,
}

impl Found {
    /// Opens an object and becomes one of its users, if they are counted.
    pub fn open(name: Name, options: OpenOptions, access: Access) -> Result<(Self, Attachment)> {
        let entry = entry(name);
        loop {
            let found = Self::look(&entry, options.trust, access)?;
            if options.reclaim && found.reclaim(&entry) {
                return Err(Error::os("shm_open", entry.name(), Errno::ENOENT));
            }
            let identity = found.identity;
            if found.extent.removal != Removal::LastUser {
                return Ok((found, Attachment::uncounted(entry, identity)));
            }
            if let Some(life) = entry.enter(identity)? {
                return Ok((found, Attachment::counted(entry, identity, life)));
            }
        }
    }

    /// Opens an object without becoming a user.
    pub fn look(entry: &Entry, trust: Trust, access: Access) -> Result<Self> {
        let (file, metadata) = entry.open(trust, access)?;
        let extent = Extent::of_len(&file, metadata.len(), "shm_open", entry.name().as_str())?;
        Ok(Self { identity: Identity::of(&metadata), extent, file })
    }

    /// Removes the name of what all users were killed of, and says whether it did.
    pub fn reclaim(&self, entry: &Entry) -> bool {
        self.extent.removal == Removal::LastUser && entry.reclaim(&self.file)
    }

    /// Copies the first bytes of the data, and says how many.
    pub fn read(&self, entry: &Entry, head: &mut [u8]) -> Result<usize> {
        let wanted = head.len().min(self.extent.size);
        self.file.read_exact_at(&mut head[..wanted], 0).map(|()| wanted).map_err(|err| match err.kind() {
            io::ErrorKind::UnexpectedEof => Error::mismatch("pread", entry.name(), "it shrank while it was opened"),
            _ => entry.refused("pread", &err),
        })
    }

    /// Maps it. The file is needed to see it grow, if it may.
    pub fn map(self, entry: &Entry, access: Access, options: OpenOptions) -> Result<(Body, Option<File>)> {
        let body = Body::map(&self.file, self.extent, access, options, entry.name().as_str())?;
        let file = body.can_grow().then_some(self.file);
        Ok((body, file))
    }
}
