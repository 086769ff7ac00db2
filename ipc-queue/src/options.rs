//! Options to open message queues of either kind.

use ipc_core::Trust;

/// The directions in which a handle of a queue is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Sending and receiving.
    #[default]
    Both,
    /// Sending only, for which write permission is enough.
    Send,
    /// Receiving only, for which read permission is enough.
    Receive,
}

/// Options to open an existing message queue: its direction, and which owners to trust.
///
/// # Examples
///
/// ```
/// use ipc_queue::{Direction, MessageQueue, OpenQueueOptions, QueueOptions};
///
/// # let name = format!("/open-options-{}", std::process::id());
/// let jobs = MessageQueue::create(&name, QueueOptions::new(2, 16))?;
/// let options = OpenQueueOptions::new().direction(Direction::Send);
/// MessageQueue::open_with(&name, options)?.send(b"sweep", 0)?;
/// assert_eq!(jobs.recv()?.bytes, b"sweep");
/// # MessageQueue::unlink(&name)?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenQueueOptions {
    pub(crate) direction: Direction,
    pub(crate) trust: Trust,
}

impl OpenQueueOptions {
    /// Creates options to send and receive, on a queue of the caller's user or root that no other
    /// user may write.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the directions of the handle.
    #[must_use]
    pub fn direction(self, direction: Direction) -> Self {
        Self { direction, ..self }
    }

    /// Sets which owners are acceptable.
    #[must_use]
    pub fn trust(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }
}
