//! Native permits: processes that acquire one or several, and are killed between any two steps.
//!
//! The steps are those of [`futex_slots`](crate::futex_slots).
//!
//! Required:
//!
//! - No permit is held twice, and a process that lives keeps its own, however slow it is.
//! - No permit is lost: all threads get theirs, even one that wants all permits at the same time.
//! - A forked child returns nothing.
//! - Without a death, wake-ups alone let all threads through. After a death, the slices do.

use crate::futex_slots::{Role, try_all};

pub const MUTANTS: &[&str] = &[
    "no look after the announcement",
    "a release wakes no thread",
    "a slot is claimed whatever its word is by now",
    "a slice is a proof",
    "a slot is taken back whatever its word is by now",
    "a forked child releases what its parent holds",
    "the dead are not looked for",
    "no slices",
];

pub fn run(mutant: &'static str) {
    use Role::{Child, Takes, TakesInTime};
    for (permits, kills, roles) in [
        (1, 0, vec![Takes(1), Takes(1), Takes(1)]),
        (2, 0, vec![Takes(2), Takes(1), TakesInTime]),
        (1, 0, vec![Takes(1), Takes(1), Child]),
        (1, 2, vec![Takes(1), Takes(1), Takes(1)]),
        (2, 2, vec![Takes(2), Takes(1)]),
        (2, 1, vec![Takes(2), Takes(1), TakesInTime]),
    ] {
        println!("{} states", try_all(permits, kills, &roles, mutant));
    }
}
