//! Sending to and receiving from POSIX's message queues.

use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Errno, Error, Result};

use crate::MessageQueue;
use crate::sys::posix::{self as sys, Ready};

/// A message that was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What was sent.
    pub bytes: Vec<u8>,
    /// How urgent it was: up to [`MessageQueue::MAX_PRIORITY`].
    pub priority: u32,
}

impl Message {
    fn new(mut bytes: Vec<u8>, (len, priority): (usize, u32)) -> Self {
        bytes.truncate(len);
        Self { bytes, priority }
    }
}

/// Sending.
impl MessageQueue {
    /// Sends a message, which may be empty, and waits as long as there is no room.
    ///
    /// # Errors
    ///
    /// `is_too_long` if it has more bytes than [`message_size`](Self::message_size); `is_invalid_argument` if its priority
    /// is over [`MAX_PRIORITY`](Self::MAX_PRIORITY), or the handle was opened to receive.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/mq_send.html>
    #[doc(alias = "mq_send")]
    #[inline]
    pub fn send(&self, message: &[u8], priority: u32) -> Result<()> {
        sys::send(self.as_fd(), message, priority).map_err(|errno| self.not_sent("mq_send", errno, message.len()))
    }

    /// Sends a message if there is room, and says whether it did.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    #[doc(alias = "mq_timedsend")]
    #[doc(alias = "O_NONBLOCK")]
    pub fn try_send(&self, message: &[u8], priority: u32) -> Result<bool> {
        let sent = sys::try_send(self.as_fd(), message, priority);
        sent.map_err(|errno| self.not_sent("mq_timedsend", errno, message.len()))
    }

    /// Sends a message if there is room within that time, and says whether it did.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    #[doc(alias = "mq_timedsend")]
    pub fn send_timeout(&self, message: &[u8], priority: u32, timeout: Duration) -> Result<bool> {
        self.send_until(message, priority, Deadline::after(timeout))
    }

    /// Sends a message if there is room before that moment, and says whether it did.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    #[doc(alias = "mq_timedsend")]
    pub fn send_deadline(&self, message: &[u8], priority: u32, deadline: Instant) -> Result<bool> {
        self.send_until(message, priority, Deadline::at(deadline))
    }

    pub(crate) fn send_until(&self, message: &[u8], priority: u32, deadline: Deadline) -> Result<bool> {
        if deadline == Deadline::NEVER {
            return self.send(message, priority).map(|()| true);
        }
        while !self.try_send(message, priority)? {
            if deadline.is_past() {
                return Ok(false);
            }
            self.wait(Ready::ToSend, deadline)?;
        }
        Ok(true)
    }

    #[cold]
    fn not_sent(&self, call: &'static str, errno: Errno, len: usize) -> Error {
        let name = self.name();
        match errno {
            Errno::EMSGSIZE => {
                let object = format!("{name}, a message of {len} bytes, at most {}", self.message_size());
                Error::os(call, object, errno)
            }
            Errno::EBADF => Error::invalid(call, name, "this handle was opened to receive"),
            _ => Error::os(call, name, errno),
        }
    }
}

/// Receiving.
impl MessageQueue {
    /// Receives the oldest of the most urgent messages, and waits as long as there is none.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the handle was opened to send.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/mq_receive.html>
    #[doc(alias = "mq_receive")]
    pub fn recv(&self) -> Result<Message> {
        let mut bytes = vec![0; self.message_size()];
        let got = self.recv_into(&mut bytes)?;
        Ok(Message::new(bytes, got))
    }

    /// As [`recv`](Self::recv), into a buffer of the caller's: returns the length of the message and its priority.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv), and `is_too_long` if the buffer has fewer bytes than
    /// [`message_size`](Self::message_size), however short the message is, which stays.
    #[doc(alias = "mq_receive")]
    #[inline]
    pub fn recv_into(&self, into: &mut [u8]) -> Result<(usize, u32)> {
        sys::receive(self.as_fd(), into).map_err(|errno| self.not_received("mq_receive", errno, into.len()))
    }

    /// Receives a message if there is one.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv); an empty queue is `Ok(None)`.
    #[doc(alias = "mq_timedreceive")]
    #[doc(alias = "O_NONBLOCK")]
    pub fn try_recv(&self) -> Result<Option<Message>> {
        let mut bytes = vec![0; self.message_size()];
        Ok(self.try_recv_into(&mut bytes)?.map(|got| Message::new(bytes, got)))
    }

    /// As [`try_recv`](Self::try_recv), into a buffer of the caller's.
    ///
    /// # Errors
    ///
    /// As [`recv_into`](Self::recv_into); an empty queue is `Ok(None)`.
    #[doc(alias = "mq_timedreceive")]
    pub fn try_recv_into(&self, into: &mut [u8]) -> Result<Option<(usize, u32)>> {
        let got = sys::try_receive(self.as_fd(), into);
        got.map_err(|errno| self.not_received("mq_timedreceive", errno, into.len()))
    }

    /// Receives a message if there is one within that time.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv); none in that time is `Ok(None)`.
    #[doc(alias = "mq_timedreceive")]
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Option<Message>> {
        self.recv_until(Deadline::after(timeout))
    }

    /// Receives a message if there is one before that moment.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv); none before is `Ok(None)`.
    #[doc(alias = "mq_timedreceive")]
    pub fn recv_deadline(&self, deadline: Instant) -> Result<Option<Message>> {
        self.recv_until(Deadline::at(deadline))
    }

    pub(crate) fn recv_until(&self, deadline: Deadline) -> Result<Option<Message>> {
        if deadline == Deadline::NEVER {
            return self.recv().map(Some);
        }
        let mut bytes = vec![0; self.message_size()];
        loop {
            if let Some(got) = self.try_recv_into(&mut bytes)? {
                return Ok(Some(Message::new(bytes, got)));
            }
            if deadline.is_past() {
                return Ok(None);
            }
            self.wait(Ready::ToReceive, deadline)?;
        }
    }

    fn wait(&self, ready: Ready, deadline: Deadline) -> Result<()> {
        sys::wait(self.as_fd(), ready, deadline).map_err(|errno| Error::os("ppoll", self.name(), errno))
    }

    #[cold]
    fn not_received(&self, call: &'static str, errno: Errno, len: usize) -> Error {
        let name = self.name();
        match errno {
            Errno::EMSGSIZE => {
                let object = format!("{name}, into a buffer of {len} bytes, at least {}", self.message_size());
                Error::os(call, object, errno)
            }
            Errno::EBADF => Error::invalid(call, name, "this handle was opened to send"),
            _ => Error::os(call, name, errno),
        }
    }
}
