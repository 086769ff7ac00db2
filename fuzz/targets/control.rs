//! Arbitrary bytes as control messages, as `recvmsg` returns them beside the data.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ipc_hostile::stream::control(bytes);
});
