//! Sending to sockets of all kinds.

use std::io::IoSlice;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use ipc_core::{Errno, Error, Refusal, Result};

use crate::kind::{Datagram, Kind, Seqpacket, Stream};
use crate::sys::socket::{self as sys, SocketAddrUnix};
use crate::sys::{PollFlags, message};
use crate::wait::{Block, Wait, once, until, with_pauses};
use crate::{Message, Socket, SocketName};

/// Sending messages with descriptors and credentials.
impl<K: Kind> Socket<K> {
    /// Sends a message with its descriptors and credentials. On a stream, sends all of its bytes.
    ///
    /// # Errors
    ///
    /// [`is_closed`](Error::is_closed) if the peer has closed its end;
    /// [`is_too_long`](Error::is_too_long) if the message is longer than the socket takes;
    /// [`is_invalid_argument`](Error::is_invalid_argument) for more than
    /// [`MAX_DESCRIPTORS`](Message::MAX_DESCRIPTORS) descriptors, or for no bytes on a connection;
    /// [`is_permission_denied`](Error::is_permission_denied) if the receiver refuses descriptors;
    /// `ETOOMANYREFS` if more descriptors of this user are in flight than one process may have
    /// open.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sendmsg.html>
    #[doc(alias = "sendmsg")]
    pub fn send_message(&self, message: &Message<'_>) -> Result<()> {
        self.send_message_wait(message, Wait::Forever).map(drop)
    }

    /// Sends a message if the queue has space for it; otherwise returns `false`.
    ///
    /// # Errors
    ///
    /// Those of [`send_message`](Self::send_message); `ETIMEDOUT` if only a part of the message
    /// fitted into a stream: that part was sent, and the error says how many bytes.
    pub fn try_send_message(&self, message: &Message<'_>) -> Result<bool> {
        self.send_message_wait(message, Wait::No)
    }

    /// Sends a message, and waits for space for at most `timeout`; `false` if the time ran out
    /// first.
    ///
    /// # Errors
    ///
    /// Those of [`try_send_message`](Self::try_send_message).
    pub fn send_message_timeout(&self, message: &Message<'_>, timeout: Duration) -> Result<bool> {
        self.send_message_wait(message, Wait::timeout(timeout))
    }

    /// Sends a message, and waits for space until `deadline`; `false` if the time ran out first.
    ///
    /// # Errors
    ///
    /// Those of [`try_send_message`](Self::try_send_message).
    pub fn send_message_deadline(&self, message: &Message<'_>, deadline: Instant) -> Result<bool> {
        self.send_message_wait(message, Wait::deadline(deadline))
    }

    fn send_message_wait(&self, message: &Message<'_>, wait: Wait) -> Result<bool> {
        let to = self.checked(message)?;
        let attempt = |block| self.send_message_once(message, to.as_ref(), block);
        let sent = match message.to {
            Some(name) => self.to_elsewhere(wait, name, message.bytes.len(), attempt)?,
            None => {
                let sent = until(self.as_fd(), PollFlags::OUT, wait, attempt);
                self.sent("sendmsg", message.bytes.len(), sent)?
            }
        };
        let Some(sent) = sent else { return Ok(false) };
        if K::IS_WHOLE || sent == message.bytes.len() {
            return Ok(true);
        }
        self.send_rest(message.bytes, sent, wait)
    }

    /// Refuses what no receiver could make sense of, and returns where the message goes.
    pub(crate) fn checked(&self, message: &Message<'_>) -> Result<Option<SocketAddrUnix>> {
        let refuse = |why: &str| Err(Error::invalid("sendmsg", self.label(), why));
        if message.all_descriptors().len() > Message::MAX_DESCRIPTORS {
            let (found, most) = (message.all_descriptors().len(), Message::MAX_DESCRIPTORS);
            return refuse(&format!("{found} descriptors, the maximum is {most}"));
        }
        if K::ENDS && message.bytes.is_empty() {
            return refuse(
                "no bytes: a connection would lose what goes beside them, or take it for the end",
            );
        }
        match message.to {
            None => Ok(None),
            Some(_) if K::ENDS => refuse("a connection has its receiver"),
            Some(to) => self.address(to).map(Some),
        }
    }

    fn address(&self, to: &SocketName) -> Result<SocketAddrUnix> {
        to.need_policy("sendto", self.policy.as_ref())?;
        to.address()
    }

