//! Messages from one sender to one receiver.
//!
//! | to send | there is |
//! |---|---|
//! | messages of one type | [`Sender`] and [`Receiver`] |
//! | bytes, each message with a length of its own | [`bytes::Sender`] and [`bytes::Receiver`] |
//!
//! Either end may be opened first, by any process. While both ends are awake, a message costs a
//! copy and two stores, and no system call.
//!
//! An end belongs to the process that opened it, until the end is dropped or the process dies. Then
//! another process can open the end, and it continues where the first one stopped. With
//! [`recv`](Receiver::recv), each message is received at most once: a message may be lost if the
//! receiver is killed while it receives the message. With [`peek`](Receiver::peek) and
//! [`release`](Receiver::release), each message is received at least once: if a receiver is killed
//! before it releases a message, the next receiver gets that message again.

pub mod bytes;

mod ends;
mod options;
mod receiver;
mod ring;
mod sender;

pub(crate) use ring::{CLOSED, TALLY_AT, claim, peer};

pub use options::RingOptions;
pub use receiver::Receiver;
pub use sender::Sender;

/// The state of the other end of a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Peer {
    /// No process has opened that end yet.
    Absent,
    /// A process has that end open.
    Open,
    /// The process that had that end open closed it.
    Closed,
    /// The process that had that end open is proved dead.
    Dead,
}
