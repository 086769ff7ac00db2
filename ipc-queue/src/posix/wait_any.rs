//! Waiting for several POSIX message queues at the same time.

use std::os::fd::AsFd;
use std::time::Duration;

use ipc_core::{Deadline, Error, PollFd, Result, poll};

use super::MessageQueue;

impl MessageQueue {
    /// Blocks until at least one of several queues has a message.
    ///
    /// Returns the indices of all queues that have a message, in ascending order. Another receiver
    /// may receive the message first, so call [`try_recv`](Self::try_recv) on these queues. If a
    /// thread waits in [`recv`](Self::recv), the message goes to that thread, and this function
    /// does not return the queue. To wait for other descriptors as well, use [`ipc_core::poll`]
    /// with [`as_fd`](Self::as_fd).
    ///
    /// # Examples
    ///
    /// ```
    /// use ipc_queue::{MessageQueue, QueueOptions};
    ///
    /// # let names = ["any-1", "any-2"].map(|name| format!("/{name}-{}", std::process::id()));
    /// let orders = MessageQueue::create(&names[0], QueueOptions::new(4, 64))?;
    /// let news = MessageQueue::create(&names[1], QueueOptions::new(4, 64))?;
    /// news.send(b"rain", 0)?;
    ///
    /// let queues = [&orders, &news];
    /// for ready in MessageQueue::wait_any(&queues)? {
    ///     while let Some(message) = queues[ready].try_recv()? {
    ///         assert_eq!(message.bytes, b"rain");
    ///     }
    /// }
    /// # names.iter().try_for_each(MessageQueue::unlink)?;
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if `queues` is empty, or has more queues
    /// than the process may have descriptors.
    #[doc(alias = "poll")]
    pub fn wait_any(queues: &[&Self]) -> Result<Vec<usize>> {
        if queues.is_empty() {
            return Err(Error::invalid("ppoll", "", "no queue to wait for"));
        }
        Self::wait_any_until(queues, Deadline::NEVER)
    }

    /// Blocks until at least one of several queues has a message, for at most `timeout`.
    ///
    /// Returns the indices of all queues that have a message, or no index if the time has passed.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if there are more queues than the
    /// process may have descriptors.
    #[doc(alias = "poll")]
    pub fn wait_any_timeout(queues: &[&Self], timeout: Duration) -> Result<Vec<usize>> {
        Self::wait_any_until(queues, Deadline::after(timeout))
    }

    /// Blocks until at least one of several queues has a message, or until `deadline`.
    ///
    /// The deadline is an `Instant` or a `SystemTime`. Returns the indices of all queues that have
    /// a message, or no index if the deadline has passed.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if there are more queues than the
    /// process may have descriptors.
    #[doc(alias = "poll")]
    pub fn wait_any_deadline(
        queues: &[&Self],
        deadline: impl Into<Deadline>,
    ) -> Result<Vec<usize>> {
        Self::wait_any_until(queues, deadline.into())
    }

    fn wait_any_until(queues: &[&Self], deadline: Deadline) -> Result<Vec<usize>> {
        let mut fds: Vec<_> = queues.iter().map(|queue| PollFd::readable(queue.as_fd())).collect();
        poll(&mut fds, deadline).map_err(|errno| {
            Error::os("ppoll", format_args!("{} message queues", queues.len()), errno)
        })?;
        Ok((0..fds.len()).filter(|&index| fds[index].is_ready()).collect())
    }
}
