//! A gate that keeps this process from forking while one of its threads has something open that no child may have.
//!
//! A forked child has a copy of every descriptor, until it closes it or becomes another program. What lives as long as a
//! description of a file is open would outlive its owner by that.

use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::sys;

static INSIDE: AtomicUsize = AtomicUsize::new(0);
static FORKING: AtomicUsize = AtomicUsize::new(0);

/// How long a fork waits: who forks in a signal handler would wait for itself.
const PATIENCE: Duration = Duration::from_millis(100);

/// While it lives, `fork` waits.
#[derive(Debug)]
pub(crate) struct Inside(());

/// Waits for those who fork, and keeps others from beginning to.
pub(crate) fn enter() -> Inside {
    static HANDLERS: Once = Once::new();
    HANDLERS.call_once(|| {
        // Without room for one more handler there is no gate, and all the rest works.
        let _ = sys::at_fork(close, open, open_in_child);
    });
    loop {
        INSIDE.fetch_add(1, Ordering::SeqCst);
        if FORKING.load(Ordering::SeqCst) == 0 {
            return Inside(());
        }
        INSIDE.fetch_sub(1, Ordering::SeqCst);
        thread::yield_now();
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.fetch_sub(1, Ordering::SeqCst);
    }
}

extern "C" fn close() {
    FORKING.fetch_add(1, Ordering::SeqCst);
    let mut until = None;
    while INSIDE.load(Ordering::SeqCst) > 0 {
        if Instant::now() >= *until.get_or_insert_with(|| Instant::now() + PATIENCE) {
            break;
        }
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
