//! Shared memory: regions of memory that several processes map.
//!
//! | to | use |
//! |---|---|
//! | create memory and give it a name | [`SharedMemory::create`], with [`MemoryOptions`] |
//! | open memory by name | [`SharedMemory::open`], or [`SharedMemory::open_or_create`] |
//! | share a lock, an atomic or a struct of them | [`Shared`] |
//! | read memory without write access | [`SharedMemory::open_read_only`] |
//! | fill memory before it has a name | [`Draft`] |
//! | unlink the name | [`SharedMemory::unlink`], [`Removal`](ipc_core::Removal) (default: last detach) |
//! | share memory without a name, by a descriptor or by `fork` | [`AnonymousMemory`], [`ForkMemory`] |
//! | share memory by a System V key, or as a file | [`SysvMemory`], [`MappedFile`] |
//! | let memory grow, or choose its page size and when pages are allocated | [`MemoryOptions::max_size`], [`Placement`] |
//! | count the attached processes | [`SharedMemory::attached`] |
//! | list objects, and read facts about them | [`SharedMemory::names`], [`MemoryInfo`], [`SysvInfo`] |
//!
//! A memory object has an address and a size. Safe code cannot change its bytes, nor borrow them.
//! Use it through a type that is laid out in it: a [`Shared`] value, an array of `ipc-shmarray`, or
//! a semaphore of `ipc-sync`.
//!
//! # Trust
//!
//! Objects have mode 0600 by default. Opening an object fails if its owner is neither this user nor
//! root, or if other users may write it. With the option [`Trust`], callers can accept further
//! objects. A program of the same user that writes an object without this toolkit can break every
//! guarantee documented here, as a debugger can. If such a program truncates the file, processes
//! that access the removed part get SIGBUS.

mod anonymous_memory;
mod fork_memory;
mod mapped_file;
mod memory_info;
mod sys;
mod sysv;
mod value;

pub use anonymous_memory::AnonymousMemory;
pub use fork_memory::ForkMemory;
pub use ipc_core::Trust;
#[doc(hidden)]
pub use ipc_mem as mem; // where the derives find it
pub use ipc_mem::{
    Achieved, Draft, Hint, Identity, MemoryOptions, OpenOptions, Placement, ReadOnly, ReadWrite,
    SharedMemory, Stale, Usage,
};
pub use mapped_file::MappedFile;
pub use memory_info::MemoryInfo;
pub use sysv::{SysvInfo, SysvMemory};
pub use value::Shared;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
