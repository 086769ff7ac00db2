//! Arbitrary bytes as frames, followed by unreadable memory.

#![no_main]
#![expect(dead_code, reason = "the tests of the crates use the rest of these files")]

#[path = "../../ipc-ring/tests/frames/replay.rs"]
mod frames;
#[path = "../../ipc-shmarray/tests/shmarray/look.rs"]
mod look;
#[path = "../../ipc-shmarray/tests/shmarray/memory.rs"]
mod memory;
#[path = "../../ipc-shmarray/tests/shmarray/replay.rs"]
mod replay;
#[path = "../../ipc-shmarray/tests/shmarray/sys.rs"]
mod sys;

use ipc_ring::frames::FrameReader;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if bytes.len() <= 65536 {
        let mut found = frames::look(FrameReader::<f32, _>::open_in(replay::memory(bytes)));
        found |= frames::look(FrameReader::<[u8; 3], _>::open_in(replay::memory(bytes)));
        if found || fuzz::is_chosen(bytes) {
            frames::run_file(fuzz::name(), bytes);
        }
    }
});
