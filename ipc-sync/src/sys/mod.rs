//! The files of this crate that call C.

mod attributes;
pub(crate) mod barrier;
pub(crate) mod condvar;

mod guarded_buffer;
pub(crate) mod mutex;
pub(crate) mod rwlock;
pub(crate) mod semaphore;
pub(crate) mod semaphore_set;
pub(crate) mod spin_lock;

use std::ffi::c_int;
use std::time::Duration;

use ipc_core::{Clock, Deadline, Errno, TimeSpec};
use ipc_sys as c;

use crate::pthread::Sharing;

fn pshared(sharing: Sharing) -> c_int {
    match sharing {
        Sharing::Processes => c::PTHREAD_PROCESS_SHARED,
        Sharing::Threads => c::PTHREAD_PROCESS_PRIVATE,
    }
}

/// Repeats a wait that ends at most `step` from when it is begun, by `clock`, until it ends for
/// another reason than time, or the deadline comes.
///
/// `wait` gets the moment when it is to end.
pub(crate) fn in_steps(
    clock: Clock,
    step: Duration,
    deadline: Deadline,
    mut wait: impl FnMut(TimeSpec) -> Result<(), Errno>,
) -> Result<(), Errno> {
    loop {
        let left = deadline.remaining().unwrap_or(Duration::MAX);
        // Every system has the clocks that this is called with.
        let end = clock.now().unwrap_or_default() + left.min(step);
        match wait(end) {
            Err(Errno::ETIMEDOUT) if !deadline.is_past() => {}
            ended => return ended,
        }
    }
}
