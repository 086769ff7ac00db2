//! Arbitrary bytes as a service, followed by unreadable memory.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ipc_hostile::service::run(bytes);
});
