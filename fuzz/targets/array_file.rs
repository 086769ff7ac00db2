//! Any file as an array, possibly with a trailer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ipc_hostile::array::run_file(fuzz::name(), bytes);
});
