//! The whole toolkit in one crate: what programs of one machine need to share memory, wait for each other and talk.
//!
//! It only hands on what is in the crates below it. Depend on one of those alone if it is all you need.
//!
//! | to | there is |
//! |---|---|
//! | share an array, also with Julia, C and NumPy | [`array::ShmArray`] |
//! | share a struct of locks, semaphores and atomics by name | [`shm::Shared`] |
//! | share bytes by name | [`shm::SharedMemory`] |
//! | wait until somebody says so | [`sync::NamedSemaphore`], [`sync::pthread::Condvar`] |
//! | let one, or several, at a time | [`sync::pthread::Mutex`], [`sync::pthread::RwLock`] |
//! | send messages with a priority | [`queue::MessageQueue`] |
//! | send and receive signals | [`signal::Signals`] |
//! | say what an object is called, who may use it, how long to wait, what went wrong | [`core`] |
//!
//! # A struct that any process finds by name
//!
//! ```
//! use ipc::mem::{Plain, Resident};
//! use ipc::shm::Shared;
//! use ipc::sync::{posix::Semaphore, pthread::Mutex};
//!
//! #[derive(Clone, Copy, Plain)]
//! #[repr(C)]
//! struct Counters {
//!     requests: u64,
//!     failures: u64,
//! }
//!
//! #[derive(Resident)]
//! #[repr(C)]
//! struct Stats {
//!     counters: Mutex<Counters>,
//!     ready: Semaphore,
//! }
//!
//! # fn main() -> ipc::core::Result<()> {
//! # let name = format!("/stats-{}", std::process::id());
//! let stats = Shared::<Stats>::open_or_create(&name)?;
//! // If the last owner died in the middle, the counters may be half-written: the closure mends them.
//! stats.counters.lock_or_repair(|counters| counters.failures = counters.failures.min(counters.requests))?.requests += 1;
//! stats.ready.post()?;
//! assert!(stats.ready.try_wait()?);
//! # Ok(())
//! # }
//! ```

pub use ipc_core as core;
pub use ipc_mem as mem;
pub use ipc_queue as queue;
pub use ipc_shm as shm;
pub use ipc_shmarray as array;
pub use ipc_signal as signal;
pub use ipc_sync as sync;
