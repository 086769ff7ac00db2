//! Sending to and receiving from System V's message queues.

use std::ffi::{c_int, c_long};
use std::thread;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Errno, Error, Result};

use crate::sys::sysv as sys;
use crate::{SysvQueue, limits};

/// A System V message that was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SysvMessage {
    /// What was sent.
    pub bytes: Vec<u8>,
    /// Its type.
    #[doc(alias = "mtype")]
    pub kind: i64,
}

/// Which messages to receive; of several, the oldest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Select {
    /// Any.
    #[default]
    Any,
    /// Those of this type.
    Type(i64),
    /// Those of the lowest type that there is, up to this one: lower types are the more urgent then.
    UpTo(i64),
    /// Those of any type but this.
    #[doc(alias = "MSG_EXCEPT")]
    Except(i64),
}

/// A number, and a flag.
type Which = (c_long, c_int);

impl Select {
    /// As C wants it.
    #[inline]
    fn raw(self) -> Result<Which> {
        let (Self::Type(kind) | Self::UpTo(kind) | Self::Except(kind)) = self else {
            return Ok((0, 0));
        };
        type_of("msgrcv", kind)?;
        Ok(match self {
            Self::UpTo(_) => (-kind, 0),
            Self::Except(_) => (kind, sys::EXCEPT),
            _ => (kind, 0),
        })
    }
}

fn type_of(call: &'static str, kind: i64) -> Result<()> {
    if kind >= 1 { Ok(()) } else { Err(Error::invalid(call, format_args!("type {kind}"), "types begin at 1")) }
}

/// Sending.
impl SysvQueue {
    /// Sends a message of that type, and waits as long as there is no room. A message may be empty.
    ///
    /// # Errors
    ///
    /// `is_too_long` if it has more bytes than the system or this queue ever takes, and the message names the limit;
    /// `is_invalid_argument` if the type is less than 1; `is_permission_denied` if this user may not write to it; `is_removed` if
    /// the queue is gone, or goes meanwhile.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/msgsnd.html>
    #[doc(alias = "msgsnd")]
    #[inline]
    pub fn send(&self, message: &[u8], kind: i64) -> Result<()> {
        self.check(message, kind)?;
        sys::send(self.id(), message, kind, 0).map_err(|errno| self.not_sent(errno, message))
    }

    /// Sends a message if there is room, and says whether it did.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
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

    /// Sends a message if there is room within that time, and says whether it did.
    ///
    /// System V has no such call: this one tries, again and again, after pauses of 0.1 milliseconds at first, then twice
    /// as long each, 20 milliseconds at most. Who waits by [`send`](Self::send) is served first.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub fn send_timeout(&self, message: &[u8], kind: i64, timeout: Duration) -> Result<bool> {
        self.send_until(message, kind, Deadline::after(timeout))
    }

    /// Sends a message if there is room before that moment, as [`send_timeout`](Self::send_timeout) does.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub fn send_deadline(&self, message: &[u8], kind: i64, deadline: Instant) -> Result<bool> {
        self.send_until(message, kind, Deadline::at(deadline))
    }

    pub(crate) fn send_until(&self, message: &[u8], kind: i64, deadline: Deadline) -> Result<bool> {
        if deadline == Deadline::NEVER {
            return self.send(message, kind).map(|()| true);
        }
        let sent = again(deadline, || Ok(self.try_send(message, kind)?.then_some(())));
        sent.map(|sent| sent.is_some())
    }

    #[inline]
    fn check(&self, message: &[u8], kind: i64) -> Result<()> {
        type_of("msgsnd", kind)?;
        if message.len() > self.byte_limit { self.check_limit(message.len()) } else { Ok(()) }
    }

    /// A message that the queue never takes would be waited with for ever.
    #[cold]
    fn check_limit(&self, len: usize) -> Result<()> {
        let limit = self.info().map_or(usize::MAX, |info| info.byte_limit);
        if len <= limit {
            return Ok(());
        }
        let why = format!("{}, a message of {len} bytes, when the queue takes {limit} (set_byte_limit)", self.label());
        Err(Error::os("msgsnd", why, Errno::EMSGSIZE))
    }

    #[cold]
    fn not_sent(&self, errno: Errno, message: &[u8]) -> Error {
        let (label, len) = (self.label(), message.len());
        match (errno, limits::sysv_message()) {
            (Errno::EINVAL, Some(most)) if len > most => {
                let why = format!(
                    "{label}, a message of {len} bytes, at most {most} by /proc/sys/kernel/msgmax, where root can write more"
                );
                Error::os("msgsnd", why, Errno::EMSGSIZE)
            }
            _ => self.not_there("msgsnd", errno),
        }
    }
}

/// Receiving.
impl SysvQueue {
    /// Receives the first of the messages selected, and waits as long as there is none.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if a type is less than 1; `is_permission_denied` if this user may not read from it; `is_removed`
    /// if the queue is gone, or goes meanwhile.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/msgrcv.html>
    #[doc(alias = "msgrcv")]
    pub fn recv(&self, select: Select) -> Result<SysvMessage> {
        let which = select.raw()?;
        any_length(self.id(), which, 0).map_err(|errno| self.not_received(errno, sys::ROOM))
    }

