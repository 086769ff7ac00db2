//! Bugs on purpose, each of a kind that one of the tools has to find.

#![expect(unsafe_code, reason = "contains bugs on purpose")]

use ipc_mem::Memory;
use ipc_sync::posix::Semaphore;
use ipc_sync::pthread::{Mutex, RwLock};

use crate::Test;
use crate::locks::{Unguarded, local};
use crate::sys::threads;

pub(crate) const BUGS: &[Test] = &[
    ("bug: each thread locks a mutex of its own", a_mutex_each),
    ("bug: a reader writes", a_reader_writes),
    ("bug: a post before the data", a_post_too_early),
    ("bug: a read behind the end", a_read_behind_the_end),
    ("bug: a read after the end", a_read_after_the_end),
];

fn a_mutex_each() {
    let (locks, data) = (
        [Mutex::create_in(local(), 0u8).unwrap(), Mutex::create_in(local(), 0u8).unwrap()],
        Unguarded::new(),
    );
    threads(2, &|number| {
        for _ in 0..100 {
            let _locked = locks[usize::try_from(number).unwrap()].lock().unwrap();
            data.set(data.get() + 1);
        }
    });
}

fn a_reader_writes() {
    let (lock, data) = (RwLock::create_in(local(), 0u8).unwrap(), Unguarded::new());
    threads(2, &|_| {
        for _ in 0..100 {
            let _locked = lock.read().unwrap();
            data.set(data.get() + 1);
        }
    });
}

fn a_post_too_early() {
    let (gate, data) = (Semaphore::create_in(local(), 0).unwrap(), Unguarded::new());
    threads(2, &|number| {
        if number == 0 {
            gate.post().unwrap();
            data.set(1);
        } else {
            while !gate.try_wait().unwrap() {
                std::thread::yield_now();
            }
            assert!(data.get() < 2);
        }
    });
}

fn a_read_behind_the_end() {
    let memory = local();
    // SAFETY: one behind the end is still an address of the block.
    let end = unsafe { memory.base().add(memory.size()) };
    // SAFETY: none: that is the bug.
    println!("{}", unsafe { end.read_volatile() });
}

fn a_read_after_the_end() {
    let memory = local();
    let base = memory.base();
    drop(memory);
    // SAFETY: none: that is the bug.
    println!("{}", unsafe { base.read_volatile() });
}
