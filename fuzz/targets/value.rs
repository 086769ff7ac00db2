//! Any memory and any file as a shared value, which has a preamble.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if ipc_hostile::value::run_in_memory(bytes) || fuzz::is_chosen(bytes) {
        ipc_hostile::value::run(fuzz::name(), bytes);
    }
});
