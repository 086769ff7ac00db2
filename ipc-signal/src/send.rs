//! Sending signals.

use ipc_core::{Errno, Error, ProcessId, Result, Signal};

use crate::{ThreadId, sys};

/// Sends a signal to a process, given as a [`ProcessId`], a `&Child`, or a number such as
/// [`std::process::id`] returns.
///
/// When this returns, the signal is sent, not necessarily handled: the process may block it. While
/// the receiver's queue is full, a real-time signal that is sent this way is kept once and merges
/// with later ones of its number, without an error; send signals that are to be counted with
/// [`send_value`]. A process id may have been reused by another process, unless the process is a
/// child that was not waited for: only a [`PidFd`](crate::PidFd) is safe from that.
///
/// # Examples
///
/// ```
/// use ipc_core::ProcessId;
/// use ipc_signal::{Signal, Signals, send};
///
/// let signals = Signals::block(Signal::HUP)?;
/// send(std::process::id(), Signal::HUP)?;
/// assert_eq!(signals.recv()?.process(), Some(ProcessId::current()));
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// # Errors
///
/// [`is_no_such_process`](Error::is_no_such_process);
/// [`is_permission_denied`](Error::is_permission_denied) if the process belongs to another user;
/// [`is_invalid_argument`](Error::is_invalid_argument) for 0 and negative numbers, which select
/// many processes in C.
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/kill.html>
#[doc(alias = "kill")]
pub fn send(process: impl Into<ProcessId>, signal: Signal) -> Result<()> {
    to_process(process.into(), Some(signal))
}

/// Checks that a signal could be sent to a process, without sending one.
///
/// A process that has exited exists until its parent waits for it. As with [`send`], the id may
/// have been reused by another process.
///
/// # Examples
///
/// ```
/// use std::process::Command;
///
/// use ipc_signal::probe;
///
/// let mut child = Command::new("true").spawn()?;
/// probe(&child)?;
/// let id = child.id();
/// child.wait()?;
/// assert!(probe(id).is_err_and(|err| err.is_no_such_process()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`is_no_such_process`](Error::is_no_such_process);
/// [`is_permission_denied`](Error::is_permission_denied) if the process exists but belongs to
/// another user; [`is_invalid_argument`](Error::is_invalid_argument) for 0 and negative numbers.
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/kill.html>
#[doc(alias = "kill")]
pub fn probe(process: impl Into<ProcessId>) -> Result<()> {
    to_process(process.into(), None)
}

fn to_process(process: ProcessId, signal: Option<Signal>) -> Result<()> {
    let number = one(process, "kill")?;
    Target { call: "kill", kind: "process", number, signal }.sent(sys::kill(number, signal))
}

/// Queues a signal with a value for a process.
///
/// Real-time signals queue in the order of sending, and none merges. Of other signals one is kept,
/// with the first value. The value is an `i64` or converts to one; an `i32` is sign-extended, so
/// that receivers that read either member of C's union find it.
///
/// # Examples
///
/// ```
/// use ipc_signal::{Signal, Signals, send_value};
///
/// let job = Signal::realtime(0)?;
/// let signals = Signals::block(job)?;
/// send_value(std::process::id(), job, -7)?;
/// assert_eq!(signals.recv()?.value(), Some(-7));
///
/// send_value(std::process::id(), job, 1_i64 << 40)?;
/// assert_eq!(signals.recv()?.wide_value(), Some(1 << 40));
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// # Errors
///
/// [`is_queue_full`](Error::is_queue_full) if the receiver's user has reached its limit of queued
/// signals (`RLIMIT_SIGPENDING`): nothing was sent, try again.
/// [`is_no_such_process`](Error::is_no_such_process);
/// [`is_permission_denied`](Error::is_permission_denied);
/// [`is_invalid_argument`](Error::is_invalid_argument) for 0 and negative numbers.
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sigqueue.html>
#[doc(alias = "sigqueue")]
#[inline]
pub fn send_value(
    process: impl Into<ProcessId>,
    signal: Signal,
    value: impl Into<i64>,
) -> Result<()> {
    let number = one(process.into(), "sigqueue")?;
    let target = Target { call: "sigqueue", kind: "process", number, signal: Some(signal) };
    target.sent(sys::sigqueue(number, signal, value.into()))
}

/// Sends a signal to every process of a group. A group has the id of the process that created it.
///
/// # Errors
///
/// [`is_no_such_process`](Error::is_no_such_process) if there is no such group;
/// [`is_permission_denied`](Error::is_permission_denied) if the caller may send to none of its
/// processes; [`is_invalid_argument`](Error::is_invalid_argument) for 1, 0 and negative numbers,
/// which have other meanings in C.
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/killpg.html>
#[doc(alias = "killpg")]
pub fn send_to_group(group: impl Into<ProcessId>, signal: Signal) -> Result<()> {
    to_group(group.into(), Some(signal))
}

/// Checks that a signal could be sent to a process group, without sending one.
///
/// # Errors
///
/// [`is_no_such_process`](Error::is_no_such_process);
/// [`is_permission_denied`](Error::is_permission_denied);
/// [`is_invalid_argument`](Error::is_invalid_argument) for 1, 0 and negative numbers.
#[doc(alias = "killpg")]
pub fn probe_group(group: impl Into<ProcessId>) -> Result<()> {
    to_group(group.into(), None)
}

