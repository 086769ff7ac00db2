//! Arbitrary bytes as a ring, followed by unreadable memory.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ipc_hostile::spsc::run(bytes);
});
