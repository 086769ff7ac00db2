#![doc = include_str!("../README.md")]

pub use ipc_core as core;
pub use ipc_heap as heap;
pub use ipc_mem as mem;
pub use ipc_queue as queue;
pub use ipc_ring as ring;
pub use ipc_shm as shm;
pub use ipc_shmarray as array;
pub use ipc_signal as signal;
pub use ipc_stream as stream;
pub use ipc_sync as sync;

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme_of_the_workspace {}
