//! The options of a new queue.

use ipc_mem::MemoryOptions;

/// The options of a new queue: its capacity, the maximum number of senders, the number of
/// priorities, and the options of its memory object.
///
/// # Examples
///
/// ```
/// use ipc_ring::mpmc::{QueueOptions, Sender};
///
/// # let name = format!("/tasks-options-{}", std::process::id());
/// let tasks = Sender::<u64>::create(&name, QueueOptions::new(1000).senders(2))?;
/// assert_eq!(tasks.capacity(), 1024); // a power of two
///
/// let second = Sender::<u64>::open(&name)?;
/// assert!(Sender::<u64>::open(&name).unwrap_err().is_busy());
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct QueueOptions {
    pub(super) capacity: usize,
    pub(super) senders: usize,
    pub(super) priorities: usize,
    pub(super) memory: MemoryOptions,
}

impl QueueOptions {
    /// Options for a queue of at least `capacity` messages, and up to 64 senders at a time.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, senders: 64, priorities: 1, memory: MemoryOptions::new(0) }
    }

    /// Sets how many senders may be open at a time, 4096 at most. The number of receivers is not
    /// limited.
    pub fn senders(self, senders: usize) -> Self {
        Self { senders, ..self }
    }

    /// Sets the number of priorities, at most 8. Priority 0 is the lowest. Each priority has the
    /// whole capacity to itself, so messages of one priority take no space from those of another.
    pub fn priorities(self, priorities: usize) -> Self {
        Self { priorities, ..self }
    }

    /// Sets the options of the memory object: permissions, removal and placement. Its size and tag
    /// are ignored: the queue determines them.
    pub fn memory(self, memory: MemoryOptions) -> Self {
        Self { memory, ..self }
    }
}

impl From<usize> for QueueOptions {
    fn from(capacity: usize) -> Self {
        Self::new(capacity)
    }
}
