//! Ids of processes, users and groups.

use std::fmt;
use std::os::unix::process::parent_id;
use std::process::Child;

use crate::sys;

/// The id of a process.
///
/// # Examples
///
/// ```
/// use ipc_core::ProcessId;
///
/// let me = ProcessId::current();
/// assert_eq!(me.raw().unsigned_abs(), std::process::id());
/// assert_eq!(ProcessId::from(std::process::id()), me);
/// assert_eq!(ProcessId::new(123).to_string(), "ProcessId(123)");
/// ```
#[doc(alias = "pid_t")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcessId(i32);

impl ProcessId {
    /// Wraps a number. A process with that id need not exist.
    #[must_use]
    pub const fn new(raw: i32) -> Self {
        Self(raw)
    }

    /// Returns the id of the calling process.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/getpid.html>
    #[doc(alias = "getpid")]
    #[must_use]
    pub fn current() -> Self {
        Self(std::process::id().cast_signed())
    }

    /// Returns the id of the parent process. When the parent exits, another process becomes the
    /// parent.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/getppid.html>
    #[doc(alias = "getppid")]
    #[must_use]
    pub fn parent() -> Self {
        Self(parent_id().cast_signed())
    }

    /// Returns `true` if a process or thread has this id in this PID namespace, even as a zombie. A
    /// later process may get the same id.
    #[doc(alias = "kill")]
    #[must_use]
    pub fn exists(self) -> bool {
        sys::process_exists(self.0)
    }

    /// Returns the number for C.
    #[must_use]
    pub const fn raw(self) -> i32 {
        self.0
    }
}

impl From<i32> for ProcessId {
    fn from(raw: i32) -> Self {
        Self(raw)
    }
}

/// Converts an id that [`std::process::id`] or [`Child::id`] returned. A number that is too large
/// for an id becomes negative, and no function accepts a negative id of a process.
impl From<u32> for ProcessId {
    fn from(raw: u32) -> Self {
        Self(raw.cast_signed())
    }
}

/// Returns the id of the child. No other process gets this id until the parent has waited for the
/// child.
impl From<&Child> for ProcessId {
    fn from(child: &Child) -> Self {
        Self(child.id().cast_signed())
    }
}

impl From<ProcessId> for i32 {
    fn from(id: ProcessId) -> Self {
        id.0
    }
}

impl fmt::Display for ProcessId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProcessId({})", self.0)
    }
}

/// The id of a user.
///
/// # Examples
///
/// ```
/// use ipc_core::UserId;
///
/// assert_eq!(UserId::new(0).to_string(), "UserId(0)");
/// assert_eq!(UserId::real().raw(), u32::from(UserId::real()));
/// ```
#[doc(alias = "uid_t")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(u32);

impl UserId {
    /// Wraps a number. A user with that id need not exist.
    #[must_use]
    pub const fn new(raw: u32) -> Self {
        Self(raw)
    }

    /// Returns the user that started the calling process.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/getuid.html>
    #[doc(alias = "getuid")]
    #[must_use]
    pub fn real() -> Self {
        Self(sys::real_uid())
    }

    /// Returns the effective user of the calling process, which owns the objects that the process
    /// creates.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/geteuid.html>
    #[doc(alias = "geteuid")]
    #[must_use]
    pub fn effective() -> Self {
        Self(sys::effective_uid())
    }

    /// Returns the number for C.
    #[must_use]
    pub const fn raw(self) -> u32 {
        self.0
    }
}

impl From<UserId> for u32 {
    fn from(id: UserId) -> Self {
        id.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UserId({})", self.0)
    }
}

/// The id of a group of users.
///
/// # Examples
///
/// ```
/// use ipc_core::GroupId;
///
/// assert_eq!(GroupId::new(100).to_string(), "GroupId(100)");
/// assert_eq!(GroupId::real().raw(), u32::from(GroupId::real()));
/// ```
#[doc(alias = "gid_t")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(u32);

impl GroupId {
    /// Wraps a number. A group with that id need not exist.
    #[must_use]
    pub const fn new(raw: u32) -> Self {
        Self(raw)
    }

    /// Returns the group of the user that started the calling process.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/getgid.html>
    #[doc(alias = "getgid")]
    #[must_use]
    pub fn real() -> Self {
        Self(sys::real_gid())
    }

    /// Returns the effective group of the calling process.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/getegid.html>
    #[doc(alias = "getegid")]
    #[must_use]
    pub fn effective() -> Self {
        Self(sys::effective_gid())
    }

    /// Returns the number for C.
    #[must_use]
    pub const fn raw(self) -> u32 {
        self.0
    }
}

impl From<GroupId> for u32 {
    fn from(id: GroupId) -> Self {
        id.0
    }
}

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GroupId({})", self.0)
    }
}
