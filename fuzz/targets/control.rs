//! Arbitrary bytes as control messages, as `recvmsg` returns them beside the data.

#![no_main]
#![expect(dead_code, reason = "the other targets and the crate use the rest of these files")]

#[path = "../../ipc-stream/src/control.rs"]
mod control;
#[path = "../../ipc-stream/tests/all/replay.rs"]
mod replay;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    replay::control(bytes);
});
