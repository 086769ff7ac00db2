//! Receiving from sockets of all kinds.

use std::io::IoSliceMut;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use ipc_core::{Errno, Error, Refusal, Result};

use crate::kind::Kind;
use crate::policy::admits;
use crate::sys::message::{self, Arrived};
use crate::sys::socket::{self as sys, RecvFlags};
use crate::sys::{self as calls, PollFlags, options};
use crate::wait::{Block, Wait, until};
use crate::{Credentials, Peer, Received, Socket, SocketName};

/// Receiving.
impl<K: Kind> Socket<K> {
    /// Receives bytes, and returns how many; 0 is the end of a connection.
    ///
    /// Descriptors that came with the bytes are closed: to get them, call
    /// [`recv_message`](Self::recv_message) instead. On a [`Seqpacket`](crate::Seqpacket), messages
    /// of 0 bytes are skipped, because 0 is the end.
    ///
    /// # Errors
    ///
    /// [`is_too_long`](Error::is_too_long) if a message is longer than `into`. The rest of it is
    /// lost; the error contains its full size. [`is_closed`](Error::is_closed) if the peer closed
    /// its end and left bytes unread that this socket had sent.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/recv.html>
    #[inline]
    pub fn recv(&self, into: &mut [u8]) -> Result<usize> {
        self.recv_wait(into, Wait::Forever).map(Option::unwrap_or_default)
    }

