//! Arbitrary bytes as frames: the work of a fuzz target and of tests. Each function returns whether
//! the bytes were accepted.

use std::fs;
use std::time::Duration;

use ipc_core::Result;
use ipc_mem::{Memory, Plain};
use ipc_ring::frames::{FrameReader, FramesInfo, Pick};

use crate::memory;

/// The bytes in memory, followed by memory that cannot be read.
pub fn run(bytes: &[u8]) -> bool {
    look(FrameReader::<f32, _>::open_in(memory::memory(bytes)))
        | look(FrameReader::<[u8; 3], _>::open_in(memory::memory(bytes)))
}

/// The bytes as a file, where the header is read with `pread`.
pub fn run_file(name: &str, bytes: &[u8]) -> bool {
    let path = format!("/dev/shm{name}");
    fs::write(&path, bytes).unwrap();
    let found = look(FrameReader::<f32>::open(name));
    match FramesInfo::of(name) {
        Ok(info) => assert!(info.readers.len() <= 64 && info.layout.slots >= 2),
        Err(err) => refused(&err),
    }
    // A file whose trailer says so is removed by its last detach.
    let _ = fs::remove_file(path);
    found
}

/// A reader has frames that lie inside its memory; otherwise there is only an error.
pub fn look<T: Plain, M: Memory>(opened: Result<FrameReader<T, M>>) -> bool {
    let mut reader = match opened {
        Ok(reader) => reader,
        Err(err) => {
            refused(&err);
            return false;
        }
    };
    let base = reader.memory().base().addr().get();
    let inside = base..base + reader.memory().size();
    let len = reader.shape().checked_len().unwrap();
    let mut sum = 0;
    for turn in 0..4 {
        let pick = if turn < 3 { Pick::Next } else { Pick::Latest };
        let before = reader.sequence();
        let viewed = reader.try_view(pick, |view| {
            let first = view.as_ptr().addr();
            assert!(inside.contains(&first) && first + len * size_of::<T>() <= inside.end);
            assert!(view.get(len - 1).is_some() && view.get(len).is_none());
        });
        if let Ok(Some((info, ()))) = viewed {
            assert_eq!(info.sequence(), before + 1 + info.missed());
        }
        if let Ok(Some(frame)) = reader.try_latest() {
            assert_eq!(frame.as_slice().len(), len);
            sum += frame.missed();
        }
    }
    assert!(reader.missed() >= sum);
    let waited = reader.wait_next_timeout(Duration::ZERO);
    assert!(waited.is_ok() || !waited.unwrap_err().to_string().is_empty());
    true
}

fn refused(err: &ipc_core::Error) {
    // It may say that there are 64 readers.
    assert!(err.is_mismatch() || err.is_no_space(), "{err}");
    assert!(err.to_string().len() < 10_000, "an error as long as the author of the header likes");
}
