//! System V shared memory, which other processes find by a key or an id.

#![expect(unsafe_code, reason = "vouches for the mapped bytes as a `Memory`")]

use std::ops::Deref;
use std::ptr::NonNull;

use ipc_core::{Errno, Error, Key, Origin, Permissions, Removal, Result, crash_point, open_or_create};
use ipc_mem::{Access, Content, Memory, memory};

use crate::read_only_sysv_memory::label;
use crate::segment_trailer::write_trailer;
use crate::sys::segment;
use crate::{MemoryOptions, OpenOptions, ReadOnlySysvMemory};
use ipc_mem::file::{Body, trailer};

/// System V shared memory.
///
/// Dropping it unmaps it here. The segment stays until somebody removes it ([`Removal::Never`], the default), until the
/// handle that created it is dropped ([`Removal::OnDrop`]), or until its last user leaves. For [`Removal::LastUser`] the
/// system counts, also users who are killed; but no key leads to such a segment: others find it by its
/// [`id`](ReadOnlySysvMemory::id).
///
/// # Examples
///
/// ```
/// use ipc_core::{Key, Removal};
/// use ipc_mem::Memory;
/// use ipc_shm::{MemoryOptions, SysvMemory};
///
/// let ours = SysvMemory::create(Key::PRIVATE, MemoryOptions::new(4096).removal(Removal::LastUser))?;
/// let theirs = SysvMemory::open_id(ours.id())?; // usually in another process
/// assert_eq!((theirs.size(), theirs.info()?.attached), (4096, 2));
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/shmget.html>,
/// <https://man7.org/linux/man-pages/man7/sysvipc.7.html>
#[doc(alias = "shmget")]
#[derive(Debug)]
pub struct SysvMemory {
    view: ReadOnlySysvMemory,
    /// The process that created it through this handle.
    creator: Option<Origin>,
    removal: Removal,
}

impl SysvMemory {
    /// Makes a segment of zeros under a key that nobody has yet; [`Key::PRIVATE`] is nobody's ever.
    ///
    /// A process that dies on the way leaves a segment without users, of whose data nothing is known: see
    /// [`remove`](Self::remove).
    ///
    /// # Errors
    ///
    /// `is_exists` if the key is taken; `is_no_space` if the system has no room or no more segments;
    /// `is_invalid_argument` if the size is 0 or more than the system allows, or it is to grow, which no segment can.
    #[doc(alias = "IPC_CREAT")]
    #[doc(alias = "IPC_PRIVATE")]
    pub fn create(key: impl Into<Key>, options: impl Into<MemoryOptions>) -> Result<Self> {
        let (key, options) = (key.into(), options.into().kept());
        let (trailer, len) = trailer(&options, &key.to_string())?;
        if options.max_size.is_some() {
            return Err(Error::invalid("create", key, "a segment never grows"));
        }
        // Its maker has to map it, whatever its owner may do then.
        let (mode, first) = (options.permissions, options.permissions.mode() | 0o600);
        let made = segment::create(key.raw(), len, first, options.sparse);
        let id = made.map_err(|errno| Error::os("shmget", key, errno))?;
        crash_point("segment.create.bare");
        let fill = || {
            let label = label(key, id);
            let (mapping, _) =
                segment::attach(id, Access::ReadWrite).map_err(|errno| Error::os("shmat", &label, errno))?;
            write_trailer(&mapping, &trailer);
            crash_point("segment.create.whole");
            if mode.mode() != first {
                segment::set_permissions(id, mode).map_err(|errno| Error::os("shmctl", &label, errno))?;
            }
            if options.removal == Removal::LastUser {
                segment::remove(id).map_err(|errno| Error::os("shmctl", &label, errno))?;
            }
            let range = 0..options.size;
            Body::fixed(mapping, range, Access::ReadWrite, options.content, options.placement, &label)
        };
        match fill() {
            Ok(body) => {
                let view = ReadOnlySysvMemory { key, id, body };
                Ok(Self { view, creator: Some(Origin::here()), removal: options.removal })
            }
            Err(err) => {
                let _ = segment::remove(id);
                Err(err)
            }
        }
    }

    /// Finds the segment that has this key, to read and write.
    ///
    /// One that holds nothing at all may not be whole yet: this waits for it until it is two seconds old.
    ///
    /// # Errors
    ///
    /// `is_not_found` if there is none; `is_permission_denied` if its mode forbids it; `is_untrusted` if it is not
    /// this user's or root's, or others may write it.
    #[doc(alias = "shmat")]
    pub fn open(key: impl Into<Key>) -> Result<Self> {
        Self::open_with(key, OpenOptions::new())
    }

    /// As [`open`](Self::open), with a say in whose segment is acceptable, and how this process has it.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and what the placement asks for in vain.
    pub fn open_with(key: impl Into<Key>, options: OpenOptions) -> Result<Self> {
        ReadOnlySysvMemory::find(key.into(), Access::ReadWrite, options).map(Self::found)
    }

    /// Finds the segment that has this id, also one to which no key leads.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` or `is_removed` if there is none; otherwise as [`open`](Self::open).
    pub fn open_id(id: i32) -> Result<Self> {
        Self::open_id_with(id, OpenOptions::new())
    }

