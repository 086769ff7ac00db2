//! Time: C's two structs, clocks and deadlines.

mod clock;
mod deadline;
mod ops;
mod parts;
mod timespec;
mod timeval;
mod wide;

pub use clock::Clock;
pub use deadline::Deadline;
pub use parts::Time;
pub use timespec::TimeSpec;
pub use timeval::TimeVal;
