//! What there is to measure.

use crate::Group;

pub mod copy;
pub mod element;
pub mod lock;
pub mod object;
pub mod queue;
pub mod semaphore;
pub mod sum;

/// All groups.
pub const ALL: [&Group; 7] =
    [&element::GROUP, &copy::GROUP, &sum::GROUP, &object::GROUP, &semaphore::GROUP, &lock::GROUP, &queue::GROUP];

/// A number of bytes as people write it.
fn bytes(size: usize) -> String {
    match size {
        0x10_0000.. => format!("{} MiB", size >> 20),
        0x400.. => format!("{} KiB", size >> 10),
        _ => format!("{size} B"),
    }
}
