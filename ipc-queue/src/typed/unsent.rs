//! Messages that were not sent.

use std::fmt;

use ipc_core::{Errno, Error};

/// The error of a [`Sender`](crate::Sender), which returns the value that was not sent.
///
/// # Examples
///
/// ```
/// use ipc_queue::{MessageQueue, QueueOptions, Sender, Unsent};
///
/// # let name = format!("/unsent-{}", std::process::id());
/// let sender = Sender::<u64>::new(MessageQueue::create(&name, QueueOptions::new(1, 8))?)?;
/// sender.send(1, 0)?;
/// match sender.try_send(2, 0) {
///     Err(Unsent::NoRoom(number)) => assert_eq!(number, 2),
///     other => panic!("{other:?}"),
/// }
/// # MessageQueue::unlink(&name)?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(thiserror::Error)]
pub enum Unsent<T> {
    /// The queue was full, or stayed full until the deadline.
    #[error("the queue is full")]
    NoRoom(T),
    /// The call failed.
    #[error("{1}")]
    Failed(T, Error),
}

/// Prints the same text as `Display`, because `main` and `unwrap` print errors with `Debug`.
impl<T> fmt::Debug for Unsent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<T> Unsent<T> {
    /// Returns the value that was not sent.
    pub fn into_message(self) -> T {
        let (Self::NoRoom(message) | Self::Failed(message, _)) = self;
        message
    }
}

/// Drops the value. [`Unsent::NoRoom`] becomes an error for which
/// [`is_queue_full`](Error::is_queue_full) returns `true`.
impl<T> From<Unsent<T>> for Error {
    fn from(unsent: Unsent<T>) -> Self {
        match unsent {
            Unsent::NoRoom(_) => Self::queue_full("send", "", Errno::EAGAIN, "the queue is full"),
            Unsent::Failed(_, err) => err,
        }
    }
}
