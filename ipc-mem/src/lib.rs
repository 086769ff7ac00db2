//! Memory objects, and the types that may be stored in them. A *memory object* owns a region of
//! bytes, usually one that several processes map.
//!
//! | task | item |
//! |---|---|
//! | own a region of bytes | [`Memory`], [`LocalMemory`], [`Carver`], [`Mapping`] |
//! | declare the types that may be stored in memory objects | [`Plain`] for data, [`Resident`] for locks and atomics; [`Placed`] is a resident in a memory object |
//! | describe the layout of a type | [`Schema`]; [`Fingerprint`] is its stored form |
//! | describe an array in memory | [`Shape`], [`array`](mod@array) |
//! | share memory by name | [`SharedMemory`], with [`MemoryOptions`] and [`OpenOptions`] |
//! | choose where the pages of a memory object are | [`Placement`] |
//! | implement another kind of named object | [`named`], [`file`](mod@file) |
//!
//! Most programs use this crate only to derive [`Plain`] and [`Resident`]: shared structs, arrays
//! and locks are in `ipc-shm`, `ipc-shmarray` and `ipc-sync`. A crate that defines a further layout
//! of memory, such as a ring, implements [`Structure`].

mod access;
mod carver;
mod layout;
mod local_memory;
mod mapping;
mod object;
mod once_per_process;
mod placed;
mod plain;
mod publish;
mod region;
mod resident;
mod retained;
mod structure;
mod sys;
mod tag;
mod wait_word;

pub mod array;
pub mod bytes;
#[doc(hidden)]
pub mod derived;
pub mod file;
pub mod granule;
pub mod memory;
pub mod named;

pub use access::{Access, AccessMode, AtLeast, ReadOnly, ReadWrite};
pub use array::Shape;
pub use carver::{Carver, Part};
pub use file::{Achieved, Hint, MemoryOptions, OpenOptions, Placement, Usage};
#[doc(hidden)]
pub use ipc_core::{Error, Result}; // for the derives
pub use ipc_derive::{Plain, Resident};
pub use layout::{DescribedField, Field, Fingerprint, Kind, Maker, Schema};
pub use local_memory::LocalMemory;
pub use mapping::Mapping;
pub use memory::{Fresh, Memory};
pub use named::{Draft, Identity, SharedMemory, Stale};
pub use object::Object;
pub use once_per_process::OncePerProcess;
pub use placed::Placed;
#[cfg(feature = "zerocopy")]
pub use plain::Bytes;
pub use plain::Plain;
#[cfg(feature = "bytemuck")]
pub use plain::Pod;
pub use region::Region;
pub use resident::Resident;
pub use structure::{Plan, Structure};
pub use sys::map::page_size;
pub use tag::Tag;
pub use wait_word::WaitWord;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
