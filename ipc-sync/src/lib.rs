#![doc = include_str!("../README.md")]

#[cfg(not(any(target_env = "gnu", target_env = "musl")))]
compile_error!(
    "ipc-sync knows the C libraries glibc and musl: another needs its own file beside `sys/gnu.rs`"
);

#[cfg_attr(target_env = "gnu", path = "sys/gnu.rs")]
#[cfg_attr(target_env = "musl", path = "sys/musl.rs")]
mod clib;
mod snapshot;
mod sys;

pub mod futex;
pub mod lock;
pub mod posix;
pub mod pthread;
pub mod sysv;

#[doc(hidden)]
pub use ipc_mem as mem; // where the derives find it
pub use lock::{Initial, LockError};
pub use posix::NamedSemaphore;
pub use snapshot::{Snapshot, SnapshotLatch};
