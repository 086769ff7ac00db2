//! System V semaphores: sets of counters that are changed together. The system can undo the changes
//! of a process when it ends.

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
