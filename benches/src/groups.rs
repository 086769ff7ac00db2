//! The list of benchmark groups.

use std::env;

use crate::Group;

pub mod contended;
pub mod copy;
pub mod element;
pub mod frames;
pub mod grow;
pub mod heap;
pub mod lock;
pub mod object;
pub mod queue;
pub mod ring;
pub mod round_trip;
pub mod semaphore;
pub mod signals;
pub mod snapshot;
pub mod stream;
pub mod stream_socket;
pub mod sum;
pub mod topic;
pub mod touch;

/// All groups.
pub const ALL: [&Group; 19] = [
    &semaphore::GROUP,
    &lock::GROUP,
    &contended::GROUP,
    &round_trip::GROUP,
    &ring::GROUP,
    &topic::GROUP,
    &signals::GROUP,
    &queue::GROUP,
    &stream::GROUP,
    &stream_socket::GROUP,
    &object::GROUP,
    &touch::GROUP,
    &grow::GROUP,
    &element::GROUP,
    &copy::GROUP,
    &sum::GROUP,
    &snapshot::GROUP,
    &frames::GROUP,
    &heap::GROUP,
];

/// Returns the groups that the command line names, or all if it names no group.
#[must_use]
pub fn named_in_arguments() -> Vec<&'static Group> {
    let args: Vec<String> = env::args().skip(1).collect();
    let named: Vec<_> =
        ALL.into_iter().filter(|group| args.iter().any(|arg| arg == group.name)).collect();
    if named.is_empty() { ALL.to_vec() } else { named }
}

/// Formats a number of bytes for people.
fn bytes(size: usize) -> String {
    match size {
        0x10_0000.. => format!("{} MiB", size >> 20),
        0x400.. => format!("{} KiB", size >> 10),
        _ => format!("{size} B"),
    }
}
