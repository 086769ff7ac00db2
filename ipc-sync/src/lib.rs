//! Semaphores and locks, between threads and between processes.
//!
//! | to | there is |
//! |---|---|
//! | count something that any process finds by name | [`NamedSemaphore`] |
//! | count something in a memory that processes share | [`posix::Semaphore`] |
//! | change several counters together, with what the dead had taken given back | [`sysv::SemaphoreSet`] |
//! | let one thread at a time use data | [`pthread::Mutex`] |
//! | let several read it or one write it | [`pthread::RwLock`] |
//! | wait until somebody changed it, or until all have come | [`pthread::Condvar`], [`pthread::Barrier`] |
//!
//! These are the C library's own objects, bit for bit: C, C++ and Julia programs use the same ones.
//!
//! # Waiting
//!
//! `wait` waits as long as it takes, `try_wait` never, `wait_timeout` and `wait_deadline` until then on the
//! monotonic clock, which nobody can set and which stands still while the machine is suspended. Not getting it in
//! time is `Ok(false)`, or `Ok(None)` instead of a guard. A signal never ends a wait: its handler runs, and the wait
//! goes on to the same deadline.
//!
//! # Death
//!
//! Processes may be killed at any moment. What that does to each of these objects, and to those who wait for it, is told
//! in a [table](pthread#when-a-process-is-killed). In short: a mutex made in the usual way tells the next owner,
//! [`Operation::undo`](sysv::Operation::undo) gives permits back, and everything else wants a time-out.

#[cfg(not(any(target_env = "gnu", target_env = "musl")))]
compile_error!("ipc-sync knows the C libraries glibc and musl: another needs its own file beside `sys/gnu.rs`");

#[cfg_attr(target_env = "gnu", path = "sys/gnu.rs")]
#[cfg_attr(target_env = "musl", path = "sys/musl.rs")]
mod clib;
mod lock_error;
mod sys;

pub mod posix;
pub mod pthread;
pub mod sysv;

#[doc(hidden)]
pub use ipc_mem as mem; // where the derives find it
pub use lock_error::LockError;
pub use posix::NamedSemaphore;
