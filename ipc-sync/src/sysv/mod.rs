//! System V semaphores: sets of counters that are changed together. When a process ends, the system
//! can undo its changes.

mod counters;
mod creation;
mod info;
mod limits;
mod operation;
mod options;
mod permit;
mod removal;
mod semaphore_set;

pub use info::SetInfo;
pub use operation::Operation;
pub use options::SetOptions;
pub use permit::Permit;
pub use semaphore_set::SemaphoreSet;
