//! How senders and receivers wait for each other.

use std::time::Duration;

use ipc_core::{Deadline, Patience, barrier};
use ipc_mem::WaitWord;

/// A thread that waits looks at least this often whether the process that it waits for is dead:
/// death wakes no thread.
const LONGEST_SLICE: Duration = Duration::from_millis(20);

/// Attempts something until it succeeds, and waits in between. The argument of `attempt` says
/// whether it is time to look for processes that are dead.
///
/// A thread that publishes something and calls `notify` on the word later has a light barrier in
/// between: the heavy one is here.
#[cold]
pub(crate) fn wait<R>(
    word: &WaitWord,
    deadline: Deadline,
    attempt: impl FnMut(bool) -> Option<R>,
) -> Option<R> {
    let patience = Patience::new(deadline).with_longest_slice(LONGEST_SLICE);
    word.wait_with(patience, barrier::heavy, attempt)
}
