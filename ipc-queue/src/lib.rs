#![doc = include_str!("../README.md")]

#[cfg(not(target_os = "linux"))]
compile_error!(
    "ipc-queue supports only Linux so far: another Unix needs its own `sys`, for queues that are \
     not descriptors"
);

mod options;
mod posix;
mod sysv;
mod typed;
mod wait;

#[doc(hidden)]
pub use ipc_mem as mem; // where the derives find it
pub use options::{Direction, OpenQueueOptions};
pub use posix::{Message, MessageQueue, Messages, Notification, QueueInfo, QueueOptions};
pub use sysv::{Select, SysvMessage, SysvQueue, SysvQueueInfo, SysvQueueOptions};
#[cfg(feature = "postcard")]
pub use typed::Postcard;
pub use typed::{Carrier, Payload, Receiver, Sender, Unsent};
use wait::Wait;
