//! The namespaces that decide which process an id means.

use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;

/// A PID namespace and a time namespace, as numbers that can be stored in shared memory.
///
/// A mutex or read/write lock of the C library stores the id of the thread that holds it. A `futex`
/// lock of this toolkit stores the id and the start time of the process that holds it. A
/// `pthread::Mutex` stores these in addition to the thread id. In another PID namespace, the same
/// id means another thread or process, so two threads could hold one lock at the same time. In
/// another time namespace, the same process has another start time, so a living owner would count
/// as dead. An object that contains such a lock therefore records the namespaces of its creator,
/// and processes in other namespaces refuse to open it.
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
    /// Each number is the inode number of the namespace, which has 32 bits. 0 means unknown:
    /// `/proc` is not mounted, or the kernel lacks this kind of namespace. The function makes two
    /// system calls.
    #[must_use]
    pub fn here() -> Self {
        let inode = |name: &str| {
            let link = fs::metadata(format!("/proc/thread-self/ns/{name}"));
            link.ok().and_then(|link| u32::try_from(link.ino()).ok()).unwrap_or(0)
        };
        Self { pid: inode("pid"), time: inode("time") }
    }

    /// Wraps the numbers of two namespaces.
    #[must_use]
    pub const fn new(pid: u32, time: u32) -> Self {
        Self { pid, time }
    }

    /// Returns the number of the PID namespace.
    #[must_use]
    pub const fn pid(self) -> u32 {
        self.pid
    }

    /// Returns the number of the time namespace.
    #[must_use]
    pub const fn time(self) -> u32 {
        self.time
    }

    /// Returns the kind of namespace in which `self` and `other` differ; `None` if they are equal.
    /// An unknown number (0) differs from every known one.
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
