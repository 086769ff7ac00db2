//! Sending to and receiving from System V message queues.

use std::ffi::{c_int, c_long};
use std::thread;
use std::time::Duration;

use ipc_core::{Deadline, Errno, Error, Refusal, Result};

use super::sysv_queue_info::gone;
use super::{SysvQueue, limits, sys};
use crate::Wait;

/// A received System V message.
///
/// # Examples
///
/// ```
/// use ipc_core::Key;
/// use ipc_queue::{Select, SysvMessage, SysvQueue, SysvQueueOptions};
///
/// let queue = SysvQueue::create(Key::PRIVATE, SysvQueueOptions::new())?;
/// queue.send(b"paint", 2)?;
/// let SysvMessage { bytes, kind } = queue.recv(Select::Any)?;
/// assert_eq!((bytes.as_slice(), kind), (b"paint".as_slice(), 2));
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SysvMessage {
    /// The bytes that were sent.
    pub bytes: Vec<u8>,
    /// The type of the message.
    #[doc(alias = "mtype")]
    pub kind: i64,
}

/// A selection of messages by their type. The oldest selected message is received.
///
/// # Examples
///
/// ```
/// use ipc_core::Key;
/// use ipc_queue::{Select, SysvQueue, SysvQueueOptions};
///
/// let queue = SysvQueue::create(Key::PRIVATE, SysvQueueOptions::new())?;
/// for kind in [3, 1, 2] {
///     queue.send(b"", kind)?;
/// }
/// assert_eq!(queue.recv(Select::Except(3))?.kind, 1);
/// assert_eq!(queue.recv(Select::UpTo(9))?.kind, 2);
/// assert_eq!(queue.recv(Select::Any)?.kind, 3);
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Select {
    /// Messages of any type.
    #[default]
    Any,
    /// Messages of this type.
    Type(i64),
    /// Messages of the lowest type that is in the queue, if that type is at most this number.
    UpTo(i64),
    /// Messages of any type except this one.
    #[doc(alias = "MSG_EXCEPT")]
    Except(i64),
}

/// A type as C passes it, and a flag.
type Which = (c_long, c_int);

impl Select {
    /// Converts the choice to C's form.
    #[inline]
    fn raw(self) -> Result<Which, Refusal> {
        let (Self::Type(kind) | Self::UpTo(kind) | Self::Except(kind)) = self else {
            return Ok((0, 0));
        };
        check_type("msgrcv", kind)?;
        Ok(match self {
            Self::UpTo(_) => (-kind, 0),
            Self::Except(_) => (kind, sys::EXCEPT),
            _ => (kind, 0),
        })
    }
}

#[inline]
fn check_type(call: &'static str, kind: i64) -> Result<(), Refusal> {
    if kind >= 1 {
        return Ok(());
    }
    Err(Refusal::invalid(call, format_args!("type {kind}; a type is at least 1")))
}

/// Sending.
impl SysvQueue {
    /// Sends a message of type `kind`, and blocks while the queue is full. A message may be empty.
    ///
    /// # Errors
    ///
    /// [`is_too_long`](Error::is_too_long) if the message has more bytes than the system or the
    /// queue permits (the error names the limit);
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the type is less than 1;
    /// [`is_permission_denied`](Error::is_permission_denied) if the caller may not write to the
    /// queue; [`is_removed`](Error::is_removed) if the queue was removed before or during the wait.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/msgsnd.html>
    #[doc(alias = "msgsnd")]
    #[inline]
    pub fn send(&self, message: &[u8], kind: i64) -> Result<()> {
        self.check(message, kind)?;
        sys::send(self.id(), message, kind, 0).map_err(|errno| self.not_sent(errno, message))
    }

    /// Sends a message, or returns `false` if the queue is full.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    #[doc(alias = "msgsnd")]
    #[doc(alias = "IPC_NOWAIT")]
    pub fn try_send(&self, message: &[u8], kind: i64) -> Result<bool> {
        self.check(message, kind)?;
        match sys::send(self.id(), message, kind, sys::NO_WAIT) {
            Ok(()) => Ok(true),
            Err(Errno::EAGAIN) => Ok(false),
            Err(errno) => Err(self.not_sent(errno, message)),
        }
    }

