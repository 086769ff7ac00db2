//! An existing object that is opened and checked, but not mapped yet.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::time::{Duration, SystemTime};

use crate::OpenOptions;
use crate::file::{Body, Extent};
use crate::named::removal::Unattached;
use crate::named::{Attachment, Convention, Entry, Identity, KeptFile, attach};
use crate::{Access, Tag};
use ipc_core::{Errno, Error, Name, Refusal, Removal, Result, Trust, switched_on};

/// The maximum time that a program outside of this toolkit may take from one change of its new
/// object to the next.
pub(crate) const UNFINISHED: Duration = Duration::from_secs(1);

fn is_recent(changed: SystemTime) -> bool {
    changed.elapsed().is_ok_and(|age| age < UNFINISHED)
}

/// The file names and C functions of shared memory.
pub const SHARED_MEMORY: Convention = Convention {
    noun: "shared memory",
    prefix: "",
    reserved: Some("sem."),
    open: "shm_open",
    unlink: "shm_unlink",
};

/// Returns the entry for the shared memory with this name.
///
/// # Errors
///
/// `is_invalid_argument` if the name begins with the prefix of semaphores (`/sem.`).
pub fn entry(name: Name) -> Result<Entry> {
    Entry::new(&SHARED_MEMORY, name)
}

/// The result of an attempt to remove a stale name. A name is stale if it should have been removed
/// at the last detach of its object, and no process is attached to the object.
///
/// If the name is stale and this process may not remove it, the call fails instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Stale {
    /// No process was attached, and the name is removed.
    Removed,
    /// The name does not exist.
    Absent,
    /// Processes are attached, or a program has a lock on the file.
    Attached,
    /// The object is not removed at the last detach, so this call does not remove its name. (`ipc
    /// gc` also removes objects with [`Removal::OnDrop`](ipc_core::Removal::OnDrop) whose creator
    /// has ended, and which no process has open or mapped.)
    NotCounted,
}

/// An existing file that this process may use, opened but not mapped yet.
#[derive(Debug)]
pub struct Found {
    /// The identity of the file.
    pub identity: Identity,
    extent: Extent,
    file: File,
    owner: u32,
}

impl Found {
    /// Opens an object and attaches this process to it, if attached processes are counted.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::open`](crate::SharedMemory::open).
    pub fn open(entry: &Entry, options: OpenOptions, access: Access) -> Result<(Self, Attachment)> {
        loop {
            let found = Self::look(entry, options.trust, access)?;
            let identity = found.identity;
            // A look never destroys.
            let replaces = options.replaces.is_some() && access == Access::ReadWrite;
            let stale = replaces && found.is_unattached();
            if stale && found.remove_stale(entry)? == Stale::Removed {
                return Err(Error::os("shm_open", entry.name(), Errno::ENOENT));
            }
            if found.extent.removal != Removal::LastDetach {
                return Ok((found, Attachment::uncounted(entry.path(), identity)));
            }
            let attached = Attachment::attach(entry.path(), identity, &found.file, access);
            if let Some(attachment) = attached.map_err(|refusal| entry.refuse(refusal))? {
                return Ok((found, attachment));
            }
        }
    }

    /// Opens an object without attaching this process.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::open`](crate::SharedMemory::open).
    pub fn look(entry: &Entry, trust: Trust, access: Access) -> Result<Self> {
        let (file, metadata) = entry.open(trust, access)?;
        let extent =
            Extent::of(&file, &metadata, "shm_open").map_err(|refusal| entry.refuse(refusal))?;
        Ok(Self { identity: Identity::of(&metadata), extent, file, owner: metadata.uid() })
    }

    fn is_unattached(&self) -> bool {
        self.extent.removal == Removal::LastDetach && !attach::seems_attached(&self.file)
    }

    /// Removes the name of an object that should have been removed at the last detach and to which
    /// no process is attached.
    ///
    /// # Errors
    ///
    /// `is_permission_denied` if the name is stale and this process may not remove it.
    pub fn remove_stale(&self, entry: &Entry) -> Result<Stale> {
        if self.extent.removal != Removal::LastDetach {
            return Ok(Stale::NotCounted);
        }
        match entry.reclaim(self.identity)? {
            Unattached::Removed => Ok(Stale::Removed),
            Unattached::Gone => Ok(Stale::Absent),
            Unattached::Attached => Ok(Stale::Attached),
            Unattached::Kept(refusal) => {
                let why = format!(
                    "no process is attached to it any more, and only its owner (uid {}) or root may remove it",
                    self.owner
                );
                Err(entry.refuse(refusal.because(why)))
            }
        }
    }

    /// Copies the bytes at `offset` of the data into `into`.
    ///
    /// # Errors
    ///
    /// A mismatch if the file ends before the last of these bytes.
    pub fn read_at(&self, offset: usize, into: &mut [u8]) -> Result<(), Refusal> {
        self.file.read_exact_at(into, offset as u64).map_err(|err| match err.kind() {
            io::ErrorKind::UnexpectedEof => {
                Refusal::mismatch("pread", "it shrank while it was opened")
            }
            _ => Refusal::io("pread", &err),
        })
    }

    /// Returns the number of bytes of data.
    #[must_use]
    pub fn size(&self) -> usize {
        self.extent.size
    }

    /// Returns the maximum number of bytes of data; `None` if the data may not grow.
    #[must_use]
    pub fn max_size(&self) -> Option<usize> {
        self.extent.max_size
    }

    /// Refuses an object that was created with another [tag](crate::Tag).
    ///
    /// # Errors
    ///
    /// A mismatch, with what was found and what was wanted.
    pub fn expect_tag(&self, wanted: Tag) -> Result<(), Refusal> {
        let found = self.extent.content;
        if found == wanted || found == Tag::FOREIGN || !switched_on("content") {
            return Ok(());
        }
        Err(Refusal::mismatch("open", format_args!("found {found}, wanted {wanted}")))
    }

    /// Returns the tag of the object with this name, regardless of its owner.
    ///
    /// # Errors
    ///
    /// Those of [`look`](Self::look).
    pub fn tag_of(name: &Name) -> Result<Tag> {
        Ok(Self::look(&entry(name.clone())?, Trust::Anyone, Access::ReadOnly)?.extent.content)
    }

    /// Returns `true` if a program outside of this toolkit may be creating the object with this
    /// name: such a program creates the name first, and then writes the content.
    ///
    /// One second after its last change, the object counts as complete. If its creator was only
    /// stopped for that long, a structure that is not complete yet fails to open, with a mismatch,
    /// and a later call succeeds. Bytes without a structure are opened as they are.
    pub(crate) fn may_be_incomplete(name: &Name) -> bool {
        let look = || {
            let (file, metadata) = entry(name.clone())?.open(Trust::Anyone, Access::ReadOnly)?;
            let is_ours =
                Extent::of(&file, &metadata, "shm_open").is_ok_and(|extent| extent.is_ours);
            Ok::<_, Error>(!is_ours && metadata.modified().is_ok_and(is_recent))
        };
        look().is_ok_and(|may| may)
    }

    /// Maps the object. If it may grow, the file is kept open, to see it grow.
    pub(crate) fn map(
        self,
        entry: &Entry,
        access: Access,
        options: OpenOptions,
    ) -> Result<(Body, Option<KeptFile>)> {
        let body = Body::map(&self.file, self.extent, access, options)
            .map_err(|refusal| entry.refuse(refusal))?;
        let file = body.can_grow().then(|| KeptFile::new(self.file, self.identity));
        Ok((body, file))
    }
}
