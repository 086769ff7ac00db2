//! Memory that several processes share.
//!
//! | to | there is |
//! |---|---|
//! | make memory that others find by name | [`SharedMemory::create`], with [`MemoryOptions`] |
//! | find it | [`SharedMemory::open`], or [`SharedMemory::open_or_create`] |
//! | share a lock, an atomic or a struct of them | [`Shared`] |
//! | look without being able to write | [`ReadOnlyMemory::open`] |
//! | fill it before anybody sees it | [`Draft`] |
//! | end its name | [`SharedMemory::unlink`], or [`Removal`](ipc_core::Removal) |
//!
//! What this crate hands out has an address and a size, and no safe way to touch its bytes: for
//! that, something is laid out in it: a [`Shared`] value, an array of `ipc-shmarray`, a semaphore of `ipc-sync`.
//!
//! # Trust
//!
//! Objects have mode 0600 unless asked otherwise, and what somebody else made or may write is refused
//! unless asked for ([`Trust`]). Programs of the same user that write an object without this toolkit
//! are in the same position as a debugger: they can break any promise made here. One that makes the file shorter
//! ends those who then touch what is gone by SIGBUS.

mod draft;
mod found;
mod options;
mod preamble;
mod read_only_memory;
mod shared;
mod shared_memory;
mod sys;
mod trailer;

pub use draft::Draft;
pub use ipc_core::Trust;
pub use ipc_core::entry::Identity;
pub use options::{MemoryOptions, OpenOptions};
pub use read_only_memory::ReadOnlyMemory;
pub use shared::Shared;
pub use shared_memory::SharedMemory;
