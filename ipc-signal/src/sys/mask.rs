//! Signal sets, the mask of a thread, and waiting for signals without a descriptor.

#![expect(unsafe_code, reason = "calls C")]

use std::ffi::{c_int, c_long};
use std::mem::MaybeUninit;
use std::ptr;

use ipc_core::{Deadline, Errno, Signal, TimeSpec, ret};
use ipc_sys as c;

use super::raw_info;
use crate::{SignalInfo, SignalSet};

/// Converts a set to C's form. Every byte of it is set; the kernel uses only the first few.
pub(crate) fn sigset(signals: SignalSet) -> c::sigset_t {
    let mut set = MaybeUninit::zeroed();
    // SAFETY: the call writes one set to a local that is large enough for one.
    unsafe { c::sigemptyset(set.as_mut_ptr()) };
    // SAFETY: all bytes were zero, which is valid for the integers of a set, and the call above
    // wrote an empty set.
    let mut set = unsafe { set.assume_init() };
    for signal in signals {
        // SAFETY: `set` is an initialised local. The call fails for no number of a `Signal`.
        unsafe { c::sigaddset(&mut set, signal.raw()) };
    }
    set
}

/// Converts a set from C's form.
pub(crate) fn signals_of(set: &c::sigset_t) -> SignalSet {
    // SAFETY: `set` is a reference to an initialised set.
    Signal::all().filter(|signal| unsafe { c::sigismember(set, signal.raw()) } == 1).collect()
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
    // SAFETY: the call reads one set and writes another, both locals or temporaries that live until
    // it returns.
    ret::code(unsafe { c::pthread_sigmask(how, &sigset(signals), &mut before) })?;
    Ok(signals_of(&before))
}

pub(crate) fn pending() -> Result<SignalSet, Errno> {
    let mut set = sigset(SignalSet::EMPTY);
    // SAFETY: the call writes one set, to a local.
    ret::check(unsafe { c::sigpending(&mut set) })?;
    Ok(signals_of(&set))
}

/// Waits until a handler has run, which C reports as an error.
pub(crate) fn suspend(blocked: SignalSet) -> Result<(), Errno> {
    // SAFETY: the call reads one set, a temporary that lives until it returns.
    match ret::check(unsafe { c::sigsuspend(&sigset(blocked)) }) {
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
    let mut info = MaybeUninit::<c::siginfo_t>::zeroed();
    let accepted = ret::retry(|| {
        let left = deadline.remaining();
        let left = left.map(|left| TimeSpec::try_from(left).unwrap_or(TimeSpec::MAX).into());
        let left = left.as_ref().map_or(ptr::null(), ptr::from_ref::<c::timespec>);
        let (set, info) = (ptr::from_ref(&set), info.as_mut_ptr());
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
            // SAFETY: all bytes were zero, valid for its integers, pointers and unions of both, and
            // the kernel then wrote a signal's info.
            let info = unsafe { info.assume_init() };
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
