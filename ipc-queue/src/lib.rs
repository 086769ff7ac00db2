//! Message queues that the kernel keeps.
//!
//! | to | there is |
//! |---|---|
//! | send messages with a priority to whoever finds the queue by name | [`MessageQueue`], POSIX's |
//! | be told by a signal that messages came | [`MessageQueue::notify`] |
//! | send messages of several types to whoever finds the queue by key or id | [`SysvQueue`], System V's |
//! | send values instead of bytes, through either | [`Sender`], [`Receiver`] |
//!
//! A message arrives whole or not at all, and whoever is killed leaves the queue intact. C and Python programs use the
//! same queues.

#[cfg(not(target_os = "linux"))]
compile_error!(
    "ipc-queue supports Linux only so far: another Unix needs its own `sys`, for queues that are no descriptors"
);

mod limits;
mod list;
mod message;
mod message_queue;
mod notification;
mod payload;
mod queue_options;
mod sys;
mod sysv_message;
mod sysv_queue;
mod typed;

#[doc(hidden)]
pub use ipc_mem as mem; // where the derives find it
pub use message::Message;
pub use message_queue::MessageQueue;
pub use notification::{Messages, Notification};
pub use payload::Payload;
#[cfg(feature = "postcard")]
pub use payload::Postcard;
pub use queue_options::{Direction, OpenQueueOptions, QueueOptions, SysvQueueOptions};
pub use sysv_message::{Select, SysvMessage};
pub use sysv_queue::{SysvQueue, SysvQueueInfo};
pub use typed::{Carrier, Receiver, Sender, Unsent};
