//! Facts that the system keeps about a System V segment.

use ipc_core::{
    Errno, Error, GroupId, Key, Permissions, ProcessId, Refusal, Result, TimeSpec, UserId,
};

use crate::sys::segment;

/// Facts that the system keeps about a [`SysvMemory`](crate::SysvMemory) segment.
#[doc(alias = "shmid_ds")]
#[doc(alias = "ShmInfo")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SysvInfo {
    /// The id of the segment.
    pub id: i32,
    /// The key of the segment; [`Key::PRIVATE`] if it has no key.
    pub key: Key,
    /// The size in bytes, including the trailer that records its tag.
    pub size: usize,
    /// The number of times the segment is attached, in all processes.
    pub attached: usize,
    /// The process that created the segment; `None` if the creator is not visible in the PID
    /// namespace of the caller.
    pub creator_process: Option<ProcessId>,
    /// The last process that attached or detached the segment; `None` if no process did so, or if
    /// the last one is not visible in the PID namespace of the caller.
    pub last_process: Option<ProcessId>,
    /// The time of the last attach.
    pub last_attach: Option<TimeSpec>,
    /// The time of the last detach.
    pub last_detach: Option<TimeSpec>,
    /// The time of creation, or of the last change of the permissions.
    pub last_change: TimeSpec,
    /// The owner of the segment.
    pub owner: UserId,
    /// The group of the segment.
    pub group: GroupId,
    /// The user that created the segment, and may always remove it.
    pub creator: UserId,
    /// The group of the creator.
    pub creator_group: GroupId,
    /// The permissions.
    pub permissions: Permissions,
    /// `true` if the segment was removed. Then it has no key any more, and is freed at its last
    /// detach.
    pub is_removed: bool,
    /// `true` if its pages are locked in memory.
    pub is_locked: bool,
}

impl SysvInfo {
    /// Returns the facts about the segment with this key, without attaching it.
    ///
    /// # Errors
    ///
    /// `is_not_found` if the key is not in use; `is_permission_denied` if its mode forbids reading.
    #[doc(alias = "shminfo")]
    pub fn of_key(key: impl Into<Key>) -> Result<Self> {
        let key = key.into();
        let id = segment::find(key.raw()).map_err(|errno| Error::os("shmget", key, errno))?;
        segment::info(id).map_err(|errno| Error::os("shmctl", key, errno))
    }

    /// Returns the facts about the segment with this id, without attaching it.
    ///
    /// # Errors
    ///
    /// `is_removed` if no segment has the id; `is_permission_denied` if its mode forbids reading.
    #[doc(alias = "IPC_STAT")]
    pub fn of_id(id: i32) -> Result<Self> {
        segment::info(id).map_err(|errno| match errno {
            Errno::EINVAL | Errno::EIDRM => no_such_id("shmctl", id),
            _ => Error::os("shmctl", format_args!("segment id {id}"), errno),
        })
    }
}

/// An id that no segment has is reported as one whose segment was removed.
pub(super) fn no_such_id(call: &'static str, id: i32) -> Error {
    let refusal = Refusal::os(call, Errno::EIDRM).because("no segment has this id");
    refusal.on(format_args!("segment id {id}"))
}
