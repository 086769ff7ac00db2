//! Sending signals.

use ipc_core::{Errno, Error, ProcessId, Result, Signal};

use crate::{ThreadId, sys};

/// Sends a signal to a process.
///
/// The process is given as a [`ProcessId`], a `&Child`, or a number such as [`std::process::id`]
/// returns. After a process has exited and its parent has waited for it, another process may reuse
/// the id. A [`PidFd`](crate::PidFd) never sends to another process.
///
/// The function returns when the signal has been sent. The process may handle it later, for
/// instance because it blocks the signal.
///
/// If the signal queue of the receiver's user is full, a real-time signal merges like a standard
/// signal, and no error is returned. To send signals that must be counted, use [`send_value`].
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
/// [`is_no_such_process`](Error::is_no_such_process) if no process has the id;
/// [`is_permission_denied`](Error::is_permission_denied) if the process belongs to another user;
/// [`is_invalid_argument`](Error::is_invalid_argument) if the id is 0 or negative, which means
/// several processes in C.
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/kill.html>
#[doc(alias = "kill")]
pub fn send(process: impl Into<ProcessId>, signal: Signal) -> Result<()> {
    to_process(process.into(), Some(signal))
}

/// Checks that a signal could be sent to a process, without sending one.
///
/// The check also succeeds for a process that has exited, until its parent has waited for it. As
/// with [`send`], the id may have been reused by another process.
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
/// [`is_no_such_process`](Error::is_no_such_process) if no process has the id;
/// [`is_permission_denied`](Error::is_permission_denied) if the process belongs to another user;
/// [`is_invalid_argument`](Error::is_invalid_argument) if the id is 0 or negative.
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
/// Real-time signals are queued in the order of sending. A standard signal merges with one that is
/// already pending: the receiver gets one signal, with the first value.
///
/// The value is an `i64` or a type that converts to it. An `i32` is sign-extended, so that a C
/// program can read it from either member of `union sigval`.
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
/// [`is_queue_full`](Error::is_queue_full) if the signal is a real-time signal and the receiver's
/// user has reached the limit of queued signals (`RLIMIT_SIGPENDING`): nothing was sent, try again.
/// (A standard signal is sent without its value in this case.)
/// [`is_no_such_process`](Error::is_no_such_process),
/// [`is_permission_denied`](Error::is_permission_denied) and
/// [`is_invalid_argument`](Error::is_invalid_argument), as for [`send`].
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

/// Sends a signal to every process of a process group.
///
/// The id of a group is the id of its leader, normally its first process.
///
/// # Errors
///
/// [`is_no_such_process`](Error::is_no_such_process) if no group has the id;
/// [`is_permission_denied`](Error::is_permission_denied) if there is no process in the group to
/// which the caller may send; [`is_invalid_argument`](Error::is_invalid_argument) if the id is less
/// than 2, which has another meaning in C.
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
/// Those of [`send_to_group`].
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

/// Sends a signal to every process of the caller's own process group, including the caller.
///
/// # Errors
///
/// This call is not known to fail.
#[doc(alias = "killpg")]
pub fn send_to_own_group(signal: Signal) -> Result<()> {
    let target = Target { call: "killpg", kind: "own group", number: 0, signal: Some(signal) };
    target.sent(sys::kill(0, Some(signal)))
}

/// Sends a signal to one thread, of this process or of another process.
///
/// A handler of the signal runs in that thread. A default action that ends or stops the process
/// affects the whole process, not only the thread.
///
/// # Errors
///
/// [`is_no_such_process`](Error::is_no_such_process) if the process has no such thread;
/// [`is_permission_denied`](Error::is_permission_denied) if the process belongs to another user;
/// [`is_invalid_argument`](Error::is_invalid_argument) if an id is 0 or negative;
/// [`is_queue_full`](Error::is_queue_full) if the signal is a real-time signal, and the limit of
/// queued signals is reached.
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
/// Those of [`send_to_thread`].
#[doc(alias = "pthread_kill")]
pub fn probe_thread(thread: ThreadId) -> Result<()> {
    to_thread(thread, None)
}

fn to_thread(thread: ThreadId, signal: Option<Signal>) -> Result<()> {
    let (process, number) = (one(thread.process(), "tgkill")?, thread.raw());
    let target = Target { call: "tgkill", kind: "thread", number, signal };
    target.sent(sys::tgkill(process, number, signal))
}

/// Queues a signal with a value for one thread, of this process or of another process.
///
/// Only that thread can receive the signal. See [`send_value`] for the value and the queue.
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
/// [`is_queue_full`](Error::is_queue_full), as for [`send_value`]; otherwise those of
/// [`send_to_thread`].
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

/// Sends a signal to the calling thread.
///
/// If the signal is not blocked, it has been handled when this function returns.
///
/// # Errors
///
/// [`is_queue_full`](Error::is_queue_full) if the signal is a real-time signal, and the limit of
/// queued signals is reached.
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
    Error::queue_full(call, object, errno, format_args!("{why} (`ulimit -i`{limit})"))
}
