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

use crate::sys;
use crate::sys::signal::Blocked;

static INSIDE: AtomicUsize = AtomicUsize::new(0);
static FORKING: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// The nesting depth of this thread: it does not wait for itself if it forks inside.
    static HERE: Cell<usize> = const { Cell::new(0) };
}

/// The maximum time for which `fork` waits for threads inside, and for which a thread outside waits
/// for `fork`. No thread waits inside, so `fork` reaches the limit only if a file system does not
/// answer. A thread outside reaches it if it holds a lock for which the forking thread waits in the
/// fork handler of another library.
const PATIENCE: Duration = Duration::from_secs(10);

/// While this value exists, `fork` waits, and this thread handles no signals.
#[derive(Debug)]
pub(crate) struct Inside {
    _signals: Blocked,
}

/// Waits for threads that are forking, and keeps other threads from forking.
pub(crate) fn enter() -> Inside {
    static IS_THERE: AtomicBool = AtomicBool::new(false);
    // No thread waits here for the first one: in a child that is forked meanwhile it does not
    // exist.
    if !IS_THERE.swap(true, Ordering::Relaxed) {
        // If the handlers cannot be registered, everything works except the gate.
        let _ = sys::at_fork(close, open, open_in_child);
    }
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

fn is_over(until: &mut Option<Instant>) -> bool {
    Instant::now() >= *until.get_or_insert_with(|| Instant::now() + PATIENCE)
}

/// Subtracts 1 from the count. It is 0 already in a child that a thread inside has forked.
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
    FORKING.fetch_sub(1, Ordering::SeqCst);
}

/// The threads that were inside, or about to fork, do not exist in this process.
extern "C" fn open_in_child() {
    INSIDE.store(0, Ordering::SeqCst);
    FORKING.store(0, Ordering::SeqCst);
}
