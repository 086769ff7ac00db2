//! Arbitrary bytes as a heap, followed by unreadable memory.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ipc_hostile::heap::run(bytes);
});
