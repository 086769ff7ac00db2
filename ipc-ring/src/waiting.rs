//! How senders and receivers wait for each other.

use std::cell::Cell;
use std::hint;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use ipc_core::{Deadline, Patience, barrier};
use ipc_mem::WaitWord;

use crate::statistics::count;

/// A thread that waits looks at least this often whether the process that it waits for is dead:
/// death wakes no thread.
pub(crate) const LONGEST_SLICE: Duration = Duration::from_millis(20);

/// How often a thread looks before it looks at the clock as well: an answer from another processor
/// takes less than a microsecond.
const LOOKS: u32 = 50;

/// The pauses of a receiver, which waits for a message.
pub(crate) const HASTE: u32 = 1;

/// The pauses of a sender, whose receiver has a whole ring to read.
pub(crate) const LEISURE: u32 = 16;

/// Attempts something until it succeeds, and waits in between. The argument of `attempt` says
/// whether it is time to look for processes that are dead.
///
/// It looks for a microsecond or two before it looks at the clock, with `pauses` in between: each
/// look at what another processor is writing makes that one wait as well. A wait that sleeps adds one
/// to `sleeps`, if given.
///
/// A thread that publishes something and calls `notify` on the word later has a light barrier in
/// between: the heavy one is here.
#[cold]
pub(crate) fn wait<R>(
    word: &WaitWord,
    sleeps: Option<&AtomicU64>,
    deadline: Deadline,
    pauses: u32,
    mut attempt: impl FnMut(bool) -> Option<R>,
) -> Option<R> {
    for _ in 0..LOOKS {
        if let Some(done) = attempt(false) {
            return Some(done);
        }
        (0..pauses).for_each(|_| hint::spin_loop());
    }
    let patience = Patience::new(deadline).with_longest_slice(LONGEST_SLICE);
    let sleeps = Cell::new(sleeps);
    let announced = || {
        barrier::heavy();
        sleeps.take().into_iter().for_each(count);
    };
    word.wait_with(patience, announced, attempt)
}
