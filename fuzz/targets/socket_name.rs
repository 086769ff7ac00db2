//! Arbitrary bytes as the name of a socket.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ipc_hostile::stream::socket_name(bytes);
});
