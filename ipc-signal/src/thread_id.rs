//! The id of a thread, as the kernel knows it.

use ipc_core::ProcessId;

use crate::sys;

/// The id of a thread, together with the id of its process.
///
/// # Examples
///
/// ```
/// use ipc_core::ProcessId;
/// use ipc_signal::ThreadId;
///
/// assert_eq!(ThreadId::current().process(), ProcessId::current());
/// assert_ne!(std::thread::spawn(ThreadId::current).join().unwrap(), ThreadId::current());
/// ```
#[doc(alias = "gettid")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ThreadId {
    process: ProcessId,
    number: i32,
}

impl ThreadId {
    /// Creates an id from a process and the number of a thread, without checking that the thread
    /// exists.
    #[must_use]
    pub const fn new(process: ProcessId, number: i32) -> Self {
        Self { process, number }
    }

    /// Returns the id of the calling thread.
    #[must_use]
    pub fn current() -> Self {
        Self { process: ProcessId::current(), number: sys::thread_id() }
    }

    /// Returns the process that the thread belongs to.
    #[must_use]
    pub const fn process(self) -> ProcessId {
        self.process
    }

    /// Returns the number of the thread, as C's `gettid` does.
    #[must_use]
    pub const fn raw(self) -> i32 {
        self.number
    }
}