    /// As [`recv`](Self::recv), into a buffer of the caller's: returns the length of the message and its type.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv), and `is_too_long` if the message does not fit; it stays.
    #[doc(alias = "msgrcv")]
    #[inline]
    pub fn recv_into(&self, select: Select, into: &mut [u8]) -> Result<(usize, i64)> {
        let (which, len) = (select.raw()?, into.len());
        receive(self.id(), which, into, 0).map_err(|errno| self.not_received(errno, len))
    }

    /// As [`recv_into`](Self::recv_into), and cuts a message that does not fit: the rest of it is lost.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    #[doc(alias = "MSG_NOERROR")]
    pub fn recv_cut(&self, select: Select, into: &mut [u8]) -> Result<(usize, i64)> {
        let (which, len) = (select.raw()?, into.len());
        receive(self.id(), which, into, sys::CUT).map_err(|errno| self.not_received(errno, len))
    }

    /// Receives a message if there is one of those selected.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv); none is `Ok(None)`.
    #[doc(alias = "IPC_NOWAIT")]
    pub fn try_recv(&self, select: Select) -> Result<Option<SysvMessage>> {
        let got = any_length(self.id(), select.raw()?, sys::NO_WAIT);
        if_any(got).map_err(|errno| self.not_received(errno, sys::ROOM))
    }

    /// As [`try_recv`](Self::try_recv), into a buffer of the caller's.
    ///
    /// # Errors
    ///
    /// As [`recv_into`](Self::recv_into); none is `Ok(None)`.
    #[doc(alias = "IPC_NOWAIT")]
    pub fn try_recv_into(&self, select: Select, into: &mut [u8]) -> Result<Option<(usize, i64)>> {
        let (which, len) = (select.raw()?, into.len());
        if_any(receive(self.id(), which, into, sys::NO_WAIT)).map_err(|errno| self.not_received(errno, len))
    }

    /// Receives a message if there is one within that time, by trying again and again as
    /// [`send_timeout`](Self::send_timeout) does.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv); none in that time is `Ok(None)`.
    pub fn recv_timeout(&self, select: Select, timeout: Duration) -> Result<Option<SysvMessage>> {
        self.recv_until(select, Deadline::after(timeout))
    }

    /// Receives a message if there is one before that moment, as [`recv_timeout`](Self::recv_timeout) does.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv); none before is `Ok(None)`.
    pub fn recv_deadline(&self, select: Select, deadline: Instant) -> Result<Option<SysvMessage>> {
        self.recv_until(select, Deadline::at(deadline))
    }

    pub(crate) fn recv_until(&self, select: Select, deadline: Deadline) -> Result<Option<SysvMessage>> {
        if deadline == Deadline::NEVER {
            return self.recv(select).map(Some);
        }
        again(deadline, || self.try_recv(select))
    }

    #[cold]
    fn not_received(&self, errno: Errno, len: usize) -> Error {
        if errno == Errno::E2BIG {
            return Error::os("msgrcv", format_args!("{}, into a buffer of {len} bytes", self.label()), errno);
        }
        self.not_there("msgrcv", errno)
    }

    /// As the kernel says it, but a number that leads nowhere is told as one whose queue was removed.
    #[cold]
    fn not_there(&self, call: &'static str, errno: Errno) -> Error {
        let gone = errno == Errno::EINVAL && self.info().is_err_and(|err| err.is_removed());
        Error::os(call, self.label(), if gone { Errno::EIDRM } else { errno })
    }
}

#[inline]
fn receive(id: i32, (which, except): Which, into: &mut [u8], flags: c_int) -> Result<(usize, i64), Errno> {
    sys::receive(id, into.len(), which, flags | except, |bytes, kind| {
        into[..bytes.len()].copy_from_slice(bytes);
        (bytes.len(), kind)
    })
}

/// A message longer than the system takes by default needs more attempts: how long it is it does not say.
fn any_length(id: i32, (which, except): Which, flags: c_int) -> Result<SysvMessage, Errno> {
    let take = |bytes: &[u8], kind| SysvMessage { bytes: bytes.to_vec(), kind };
    let mut len = sys::ROOM;
    loop {
        match sys::receive(id, len, which, flags | except, take) {
            Err(Errno::E2BIG) => len *= 2,
            got => return got,
        }
    }
}

/// That there is none is an answer.
fn if_any<T>(got: Result<T, Errno>) -> Result<Option<T>, Errno> {
    match got {
        Err(Errno::ENOMSG) => Ok(None),
        got => got.map(Some),
    }
}

/// Tries until there is an answer or the deadline has come, with growing pauses.
fn again<T>(deadline: Deadline, mut attempt: impl FnMut() -> Result<Option<T>>) -> Result<Option<T>> {
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
