//! Any sequence of messages with descriptors and credentials, none of which is left open.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ipc_hostile::stream::ancillary(bytes);
});
