//! Values that several processes share.

mod preamble;
mod shared;

pub use shared::Shared;
