//! The words that all inter-process objects share.
//!
//! | to say | there is |
//! |---|---|
//! | what an object is called | [`Name`], [`Key`] |
//! | who may use it, and when it is removed | [`Permissions`], [`Trust`], [`Removal`] |
//! | which process a handle belongs to | [`Origin`], [`ProcessId`], [`UserId`], [`GroupId`] |
//! | that one of many processes creates an object, and all of them get it | [`open_or_create`] |
//! | which signal | [`Signal`] |
//! | how long to wait | [`Deadline`]; [`TimeSpec`], [`TimeVal`] and [`Clock`] for C's time |
//! | what went wrong | [`Error`], [`Errno`] |
//!
//! This crate creates no object that another process could find. Memory, and what may be stored in it, is in `ipc-mem`;
//! the crates above create the objects.

#[cfg(not(target_os = "linux"))]
compile_error!("ipc-core supports Linux only so far: another Unix needs its own `sys.rs`");

mod errno;
mod error;
mod hooks;
mod ids;
mod key;
mod name;
mod open_or_create;
mod origin;
mod permissions;
mod removal;
mod signal;
mod sys;
mod time;
mod trust;

pub mod ret;

pub use errno::Errno;
pub use error::{Error, Result};
#[doc(hidden)]
pub use hooks::{crash_point, switched_on};
pub use ids::{GroupId, ProcessId, UserId};
pub use key::Key;
pub use name::Name;
pub use open_or_create::open_or_create;
pub use origin::Origin;
pub use permissions::Permissions;
pub use removal::Removal;
pub use signal::Signal;
pub use time::{Clock, Deadline, Time, TimeSpec, TimeVal};
pub use trust::Trust;
