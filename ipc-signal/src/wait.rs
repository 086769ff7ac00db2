//! Waiting for signals without a descriptor, as every POSIX system can.

use std::time::Duration;

use ipc_core::{Deadline, Error, Result};

use crate::{SignalInfo, SignalSet, sys};

/// Waits for the next signal of a set, and returns it.
///
/// All threads must block the signals of the set, because the kernel delivers a signal to any
/// thread that does not block it, and performs its action there. So block the signals at the start
/// of `main`, before it starts threads. Other signals and their handlers do not end the wait.
///
/// If `CHLD` is in the set but is ignored, its default action is restored, because the kernel does
/// not send an ignored `CHLD`.
///
/// # Examples
///
/// ```
/// use ipc_core::ProcessId;
/// use ipc_signal::{Signal, SignalMask, raise, wait};
///
/// SignalMask::block(Signal::HUP)?.keep();
/// raise(Signal::HUP)?;
/// let info = wait([Signal::HUP, Signal::TERM])?;
/// assert_eq!((info.signal(), info.process()), (Signal::HUP, Some(ProcessId::current())));
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// # Errors
///
/// [`is_invalid_argument`](Error::is_invalid_argument) for `KILL`, `STOP` and
/// [faults](crate::Signal::is_fault), which cannot be received.
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sigtimedwait.html>
#[doc(alias = "sigwait")]
#[doc(alias = "sigwaitinfo")]
pub fn wait(signals: impl Into<SignalSet>) -> Result<SignalInfo> {
    let set = signals.into();
    loop {
        if let Some(info) = wait_until(set, Deadline::NEVER)? {
            return Ok(info);
        }
    }
}

/// Receives the next signal of a set, or returns `None` if no signal of the set is pending.
///
/// # Errors
///
/// Those of [`wait`](wait()).
#[doc(alias = "sigtimedwait")]
pub fn try_wait(signals: impl Into<SignalSet>) -> Result<Option<SignalInfo>> {
    wait_timeout(signals, Duration::ZERO)
}

/// Receives the next signal of a set, or returns `None` if no signal arrives within `timeout`.
///
/// Block the signals first; see [`wait`](wait()).
///
/// # Errors
///
/// Those of [`wait`](wait()).
#[doc(alias = "sigtimedwait")]
pub fn wait_timeout(
    signals: impl Into<SignalSet>,
    timeout: Duration,
) -> Result<Option<SignalInfo>> {
    wait_until(signals.into(), Deadline::after(timeout))
}

/// Receives the next signal of a set, or returns `None` if no signal arrives before `deadline`.
///
/// The deadline is an `Instant` or a `SystemTime`. A pending signal is received even after the
/// deadline. Block the signals first; see [`wait`](wait()).
///
/// # Errors
///
/// Those of [`wait`](wait()).
#[doc(alias = "sigtimedwait")]
pub fn wait_deadline(
    signals: impl Into<SignalSet>,
    deadline: impl Into<Deadline>,
) -> Result<Option<SignalInfo>> {
    wait_until(signals.into(), deadline.into())
}

fn wait_until(set: SignalSet, deadline: Deadline) -> Result<Option<SignalInfo>> {
    set.receivable("rt_sigtimedwait")?.make_sendable("sigaction")?;
    sys::wait_for_signal(set, deadline).map_err(|errno| Error::os("rt_sigtimedwait", set, errno))
}

/// Replaces the signal mask with the given signals, waits until the handler of another signal has
/// run, and restores the mask.
///
/// The kernel replaces the mask and starts the wait in one step. If these were two steps, a signal
/// could arrive between them, and the wait would not notice it. A signal ends the wait only if it
/// has a handler, for instance that of a [`Reaction`](crate::Reaction). An ignored signal does not
/// end the wait. The default action of a signal without a handler may end the process.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicBool, Ordering};
///
/// use ipc_signal::{Reaction, Signal, SignalMask, SignalSet, raise, suspend};
///
/// let flag = Arc::new(AtomicBool::new(false));
/// let _reaction = Reaction::set_flag(Signal::USR1, flag.clone())?;
/// let mask = SignalMask::block(Signal::USR1)?;
/// raise(Signal::USR1)?; // from anywhere, at any time from here on
/// while !flag.load(Ordering::Relaxed) {
///     suspend(mask.before())?;
/// }
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// # Errors
///
/// This call is not known to fail. C reports the end of the wait as the error `EINTR`; this
/// function returns `Ok`.
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sigsuspend.html>
#[doc(alias = "sigsuspend")]
#[doc(alias = "pause")]
pub fn suspend(blocked: impl Into<SignalSet>) -> Result<()> {
    let set = blocked.into();
    sys::suspend(set).map_err(|errno| Error::os("sigsuspend", set, errno))
}

/// Returns the pending signals: blocked signals that were sent to the calling thread or its
/// process.
///
/// # Errors
///
/// This call is not known to fail.
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sigpending.html>
#[doc(alias = "sigpending")]
pub fn pending() -> Result<SignalSet> {
    sys::pending().map_err(|errno| Error::os("sigpending", "", errno))
}
