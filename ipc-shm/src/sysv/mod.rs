//! System V segments.

mod info;
mod memory;
mod trailer;

pub use info::SysvInfo;
pub use memory::SysvMemory;