    pub(crate) fn send_message_once(
        &self,
        message: &Message<'_>,
        to: Option<&SocketAddrUnix>,
        block: Block,
    ) -> Result<usize, Errno> {
        let credentials = message.credentials.then(sys::own_credentials);
        let bytes = [IoSlice::new(message.bytes)];
        message::send(self.as_fd(), &bytes, message.all_descriptors(), credentials, to, block)
    }

    /// Sends to a socket other than the connected one: space there causes no event.
    fn to_elsewhere(
        &self,
        wait: Wait,
        to: &SocketName,
        len: usize,
        mut attempt: impl FnMut(Block) -> Result<usize, Errno>,
    ) -> Result<Option<usize>> {
        let block = wait.block();
        let mut now =
            || once(|| attempt(block)).map_err(|errno| not_sent("sendto", errno, len).on(to));
        with_pauses(wait, &mut now)
    }

    #[inline]
    fn sent<T>(&self, call: &'static str, len: usize, sent: Result<T, Errno>) -> Result<T> {
        sent.map_err(|errno| not_sent(call, errno, len).on(self.label()))
    }

    /// Sends what is left of bytes that were sent in part.
    fn send_rest(&self, bytes: &[u8], mut sent: usize, wait: Wait) -> Result<bool> {
        while sent < bytes.len() {
            let attempt = |block| sys::send(self.as_fd(), &bytes[sent..], block);
            match self.sent(
                "send",
                bytes.len(),
                until(self.as_fd(), PollFlags::OUT, wait, attempt),
            )? {
                Some(more) => sent += more,
                None if sent == 0 => return Ok(false),
                None => {
                    let why = format_args!("{sent} of {} bytes were sent", bytes.len());
                    let refusal = Refusal::os("send", Errno::ETIMEDOUT).because(why);
                    return Err(refusal.on(self.label()));
                }
            }
        }
        Ok(true)
    }
}

/// Sending bytes.
impl Socket<Stream> {
    /// Sends bytes, perhaps only a first part, and returns how many. Waits for space without
    /// limit.
    ///
    /// # Errors
    ///
    /// [`is_closed`](Error::is_closed) if the peer has closed its end.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/send.html>
    #[inline]
    pub fn send(&self, bytes: &[u8]) -> Result<usize> {
        self.send_wait(bytes, Wait::Forever).map(Option::unwrap_or_default)
    }

    /// Sends the bytes that there is space for, and returns their number; `None` if no byte fitted.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn try_send(&self, bytes: &[u8]) -> Result<Option<usize>> {
        self.send_wait(bytes, Wait::No)
    }

    /// Sends all bytes, and waits for space without limit.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn send_all(&self, bytes: &[u8]) -> Result<()> {
        self.send_rest(bytes, 0, Wait::Forever).map(drop)
    }

    /// Sends all bytes, and waits for space for at most `timeout` in all; `false` if none was sent
    /// in time.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send); `ETIMEDOUT` if only a part was sent; the error says how many
    /// bytes.
    pub fn send_all_timeout(&self, bytes: &[u8], timeout: Duration) -> Result<bool> {
        self.send_rest(bytes, 0, Wait::timeout(timeout))
    }

    /// Sends all bytes, and waits for space until `deadline`; `false` if none was sent in time.
    ///
    /// # Errors
    ///
    /// Those of [`send_all_timeout`](Self::send_all_timeout).
    pub fn send_all_deadline(&self, bytes: &[u8], deadline: Instant) -> Result<bool> {
        self.send_rest(bytes, 0, Wait::deadline(deadline))
    }

    fn send_wait(&self, bytes: &[u8], wait: Wait) -> Result<Option<usize>> {
        let attempt = |block| self.send_once(bytes, block);
        self.sent("send", bytes.len(), until(self.as_fd(), PollFlags::OUT, wait, attempt))
    }

    pub(crate) fn send_once(&self, bytes: &[u8], block: Block) -> Result<usize, Errno> {
        sys::send(self.as_fd(), bytes, block)
    }
}

/// Sending messages.
impl Socket<Seqpacket> {
    /// Sends one message, and waits for space without limit.
    ///
    /// # Errors
    ///
    /// [`is_closed`](Error::is_closed) if the peer has closed its end;
    /// [`is_too_long`](Error::is_too_long) if the message is longer than the socket takes, which
    /// [`set_buffer_sizes`](Self::set_buffer_sizes) changes;
    /// [`is_invalid_argument`](Error::is_invalid_argument) for a message of 0 bytes, which other
    /// programs take for the end, and which `recv` skips.
    #[inline]
    pub fn send(&self, message: &[u8]) -> Result<()> {
        self.send_packet(message, Wait::Forever).map(drop)
    }

