//! Sending signals.

use ipc_core::{Errno, Error, ProcessId, Result, Signal};

use crate::sys;

/// Sends a signal to a process: a [`ProcessId`], a `&Child`, or the number of one.
///
/// It is done when this returns, not seen: the process may have it blocked. While its queue is full, a real-time
/// signal that is sent so is kept as one, and merges with those of its number that follow, without an error: what is to be
/// counted is sent with [`send_value`]. Only a [`PidFd`](crate::PidFd) is safe from reaching another
/// process that has got the number of one that ended.
///
/// # Examples
///
/// ```
/// use ipc_core::ProcessId;
/// use ipc_signal::{Signal, Signals, send};
///
/// let signals = Signals::block(Signal::HUP)?;
/// send(ProcessId::current(), Signal::HUP)?;
/// assert_eq!(signals.recv()?.process(), Some(ProcessId::current()));
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// # Errors
///
/// `is_no_such_process`; `is_permission_denied` if it is another user's; `is_invalid_argument` for 0 and negative
/// numbers, which are not a process but many.
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/kill.html>
#[doc(alias = "kill")]
pub fn send(process: impl Into<ProcessId>, signal: Signal) -> Result<()> {
    let number = one(process.into(), "kill")?;
    Target { call: "kill", kind: "process", number, signal }.sent(sys::kill(number, signal))
}

/// Queues a signal with a value for a process.
///
/// Real-time signals queue in the order of sending, and none merges. Of other signals one is kept,
/// with the first value.
///
/// # Examples
///
/// ```
/// use ipc_core::ProcessId;
/// use ipc_signal::{Signal, Signals, send_value};
///
/// let job = Signal::realtime(0)?;
/// let signals = Signals::block(job)?;
/// send_value(ProcessId::current(), job, -7)?;
/// assert_eq!(signals.recv()?.value(), Some(-7));
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// # Errors
///
/// `is_queue_full` if the receiver's user has as many signals queued as its limit allows (`RLIMIT_SIGPENDING`):
/// nothing was sent, try again. Otherwise as [`send`].
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sigqueue.html>
#[doc(alias = "sigqueue")]
#[inline]
pub fn send_value(process: impl Into<ProcessId>, signal: Signal, value: i32) -> Result<()> {
    let number = one(process.into(), "sigqueue")?;
    Target { call: "sigqueue", kind: "process", number, signal }.sent(sys::sigqueue(number, signal, value))
}

/// Sends a signal to every process of a group, which has the number of the process that began it.
///
/// # Errors
///
/// `is_no_such_process` if there is no such group; `is_permission_denied` if none of its processes may be sent to;
/// `is_invalid_argument` for 1, 0 and negative numbers, which C takes for something else than that group.
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/killpg.html>
#[doc(alias = "killpg")]
pub fn send_to_group(group: impl Into<ProcessId>, signal: Signal) -> Result<()> {
    let number = group.into().raw();
    if number <= 1 {
        return Err(Error::invalid("killpg", number, "does not mean one group of processes"));
    }
    Target { call: "killpg", kind: "group", number, signal }.sent(sys::kill(-number, signal))
}

/// Sends a signal to every process of the caller's own group, the caller included.
///
/// # Errors
///
/// None that is known.
#[doc(alias = "killpg")]
pub fn send_to_own_group(signal: Signal) -> Result<()> {
    Target { call: "killpg", kind: "own group", number: 0, signal }.sent(sys::kill(0, signal))
}

/// Sends a signal to one thread, of this process or another.
///
/// Where it is handled, what it does by default, it does to the whole process all the same.
///
/// # Errors
///
/// `is_no_such_process` if the process has no such thread. Otherwise as [`send`].
///
/// <https://man7.org/linux/man-pages/man2/tgkill.2.html>
#[doc(alias = "tgkill")]
pub fn send_to_thread(thread: ThreadId, signal: Signal) -> Result<()> {
    let (process, number) = (one(thread.process, "tgkill")?, thread.number);
    Target { call: "tgkill", kind: "thread", number, signal }.sent(sys::tgkill(process, number, signal))
}

/// Queues a signal with a value for one thread, of this process or another.
///
/// Only that thread can receive it; otherwise as [`send_value`] and [`send_to_thread`].
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
/// `is_queue_full` as [`send_value`]; otherwise as [`send_to_thread`].
///
/// <https://man7.org/linux/man-pages/man3/pthread_sigqueue.3.html>
#[doc(alias = "pthread_sigqueue")]
#[doc(alias = "rt_tgsigqueueinfo")]
pub fn send_value_to_thread(thread: ThreadId, signal: Signal, value: i32) -> Result<()> {
    const CALL: &str = "rt_tgsigqueueinfo";
    let (process, number) = (one(thread.process, CALL)?, thread.number);
    Target { call: CALL, kind: "thread", number, signal }.sent(sys::tgsigqueue(process, number, signal, value))
}

/// Sends a signal to the calling thread. Unless it is blocked it has done what it does when this returns.
///
/// # Errors
///
/// As [`send`].
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/raise.html>
#[doc(alias = "pthread_kill")]
pub fn raise(signal: Signal) -> Result<()> {
    send_to_thread(ThreadId::current(), signal)
}

/// A thread of a process, by the number that the kernel gives it.
///
/// # Examples
///
/// ```
/// use ipc_core::ProcessId;
/// use ipc_signal::ThreadId;
///
/// assert_eq!(ThreadId::current().process(), ProcessId::current());
/// assert_ne!(std::thread::spawn(ThreadId::current).join().unwrap(), ThreadId::current());
/// ```
#[doc(alias = "gettid")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ThreadId {
    process: ProcessId,
    number: i32,
}

impl ThreadId {
    /// The thread of that process with this number, whether there is one or not.
    #[must_use]
    pub const fn new(process: ProcessId, number: i32) -> Self {
        Self { process, number }
    }

    /// The calling thread.
    #[must_use]
    pub fn current() -> Self {
        Self { process: ProcessId::current(), number: sys::thread_id() }
    }

    /// The process it belongs to.
    #[must_use]
    pub const fn process(self) -> ProcessId {
        self.process
    }

    /// The number for C.
    #[must_use]
    pub const fn raw(self) -> i32 {
        self.number
    }
}

/// The number of one process; 0 and below mean several, and -1 all that there are.
pub(crate) fn one(process: ProcessId, call: &'static str) -> Result<i32> {
    match process.raw() {
        number @ 1.. => Ok(number),
        number => Err(Error::invalid(call, number, "does not mean one process")),
    }
}

/// What an error says.
struct Target {
    call: &'static str,
    kind: &'static str,
    number: i32,
    signal: Signal,
}

impl Target {
    fn sent(self, result: Result<(), Errno>) -> Result<()> {
        let Self { call, kind, number, signal } = self;
        result.map_err(|errno| Error::os(call, format_args!("{signal} to {kind} {number}"), errno))
    }
}
