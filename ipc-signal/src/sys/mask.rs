//! Signal sets, the mask of a thread, and waiting for signals without a descriptor.

#![expect(unsafe_code, reason = "calls C")]

use std::ffi::{c_int, c_long};
use std::ptr;

use ipc_core::{Deadline, Errno, Signal, TimeSpec, ret};
use ipc_sys as c;

use super::raw_info;
use crate::{SignalInfo, SignalSet};

/// Converts a set to C's form. Every byte of it is set; the kernel uses only the first few.
pub(crate) fn sigset(signals: SignalSet) -> c::sigset_t {
    let mut set = c::zeroed();
    c::sigemptyset(&mut set);
    for signal in signals {
        // The call fails for no number of a `Signal`.
        c::sigaddset(&mut set, signal.raw());
    }
    set
}

/// Converts a set from C's form.
pub(crate) fn signals_of(set: &c::sigset_t) -> SignalSet {
    Signal::all().filter(|signal| c::sigismember(set, signal.raw()) == 1).collect()
}

/// How to combine a set with the mask of the thread.
#[derive(Clone, Copy)]
pub(crate) enum Change {
    Block,
    Unblock,
}

/// Changes the mask of the calling thread and returns the previous one.
pub(crate) fn change_mask(change: Change, signals: SignalSet) -> Result<SignalSet, Errno> {
    let how = match change {
        Change::Block => c::SIG_BLOCK,
        Change::Unblock => c::SIG_UNBLOCK,
    };
    sigmask(how, signals)
}

fn sigmask(how: c_int, signals: SignalSet) -> Result<SignalSet, Errno> {
    let mut before = sigset(SignalSet::EMPTY);
    ret::code(c::pthread_sigmask(how, Some(&sigset(signals)), Some(&mut before)))?;
    Ok(signals_of(&before))
}

pub(crate) fn pending() -> Result<SignalSet, Errno> {
    let mut set = sigset(SignalSet::EMPTY);
    ret::check(c::sigpending(&mut set))?;
    Ok(signals_of(&set))
}

/// Waits until a handler has run, which C reports as an error.
pub(crate) fn suspend(blocked: SignalSet) -> Result<(), Errno> {
    match ret::check(c::sigsuspend(&sigset(blocked))) {
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(other) => Err(other),
    }
}

/// Accepts a pending signal, or waits for one until the deadline.
///
/// It is the system call and not `sigtimedwait`: musl's function begins again with the whole time
/// after an interruption, and glibc's hides whether a signal was sent to the thread.
pub(crate) fn wait_for_signal(
    signals: SignalSet,
    deadline: Deadline,
) -> Result<Option<SignalInfo>, Errno> {
    /// The bytes of a set that the kernel knows: one bit for each of its 64 signals.
    const KERNEL_SET: usize = 8;

    let set = sigset(signals);
    let mut info: c::siginfo_t = c::zeroed();
    let accepted = ret::retry(|| {
        let left = deadline.remaining();
        let left = left.map(|left| TimeSpec::try_from(left).unwrap_or(TimeSpec::MAX).into());
        let left = left.as_ref().map_or(ptr::null(), ptr::from_ref::<c::timespec>);
        let (set, info) = (ptr::from_ref(&set), ptr::from_mut(&mut info));
        // SAFETY: the kernel reads the first bytes of a set and a time or null, and writes an info;
        // all are locals that live until the call returns.
        let signal: c_long =
            unsafe { c::syscall(c::SYS_rt_sigtimedwait, set, info, left, KERNEL_SET) };
        ret::check(signal)
    });
    match accepted {
        Err(Errno::EAGAIN) => Ok(None),
        Err(other) => Err(other),
        Ok(_) => {
            // SAFETY: `info` was zeroed and then filled by the kernel.
            let raw = unsafe { raw_info(&info) };
            SignalInfo::new(raw).map(Some).map_err(|_| Errno::EINVAL)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number comes from the call, not from `errno`.
    #[test]
    fn a_refused_mask_reports_its_own_error_whatever_errno_holds() {
        c::set_errno(0);
        assert_eq!(sigmask(-1, Signal::USR1.into()), Err(Errno::EINVAL));
    }

    #[test]
    fn a_set_survives_the_conversion_to_c_and_from_c() {
        for set in [SignalSet::EMPTY, SignalSet::all(), Signal::realtime(5).unwrap().into()] {
            assert_eq!(signals_of(&sigset(set)), set);
        }
    }
}
