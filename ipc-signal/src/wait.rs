//! Waiting for signals without a descriptor: what every POSIX system has.

use std::time::{Duration, Instant};

use ipc_core::{Deadline, Error, Result};

use crate::{SignalInfo, SignalSet, sys};

/// Takes the next of these signals, and waits as long as there is none.
///
/// Block them first, in the first thread of the program and before it starts others: a signal that any thread lets
/// through goes there, and does there what signals do. Then one thread calls this in a loop. Other signals and their
/// handlers do not end the wait.
///
/// glibc does not tell a signal sent to a thread from one sent to the process: both are [`Code::User`](crate::Code::User)
/// here.
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
/// `is_invalid_argument` for KILL, STOP and faults, which do not wait to be taken.
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sigtimedwait.html>
#[doc(alias = "sigwait")]
#[doc(alias = "sigwaitinfo")]
pub fn wait(signals: impl Into<SignalSet>) -> Result<SignalInfo> {
    let set = signals.into().ours("sigwaitinfo")?;
    loop {
        if let Some(info) = wait_until(set, Deadline::NEVER)? {
            return Ok(info);
        }
    }
}

/// Takes the next of these signals if there is one; as [`wait`](wait()) otherwise.
///
/// # Errors
///
/// As [`wait`](wait()); that there is none is `Ok(None)`.
#[doc(alias = "sigtimedwait")]
pub fn try_wait(signals: impl Into<SignalSet>) -> Result<Option<SignalInfo>> {
    wait_timeout(signals, Duration::ZERO)
}

/// Takes the next of these signals if there is one within that time; as [`wait`](wait()) otherwise.
///
/// # Errors
///
/// As [`wait`](wait()); that it took too long is `Ok(None)`.
#[doc(alias = "sigtimedwait")]
pub fn wait_timeout(signals: impl Into<SignalSet>, timeout: Duration) -> Result<Option<SignalInfo>> {
    wait_until(signals.into().ours("sigtimedwait")?, Deadline::after(timeout))
}

/// Takes the next of these signals if there is one before that moment; as [`wait`](wait()) otherwise.
///
/// If there is one it is taken, also when the moment is past.
///
/// # Errors
///
/// As [`wait`](wait()); that it took too long is `Ok(None)`.
#[doc(alias = "sigtimedwait")]
pub fn wait_deadline(signals: impl Into<SignalSet>, deadline: Instant) -> Result<Option<SignalInfo>> {
    wait_until(signals.into().ours("sigtimedwait")?, Deadline::at(deadline))
}

fn wait_until(set: SignalSet, deadline: Deadline) -> Result<Option<SignalInfo>> {
    sys::wait_for_signal(set, deadline).map_err(|errno| Error::os("sigtimedwait", set, errno))
}

/// Blocks these signals and no other until some other one has been handled, and then those that were blocked before.
///
/// The one step in which it does both is its point: with two, the signal could come in between, and would then be
/// waited for in vain. Something has to handle it, a [`Reaction`](crate::Reaction) for instance; a signal that is
/// ignored does not end the wait, and one that ends the process does that.
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
/// raise(Signal::USR1)?; // from somewhere, at any time from here on
/// while !flag.load(Ordering::Relaxed) {
///     suspend(mask.before())?;
/// }
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// # Errors
///
/// None that is known. That a signal interrupted it is its success.
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sigsuspend.html>
#[doc(alias = "sigsuspend")]
#[doc(alias = "pause")]
pub fn suspend(blocked: impl Into<SignalSet>) -> Result<()> {
    let set = blocked.into();
    sys::suspend(set).map_err(|errno| Error::os("sigsuspend", set, errno))
}

/// The signals that wait to be unblocked or received, sent to this thread or to the process.
///
/// # Errors
///
/// None that is known.
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sigpending.html>
#[doc(alias = "sigpending")]
pub fn pending() -> Result<SignalSet> {
    sys::pending().map_err(|errno| Error::os("sigpending", "", errno))
}
