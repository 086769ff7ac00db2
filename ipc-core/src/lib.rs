//! The words and rules that all inter-process objects share.
//!
//! | to say | there is |
//! |---|---|
//! | what an object is called | [`Name`], [`Key`] |
//! | who may use it, and what ends it | [`Permissions`], [`Access`], [`Trust`], [`Removal`], [`Origin`] |
//! | that one of many makes it, and all have it | [`open_or_create`] |
//! | which signal | [`Signal`] |
//! | how long to wait | [`Deadline`]; [`TimeSpec`], [`TimeVal`] and [`Clock`] for C's time |
//! | what went wrong | [`Error`], [`Errno`] |
//! | where bytes live | [`Memory`], [`LocalMemory`], [`Carver`]; [`entry`] for files that names stand for |
//! | what may be stored there | [`Plain`] data and [`Resident`] objects; [`Placed`] is one of the latter in a memory |
//! | how it is laid out | [`Schema`], and [`Fingerprint`], its stored form |
//!
//! This crate makes no object that another process could find; the crates above it do.

#[cfg(not(target_os = "linux"))]
compile_error!("ipc-core supports Linux only so far: another Unix needs its own `sys.rs`");

mod access;
mod carver;
mod clock;
mod crash_point;
mod deadline;
mod errno;
mod error;
mod fingerprint;
mod fork_gate;
mod ids;
mod key;
mod life;
mod local_memory;
mod mapping;
mod name;
mod open_or_create;
mod origin;
mod permissions;
mod placed;
mod plain;
mod resident;
mod schema;
mod signal;
mod switch;
mod sys;
mod time;
mod time_math;
mod time_ops;
mod timespec;
mod timeval;
mod trust;

pub mod entry;
pub mod granule;
pub mod memory;
pub mod ret;

pub use access::{Access, Removal};
pub use carver::{Carver, Part};
pub use clock::Clock;
pub use crash_point::crash_point;
pub use deadline::Deadline;
pub use errno::Errno;
pub use error::{Error, Result};
pub use fingerprint::Fingerprint;
pub use ids::{GroupId, ProcessId, UserId};
pub use ipc_derive::{Plain, Resident};
pub use key::Key;
pub use local_memory::LocalMemory;
pub use mapping::Mapping;
pub use memory::{Content, Memory};
pub use name::Name;
pub use open_or_create::open_or_create;
pub use origin::Origin;
pub use permissions::Permissions;
pub use placed::Placed;
#[cfg(feature = "zerocopy")]
pub use plain::Bytes;
pub use plain::Plain;
#[cfg(feature = "bytemuck")]
pub use plain::Pod;
pub use resident::Resident;
pub use schema::{Field, Kind, Schema};
pub use signal::Signal;
pub use switch::switched_on;
pub use time::Time;
pub use timespec::TimeSpec;
pub use timeval::TimeVal;
pub use trust::Trust;
