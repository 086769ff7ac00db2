//! A gate that keeps this process from forking while one of its threads has something open that no child may have.
//!
//! A forked child has a copy of every descriptor, until it closes it or becomes another program. What lives as long as a
//! description of a file is open would outlive its owner by that.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::sys;

static INSIDE: AtomicUsize = AtomicUsize::new(0);
static FORKING: AtomicUsize = AtomicUsize::new(0);

/// How long each side waits for the other: who forks in a signal handler would wait for itself, and who forks may be
/// waiting, in another library's handler, for what a thread at the gate has locked.
const PATIENCE: Duration = Duration::from_millis(100);

/// While it lives, `fork` waits.
#[derive(Debug)]
pub(crate) struct Inside(());

/// Waits for those who fork, as long as is reasonable, and keeps others from beginning to.
pub(crate) fn enter() -> Inside {
    static IS_THERE: AtomicBool = AtomicBool::new(false);
    // Nobody waits here for whom the first one makes: in a child that is forked meanwhile there is no first one.
    if !IS_THERE.swap(true, Ordering::Relaxed) {
        // Without room for one more handler there is no gate, and all the rest works.
        let _ = sys::at_fork(close, open, open_in_child);
    }
    let mut until = None;
    loop {
        INSIDE.fetch_add(1, Ordering::SeqCst);
        if FORKING.load(Ordering::SeqCst) == 0 || is_over(&mut until) {
            return Inside(());
        }
        INSIDE.fetch_sub(1, Ordering::SeqCst);
        thread::yield_now();
    }
}

/// Whether the patience is that began with the first call.
pub(crate) fn is_over(until: &mut Option<Instant>) -> bool {
    Instant::now() >= *until.get_or_insert_with(|| Instant::now() + PATIENCE)
}

impl Drop for Inside {
    fn drop(&mut self) {
        // In a child that one who was inside forked, nobody is.
        let _ = INSIDE.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |inside| inside.checked_sub(1));
    }
}

extern "C" fn close() {
    FORKING.fetch_add(1, Ordering::SeqCst);
    let mut until = None;
    while INSIDE.load(Ordering::SeqCst) > 0 && !is_over(&mut until) {
        thread::yield_now();
    }
}

extern "C" fn open() {
    FORKING.fetch_sub(1, Ordering::SeqCst);
}

/// The threads that were inside, or about to fork, are not here.
extern "C" fn open_in_child() {
    INSIDE.store(0, Ordering::SeqCst);
    FORKING.store(0, Ordering::SeqCst);
}
