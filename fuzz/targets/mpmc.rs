//! Arbitrary bytes as a queue, followed by unreadable memory.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ipc_hostile::mpmc::run(bytes);
});
