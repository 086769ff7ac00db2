#![doc = include_str!("../README.md")]

mod header;
mod info;
mod slot;
mod waiting;

pub mod mpmc;
pub mod spsc;

pub use info::{RingInfo, RingKind};
