//! Memory and waits for the tests of the native locks.

use std::thread;

use ipc_mem::{Carver, Fresh, MemoryOptions, Part, Placed, Resident, SharedMemory, Tag};
use ipc_testkit::sleepers;

/// An object in a part of shared memory.
pub(crate) type Shared<T> = Placed<T, Part<SharedMemory>>;

const SIZE: usize = 65_536;

/// Shared memory to lay objects out in.
pub(crate) struct Memory(Carver<Fresh<SharedMemory>>);

impl Memory {
    pub(crate) fn create(name: &str) -> Self {
        let memory =
            SharedMemory::create(name, MemoryOptions::new(SIZE).content(Tag::BARE)).unwrap();
        Self(Carver::new(memory).unwrap())
    }

    /// The next object, in cache lines of its own.
    pub(crate) fn put<T: Resident>(&mut self, options: impl Into<T::Options>) -> Shared<T> {
        let part =
            self.0.carve(size_of::<T>().next_multiple_of(64), align_of::<T>().max(64)).unwrap();
        Placed::create_in_with(part, options.into()).unwrap()
    }
}

/// Waits for what another thread or process does.
pub(crate) fn until(condition: impl Fn() -> bool) {
    while !condition() {
        thread::yield_now();
    }
}

/// Returns `true` if a process of one thread sleeps in the kernel on a futex.
pub(crate) fn sleeps(pid: i32) -> bool {
    sleepers(pid) == 1
}
