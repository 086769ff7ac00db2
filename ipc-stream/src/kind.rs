//! The kinds of local sockets.

use std::fmt;

use crate::sys::socket::SocketType;

/// A kind of local socket.
///
/// The only kinds are [`Stream`], [`Seqpacket`] and [`Datagram`].
#[doc(alias = "SOCK_STREAM")]
pub trait Kind: sealed::Kind + fmt::Debug + Send + Sync + Unpin + 'static {}

/// Bytes in order, without boundaries.
#[derive(Debug)]
pub enum Stream {}

/// Messages in order over a connection, each received in one piece.
#[derive(Debug)]
pub enum Seqpacket {}

/// Messages without a connection, each received in one piece.
#[derive(Debug)]
pub enum Datagram {}

impl Kind for Stream {}
impl Kind for Seqpacket {}
impl Kind for Datagram {}

pub(crate) mod sealed {
    use super::SocketType;

    pub trait Kind {
        const TYPE: SocketType;
        /// The noun for one, in an error message.
        const NOUN: &'static str;
        /// `true` if each message is received whole.
        const IS_WHOLE: bool;
        /// `true` if a message of 0 bytes is the end of the peer.
        const ENDS: bool;
    }

    impl Kind for super::Stream {
        const TYPE: SocketType = SocketType::STREAM;
        const NOUN: &'static str = "a stream socket";
        const IS_WHOLE: bool = false;
        const ENDS: bool = true;
    }

    impl Kind for super::Seqpacket {
        const TYPE: SocketType = SocketType::SEQPACKET;
        const NOUN: &'static str = "a seqpacket socket";
        const IS_WHOLE: bool = true;
        const ENDS: bool = true;
    }

    impl Kind for super::Datagram {
        const TYPE: SocketType = SocketType::DGRAM;
        const NOUN: &'static str = "a datagram socket";
        const IS_WHOLE: bool = true;
        const ENDS: bool = false;
    }
}

/// Returns what a socket type of the system is, for an error message.
pub(crate) fn noun(kind: SocketType) -> &'static str {
    match kind {
        SocketType::STREAM => <Stream as sealed::Kind>::NOUN,
        SocketType::SEQPACKET => <Seqpacket as sealed::Kind>::NOUN,
        SocketType::DGRAM => <Datagram as sealed::Kind>::NOUN,
        _ => "a socket of another type",
    }
}
