//! Files with names: how they are created, opened and removed, and how the processes that are
//! attached to them are counted.

mod attach;
mod attachment;
mod draft;
mod entry;
mod fork_gate;
mod found;
mod hold;
mod identity;
mod kept_file;
mod removal;
mod shared_memory;

pub use attachment::Attachment;
pub use draft::{Draft, Publisher};
pub use entry::{Convention, Entry};
pub(crate) use found::UNFINISHED;
pub use found::{Found, SHARED_MEMORY, Stale, entry};
pub(crate) use hold::Hold;
pub use identity::Identity;
pub(crate) use kept_file::KeptFile;
pub use shared_memory::SharedMemory;
