//! POSIX message queues.

mod info;
mod limits;
mod message;
mod message_queue;
mod names;
mod notification;
mod options;
pub(crate) mod presence;
mod sys;
mod wait_any;

pub use info::QueueInfo;
pub use message::Message;
pub use message_queue::MessageQueue;
pub use notification::{Messages, Notification};
pub use options::QueueOptions;
