//! Memory that several processes share.
//!
//! | to | there is |
//! |---|---|
//! | make memory that others find by name | [`SharedMemory::create`], with [`MemoryOptions`] |
//! | find it | [`SharedMemory::open`], or [`SharedMemory::open_or_create`] |
//! | share a lock, an atomic or a struct of them | [`Shared`] |
//! | look without being able to write | [`ReadOnlyMemory::open`] |
//! | fill it before anybody sees it | [`Draft`] |
//! | end its name | [`SharedMemory::unlink`], or [`Removal`](ipc_core::Removal): by default it goes with its last user |
//! | share it without a name, by a descriptor or by `fork` | [`AnonymousMemory`], [`ForkMemory`] |
//! | share it by a System V key, or as a file | [`SysvMemory`], [`MappedFile`] |
//! | let it grow, or say where its pages are | [`MemoryOptions::max_size`], [`Placement`] |
//! | ask who else is there | [`ReadOnlyMemory::users`] |
//! | look at what there is without using it | [`SharedMemory::names`], [`MemoryInfo`], [`SysvInfo`] |
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

mod anonymous_memory;
mod fork_memory;
mod mapped_file;
mod memory_info;
mod preamble;
mod read_only_anonymous_memory;
mod read_only_mapped_file;
mod read_only_sysv_memory;
mod segment_trailer;
mod shared;
mod sys;
mod sysv_info;
mod sysv_memory;

pub use anonymous_memory::AnonymousMemory;
pub use fork_memory::ForkMemory;
pub use ipc_core::Trust;
#[doc(hidden)]
pub use ipc_mem as mem; // where the derives find it
pub use ipc_mem::{
    Achieved, Draft, Hint, Identity, MemoryOptions, OpenOptions, Placement, ReadOnlyMemory, SharedMemory, Usage,
};
pub use mapped_file::MappedFile;
pub use memory_info::MemoryInfo;
pub use read_only_anonymous_memory::ReadOnlyAnonymousMemory;
pub use read_only_mapped_file::ReadOnlyMappedFile;
pub use read_only_sysv_memory::ReadOnlySysvMemory;
pub use shared::Shared;
pub use sysv_info::SysvInfo;
pub use sysv_memory::SysvMemory;
