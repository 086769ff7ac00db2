//! The *fork gate*: it keeps this process from forking while one of its threads has a descriptor
//! open that no child may inherit. Such a thread is *inside* the gate.
//!
//! A forked child has a copy of every descriptor, until it closes the copy or calls `exec`. A lock
//! that belongs to a description of a file would therefore outlive its owner.
//!
//! A thread is inside only briefly, while it opens, locks without waiting, maps, removes and
//! closes. It runs no signal handler there and acquires no other lock, so `fork` can wait for it.
//! `posix_spawn` and `vfork` run no fork handlers, so the gate does not affect them: their child
//! has copies of all descriptors until `exec` closes them.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ipc_core::Errno;

use crate::sys;
use crate::sys::signal::Blocked;

static INSIDE: AtomicUsize = AtomicUsize::new(0);
static FORKING: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// The nesting depth of this thread: it does not wait for itself if it forks inside.
    static HERE: Cell<usize> = const { Cell::new(0) };
}

/// The maximum time for which `fork` waits for threads inside, and for which a thread outside waits
/// for `fork`.
///
/// No thread inside waits for another one. So `fork` reaches the limit only if a file system does
/// not answer, or if a thread inside gets no processor for that long, as with `SCHED_IDLE` beside
/// real-time threads. Then the child has a copy of the descriptor, and a lock of that descriptor
/// lasts until the child has closed it, too. A thread outside reaches the limit if it holds a lock
/// for which the forking thread waits in the fork handler of another library.
const PATIENCE: Duration = Duration::from_secs(10);

/// While this value exists, `fork` waits, and this thread handles no signals.
#[derive(Debug)]
pub(crate) struct Inside {
    _signals: Blocked,
}

/// Waits for threads that are forking, and keeps other threads from forking.
pub(crate) fn enter() -> Inside {
    static IS_REGISTERED: AtomicBool = AtomicBool::new(false);
    register_once(&IS_REGISTERED, || sys::at_fork(close, open, open_in_child));
    let mut until = None;
    loop {
        let signals = Blocked::all();
        INSIDE.fetch_add(1, Ordering::SeqCst);
        if FORKING.load(Ordering::SeqCst) == 0 || is_over(&mut until) {
            HERE.set(HERE.get() + 1);
            return Inside { _signals: signals };
        }
        subtract(&INSIDE);
        drop(signals);
        thread::yield_now();
    }
}

/// Registers the fork handlers, unless the mark says that they are registered. If they cannot be
/// registered, everything works except the gate.
///
/// The mark is set after the registration. A thread that comes earlier registers them as well: it
/// must not pass while a third thread could still fork without handlers. It cannot wait for the
/// first thread, which does not exist in a child that is forked meanwhile. Handlers that are
/// registered several times do no harm, because they add to counts and subtract from them, or set
/// them to zero.
///
/// A `fork` that is under way at the first registration does not run the handler before it. Its
/// child may have a copy of the descriptor, and may count a thread inside that does not exist in
/// it. The C library may run the handler after it in the parent, which therefore never subtracts
/// below 0.
fn register_once(is_registered: &AtomicBool, register: impl FnOnce() -> Result<(), Errno>) {
    if !is_registered.load(Ordering::Acquire) && register().is_ok() {
        is_registered.store(true, Ordering::Release);
    }
}

fn is_over(until: &mut Option<Instant>) -> bool {
    Instant::now() >= *until.get_or_insert_with(|| Instant::now() + PATIENCE)
}

/// Subtracts 1 from the count. It is 0 already in a child that a thread inside has forked, and where
/// the handlers were registered while a thread was forking.
fn subtract(count: &AtomicUsize) {
    let _ = count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |count| count.checked_sub(1));
}

impl Drop for Inside {
    fn drop(&mut self) {
        HERE.set(HERE.get().saturating_sub(1));
        subtract(&INSIDE);
    }
}

extern "C" fn close() {
    FORKING.fetch_add(1, Ordering::SeqCst);
    let mut until = None;
    while INSIDE.load(Ordering::SeqCst) > HERE.get() && !is_over(&mut until) {
        thread::yield_now();
    }
}

extern "C" fn open() {
    subtract(&FORKING);
}

/// The threads that were inside, or about to fork, do not exist in this process.
extern "C" fn open_in_child() {
    INSIDE.store(0, Ordering::SeqCst);
    FORKING.store(0, Ordering::SeqCst);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handler_that_runs_only_after_a_fork_leaves_the_gate_open() {
        open();
        assert_eq!(FORKING.load(Ordering::SeqCst), 0, "threads wait for a fork that has ended");
    }

    #[test]
    fn no_thread_passes_before_the_fork_handlers_are_registered() {
        let (is_registered, calls) = (AtomicBool::new(false), Cell::new(0));
        let count = || {
            calls.set(calls.get() + 1);
            Ok(())
        };
        register_once(&is_registered, || Err(Errno::ENOMEM));
        register_once(&is_registered, || {
            // Another thread comes before the registration of the first one has ended.
            register_once(&is_registered, count);
            assert_eq!(calls.get(), 1, "the other thread passed without handlers");
            count()
        });
        register_once(&is_registered, count);
        assert_eq!(calls.get(), 2, "all later threads find them registered");
    }
}
