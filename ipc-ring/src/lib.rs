#![doc = include_str!("../README.md")]

mod header;
mod info;
mod waiting;

pub mod mpmc;
pub mod spsc;

pub use info::{RingInfo, RingKind};
