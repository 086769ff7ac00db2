//! The options of a new job queue.

use ipc_mem::MemoryOptions;

/// The options of a new job queue: its capacity, the maximum number of deliveries, and the options
/// of its memory object.
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
    /// Options for a queue of at least `capacity` jobs. Dead letters, and jobs that workers have
    /// taken, count towards the capacity.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, max_deliveries: 0, memory: MemoryOptions::new(0) }
    }

    /// Sets the maximum number of deliveries of a job. A job that returns to the queue after its
    /// last permitted delivery becomes a [dead letter](super::JobQueue::take_dead_letter), so that
    /// a job that kills each of its workers does not come back for ever. Zero, the default, stands
    /// for no maximum.
    pub fn max_deliveries(self, max_deliveries: u64) -> Self {
        Self { max_deliveries, ..self }
    }

    /// Sets the options of the memory object: permissions, removal and placement. Its size and tag
    /// are ignored: the queue determines them.
    pub fn memory(self, memory: MemoryOptions) -> Self {
        Self { memory, ..self }
    }
}

impl From<usize> for JobOptions {
    fn from(capacity: usize) -> Self {
        Self::new(capacity)
    }
}
