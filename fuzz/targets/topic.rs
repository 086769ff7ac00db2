//! Arbitrary bytes as a topic, followed by unreadable memory.

#![no_main]
#![expect(dead_code, reason = "the tests of the crates use the rest of these files")]

#[path = "../../ipc-ring/tests/common/guarded.rs"]
mod guarded;
#[path = "../../ipc-ring/tests/topic/replay.rs"]
mod replay;
#[path = "../../ipc-ring/tests/common/sys.rs"]
mod sys;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    replay::run(|| guarded::memory(bytes));
    let _ = ipc_ring::topic::TopicInfo::of_bytes(bytes);
});
