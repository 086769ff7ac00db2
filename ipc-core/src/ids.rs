//! Who is who: processes, users and groups.

use std::fmt;
use std::os::unix::process::parent_id;
use std::process::Child;

use crate::sys;

/// A process.
///
/// # Examples
///
/// ```
/// use ipc_core::ProcessId;
///
/// let me = ProcessId::current();
/// assert_eq!(me.raw().unsigned_abs(), std::process::id());
/// assert_eq!(ProcessId::new(123).to_string(), "ProcessId(123)");
/// ```
#[doc(alias = "pid_t")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcessId(i32);

impl ProcessId {
    /// The process with this number, whether there is one or not.
    #[must_use]
    pub const fn new(raw: i32) -> Self {
        Self(raw)
    }

    /// The calling process.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/getpid.html>
    #[doc(alias = "getpid")]
    #[must_use]
    pub fn current() -> Self {
        Self(std::process::id().cast_signed())
    }

    /// The parent of the calling process; another one adopts it when that one ends.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/getppid.html>
    #[doc(alias = "getppid")]
    #[must_use]
    pub fn parent() -> Self {
        Self(parent_id().cast_signed())
    }

    /// The number for C.
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

/// The number is the child's own until it has been waited for.
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

/// A user.
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
    /// The user with this number, whether there is one or not.
    #[must_use]
    pub const fn new(raw: u32) -> Self {
        Self(raw)
    }

    /// Who started the calling process.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/getuid.html>
    #[doc(alias = "getuid")]
    #[must_use]
    pub fn real() -> Self {
        Self(sys::real_uid())
    }

    /// In whose name the calling process acts: the owner of the objects it makes.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/geteuid.html>
    #[doc(alias = "geteuid")]
    #[must_use]
    pub fn effective() -> Self {
        Self(sys::effective_uid())
    }

    /// The number for C.
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

/// A group of users.
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
    /// The group with this number, whether there is one or not.
    #[must_use]
    pub const fn new(raw: u32) -> Self {
        Self(raw)
    }

    /// The group of whoever started the calling process.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/getgid.html>
    #[doc(alias = "getgid")]
    #[must_use]
    pub fn real() -> Self {
        Self(sys::real_gid())
    }

    /// The group in whose name the calling process acts.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/getegid.html>
    #[doc(alias = "getegid")]
    #[must_use]
    pub fn effective() -> Self {
        Self(sys::effective_gid())
    }

    /// The number for C.
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
