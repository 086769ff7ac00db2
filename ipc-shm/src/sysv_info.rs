//! What the system knows of a System V segment.

use ipc_core::{Error, GroupId, Key, Permissions, ProcessId, Result, TimeSpec, UserId};

use crate::sys::segment;

/// What the system knows of a [`SysvMemory`](crate::SysvMemory).
#[doc(alias = "shmid_ds")]
#[doc(alias = "ShmInfo")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SysvInfo {
    /// The number by which the system knows it.
    pub id: i32,
    /// The key that leads to it, [`Key::PRIVATE`] if none does.
    pub key: Key,
    /// The number of its bytes, with those that record what it was made for.
    pub size: usize,
    /// How often it is mapped, in all processes.
    pub attached: usize,
    /// The process that made it; `None` if it is out of sight.
    pub creator_process: Option<ProcessId>,
    /// The process that mapped or unmapped it last; `None` if none did, or it is out of sight.
    pub last_process: Option<ProcessId>,
    /// When somebody mapped it last.
    pub last_attach: Option<TimeSpec>,
    /// When somebody unmapped it last.
    pub last_detach: Option<TimeSpec>,
    /// When it was made, or its permissions were changed last.
    pub last_change: TimeSpec,
    /// Who may use it as its owner.
    pub owner: UserId,
    /// The group that may use it as such.
    pub group: GroupId,
    /// Who made it, and may remove it always.
    pub creator: UserId,
    /// The group of who made it.
    pub creator_group: GroupId,
    /// Who may do what.
    pub permissions: Permissions,
    /// Whether it goes with its last user, and no key leads to it any more.
    pub is_removed: bool,
    /// Whether its pages stay in memory.
    pub is_locked: bool,
}

impl SysvInfo {
    /// Of the segment that has this key, which is not mapped for that.
    ///
    /// # Errors
    ///
    /// `is_not_found` if there is none; `is_permission_denied` if its mode forbids looking at it.
    #[doc(alias = "shminfo")]
    pub fn of_key(key: impl Into<Key>) -> Result<Self> {
        let key = key.into();
        let id = segment::find(key.raw()).map_err(|errno| Error::os("shmget", key, errno))?;
        segment::info(id).map_err(|errno| Error::os("shmctl", key, errno))
    }

    /// Of the segment that has this id, which is not mapped for that.
    ///
    /// # Errors
    ///
    /// `is_removed` or `is_invalid_argument` if there is none; `is_permission_denied` if its mode forbids it.
    #[doc(alias = "IPC_STAT")]
    pub fn of_id(id: i32) -> Result<Self> {
        segment::info(id).map_err(|errno| Error::os("shmctl", format_args!("id {id}"), errno))
    }
}
