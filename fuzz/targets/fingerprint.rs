//! Arbitrary bytes as the stored form of a layout.

#![no_main]

#[path = "../../ipc-mem/tests/replay/fingerprint.rs"]
mod fingerprint;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fingerprint::run(bytes));
