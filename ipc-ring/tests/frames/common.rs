//! Frames whose content says whether they are whole.

use std::{fs, thread};

use ipc_ring::frames::{Frame, FrameWriter};

/// Frames of this many elements are long enough that another process comes between.
pub(crate) const LEN: usize = 4096;

/// An element of a frame. All elements of a frame differ, and change with the number of the frame
/// and with the salt of its writer.
pub(crate) fn element(salt: u64, sequence: u64, index: usize) -> u64 {
    (sequence ^ salt << 40).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ index as u64
}

/// The frame with this number.
pub(crate) fn frame(salt: u64, sequence: u64, len: usize) -> Vec<u64> {
    (0..len).map(|index| element(salt, sequence, index)).collect()
}

/// Panics unless the frame is whole and has the number that it says.
pub(crate) fn check(salt: u64, frame: &Frame<'_, u64>) {
    let sequence = frame.sequence();
    let torn = frame
        .as_slice()
        .iter()
        .enumerate()
        .find(|(index, found)| **found != element(salt, sequence, *index));
    assert_eq!(torn, None, "frame {sequence} is torn");
}

/// Writes the next frame.
pub(crate) fn write_next(salt: u64, writer: &mut FrameWriter<u64>, frame: &mut [u64]) -> u64 {
    let next = writer.sequence() + 1;
    for (index, place) in frame.iter_mut().enumerate() {
        *place = element(salt, next, index);
    }
    writer.write(frame).unwrap()
}

/// Waits until a thread of that process sleeps in the kernel on a word in shared memory.
pub(crate) fn wait_until_it_sleeps(pid: i32) {
    let waits = [libc::FUTEX_WAIT, libc::FUTEX_WAIT_BITSET].map(|call| format!("{call:#x}"));
    let sleeps = |task: &fs::DirEntry| {
        let call = fs::read_to_string(task.path().join("syscall")).unwrap_or_default();
        let mut words = call.split(' ');
        let call = words.next().and_then(|call| call.parse().ok());
        call == Some(libc::SYS_futex)
            && words.nth(1).is_some_and(|call| waits.iter().any(|wait| wait == call))
    };
    let tasks = || fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    while !tasks().any(|task| sleeps(&task)) {
        thread::yield_now();
    }
}
