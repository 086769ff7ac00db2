//! Signals blocked in this thread for the duration of a few system calls.

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
        let mut all = c::zeroed();
        c::sigfillset(&mut all);
        Self::block(&all)
    }

    fn block(signals: &c::sigset_t) -> Self {
        let mut before = c::zeroed();
        let done = c::pthread_sigmask(c::SIG_BLOCK, Some(signals), Some(&mut before));
        Self { before: (done == 0).then_some(before) }
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            c::pthread_sigmask(c::SIG_SETMASK, Some(before), None);
        }
    }
}

fn only_too_large() -> c::sigset_t {
    let mut set = c::zeroed();
    c::sigemptyset(&mut set);
    c::sigaddset(&mut set, c::SIGXFSZ);
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
        c::sigtimedwait(&set, None, Some(&no_time));
    }
    done
}

/// Returns `true` if another process has sent the signal, which must then stay pending.
fn is_pending() -> bool {
    let mut pending = c::zeroed();
    c::sigpending(&mut pending) == 0 && c::sigismember(&pending, c::SIGXFSZ) == 1
}
