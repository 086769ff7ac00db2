//! The types that all inter-process objects share: names, permissions, owners, time and errors.
//!
//! | concept | item |
//! |---|---|
//! | the name of an object | [`Name`], [`Key`] |
//! | its permissions, the owners to trust, and when it is removed | [`Permissions`], [`Trust`], [`Removal`] |
//! | processes, users and groups, and the process in which a handle was created | [`ProcessId`], [`UserId`], [`GroupId`], [`Origin`] |
//! | proof that a process can no longer write; the namespaces in which its id is valid | [`ProcessInstance`], [`Namespaces`] |
//! | opening an object, or creating it if it does not exist | [`open_or_create`] |
//! | signals, and the operations that a signal handler may perform | [`Signal`], [`SignalSafe`], [`pin_library_of`] |
//! | waiting until an integer in shared memory changes | [`futex`], [`Patience`], [`barrier`]; [`owner`] for integers that name a process |
//! | waiting until a descriptor is ready | [`poll`] |
//! | keeping descriptors off the numbers of the standard streams | [`above_standard_streams`] |
//! | the deadline of a wait | [`Deadline`]; [`TimeSpec`], [`TimeVal`] and [`Clock`] for C's time |
//! | the reason for a failure | [`Error`], [`Errno`]; [`Refusal`] is an error that does not name its object yet |
//!
//! This crate creates no objects. [`owner`], [`Patience`], [`barrier`], [`Origin`] and [`futex`]
//! are for crates that build objects of their own. `ipc-mem` has shared memory and the types that
//! may be stored in it; `ipc-sync`, `ipc-queue` and other crates create the objects.

#[cfg(not(target_os = "linux"))]
compile_error!("ipc-core supports Linux only so far: another Unix needs its own `sys.rs`");

mod descriptor;
mod errno;
mod error;
mod fork_lock;
mod hooks;
mod ids;
mod instance;
mod kernel_limit;
mod key;
mod name;
mod namespaces;
mod open_or_create;
mod origin;
mod patience;
mod permissions;
mod pin_library;
mod poll;
mod refusal;
mod removal;
mod signal;
mod signal_safe;
mod sys;
mod time;
mod trust;

pub mod barrier;
pub mod owner;
pub mod ret;

pub use descriptor::{above_standard_streams, duplicate};
pub use errno::Errno;
pub use error::{Error, Result};
pub use fork_lock::{ForkGuard, ForkLock};
#[doc(hidden)]
pub use hooks::{crash_point, switched_on};
pub use ids::{GroupId, ProcessId, UserId};
pub use instance::ProcessInstance;
pub use kernel_limit::kernel_limit;
pub use key::Key;
pub use name::Name;
pub use namespaces::Namespaces;
pub use open_or_create::open_or_create;
pub use origin::Origin;
pub use patience::{Patience, Woken};
pub use permissions::Permissions;
pub use pin_library::pin_library_of;
pub use poll::{PollFd, poll};
pub use refusal::Refusal;
pub use removal::Removal;
pub use signal::Signal;
pub use signal_safe::SignalSafe;
pub use sys::{fcntl, futex, pidfd_open};
pub use time::{Clock, Deadline, Time, TimeSpec, TimeVal};
pub use trust::Trust;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
