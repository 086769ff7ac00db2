//! Signals blocked in this thread for the duration of a few system calls.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::mem::MaybeUninit;
use std::ptr;

use ipc_core::Errno;

use super::c;

/// The signals that this thread had blocked before. Dropping this value restores that mask.
#[derive(Debug)]
pub(crate) struct Blocked {
    before: Option<c::sigset_t>,
}

impl Blocked {
    /// Blocks all signals: no handler runs in this thread until this is dropped.
    pub(crate) fn all() -> Self {
        Self::block(&set(c::sigfillset))
    }

    fn block(signals: &c::sigset_t) -> Self {
        let mut before = MaybeUninit::uninit();
        // SAFETY: the call reads the one set and writes the other, both alive until it returns.
        let done = unsafe { c::pthread_sigmask(c::SIG_BLOCK, signals, before.as_mut_ptr()) };
        // SAFETY: the call succeeded, so it has written the set.
        Self { before: (done == 0).then(|| unsafe { before.assume_init() }) }
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        if let Some(before) = self.before {
            // SAFETY: the call reads a set that lives until it returns, and writes none.
            unsafe { c::pthread_sigmask(c::SIG_SETMASK, &raw const before, ptr::null_mut()) };
        }
    }
}

/// Returns the signal set that `fill` writes: `sigemptyset` or `sigfillset`.
fn set(fill: unsafe extern "C" fn(*mut c::sigset_t) -> i32) -> c::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: `fill` is `sigemptyset` or `sigfillset`, which write a whole set and cannot fail.
    unsafe { fill(set.as_mut_ptr()) };
    // SAFETY: written by the call above.
    unsafe { set.assume_init() }
}

fn only_too_large() -> c::sigset_t {
    let mut set = set(c::sigemptyset);
    // SAFETY: the call changes a set that lives until it returns; the number is a signal's.
    unsafe { c::sigaddset(&raw mut set, c::SIGXFSZ) };
    set
}

/// Runs a call that may extend a file beyond this process's limit, and prevents `SIGXFSZ` from
/// killing the process: the call then fails with `EFBIG`.
///
/// The system sends the signal to the thread that makes the call. So it suffices to block and
/// consume the signal in this thread, even if other threads and processes change the limit
/// meanwhile.
pub(crate) fn without_size_signal<T>(call: impl FnOnce() -> Result<T, Errno>) -> Result<T, Errno> {
    let set = only_too_large();
    let _mask = Blocked::block(&set);
    let was_pending = is_pending();
    let done = call();
    if matches!(done, Err(Errno::EFBIG)) && !was_pending {
        let no_time = c::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the call reads a set and a time that live until it returns, and writes nothing.
        unsafe { c::sigtimedwait(&raw const set, ptr::null_mut(), &raw const no_time) };
    }
    done
}

/// Returns `true` if another process has sent the signal, which must then stay pending.
fn is_pending() -> bool {
    let mut pending = MaybeUninit::uninit();
    // SAFETY: the call writes a set that lives until it returns.
    if unsafe { c::sigpending(pending.as_mut_ptr()) } != 0 {
        return false;
    }
    // SAFETY: written by the call above; the number is a signal's.
    unsafe { c::sigismember(pending.as_ptr(), c::SIGXFSZ) == 1 }
}
