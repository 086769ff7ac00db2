//! Values that readers always get whole, even if a writer is killed in the middle of a write.

mod latch;
mod value;

pub use latch::SnapshotLatch;
pub use value::Snapshot;
