//! Sending to and receiving from POSIX message queues.

use std::os::fd::AsFd;
use std::time::Duration;

use ipc_core::{Deadline, Errno, Error, Refusal, Result};

use super::{MessageQueue, sys};
use crate::Wait;

/// A received message.
///
/// # Examples
///
/// ```
/// use ipc_queue::{Message, MessageQueue, QueueOptions};
///
/// # let name = format!("/message-{}", std::process::id());
/// let jobs = MessageQueue::create(&name, QueueOptions::new(2, 64))?;
/// jobs.send(b"sweep", 3)?;
/// let Message { bytes, priority } = jobs.recv()?;
/// assert_eq!((bytes.as_slice(), priority), (b"sweep".as_slice(), 3));
/// # MessageQueue::unlink(&name)?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The bytes that were sent.
    pub bytes: Vec<u8>,
    /// The priority, up to [`MessageQueue::MAX_PRIORITY`].
    pub priority: u32,
}

/// Sending.
impl MessageQueue {
    /// Sends a message, and blocks while the queue is full. A message may be empty.
    ///
    /// # Errors
    ///
    /// [`is_too_long`](Error::is_too_long) if the message has more than
    /// [`message_size`](Self::message_size) bytes;
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the priority is above
    /// [`MAX_PRIORITY`](Self::MAX_PRIORITY), or the handle was opened to receive only.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/mq_send.html>
    #[doc(alias = "mq_send")]
    #[inline]
    pub fn send(&self, message: &[u8], priority: u32) -> Result<()> {
        self.send_within(message, priority, Wait::FOREVER).map(drop)
    }

    /// Sends a message, or returns `false` if the queue is full.
    ///
    /// # Errors
    ///
    /// [`is_too_long`](Error::is_too_long) and
    /// [`is_invalid_argument`](Error::is_invalid_argument), as for [`send`](Self::send).
    #[doc(alias = "mq_timedsend")]
    #[doc(alias = "O_NONBLOCK")]
    pub fn try_send(&self, message: &[u8], priority: u32) -> Result<bool> {
        self.send_within(message, priority, Wait::Not)
    }

    /// Sends a message, or returns `false` if the queue stays full for `timeout`.
    ///
    /// The wait never ends early. The kernel measures it on the wall clock, so it takes longer if
    /// that clock is set back during the wait.
    ///
    /// # Errors
    ///
    /// [`is_too_long`](Error::is_too_long) and
    /// [`is_invalid_argument`](Error::is_invalid_argument), as for [`send`](Self::send).
    #[doc(alias = "mq_timedsend")]
    pub fn send_timeout(&self, message: &[u8], priority: u32, timeout: Duration) -> Result<bool> {
        self.send_within(message, priority, Wait::Until(Deadline::after(timeout)))
    }

    /// Sends a message, or returns `false` if the queue stays full until `deadline`.
    ///
    /// The deadline is an `Instant` or a `SystemTime`. If the queue has room, the message is sent
    /// even after the deadline.
    ///
    /// # Errors
    ///
    /// [`is_too_long`](Error::is_too_long) and
    /// [`is_invalid_argument`](Error::is_invalid_argument), as for [`send`](Self::send).
    #[doc(alias = "mq_timedsend")]
    pub fn send_deadline(
        &self,
        message: &[u8],
        priority: u32,
        deadline: impl Into<Deadline>,
    ) -> Result<bool> {
        self.send_within(message, priority, Wait::Until(deadline.into()))
    }

    #[inline(always)] // so that the kind of wait is known, and costs nothing
    pub(crate) fn send_within(&self, message: &[u8], priority: u32, wait: Wait) -> Result<bool> {
        sys::send(self.as_fd(), message, priority, wait)
            .map_err(|errno| self.not_sent(errno, message.len(), priority))
    }

    /// Returns `false` if the program has closed the descriptor without this handle.
    fn is_open(&self) -> bool {
        self.as_fd().try_clone_to_owned().is_ok()
    }

    #[cold]
    fn not_sent(&self, errno: Errno, len: usize, priority: u32) -> Error {
        const CALL: &str = "mq_timedsend";

        let name = self.name();
        match errno {
            Errno::EMSGSIZE => {
                let size = self.message_size();
                let why = format!("found a message of {len} bytes, wanted at most {size}");
                Refusal::os(CALL, errno).because(why).on(name)
            }
            Errno::EINVAL if priority > Self::MAX_PRIORITY => {
                let why =
                    format!("found priority {priority}, wanted at most {}", Self::MAX_PRIORITY);
                Error::invalid(CALL, name, why)
            }
            Errno::EBADF if self.is_open() => {
                Error::invalid(CALL, name, "this handle was opened to receive only")
            }
            _ => Error::os(CALL, name, errno),
        }
    }
}