    /// As [`open_id`](Self::open_id), with a say in whose segment is acceptable, and how this process has it.
    ///
    /// # Errors
    ///
    /// As [`open_id`](Self::open_id), and what the placement asks for in vain.
    pub fn open_id_with(id: i32, options: OpenOptions) -> Result<Self> {
        ReadOnlySysvMemory::find_id(id, Access::ReadWrite, options).map(Self::found)
    }

    /// Finds the segment that has this key, or makes it; [`was_created`](Self::was_created) tells which.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open) and [`create`](Self::create); `is_mismatch` if one is found of another size or content;
    /// `is_unsupported` if it is to go with its last user, since no key leads to such a segment: each would have its own.
    pub fn open_or_create(key: impl Into<Key>, options: impl Into<MemoryOptions>) -> Result<Self> {
        let (key, options) = (key.into(), options.into());
        if key == Key::PRIVATE {
            return Self::create(key, options);
        }
        if options.removal_asked && options.removal == Removal::LastUser {
            return Err(Error::unsupported("shmget", key, "no key leads to a segment that goes with its last user"));
        }
        let found = open_or_create(|| Self::open_with(key, options.into()), || Self::create(key, options))?;
        if found.size() != options.size {
            let why = format!("found {} bytes, wanted {}", found.size(), options.size);
            return Err(Error::mismatch("shmget", key, why));
        }
        memory::expect_content("shmget", &found, options.content)?;
        Ok(found)
    }

    /// Ends the segment that has this key: who has it open keeps it, and nobody finds it. That there is none is
    /// not an error.
    ///
    /// # Errors
    ///
    /// `is_permission_denied` if it is somebody else's.
    #[doc(alias = "IPC_RMID")]
    #[doc(alias = "shmrm")]
    pub fn remove(key: impl Into<Key>) -> Result<()> {
        let key = key.into();
        match segment::find(key.raw()) {
            Ok(id) => removed(key, segment::remove(id)),
            Err(Errno::ENOENT) => Ok(()),
            Err(errno) => Err(Error::os("shmget", key, errno)),
        }
    }

    /// Ends the segment that has this id. That there is none is not an error.
    ///
    /// # Errors
    ///
    /// `is_permission_denied` if it is somebody else's.
    pub fn remove_id(id: i32) -> Result<()> {
        removed(format_args!("id {id}"), segment::remove(id))
    }

    /// Whether this handle made the segment.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.creator.is_some()
    }

    /// Changes who may open it.
    ///
    /// # Errors
    ///
    /// `is_permission_denied` if it is somebody else's.
    #[doc(alias = "shmcfg")]
    #[doc(alias = "IPC_SET")]
    pub fn set_permissions(&self, permissions: impl Into<Permissions>) -> Result<()> {
        segment::set_permissions(self.view.id, permissions.into()).map_err(self.refused())
    }

    /// Keeps its pages in memory once they are there, for all processes, until [`unlock_pages`](Self::unlock_pages).
    ///
    /// # Errors
    ///
    /// `is_permission_denied` if it is somebody else's; `is_no_space` if it is over `RLIMIT_MEMLOCK`.
    #[doc(alias = "SHM_LOCK")]
    pub fn lock_pages(&self) -> Result<()> {
        segment::lock(self.view.id).map_err(self.refused())
    }

    /// Lets its pages go to swap again.
    ///
    /// # Errors
    ///
    /// `is_permission_denied` if it is somebody else's.
    #[doc(alias = "SHM_UNLOCK")]
    pub fn unlock_pages(&self) -> Result<()> {
        segment::unlock(self.view.id).map_err(self.refused())
    }

    fn found(view: ReadOnlySysvMemory) -> Self {
        Self { view, creator: None, removal: Removal::Never }
    }
}

fn removed(object: impl std::fmt::Display, done: Result<(), Errno>) -> Result<()> {
    match done {
        Err(errno) if errno != Errno::EINVAL && errno != Errno::EIDRM => Err(Error::os("shmctl", object, errno)),
        _ => Ok(()),
    }
}

impl Drop for SysvMemory {
    fn drop(&mut self) {
        self.leave();
    }
}

/// The methods that only look.
impl Deref for SysvMemory {
    type Target = ReadOnlySysvMemory;

    fn deref(&self) -> &ReadOnlySysvMemory {
        &self.view
    }
}

// SAFETY: the bytes are mapped from construction to drop at one address, readable and writable, and no segment shrinks;
// no method gives them out. Fresh is only the one handle that created the segment, in the process that did: it was new and
// so all zeros. The content is what the creator said; it is foreign only where something was laid out and no trailer was
// written before, which the handle that is fresh does first of all (the table in `segment_trailer.rs`).
unsafe impl Memory for SysvMemory {
    fn base(&self) -> NonNull<u8> {
        self.view.base()
    }

    fn size(&self) -> usize {
        self.view.size()
    }

    fn access(&self) -> Access {
        Access::ReadWrite
    }

    fn is_fresh(&self) -> bool {
        self.creator.is_some_and(Origin::is_here)
    }

    fn content(&self) -> Content {
        self.view.content()
    }

    fn is_mapped(&self) -> bool {
        self.view.is_mapped()
    }

    fn label(&self) -> String {
        self.view.label()
    }

    fn leave(&mut self) {
        if self.removal == Removal::OnDrop && self.creator.is_some_and(Origin::is_here) {
            // Mapped here, so the id is still its own. Nobody is there to be told of an error.
            let _ = segment::remove(self.view.id);
        }
    }
}
