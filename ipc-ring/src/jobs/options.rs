//! The options of a new job queue.

use ipc_mem::MemoryOptions;

/// The options of a new job queue: how much it holds, how often a job is delivered, and those of its
/// memory.
///
/// # Examples
///
/// ```
/// use ipc_ring::{JobOptions, JobQueue};
///
/// # let name = format!("/jobs-options-{}", std::process::id());
/// let jobs = JobQueue::<u64>::create(&name, JobOptions::new(1000).max_deliveries(3))?;
/// assert_eq!(jobs.capacity(), 1024); // a power of two
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct JobOptions {
    pub(super) capacity: usize,
    pub(super) max_deliveries: u64,
    pub(super) memory: MemoryOptions,
}

impl JobOptions {
    /// A queue for at least this number of jobs, those that workers have taken included.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, max_deliveries: 0, memory: MemoryOptions::new(0) }
    }

    /// Sets how often a job is delivered at most, for jobs that kill their workers. After that it
    /// becomes a [dead letter](super::JobQueue::take_dead_letter). Zero, the default, stands for any number.
    pub fn max_deliveries(self, max_deliveries: u64) -> Self {
        Self { max_deliveries, ..self }
    }

    /// Sets permissions, removal and placement. Size and tag do not matter: they are those of the
    /// queue.
    pub fn memory(self, memory: MemoryOptions) -> Self {
        Self { memory, ..self }
    }
}

impl From<usize> for JobOptions {
    fn from(capacity: usize) -> Self {
        Self::new(capacity)
    }
}
