//! Values of which readers always get a whole version, whatever happens to writers.

mod latch;
mod value;

pub use latch::SnapshotLatch;
pub use value::Snapshot;
