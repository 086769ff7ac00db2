//! Arbitrary bytes as a NumPy file.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ipc_hostile::array::run_npy(fuzz::name(), bytes);
});
