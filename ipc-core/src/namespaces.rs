//! The namespaces that decide which process an id means.

use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;

/// The PID and the time namespace of this process, as numbers to be stored in shared memory.
///
/// A lock of the C library stores the id of the thread that holds it. A lock with data stores the
/// id and the start time of the process that holds it. In another PID namespace, the same ids mean
/// other threads: two threads would hold one lock at once. In another time namespace, the same
/// process seems to have started at another time. So an object that contains locks records the
/// namespaces of its creator, and processes in other namespaces refuse to open it.
///
/// # Examples
///
/// ```
/// use ipc_core::Namespaces;
///
/// let here = Namespaces::here();
/// assert_eq!(here.difference(here), None);
/// assert_eq!(Namespaces::new(here.pid() ^ 1, here.time()).difference(here), Some("PID namespace"));
/// ```
#[doc(alias = "CLONE_NEWPID")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Namespaces {
    pid: u32,
    time: u32,
}

impl Namespaces {
    /// Returns the namespaces of this process.
    ///
    /// The kernel gives each an inode number of 32 bits; 0 means unknown: `/proc` is not mounted,
    /// or the kernel lacks such namespaces. The call takes two system calls.
    #[must_use]
    pub fn here() -> Self {
        let inode = |name: &str| {
            let link = fs::metadata(format!("/proc/self/ns/{name}"));
            link.ok().and_then(|link| u32::try_from(link.ino()).ok()).unwrap_or(0)
        };
        Self { pid: inode("pid"), time: inode("time") }
    }

    /// The namespaces with these numbers.
    #[must_use]
    pub const fn new(pid: u32, time: u32) -> Self {
        Self { pid, time }
    }

    /// The number of the PID namespace.
    #[must_use]
    pub const fn pid(self) -> u32 {
        self.pid
    }

    /// The number of the time namespace.
    #[must_use]
    pub const fn time(self) -> u32 {
        self.time
    }

    /// The kind of namespace in which the two differ, if they do. An unknown number differs from every other number.
    #[must_use]
    pub fn difference(self, other: Self) -> Option<&'static str> {
        if self.pid != other.pid {
            Some("PID namespace")
        } else {
            (self.time != other.time).then_some("time namespace")
        }
    }
}

/// Prints the namespaces in the format of `ls -l /proc/self/ns`.
impl fmt::Display for Namespaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pid:[{}] time:[{}]", self.pid, self.time)
    }
}
