//! System V message queues.

mod change;
mod limits;
mod options;
mod sys;
mod sysv_message;
mod sysv_queue;
mod sysv_queue_info;

pub use options::SysvQueueOptions;
pub use sysv_message::{Select, SysvMessage};
pub use sysv_queue::SysvQueue;
pub use sysv_queue_info::SysvQueueInfo;
