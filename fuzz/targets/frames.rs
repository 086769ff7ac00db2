//! Arbitrary bytes as frames, followed by unreadable memory, and as a file.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if ipc_hostile::frames::run(bytes) || fuzz::is_chosen(bytes) {
        ipc_hostile::frames::run_file(fuzz::name(), bytes);
    }
});
