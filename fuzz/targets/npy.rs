//! Arbitrary bytes as a NumPy file.

#![no_main]
#![expect(dead_code, reason = "the tests of the crate use the rest of these files")]

#[path = "../../ipc-shmarray/tests/shmarray/look.rs"]
mod look;
#[path = "../../ipc-shmarray/tests/shmarray/memory.rs"]
mod memory;
#[path = "../../ipc-shmarray/tests/shmarray/replay.rs"]
mod replay;
#[path = "../../ipc-shmarray/tests/shmarray/sys.rs"]
mod sys;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    replay::run_npy(fuzz::name(), bytes);
});
