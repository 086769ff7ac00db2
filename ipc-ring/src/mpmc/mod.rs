//! Messages from several senders to several receivers.
//!
//! Each message is received by one receiver. The messages of one thread are received in the order
//! in which it sent them, unless they have different priorities.
//!
//! A queue may have several [priorities](QueueOptions::priorities). Messages of a higher priority
//! are received first, and the messages of one priority in the order in which they were sent.
//! `recv` returns the message with the highest priority of all that were sent before the call
//! began, unless another receiver gets that one, or an earlier message of its priority is still
//! being written. A message that is sent during the call may be received after one of a lower
//! priority.
//!
//! A queue is never closed: `recv` waits for messages even if no sender is open. A sender that is
//! killed in the middle of a message delays receivers only until its death is proved: then they get
//! [`Received::Lost`]. One that is stopped in the middle of a message keeps its place, and the
//! receivers wait for it.

mod cells;
mod options;
mod priority;
mod protocol;
mod receiver;
mod sender;
mod word;

pub(crate) use cells::{BEFORE, LANE, TALLY_AT, slots_and_priorities, used};

pub use options::QueueOptions;
pub use priority::Priority;
pub use receiver::Receiver;
pub use sender::Sender;

/// The result of receiving from a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "every caller has to act on each")]
pub enum Received<T> {
    /// A message.
    Message(T),
    /// The number of messages that will never come: their senders were killed in the middle of sending them.
    /// Each is reported once, to one receiver.
    Lost(u64),
}

impl<T> Received<(T, usize)> {
    #[inline]
    fn without_priority(self) -> Received<T> {
        match self {
            Self::Message((message, _)) => Received::Message(message),
            Self::Lost(count) => Received::Lost(count),
        }
    }
}

impl<T> Received<T> {
    /// The message, if it is one.
    pub fn message(self) -> Option<T> {
        match self {
            Self::Message(message) => Some(message),
            Self::Lost(_) => None,
        }
    }
}
