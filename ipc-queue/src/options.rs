//! Options to open message queues of either kind.

use ipc_core::Trust;

/// The directions in which a handle of a queue is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Sending and receiving.
    #[default]
    Both,
    /// Sending only, which requires only write permission. A caller without read permission must
    /// open a System V queue with [`Trust::Anyone`](ipc_core::Trust::Anyone), because checking its
    /// owner requires read permission.
    Send,
    /// Receiving only, which requires only read permission.
    Receive,
}

/// Options to open an existing message queue: the direction, and which owners to trust.
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
    /// Creates options to open a queue for sending and receiving.
    ///
    /// Unless [`trust`](Self::trust) is set, opening fails if the queue belongs neither to the
    /// caller's user nor to root, or if other users may write to it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the direction of the handle.
    #[must_use]
    pub fn direction(self, direction: Direction) -> Self {
        Self { direction, ..self }
    }

    /// Sets which owners of a queue to trust.
    #[must_use]
    pub fn trust(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }
}
