//! Work that survives its workers.
//!
//! A worker takes a job and reports it as done. If the worker is killed before that, the job is
//! delivered again, to another worker. A worker that is stopped keeps its job, however long that
//! lasts, because it is not dead. So a job is delivered at least once, and to one living worker at
//! a time.
//!
//! Jobs are delivered roughly in the order in which they were submitted: one that is delivered
//! again may come later.

mod job;
mod options;
mod queue;
mod table;

pub(crate) use table::{BEFORE, TALLY_AT, used};

pub use job::Job;
pub use options::JobOptions;
pub use queue::{Depth, JobQueue};
