//! Arbitrary bytes as the stored form of a layout.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ipc_hostile::fingerprint::run(bytes);
});
