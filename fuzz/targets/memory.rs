//! Any file as a shared memory, which may have a trailer.

#![no_main]

#[path = "../../ipc-shm/tests/replay/memory.rs"]
mod memory;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| memory::run(fuzz::name(), bytes));
