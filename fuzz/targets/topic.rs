//! Arbitrary bytes as a topic, followed by unreadable memory.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ipc_hostile::topic::run(bytes);
});