    /// Sends one message if the queue has space for it; otherwise returns `false`.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn try_send(&self, message: &[u8]) -> Result<bool> {
        self.send_packet(message, Wait::No)
    }

    /// Sends one message, and waits for space for at most `timeout`; `false` if the time ran out
    /// first.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn send_timeout(&self, message: &[u8], timeout: Duration) -> Result<bool> {
        self.send_packet(message, Wait::timeout(timeout))
    }

    /// Sends one message, and waits for space until `deadline`; `false` if the time ran out first.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn send_deadline(&self, message: &[u8], deadline: Instant) -> Result<bool> {
        self.send_packet(message, Wait::deadline(deadline))
    }
}

/// Sending datagrams.
impl Socket<Datagram> {
    /// Sends one message to the socket to which this one is connected, and waits for space without
    /// limit.
    ///
    /// # Errors
    ///
    /// `ENOTCONN` if it is not connected; [`is_closed`](Error::is_closed) if no process has the
    /// receiver open; [`is_too_long`](Error::is_too_long) if the message is longer than the socket
    /// takes.
    #[inline]
    pub fn send(&self, message: &[u8]) -> Result<()> {
        self.send_packet(message, Wait::Forever).map(drop)
    }

    /// Sends one message to the socket to which this one is connected if its queue has space;
    /// otherwise returns `false`.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn try_send(&self, message: &[u8]) -> Result<bool> {
        self.send_packet(message, Wait::No)
    }

    /// Sends one message to the socket to which this one is connected, and waits for space for at
    /// most `timeout`; `false` if the time ran out first.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn send_timeout(&self, message: &[u8], timeout: Duration) -> Result<bool> {
        self.send_packet(message, Wait::timeout(timeout))
    }

    /// Sends one message to the socket to which this one is connected, and waits for space until
    /// `deadline`; `false` if the time ran out first.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn send_deadline(&self, message: &[u8], deadline: Instant) -> Result<bool> {
        self.send_packet(message, Wait::deadline(deadline))
    }

    /// Sends one message to the socket of this name, and waits for space without limit.
    ///
    /// To send with a time limit, use [`send_message_timeout`](Self::send_message_timeout) with a
    /// message that is addressed [`to`](Message::to) a name; Linux does not report when the socket
    /// of a name has space, so that call tries again after pauses of 0.1 to 10 ms.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) if there is no such file;
    /// [`is_closed`](Error::is_closed) if no process has it open;
    /// [`is_permission_denied`](Error::is_permission_denied) if its mode forbids writing;
    /// [`is_too_long`](Error::is_too_long) if the message is longer than the socket takes;
    /// [`is_invalid_argument`](Error::is_invalid_argument) for an abstract name, unless this socket
    /// has a policy.
    #[doc(alias = "sendto")]
    pub fn send_to<N>(&self, message: &[u8], name: N) -> Result<()>
    where
        N: TryInto<SocketName, Error: Into<Error>>,
    {
        let name = name.try_into().map_err(Into::into)?;
        let to = self.address(&name)?;
        let sent = self.to_elsewhere(Wait::Forever, &name, message.len(), |block| {
            sys::send_to(self.as_fd(), message, &to, block)
        });
        sent.map(drop)
    }
}

impl<K: Kind> Socket<K> {
    #[inline]
    fn send_packet(&self, message: &[u8], wait: Wait) -> Result<bool> {
        self.not_the_end(message)?;
        let attempt = |block| self.packet_once(message, block);
        self.sent("send", message.len(), until(self.as_fd(), PollFlags::OUT, wait, attempt))
            .map(|sent| sent.is_some())
    }

    #[inline]
    pub(crate) fn packet_once(&self, message: &[u8], block: Block) -> Result<usize, Errno> {
        sys::send(self.as_fd(), message, block)
    }

    #[inline]
    pub(crate) fn not_the_end(&self, message: &[u8]) -> Result<()> {
        if K::ENDS && message.is_empty() {
            return Err(Error::invalid(
                "send",
                self.label(),
                "no bytes: the receiver would take it for the end",
            ));
        }
        Ok(())
    }
}

/// The error of a message of `len` bytes that was not sent.
#[cold]
fn not_sent(call: &'static str, errno: Errno, len: usize) -> Refusal {
    let refusal = Refusal::os(call, errno);
    match errno {
        Errno::EMSGSIZE => refusal.because(format_args!(
            "a message of {len} bytes is longer than the send buffer (`SO_SNDBUF`) takes; \
             `set_buffer_sizes` enlarges it"
        )),
        _ => refusal,
    }
}