    /// Receives bytes if some have arrived, and does not wait; otherwise returns `None`.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    pub fn try_recv(&self, into: &mut [u8]) -> Result<Option<usize>> {
        self.recv_wait(into, Wait::No)
    }

    /// Receives bytes, and waits for at most `timeout`; `None` if the time ran out first.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    pub fn recv_timeout(&self, into: &mut [u8], timeout: Duration) -> Result<Option<usize>> {
        self.recv_wait(into, Wait::timeout(timeout))
    }

    /// Receives bytes, and waits until `deadline`; `None` if the time ran out first.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    pub fn recv_deadline(&self, into: &mut [u8], deadline: Instant) -> Result<Option<usize>> {
        self.recv_wait(into, Wait::deadline(deadline))
    }

    /// On some processors, each return of a function right after a system call is expensive: the
    /// call itself is in the caller.
    #[inline(always)]
    pub(crate) fn recv_wait(&self, into: &mut [u8], wait: Wait) -> Result<Option<usize>> {
        let room = into.len();
        let got = until(self.as_fd(), PollFlags::IN, wait, |block| self.recv_once(into, block));
        let got = got.map_err(|errno| self.failed("recv", errno))?;
        got.map(|len| self.whole("recv", len, room)).transpose()
    }

    #[inline]
    pub(crate) fn recv_once(&self, into: &mut [u8], block: Block) -> Result<usize, Errno> {
        if self.policy.is_some() {
            return self.message_once(into, 0, block).map(|(arrived, _)| arrived.len);
        }
        let whole = if K::IS_WHOLE { RecvFlags::TRUNC } else { RecvFlags::empty() };
        let len = sys::recv(self.as_fd(), into, whole, block)?;
        self.not_empty(len, into.len())
    }

    /// Refuses a message of 0 bytes that is not the end.
    #[inline]
    fn not_empty(&self, len: usize, room: usize) -> Result<usize, Errno> {
        if len > 0 || room == 0 || !(K::IS_WHOLE && K::ENDS) {
            return Ok(len);
        }
        let gone = PollFlags::RDHUP | PollFlags::HUP;
        let is_end = calls::poll_now(self.as_fd(), gone)?.intersects(gone)
            && sys::waiting(self.as_fd())? == 0;
        if is_end { Ok(0) } else { Err(Errno::EINTR) }
    }

    /// Refuses a message that was cut.
    #[inline]
    pub(crate) fn whole(&self, call: &'static str, len: usize, room: usize) -> Result<usize> {
        if len <= room { Ok(len) } else { Err(self.cut(call, len, room)) }
    }

    #[cold]
    fn cut(&self, call: &'static str, len: usize, room: usize) -> Error {
        let why = format_args!("a message of {len} bytes, a buffer of {room}");
        Refusal::os(call, Errno::EMSGSIZE).because(why).on(self.label())
    }

    /// Copies the bytes that would be received next, and leaves them in the queue.
    ///
    /// On a stream, returns the number of copied bytes; pass at least one byte, because with none
    /// the result is always 0. On the other sockets, returns the full size of the message, even if
    /// `into` is shorter; an empty `into` asks only for this size. Waits without limit. 0 is the
    /// end, or a message of 0 bytes, which [`recv`](Self::recv) skips on a connection.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv), apart from `is_too_long`;
    /// [`is_unsupported`](Error::is_unsupported) if a [`Datagram`](crate::Datagram) has a policy
    /// other than [`Policy::anyone`](crate::Policy::anyone): such a policy decides only when a
    /// message is received.
    #[doc(alias = "MSG_PEEK")]
    pub fn peek(&self, into: &mut [u8]) -> Result<usize> {
        if self.policy.as_ref().is_some_and(|policy| !policy.is_anyone()) {
            let why = "a policy decides on a message when it is received";
            return Err(Error::unsupported("recv", self.label(), why));
        }
        let flags = if K::IS_WHOLE { RecvFlags::PEEK | RecvFlags::TRUNC } else { RecvFlags::PEEK };
        let mut look = |block| sys::recv(self.as_fd(), into, flags, block);
        let got = until(self.as_fd(), PollFlags::IN, Wait::Forever, &mut look);
        got.map(Option::unwrap_or_default).map_err(|errno| self.failed("recv", errno))
    }

    /// Receives a message with up to `descriptors` descriptors, and with its sender if the socket
    /// reports it.
    ///
    /// On a stream, descriptors belong to the first byte that was sent with them. One call never
    /// returns the descriptors of two messages: it stops before the next byte that has descriptors.
    ///
    /// # Errors
    ///
    /// [`is_too_long`](Error::is_too_long) if the message has more bytes or more descriptors than
    /// there is space for; [`is_no_space`](Error::is_no_space) if this process can have no more
    /// descriptors. All descriptors of the message are closed then, and its bytes are lost.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/recvmsg.html>
    #[doc(alias = "recvmsg")]
    pub fn recv_message(&self, into: &mut [u8], descriptors: usize) -> Result<Received> {
        let message = self.message_wait(into, descriptors, Wait::Forever)?;
        message.ok_or_else(|| self.failed("recvmsg", Errno::EAGAIN)) // not without a deadline
    }

    /// Receives a message if one has arrived, and does not wait; otherwise returns `None`.
    ///
    /// # Errors
    ///
    /// Those of [`recv_message`](Self::recv_message).
    pub fn try_recv_message(
        &self,
        into: &mut [u8],
        descriptors: usize,
    ) -> Result<Option<Received>> {
        self.message_wait(into, descriptors, Wait::No)
    }

    /// Receives a message, and waits for at most `timeout`; `None` if the time ran out first.
    ///
    /// # Errors
    ///
    /// Those of [`recv_message`](Self::recv_message).
    pub fn recv_message_timeout(
        &self,
        into: &mut [u8],
        descriptors: usize,
        timeout: Duration,
    ) -> Result<Option<Received>> {
        self.message_wait(into, descriptors, Wait::timeout(timeout))
    }

    /// Receives a message, and waits until `deadline`; `None` if the time ran out first.
    ///
    /// # Errors
    ///
    /// Those of [`recv_message`](Self::recv_message).
    pub fn recv_message_deadline(
        &self,
        into: &mut [u8],
        descriptors: usize,
        deadline: Instant,
    ) -> Result<Option<Received>> {
        self.message_wait(into, descriptors, Wait::deadline(deadline))
    }

    fn message_wait(
        &self,
        into: &mut [u8],
        descriptors: usize,
        wait: Wait,
    ) -> Result<Option<Received>> {
        let room = into.len();
        let attempt = |block| self.message_once(into, descriptors, block);
        let got = until(self.as_fd(), PollFlags::IN, wait, attempt);
        let got = got.map_err(|errno| self.failed("recvmsg", errno))?;
        got.map(|(arrived, peer)| self.received(arrived, peer, room, descriptors)).transpose()
    }

    pub(crate) fn message_once(
        &self,
        into: &mut [u8],
        descriptors: usize,
        block: Block,
    ) -> Result<(Arrived, Option<Peer>), Errno> {
        let room = into.len();
        let slices = &mut [IoSliceMut::new(into)];
        let mut arrived = message::receive(self.as_fd(), slices, descriptors, K::IS_WHOLE, block)?;
        if arrived.descriptors.is_empty() && !arrived.is_cut {
            self.not_empty(arrived.len, room)?;
        }
        let process = arrived.process.take().unwrap_or(Err(options::UNKNOWN_OPTION));
        // The system did not record the sender before the option was set.
        let credentials = arrived.credentials.filter(|raw| !raw.is_unknown());
        let peer = credentials.map(|raw| Peer::of_message(Credentials::new(raw), process));
        let admitted = match (&self.policy, &peer) {
            (None, _) => true,
            (Some(policy), None) => policy.is_anyone(),
            (Some(policy), Some(peer)) => {
                admits(policy, peer).map_err(|err| err.errno().unwrap_or(Errno::ENOMEM))?
            }
        };
        // Another message is as good as not received.
        if admitted { Ok((arrived, peer)) } else { Err(Errno::EINTR) }
    }

    /// Refuses a message of which something was cut off.
    pub(crate) fn received(
        &self,
        arrived: Arrived,
        peer: Option<Peer>,
        room: usize,
        descriptors: usize,
    ) -> Result<Received> {
        let Arrived { len, descriptors: found, sender, is_cut, .. } = arrived;
        self.whole("recvmsg", len, room)?;
        if found.len() > descriptors || is_cut && found.len() >= descriptors {
            let why = match descriptors {
                0 => String::from("the message carries descriptors, and none were asked for"),
                most => format!("the message carries more than {most} descriptors"),
            };
            return Err(Refusal::os("recvmsg", Errno::EMSGSIZE).because(why).on(self.label()));
        }
        if is_cut {
            let why = format_args!(
                "only {} descriptors of the message fit under `ulimit -n`",
                found.len()
            );
            return Err(Refusal::os("recvmsg", Errno::EMFILE).because(why).on(self.label()));
        }
        Ok(Received { len, descriptors: found, peer, sender: SocketName::from_bytes(&sender) })
    }
}
