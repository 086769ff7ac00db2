//! System V shared memory that this process can only look at.

#![expect(unsafe_code, reason = "vouches for the mapped bytes as a `Memory`")]

use std::ptr::NonNull;

use ipc_core::{Errno, Error, Key, Result};
use ipc_mem::{Access, Content, Mapping, Memory};

use crate::segment_trailer::look;
use crate::sys::segment;
use crate::sysv_info::SysvInfo;
use crate::{Achieved, OpenOptions};
use ipc_mem::file::Body;

/// System V shared memory that this process can only look at.
///
/// A [`SysvMemory`](crate::SysvMemory) has all methods of this, too.
///
/// # Examples
///
/// ```
/// use ipc_core::{Key, Removal};
/// use ipc_mem::Memory;
/// use ipc_shm::{MemoryOptions, ReadOnlySysvMemory, SysvMemory};
///
/// let ours = SysvMemory::create(Key::PRIVATE, MemoryOptions::new(4096).removal(Removal::OnDrop))?;
/// let view = ReadOnlySysvMemory::open_id(ours.id())?;
/// assert_eq!((view.size(), view.id()), (4096, ours.id()));
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Debug)]
pub struct ReadOnlySysvMemory {
    pub(crate) key: Key,
    pub(crate) id: i32,
    pub(crate) body: Body,
}

/// What to call a segment.
pub(crate) fn label(key: Key, id: i32) -> String {
    if key == Key::PRIVATE { format!("id {id}") } else { key.to_string() }
}

impl ReadOnlySysvMemory {
    /// Finds the segment that has this key, to look at it.
    ///
    /// # Errors
    ///
    /// As [`SysvMemory::open`](crate::SysvMemory::open); it needs leave to read only.
    #[doc(alias = "SHM_RDONLY")]
    pub fn open(key: impl Into<Key>) -> Result<Self> {
        Self::open_with(key, OpenOptions::new())
    }

    /// As [`open`](Self::open), with a say in whose segment is acceptable, and how this process has it.
    ///
    /// # Errors
    ///
    /// As [`SysvMemory::open_with`](crate::SysvMemory::open_with).
    pub fn open_with(key: impl Into<Key>, options: OpenOptions) -> Result<Self> {
        Self::find(key.into(), Access::ReadOnly, options)
    }

    /// Finds the segment that has this id, to look at it.
    ///
    /// # Errors
    ///
    /// As [`SysvMemory::open_id`](crate::SysvMemory::open_id); it needs leave to read only.
    pub fn open_id(id: i32) -> Result<Self> {
        Self::open_id_with(id, OpenOptions::new())
    }

    /// As [`open_id`](Self::open_id), with a say in whose segment is acceptable, and how this process has it.
    ///
    /// # Errors
    ///
    /// As [`SysvMemory::open_id_with`](crate::SysvMemory::open_id_with).
    pub fn open_id_with(id: i32, options: OpenOptions) -> Result<Self> {
        Self::find_id(id, Access::ReadOnly, options)
    }

    /// For either kind of handle.
    pub(crate) fn find(key: Key, access: Access, options: OpenOptions) -> Result<Self> {
        if key == Key::PRIVATE {
            return Err(Error::invalid("shmget", key, "no segment can be found by this key"));
        }
        loop {
            let id = segment::find(key.raw()).map_err(|errno| Error::os("shmget", key, errno))?;
            match segment::attach(id, access) {
                Ok((mapping, info)) if info.key == key => return Self::judge(key, mapping, &info, access, options),
                // It was removed meanwhile, and another may have its id.
                Ok(_) | Err(Errno::EINVAL | Errno::EIDRM) => {}
                Err(errno) => return Err(Error::os("shmat", key, errno)),
            }
        }
    }

    pub(crate) fn find_id(id: i32, access: Access, options: OpenOptions) -> Result<Self> {
        let attached = segment::attach(id, access);
        let (mapping, info) = attached.map_err(|errno| Error::os("shmat", label(Key::PRIVATE, id), errno))?;
        Self::judge(Key::PRIVATE, mapping, &info, access, options)
    }

    fn judge(key: Key, mapping: Mapping, info: &SysvInfo, access: Access, options: OpenOptions) -> Result<Self> {
        let (id, label) = (info.id, label(key, info.id));
        options.trust.judge("shmat", &label, info.owner, info.permissions)?;
        options.trust.judge("shmat", &label, info.creator, info.permissions)?;
        let (size, content) = look(&mapping, info.last_change.sec());
        let body = Body::fixed(mapping, 0..size, access, content, options.placement, &label)?;
        Ok(Self { key, id, body })
    }

    /// The key it was created with or found by; [`Key::PRIVATE`] if it was found by its id.
    #[must_use]
    pub fn key(&self) -> Key {
        self.key
    }

    /// The number by which the system knows it, for [`open_id`](Self::open_id) in another process.
    #[doc(alias = "shmid")]
    #[must_use]
    pub fn id(&self) -> i32 {
        self.id
    }

    /// What the system knows of it.
    ///
    /// # Errors
    ///
    /// `is_permission_denied` if its mode forbids looking at it by now.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/shmctl.html>
    #[doc(alias = "shminfo")]
    #[doc(alias = "IPC_STAT")]
    pub fn info(&self) -> Result<SysvInfo> {
        segment::info(self.id).map_err(self.refused())
    }

    /// What became of the placement that was asked for.
    #[must_use]
    pub fn placement(&self) -> Achieved {
        self.body.achieved()
    }

    pub(crate) fn refused(&self) -> impl Fn(Errno) -> Error {
        move |errno| Error::os("shmctl", self.label(), errno)
    }
}

// SAFETY: as for `SysvMemory`, but never fresh, and nobody may write through it, also where it is part of one.
unsafe impl Memory for ReadOnlySysvMemory {
    fn base(&self) -> NonNull<u8> {
        self.body.base()
    }

    fn size(&self) -> usize {
        self.body.size()
    }

    fn access(&self) -> Access {
        Access::ReadOnly
    }

    fn content(&self) -> Content {
        self.body.content()
    }

    fn is_mapped(&self) -> bool {
        self.body.is_mapped()
    }

    fn label(&self) -> String {
        label(self.key, self.id)
    }
}
