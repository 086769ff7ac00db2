//! System V semaphores: sets of counters that are changed together, and undone when a process dies.

mod operation;
mod options;
mod semaphore_set;

pub use operation::Operation;
pub use options::SetOptions;
pub use semaphore_set::{SemaphoreSet, SetInfo};