    /// Sends a message, or returns `false` if the queue stays full for `timeout`.
    ///
    /// System V has no timed call, so this method retries after pauses that grow from 0.1 to 20
    /// milliseconds. Threads that block in [`send`](Self::send) are served first.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn send_timeout(&self, message: &[u8], kind: i64, timeout: Duration) -> Result<bool> {
        self.send_within(message, kind, Wait::Until(Deadline::after(timeout)))
    }

    /// Sends a message, or returns `false` if the queue stays full until `deadline`.
    ///
    /// The deadline is an `Instant` or a `SystemTime`. The method retries as
    /// [`send_timeout`](Self::send_timeout) does, and tries at least once.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn send_deadline(
        &self,
        message: &[u8],
        kind: i64,
        deadline: impl Into<Deadline>,
    ) -> Result<bool> {
        self.send_within(message, kind, Wait::Until(deadline.into()))
    }

    pub(crate) fn send_within(&self, message: &[u8], kind: i64, wait: Wait) -> Result<bool> {
        match wait {
            Wait::FOREVER => self.send(message, kind).map(|()| true),
            Wait::Not => self.try_send(message, kind),
            Wait::Until(deadline) => {
                let sent = again(deadline, || Ok(self.try_send(message, kind)?.then_some(())));
                sent.map(|sent| sent.is_some())
            }
        }
    }

    #[inline]
    fn check(&self, message: &[u8], kind: i64) -> Result<()> {
        check_type("msgsnd", kind).map_err(|refusal| refusal.on(self.label()))?;
        let len = message.len();
        if len > self.known_byte_limit() { self.check_limit(len) } else { Ok(()) }
    }

    /// Refuses a message that the queue never takes: the system would wait for ever.
    #[cold]
    fn check_limit(&self, len: usize) -> Result<()> {
        let limit = self.info().map_or(usize::MAX, |info| info.byte_limit);
        if len <= limit {
            return Ok(());
        }
        let limit = format!("{limit}, the byte limit of the queue (`set_byte_limit` raises it)");
        let why = format!("found a message of {len} bytes, wanted at most {limit}");
        Err(Refusal::os("msgsnd", Errno::EMSGSIZE).because(why).on(self.label()))
    }

    #[cold]
    fn not_sent(&self, errno: Errno, message: &[u8]) -> Error {
        let len = message.len();
        match (errno, limits::message_size()) {
            (Errno::EINVAL, Some(limit)) if len > limit => {
                limits::too_long(len, limit).on(self.label())
            }
            _ => self.failed("msgsnd", errno),
        }
    }
}

/// Receiving.
impl SysvQueue {
    /// Receives a selected message, and blocks until the queue has one.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the type in `select` is less than 1;
    /// [`is_permission_denied`](Error::is_permission_denied) if the caller may not read from the
    /// queue; [`is_removed`](Error::is_removed) if the queue was removed before or during the wait.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/msgrcv.html>
    #[doc(alias = "msgrcv")]
    pub fn recv(&self, select: Select) -> Result<SysvMessage> {
        loop {
            if let Some(message) = self.recv_within(select, Wait::FOREVER)? {
                return Ok(message);
            }
        }
    }

    /// Receives a selected message into a buffer, and blocks until the queue has one.
    ///
    /// Returns the length and the type of the message.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv), and [`is_too_long`](Error::is_too_long) if the message does
    /// not fit into the buffer; the message stays in the queue.
    #[doc(alias = "msgrcv")]
    #[inline]
    pub fn recv_into(&self, select: Select, into: &mut [u8]) -> Result<(usize, i64)> {
        let (which, len) = (self.which(select)?, into.len());
        receive(self.id(), which, into, 0).map_err(|errno| self.not_received(errno, len))
    }

    /// Receives a selected message into a buffer. If the message does not fit, its end is lost.
    ///
    /// Blocks until the queue has a selected message. Returns the number of received bytes and the
    /// type of the message.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    #[doc(alias = "MSG_NOERROR")]
    pub fn recv_cut(&self, select: Select, into: &mut [u8]) -> Result<(usize, i64)> {
        let (which, len) = (self.which(select)?, into.len());
        receive(self.id(), which, into, sys::CUT).map_err(|errno| self.not_received(errno, len))
    }

    /// Receives a message, or returns `None` if the queue has no selected message.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    #[doc(alias = "IPC_NOWAIT")]
    pub fn try_recv(&self, select: Select) -> Result<Option<SysvMessage>> {
        self.recv_within(select, Wait::Not)
    }

    /// Receives a message into a buffer, or returns `None` if the queue has no selected message.
    ///
    /// # Errors
    ///
    /// Those of [`recv_into`](Self::recv_into).
    #[doc(alias = "IPC_NOWAIT")]
    pub fn try_recv_into(&self, select: Select, into: &mut [u8]) -> Result<Option<(usize, i64)>> {
        let (which, len) = (self.which(select)?, into.len());
        some_message(receive(self.id(), which, into, sys::NO_WAIT))
            .map_err(|errno| self.not_received(errno, len))
    }

