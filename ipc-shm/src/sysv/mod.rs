//! System V segments.

mod info;
mod memory;
mod remains;
mod trailer;

pub use info::SysvInfo;
pub use memory::SysvMemory;
