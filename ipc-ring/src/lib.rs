#![doc = include_str!("../README.md")]

mod doors;
mod header;
mod info;
mod jobs;
mod parts;
mod slot;
mod waiting;

pub mod frames;
pub mod mpmc;
pub mod spsc;
pub mod topic;

pub use info::{RingInfo, RingKind};
pub use ipc_mem as mem; // where the derives find it
pub use jobs::{Depth, Job, JobOptions, JobQueue};