    /// Receives a selected message, or returns `None` if none arrives within `timeout`.
    ///
    /// The method retries as [`send_timeout`](Self::send_timeout) does.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    pub fn recv_timeout(&self, select: Select, timeout: Duration) -> Result<Option<SysvMessage>> {
        self.recv_within(select, Wait::Until(Deadline::after(timeout)))
    }

    /// Receives a selected message, or returns `None` if none arrives before `deadline`.
    ///
    /// The deadline is an `Instant` or a `SystemTime`. The method retries as
    /// [`send_timeout`](Self::send_timeout) does, and tries at least once.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    pub fn recv_deadline(
        &self,
        select: Select,
        deadline: impl Into<Deadline>,
    ) -> Result<Option<SysvMessage>> {
        self.recv_within(select, Wait::Until(deadline.into()))
    }

    fn recv_within(&self, select: Select, wait: Wait) -> Result<Option<SysvMessage>> {
        let got = self.recv_with(select, wait, <[u8]>::to_vec)?;
        Ok(got.map(|(bytes, kind)| SysvMessage { bytes, kind }))
    }

    /// Receives a message and passes its bytes to `take`.
    pub(crate) fn recv_with<R>(
        &self,
        select: Select,
        wait: Wait,
        take: impl Fn(&[u8]) -> R,
    ) -> Result<Option<(R, i64)>> {
        let (which, id) = (self.which(select)?, self.id());
        let receive = |flags| {
            some_message(any_length(id, which, flags, &take))
                .map_err(|errno| self.not_received(errno, sys::STACK))
        };
        match wait {
            Wait::FOREVER => receive(0),
            Wait::Not => receive(sys::NO_WAIT),
            Wait::Until(deadline) => again(deadline, || receive(sys::NO_WAIT)),
        }
    }

    #[inline]
    fn which(&self, select: Select) -> Result<Which> {
        select.raw().map_err(|refusal| refusal.on(self.label()))
    }

    #[cold]
    fn not_received(&self, errno: Errno, len: usize) -> Error {
        if errno == Errno::E2BIG {
            let why = format!(
                "the message is longer than the buffer of {len} bytes, and stays in the queue"
            );
            return Refusal::os("msgrcv", Errno::EMSGSIZE).because(why).on(self.label());
        }
        self.failed("msgrcv", errno)
    }

    /// The error of a call on the queue. An id that no queue has is reported as one whose queue was
    /// removed.
    #[cold]
    fn failed(&self, call: &'static str, errno: Errno) -> Error {
        match self.info() {
            Err(err) if errno == Errno::EINVAL && err.is_removed() => gone(call, errno),
            _ => Refusal::os(call, errno),
        }
        .on(self.label())
    }
}

#[inline]
fn receive(
    id: i32,
    (which, except): Which,
    into: &mut [u8],
    flags: c_int,
) -> Result<(usize, i64), Errno> {
    sys::receive(id, into.len(), which, flags | except, |bytes, kind| {
        into[..bytes.len()].copy_from_slice(bytes);
        (bytes.len(), kind)
    })
}

/// Receives a message of any length. The system does not report how long a message is that does not
/// fit, so one that is longer than the default maximum needs several attempts.
fn any_length<R>(
    id: i32,
    (which, except): Which,
    flags: c_int,
    take: impl Fn(&[u8]) -> R,
) -> Result<(R, i64), Errno> {
    let mut len = sys::STACK;
    loop {
        let got = sys::receive(id, len, which, flags | except, |bytes, kind| (take(bytes), kind));
        match got {
            Err(Errno::E2BIG) => len *= 2,
            got => return got,
        }
    }
}

/// Turns the error that no message is selected into `None`.
fn some_message<T>(got: Result<T, Errno>) -> Result<Option<T>, Errno> {
    match got {
        Err(Errno::ENOMSG) => Ok(None),
        got => got.map(Some),
    }
}

/// Tries until there is an answer or the deadline has passed, with growing pauses.
fn again<T>(
    deadline: Deadline,
    mut attempt: impl FnMut() -> Result<Option<T>>,
) -> Result<Option<T>> {
    const LONGEST: Duration = Duration::from_millis(20);

    let mut pause = Duration::from_micros(100);
    loop {
        let got = attempt()?;
        let left = deadline.remaining().unwrap_or(LONGEST);
        if got.is_some() || left.is_zero() {
            return Ok(got);
        }
        thread::sleep(pause.min(left));
        pause = LONGEST.min(pause * 2);
    }
}
