//! Any memory and any file as a shared value, which has a preamble.

#![no_main]
#![expect(dead_code, reason = "the tests of the crates use the rest of these files")]

#[path = "../../ipc-shmarray/tests/shmarray/look.rs"]
mod look;
#[path = "../../ipc-shmarray/tests/shmarray/memory.rs"]
mod memory;
#[path = "../../ipc-shmarray/tests/shmarray/replay.rs"]
mod replay;
#[path = "../../ipc-shmarray/tests/shmarray/sys.rs"]
mod sys;
#[path = "../../ipc-shm/tests/replay/value.rs"]
mod value;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let found = value::count(ipc_shm::Shared::open_in(replay::memory(bytes)), bytes);
    if found || fuzz::is_chosen(bytes) {
        value::run(fuzz::name(), bytes);
    }
});
