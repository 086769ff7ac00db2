//! Memory that processes share: what holds bytes, what may be laid out in them, and how others find it.
//!
//! | to | there is |
//! |---|---|
//! | hold bytes at a fixed address | [`Memory`], [`LocalMemory`], [`Carver`], [`Mapping`] |
//! | say what may be stored there | [`Plain`] data and [`Resident`] objects; [`Placed`] is a resident in a memory object |
//! | describe its layout | [`Schema`], and [`Fingerprint`], its stored form |
//! | share memory by name | [`SharedMemory`], with [`MemoryOptions`] and [`OpenOptions`] |
//! | choose where its pages are | [`Placement`] |
//! | build another kind of named object on files | [`named`], [`file`] |
//!
//! Depend on `ipc-shm`, `ipc-shmarray` or `ipc-sync` for objects to use; on this crate to derive [`Plain`] and
//! [`Resident`], and to write a structure of your own.

mod access;
mod carver;
mod layout;
mod local_memory;
mod mapping;
mod placed;
mod plain;
mod resident;
mod sys;

pub mod file;
pub mod granule;
pub mod memory;
pub mod named;

pub use access::Access;
pub use carver::{Carver, Part};
pub use file::{Achieved, Hint, MemoryOptions, OpenOptions, Placement, Usage};
#[doc(hidden)]
pub use ipc_core::{Error, Result}; // for the derives
pub use ipc_derive::{Plain, Resident};
pub use layout::{Field, Fingerprint, Kind, Schema};
pub use local_memory::LocalMemory;
pub use mapping::Mapping;
pub use memory::{Content, Memory};
pub use named::{Draft, Identity, ReadOnlyMemory, SharedMemory};
pub use placed::Placed;
#[cfg(feature = "zerocopy")]
pub use plain::Bytes;
pub use plain::Plain;
#[cfg(feature = "bytemuck")]
pub use plain::Pod;
pub use resident::Resident;
pub use sys::map::page_size;
