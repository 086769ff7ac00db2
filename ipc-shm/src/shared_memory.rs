//! POSIX shared memory, which other processes find by name.

#![expect(unsafe_code, reason = "vouches for the mapped bytes as a `Memory`")]

use std::process;
use std::ptr::NonNull;

use ipc_core::entry::{Entry, Identity};
use ipc_core::{Access, Content, Error, Mapping, Memory, Name, Removal, Result, memory};

use crate::found::{Found, entry};
use crate::{Draft, MemoryOptions, OpenOptions};

/// Shared memory that every process finds by name.
///
/// Dropping it unmaps it here. The name goes with it only if this handle created it,
/// in this process, with a [`Removal`] other than `Never`, and if it is still the same
/// object that has the name.
///
/// For the time being [`Removal::LastUser`] does as [`Removal::OnDrop`]: the creator is taken for the last user.
///
/// # Examples
///
/// ```
/// use ipc_core::Memory;
/// use ipc_shm::SharedMemory;
///
/// let name = format!("/frames-{}", std::process::id());
/// let ours = SharedMemory::create(&name, 4096)?;
/// let theirs = SharedMemory::open(&name)?; // usually in another process
/// assert_eq!((theirs.size(), theirs.identity()), (4096, ours.identity()));
///
/// drop(ours);
/// assert!(SharedMemory::open(&name).is_err_and(|err| err.is_not_found()));
/// assert_eq!(theirs.size(), 4096); // what is open stays whole
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/shm_open.html>,
/// <https://man7.org/linux/man-pages/man7/shm_overview.7.html>
#[doc(alias = "shm_open")]
#[derive(Debug)]
pub struct SharedMemory {
    entry: Entry,
    mapping: Mapping,
    identity: Identity,
    content: Content,
    /// The process that created the object through this handle.
    creator: Option<u32>,
    removal: Removal,
}

impl SharedMemory {
    /// Makes a shared memory of zeros under a name that nobody has yet.
    ///
    /// Nobody sees it before it is whole, and a process that dies on the way leaves nothing.
    ///
    /// # Errors
    ///
    /// `is_exists` if the name is taken; `is_no_space` if there is no room for all of it;
    /// `is_invalid_argument` if the name is none or the size is 0 or over `isize::MAX`;
    /// `is_permission_denied` and what else the system refuses.
    #[doc(alias = "shm_open")]
    #[doc(alias = "ftruncate")]
    pub fn create(name: impl TryInto<Name, Error: Into<Error>>, options: impl Into<MemoryOptions>) -> Result<Self> {
        Draft::new(name, options)?.publish()
    }

    /// Finds a shared memory by name, to read and write.
    ///
    /// # Errors
    ///
    /// `is_not_found` if nobody has the name; `is_permission_denied` if its mode forbids it; `is_untrusted` if it
    /// is not this user's or root's, or others may write it; `is_mismatch` if it is empty or no file.
    #[doc(alias = "shm_open")]
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenOptions::new())
    }

    /// As [`open`](Self::open), with a say in whose object is acceptable.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_with(name: impl TryInto<Name, Error: Into<Error>>, options: OpenOptions) -> Result<Self> {
        Self::open_and_read(name, options, &mut []).map(|(memory, _)| memory)
    }

    /// As [`open_with`](Self::open_with), and copies the first bytes of the data into `head`: as many as there are
    /// and as there is room for, which is what the number tells.
    ///
    /// Reading them from the file costs less than touching the first page of the memory.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_and_read(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: OpenOptions,
        head: &mut [u8],
    ) -> Result<(Self, usize)> {
        let found = Found::open(name.try_into().map_err(Into::into)?, options.trust, Access::ReadWrite)?;
        let read = found.read(head)?;
        Ok((Self::from_found(found)?, read))
    }

    /// Finds a shared memory by name, or makes it; [`was_created`](Self::was_created) tells which.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open) and [`create`](Self::create); `is_mismatch` if one is found of another size or content.
    pub fn open_or_create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<MemoryOptions>,
    ) -> Result<Self> {
        let (name, options) = (name.try_into().map_err(Into::into)?, options.into());
        loop {
            match Self::open_with(&name, options.into()) {
                Ok(found) if found.size() == options.size => {
                    memory::expect_content("shm_open", &found, options.content)?;
                    return Ok(found);
                }
                Ok(found) => {
                    let why = format!("found {} bytes, wanted {}", found.size(), options.size);
                    return Err(Error::mismatch("shm_open", &name, why));
                }
                Err(err) if err.is_not_found() => {}
                Err(err) => return Err(err),
            }
            match Self::create(&name, options) {
                // Somebody was faster: theirs is the one to open.
                Err(err) if err.is_exists() => {}
                done => return done,
            }
        }
    }

    /// Ends a name. Who has the object open keeps it; a name that nobody has is not an error.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the name is none; `is_permission_denied` if the object is somebody else's.
    #[doc(alias = "shm_unlink")]
    #[doc(alias = "shmrm")]
    pub fn unlink(name: impl TryInto<Name, Error: Into<Error>>) -> Result<()> {
        entry(name.try_into().map_err(Into::into)?).unlink()
    }

    /// What it was called when it was created or opened.
    #[must_use]
    pub fn name(&self) -> &Name {
        self.entry.name()
    }

    /// Which object it is, also after its name has been given to another.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Whether this handle made the object.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.creator.is_some()
    }

    /// Ends the name if it is for this handle to do so, and still the name of this object.
    pub(crate) fn remove_name(&self) {
        if self.removal != Removal::Never && self.creator == Some(process::id()) {
            self.entry.unlink_if(self.identity);
        }
    }

    /// What is not published yet has no name to remove.
    pub(crate) fn from_draft(entry: Entry, mapping: Mapping, identity: Identity, content: Content) -> Self {
        Self { entry, mapping, identity, content, creator: Some(process::id()), removal: Removal::Never }
    }

    pub(crate) fn entry(&self) -> &Entry {
        &self.entry
    }

    pub(crate) fn published(&mut self, removal: Removal) {
        self.removal = removal;
    }

    fn from_found(found: Found) -> Result<Self> {
        let mapping = found.map(Access::ReadWrite)?;
        let Found { entry, identity, content, .. } = found;
        Ok(Self { entry, mapping, identity, content, creator: None, removal: Removal::Never })
    }
}

impl Drop for SharedMemory {
    fn drop(&mut self) {
        self.remove_name();
    }
}

// SAFETY: the bytes are mapped from construction to drop at one address, readable and writable; no
// method gives them out. Fresh is only the one handle that created the object, in the process that
// did: the file was new and so all zeros, and who else opens it is not fresh. The content is what the
// creator said, or foreign where the file has not our trailer, so that no handle ever was fresh.
unsafe impl Memory for SharedMemory {
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
        self.creator == Some(process::id())
    }

    fn content(&self) -> Content {
        self.content
    }

    fn label(&self) -> String {
        self.name().to_string()
    }
}
