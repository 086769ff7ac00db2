//! Arbitrary bytes as a mailbox, followed by unreadable memory.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ipc_hostile::mailbox::run(bytes);
});