/// Receiving.
impl MessageQueue {
    /// Receives the oldest message of the highest priority, and blocks while the queue is empty.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the handle was opened to send only.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/mq_receive.html>
    #[doc(alias = "mq_receive")]
    pub fn recv(&self) -> Result<Message> {
        loop {
            if let Some(message) = self.recv_within(Wait::FOREVER)? {
                return Ok(message);
            }
        }
    }

    /// Receives a message into a buffer, and blocks while the queue is empty.
    ///
    /// Returns the length and the priority of the message.
    ///
    /// # Errors
    ///
    /// [`is_too_long`](Error::is_too_long) if the buffer has fewer than
    /// [`message_size`](Self::message_size) bytes, even if the message is shorter; the message
    /// stays in the queue. [`is_invalid_argument`](Error::is_invalid_argument) if the handle was
    /// opened to send only.
    #[doc(alias = "mq_receive")]
    #[inline]
    pub fn recv_into(&self, into: &mut [u8]) -> Result<(usize, u32)> {
        loop {
            if let Some(got) = self.recv_into_within(into, Wait::FOREVER)? {
                return Ok(got);
            }
        }
    }

    /// Receives a message, or returns `None` if the queue is empty.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the handle was opened to send only.
    #[doc(alias = "mq_timedreceive")]
    #[doc(alias = "O_NONBLOCK")]
    pub fn try_recv(&self) -> Result<Option<Message>> {
        self.recv_within(Wait::Not)
    }

    /// Receives a message into a buffer, or returns `None` if the queue is empty.
    ///
    /// # Errors
    ///
    /// [`is_too_long`](Error::is_too_long) and
    /// [`is_invalid_argument`](Error::is_invalid_argument), as for [`recv_into`](Self::recv_into).
    #[doc(alias = "mq_timedreceive")]
    pub fn try_recv_into(&self, into: &mut [u8]) -> Result<Option<(usize, u32)>> {
        self.recv_into_within(into, Wait::Not)
    }

    /// Receives a message, or returns `None` if no message arrives within `timeout`.
    ///
    /// The wait never ends early. The kernel measures it on the wall clock, so it takes longer if
    /// that clock is set back during the wait.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the handle was opened to send only.
    #[doc(alias = "mq_timedreceive")]
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Option<Message>> {
        self.recv_within(Wait::Until(Deadline::after(timeout)))
    }

    /// Receives a message, or returns `None` if no message arrives before `deadline`.
    ///
    /// The deadline is an `Instant` or a `SystemTime`. A message that is in the queue is received
    /// even after the deadline.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the handle was opened to send only.
    #[doc(alias = "mq_timedreceive")]
    pub fn recv_deadline(&self, deadline: impl Into<Deadline>) -> Result<Option<Message>> {
        self.recv_within(Wait::Until(deadline.into()))
    }

    fn recv_within(&self, wait: Wait) -> Result<Option<Message>> {
        let got = self.recv_with(wait, <[u8]>::to_vec)?;
        Ok(got.map(|(bytes, priority)| Message { bytes, priority }))
    }

    /// Receives a message and passes its bytes to `take`.
    #[inline]
    pub(crate) fn recv_with<R>(
        &self,
        wait: Wait,
        take: impl FnOnce(&[u8]) -> R,
    ) -> Result<Option<(R, u32)>> {
        let size = self.message_size();
        sys::receive_with(self.as_fd(), size, wait, take)
            .map_err(|errno| self.not_received(errno, size))
    }

    #[inline]
    fn recv_into_within(&self, into: &mut [u8], wait: Wait) -> Result<Option<(usize, u32)>> {
        let len = into.len();
        sys::receive(self.as_fd(), into, wait).map_err(|errno| self.not_received(errno, len))
    }

    #[cold]
    fn not_received(&self, errno: Errno, len: usize) -> Error {
        const CALL: &str = "mq_timedreceive";

        let name = self.name();
        match errno {
            Errno::EMSGSIZE => {
                let size = self.message_size();
                let why = format!("found a buffer of {len} bytes, wanted at least {size}");
                Refusal::os(CALL, errno).because(why).on(name)
            }
            Errno::EBADF if self.is_open() => {
                Error::invalid(CALL, name, "this handle was opened to send only")
            }
            _ => Error::os(CALL, name, errno),
        }
    }
}
