//! A job that a worker has taken.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use ipc_core::Result;
use ipc_mem::{Memory, Plain};

use super::JobQueue;

/// A job that this process has taken. No other process gets it while this process lives.
///
/// It dereferences to a copy of the job. Dropping it without [`done`](Self::done) returns the job
/// to the queue. After its last permitted delivery, the job becomes a dead letter instead; a dead
/// letter that is dropped stays one.
#[must_use = "a job that is dropped is delivered again"]
pub struct Job<'a, T: Plain, M: Memory> {
    pub(super) queue: &'a JobQueue<T, M>,
    pub(super) place: u64,
    pub(super) job: T,
    pub(super) deliveries: u64,
    pub(super) is_letter: bool,
    pub(super) is_over: bool,
}

impl<T: Plain, M: Memory> Job<'_, T, M> {
    /// Removes the job from the queue: it is not delivered again.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) in a forked child, whose parent
    /// has the job.
    pub fn done(mut self) -> Result<()> {
        self.is_over = true;
        self.queue.finish(self.place)
    }

    /// Returns the job to the queue, to be delivered again at once. After its last permitted
    /// delivery, the job becomes a dead letter instead. A job that was a dead letter returns to the
    /// queue, and its deliveries are counted from zero.
    ///
    /// # Errors
    ///
    /// Those of [`done`](Self::done).
    pub fn retry(self) -> Result<()> {
        self.retry_after(Duration::ZERO)
    }

    /// Returns the job to the queue, to be delivered again when `delay` has passed. A last
    /// permitted delivery and a dead letter are treated as in [`retry`](Self::retry). The delivery
    /// may be some milliseconds late.
    ///
    /// # Errors
    ///
    /// Those of [`done`](Self::done).
    pub fn retry_after(mut self, delay: Duration) -> Result<()> {
        self.is_over = true;
        self.queue.give_back(self.place, delay, self.is_letter)
    }

    /// The number of deliveries of this job, including this one. It is more than one if an earlier
    /// worker returned the job, or died with it.
    #[must_use]
    pub fn deliveries(&self) -> u64 {
        self.deliveries
    }
}

impl<T: Plain, M: Memory> Deref for Job<'_, T, M> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.job
    }
}

impl<T: Plain, M: Memory> Drop for Job<'_, T, M> {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        // Both fail in a forked child only, which does not have the job.
        let _ = if self.is_letter {
            self.queue.leave_letter(self.place)
        } else {
            self.queue.give_back(self.place, Duration::ZERO, false)
        };
    }
}

impl<T: Plain + fmt::Debug, M: Memory> fmt::Debug for Job<'_, T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job")
            .field("job", &self.job)
            .field("deliveries", &self.deliveries)
            .finish_non_exhaustive()
    }
}
