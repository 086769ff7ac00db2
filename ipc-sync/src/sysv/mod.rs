//! System V semaphores: sets of counters that are changed together, and undone when a process dies.

mod counters;
mod info;
mod operation;
mod options;
mod permit;
mod semaphore_set;

pub use info::SetInfo;
pub use operation::Operation;
pub use options::SetOptions;
pub use permit::Permit;
pub use semaphore_set::SemaphoreSet;
