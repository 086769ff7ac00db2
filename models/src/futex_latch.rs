//! The native latch: processes that begin tasks and do or drop them, and are killed between any two
//! steps.
//!
//! The steps are those of [`futex_slots`](crate::futex_slots).
//!
//! Required:
//!
//! - Each task is done once, by the process that has begun it. No other process begins it
//!   meanwhile, however slow the first one is.
//! - The latch is open only when all tasks are done.
//! - A task of a process that was killed, or that dropped it, is done by another. No thread waits
//!   for ever while a process lives that works.
//! - A forked child does nothing.
//! - Without a death, wake-ups alone do all this. After a death, the slices do.

use crate::futex_slots::{Role, try_all};

pub const MUTANTS: &[&str] = &[
    "no look after the announcement",
    "a release wakes no thread",
    "a task that is dropped wakes no thread",
    "a task that is done wakes one thread",
    "a task that is dropped counts as done",
    "a latch without a free task is open",
    "a slot is claimed whatever its word is by now",
    "a slice is a proof",
    "a slot is taken back whatever its word is by now",
    "a slot that is used up has a dead holder",
    "a forked child releases what its parent holds",
    "the dead are not looked for",
    "no slices",
];

pub fn run(mutant: &'static str) {
    use Role::{Child, Drops, Waits, Works};
    for (tasks, kills, roles) in [
        (2, 0, vec![Works, Works, Waits]),
        (1, 0, vec![Works, Drops, Waits]),
        (1, 0, vec![Works, Works, Child, Waits]),
        (2, 1, vec![Works, Works]),
        (1, 1, vec![Works, Works, Waits]),
        (1, 1, vec![Works, Works, Drops]),
        (1, 2, vec![Works, Works, Works]),
    ] {
        println!("{} states", try_all(tasks, kills, &roles, mutant));
    }
}