fn to_group(group: ProcessId, signal: Option<Signal>) -> Result<()> {
    let number = group.raw();
    if number <= 1 {
        return Err(Error::invalid("killpg", number, "this is not the id of one process group"));
    }
    Target { call: "killpg", kind: "group", number, signal }.sent(sys::kill(-number, signal))
}

/// Sends a signal to every process of the caller's own group, including the caller.
///
/// # Errors
///
/// None is known.
#[doc(alias = "killpg")]
pub fn send_to_own_group(signal: Signal) -> Result<()> {
    let target = Target { call: "killpg", kind: "own group", number: 0, signal: Some(signal) };
    target.sent(sys::kill(0, Some(signal)))
}

/// Sends a signal to one thread, of this process or another.
///
/// A handler runs in that thread. A default action, such as ending the process, affects the whole
/// process all the same.
///
/// # Errors
///
/// [`is_no_such_process`](Error::is_no_such_process) if the process has no such thread;
/// [`is_permission_denied`](Error::is_permission_denied);
/// [`is_invalid_argument`](Error::is_invalid_argument) for ids that are not positive.
///
/// <https://man7.org/linux/man-pages/man2/tgkill.2.html>
#[doc(alias = "tgkill")]
#[doc(alias = "pthread_kill")]
pub fn send_to_thread(thread: ThreadId, signal: Signal) -> Result<()> {
    to_thread(thread, Some(signal))
}

/// Checks that a signal could be sent to a thread, without sending one.
///
/// # Errors
///
/// [`is_no_such_process`](Error::is_no_such_process) if the process has no such thread;
/// [`is_permission_denied`](Error::is_permission_denied);
/// [`is_invalid_argument`](Error::is_invalid_argument) for ids that are not positive.
#[doc(alias = "pthread_kill")]
pub fn probe_thread(thread: ThreadId) -> Result<()> {
    to_thread(thread, None)
}

fn to_thread(thread: ThreadId, signal: Option<Signal>) -> Result<()> {
    let (process, number) = (one(thread.process(), "tgkill")?, thread.raw());
    let target = Target { call: "tgkill", kind: "thread", number, signal };
    target.sent(sys::tgkill(process, number, signal))
}

/// Queues a signal with a value for one thread, of this process or another.
///
/// Only that thread can receive it. Values and queues are those of [`send_value`].
///
/// # Examples
///
/// ```
/// use ipc_signal::{Signal, SignalMask, ThreadId, send_value_to_thread, wait};
///
/// let job = Signal::realtime(0)?;
/// let _mask = SignalMask::block(job)?;
/// send_value_to_thread(ThreadId::current(), job, 42)?;
/// assert_eq!(wait(job)?.value(), Some(42));
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// # Errors
///
/// [`is_queue_full`](Error::is_queue_full);
/// [`is_no_such_process`](Error::is_no_such_process) if the process has no such thread;
/// [`is_permission_denied`](Error::is_permission_denied);
/// [`is_invalid_argument`](Error::is_invalid_argument) for ids that are not positive.
///
/// <https://man7.org/linux/man-pages/man3/pthread_sigqueue.3.html>
#[doc(alias = "pthread_sigqueue")]
#[doc(alias = "rt_tgsigqueueinfo")]
pub fn send_value_to_thread(thread: ThreadId, signal: Signal, value: impl Into<i64>) -> Result<()> {
    const CALL: &str = "rt_tgsigqueueinfo";

    let (process, number) = (one(thread.process(), CALL)?, thread.raw());
    let target = Target { call: CALL, kind: "thread", number, signal: Some(signal) };
    target.sent(sys::tgsigqueue(process, number, signal, value.into()))
}

/// Sends a signal to the calling thread. Unless the signal is blocked, it has been handled when
/// this returns.
///
/// # Errors
///
/// None is known.
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/raise.html>
pub fn raise(signal: Signal) -> Result<()> {
    send_to_thread(ThreadId::current(), signal)
}

/// Returns the number of a process, unless C takes it for several: 0 and below.
pub(crate) fn one(process: ProcessId, call: &'static str) -> Result<i32> {
    match process.raw() {
        number @ 1.. => Ok(number),
        number => Err(Error::invalid(call, number, "this is not the id of one process")),
    }
}

/// The object that an error names.
struct Target {
    call: &'static str,
    kind: &'static str,
    number: i32,
    signal: Option<Signal>,
}

impl Target {
    fn sent(self, result: Result<(), Errno>) -> Result<()> {
        result.map_err(|errno| self.failed(errno))
    }

    #[cold]
    fn failed(self, errno: Errno) -> Error {
        let Self { call, kind, number, signal } = self;
        let signal = signal.map_or_else(|| String::from("signal 0"), |signal| signal.to_string());
        not_sent(call, format!("{signal} to {kind} {number}"), errno)
    }
}

/// Makes the error of a signal that was not sent, which names the limit of a full queue.
#[cold]
pub(crate) fn not_sent(call: &'static str, object: String, errno: Errno) -> Error {
    if errno != Errno::EAGAIN {
        return Error::os(call, object, errno);
    }
    let limit = sys::queue_limit().map_or_else(String::new, |limit| format!(", {limit} here"));
    let why = "the receiver's user has the maximum of signals queued";
    Error::queue_full(call, format!("{object}, {why} (`ulimit -i`{limit})"), errno)
}
