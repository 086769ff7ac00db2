//! Arbitrary bytes as an array, followed by unreadable memory.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ipc_hostile::array::run(bytes);
});
