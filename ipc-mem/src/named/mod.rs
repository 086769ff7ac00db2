//! Files that names stand for: how they are created, found, counted and removed.

mod attachment;
mod draft;
mod entry;
mod fork_gate;
mod found;
mod life;
mod read_only_memory;
mod shared_memory;

pub(crate) use attachment::Attachment;
pub use draft::{Draft, Publisher};
pub use entry::{Convention, Entry, Identity};
pub use found::{Found, SHARED_MEMORY, entry};
pub use life::Life;
pub use read_only_memory::ReadOnlyMemory;
pub use shared_memory::SharedMemory;
