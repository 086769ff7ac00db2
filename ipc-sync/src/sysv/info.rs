//! Information about a set of semaphores.

use ipc_core::{GroupId, Key, Permissions, TimeSpec, UserId};

/// Information about a [`SemaphoreSet`](crate::sysv::SemaphoreSet).
#[doc(alias = "semid_ds")]
#[doc(alias = "SemInfo")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetInfo {
    /// The key of the set; [`Key::PRIVATE`] if the set has no key.
    pub key: Key,
    /// The time of the last operation; `None` before the first one.
    pub last_operation: Option<TimeSpec>,
    /// The time of creation, or of the last change by `semctl`.
    pub last_change: TimeSpec,
    /// The number of counters.
    pub len: usize,
    /// The owner of the set.
    pub owner: UserId,
    /// The group of the set.
    pub group: GroupId,
    /// The user that created the set, who may also remove it.
    pub creator: UserId,
    /// The group of the creator.
    pub creator_group: GroupId,
    /// The permissions of owner, group and others.
    pub permissions: Permissions,
}
