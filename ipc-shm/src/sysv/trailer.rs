//! The trailer of a System V segment.
//!
//! The last bytes of a segment record its tag, as in a file (`ipc-mem/src/file/trailer.rs`). A
//! segment cannot be initialised privately and published when it is complete. Therefore its creator
//! writes the trailer before it lays anything out, and a process that opens a segment reads the
//! first bytes and then the trailer:
//!
//! | first bytes | trailer | the segment is |
//! |---|---|---|
//! | any | present | described by the trailer |
//! | not zero | absent | foreign: its creator laid something out, and wrote no trailer before |
//! | zero | absent | foreign or incomplete: `open` waits while it is young, then it is bare |

#![expect(unsafe_code, reason = "looks at the bytes of a segment that others may write")]

use std::sync::atomic::{self, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ipc_core::Clock;
use ipc_mem::{Mapping, Tag, granule};

use ipc_mem::file::Trailer;
use ipc_mem::memory::at_offset;

/// The age in seconds up to which a segment without a trailer may be incomplete.
const YOUNG: u64 = 2;

/// The size and the tag of the data; `changed` is the second of its last change.
pub(crate) fn look(mapping: &Mapping, changed: i64) -> (usize, Tag) {
    let begun = Instant::now(); // for a clock that was set back
    loop {
        let is_zero = first_bytes(mapping) == 0;
        // With the fence in `write_trailer`: if the first bytes are visible, so is a trailer
        // written before them.
        atomic::fence(Ordering::Acquire);
        if let Some(trailer) = read_trailer(mapping) {
            return (trailer.size, trailer.content);
        }
        if !is_zero {
            return (mapping.size(), Tag::FOREIGN);
        }
        let now = Clock::REALTIME.now().map_or(i64::MAX, |now| now.sec());
        if now.saturating_sub(changed) >= YOUNG.cast_signed() || begun.elapsed().as_secs() >= YOUNG
        {
            return (mapping.size(), Tag::BARE);
        }
        thread::sleep(Duration::from_millis(1)); // the system has nothing to wait for
    }
}

/// The first eight bytes as a number, or fewer in a shorter segment.
fn first_bytes(mapping: &Mapping) -> u64 {
    if let Some(word) = word_at(mapping, 0) {
        return word.load(Ordering::Relaxed);
    }
    let mut bytes = [0u8; 8];
    // SAFETY: the bytes lie within the mapping, which is readable. They are fewer than a header or
    // a trailer has, so no code of this toolkit writes them.
    unsafe { granule::copy_out(mapping.base(), &mut bytes[..mapping.size()]) };
    u64::from_ne_bytes(bytes)
}

/// Eight bytes that are published by one store, of the header at the beginning or of the trailer;
/// `None` if there are no eight bytes on a boundary of eight.
fn word_at(mapping: &Mapping, at: usize) -> Option<&AtomicU64> {
    if at.checked_add(8)? > mapping.size() || !at.is_multiple_of(8) {
        return None;
    }
    let place = at_offset(mapping.base(), at);
    // SAFETY: within the mapping (checked above), which lives as long as it is borrowed, and on a
    // boundary of eight bytes, because a mapping begins on a page. It is accessed atomically: here
    // and in `write_trailer`, and where a header is published.
    Some(unsafe { AtomicU64::from_ptr(place.cast().as_ptr()) })
}

fn read_trailer(mapping: &Mapping) -> Option<Trailer> {
    let at = mapping.size().checked_sub(Trailer::LEN)?;
    let magic = word_at(mapping, at)?.load(Ordering::Acquire);
    if !Trailer::begins_with(magic) {
        return None; // what lies there may be data, which is not copied
    }
    let mut bytes = [0u8; Trailer::LEN];
    let (first, rest) = bytes.split_at_mut(8);
    first.copy_from_slice(&magic.to_ne_bytes());
    let place = at_offset(mapping.base(), at + 8);
    // SAFETY: the bytes lie within the mapping, which is readable and ends with the trailer.
    // `write_trailer` wrote them before the magic number, byte by byte, and no code of this toolkit
    // writes them again.
    unsafe { granule::copy_out(place, rest) };
    Trailer::decode(&bytes, mapping.size())
}

/// Writes the trailer of a new segment. No other process writes it.
pub(crate) fn write_trailer(mapping: &Mapping, trailer: &Trailer) {
    let bytes = trailer.encode();
    let at = mapping.size() - Trailer::LEN;
    // SAFETY: the rest of the trailer lies within the mapping, whose length was computed to include
    // one, and is writable; only this handle, which created the segment, writes it.
    unsafe { granule::copy_in(&bytes[8..], at_offset(mapping.base(), at + 8)) };
    // PANIC: the mapping ends with the trailer, and its length is a multiple of 64.
    let magic = word_at(mapping, at).expect("a trailer on a boundary");
    // The magic is stored last: a process that sees it sees the rest of the trailer.
    magic.store(u64::from_ne_bytes(std::array::from_fn(|i| bytes[i])), Ordering::Release);
    // With the fence in `look`: data that is laid out later is not visible before the trailer.
    atomic::fence(Ordering::Release);
}
