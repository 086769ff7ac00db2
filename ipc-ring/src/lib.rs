#![doc = include_str!("../README.md")]

mod calls;
mod doors;
mod header;
mod info;
mod jobs;
mod parts;
mod slot;
mod statistics;
mod waiting;

pub mod frames;
pub mod mailbox;
pub mod mpmc;
pub mod service;
pub mod spsc;
pub mod topic;
pub mod wait;

#[cfg(feature = "postcard")]
mod value;

pub use info::{RingInfo, RingKind};
pub use ipc_mem as mem; // where the derives find it
pub use jobs::{Depth, Job, JobOptions, JobQueue};
pub use statistics::Statistics;
#[cfg(feature = "postcard")]
pub use value::Encoded;
