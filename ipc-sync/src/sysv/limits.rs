//! Limits of sets of semaphores, and how to raise them.

use std::fs;

use ipc_core::{Errno, Error, Key, Refusal};

/// Four numbers: the maximum of counters in a set, of counters, of steps of an operation, of sets.
const FILE: &str = "/proc/sys/kernel/sem";

/// Returns a number of the file, or a question mark if there is no `/proc`.
fn limit(index: usize) -> String {
    let limits = fs::read_to_string(FILE).unwrap_or_default();
    limits.split_whitespace().nth(index).unwrap_or("?").to_owned()
}

/// The error of an operation with more steps than the system permits.
#[cold]
pub(super) fn too_many_steps(count: usize) -> Refusal {
    let limit = limit(2);
    let why = format!(
        "found {count} steps, wanted at most {limit}: SEMOPM, the third number of {FILE}, which \
         root can raise with `sysctl kernel.sem`"
    );
    Refusal::invalid("semop", why)
}

/// An error that names the limit that a new set with `count` counters exceeds.
pub(super) fn not_created(key: Key, count: usize, errno: Errno) -> Error {
    let why = match errno {
        Errno::ENOSPC => {
            format!(
                "over the {} counters or the {} sets of {FILE}, which root can raise",
                limit(1),
                limit(3)
            )
        }
        Errno::EINVAL => {
            format!("{count} counters, at most {} by {FILE}, which root can raise", limit(0))
        }
        _ => return Error::os("semget", key, errno),
    };
    Refusal::os("semget", errno).because(why).on(key)
}
