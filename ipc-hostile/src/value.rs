//! Any file as a shared value.

use std::fs;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use ipc_core::Result;
use ipc_mem::{Memory, Resident};
use ipc_shm::{MappedFile, Shared};

use crate::memory::{self, MOST};

/// A value of atomic integers.
#[derive(Debug, Resident)]
#[repr(C)]
pub struct Counts {
    one: AtomicU32,
    others: [AtomicU64; 2],
}

/// The bytes in memory are refused, or they are a value inside them.
pub fn run_in_memory(bytes: &[u8]) -> bool {
    bytes.len() <= MOST && count(Shared::open_in(memory::memory(bytes)), bytes)
}

/// The file is refused, or it is a value inside the file, which can be counted with.
pub fn run(name: &str, bytes: &[u8]) -> bool {
    let path = format!("/dev/shm{name}");
    fs::write(&path, bytes).unwrap();
    let mut found = count(MappedFile::open(&path).and_then(Shared::open_in), bytes);
    fs::write(&path, bytes).unwrap();
    found |= count(Shared::open(name), bytes);
    // A file whose trailer says so is removed by its last detach.
    let _ = fs::remove_file(path);
    found
}

/// The value lies inside its memory.
pub fn count(opened: Result<Shared<Counts, impl Memory>>, bytes: &[u8]) -> bool {
    match &opened {
        Ok(counts) => {
            let (base, at) = (counts.memory().base().addr().get(), (&raw const **counts).addr());
            assert!(base < at && at + size_of::<Counts>() <= base + counts.memory().size());
            assert!(counts.memory().size() <= bytes.len());
            counts.one.fetch_add(1, Ordering::Relaxed);
            counts.others[1].fetch_add(1, Ordering::Relaxed);
        }
        Err(err) => assert!(err.is_mismatch() && err.to_string().len() < 10_000, "{err}"),
    }
    opened.is_ok()
}
