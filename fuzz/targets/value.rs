//! Any file as a shared value, which has a preamble.

#![no_main]

#[path = "../../ipc-shm/tests/replay/value.rs"]
mod value;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| value::run(fuzz::name(), bytes));
