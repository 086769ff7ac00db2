//! What a System V segment says of itself.
//!
//! What a segment was made for stands in its last bytes, as in those of a file (`trailer.rs`). A segment cannot be made in
//! secret and published when it is whole. So its maker writes the trailer before it lays anything out, and who opens one
//! looks at the first bytes and then at the trailer:
//!
//! | first bytes | trailer | it is |
//! |---|---|---|
//! | any | there | what the trailer says |
//! | not zero | not there | foreign: its maker laid something out and wrote no trailer before that |
//! | zero | not there | foreign or not yet whole: waited for while it is young, and then bare |

#![expect(unsafe_code, reason = "looks at the bytes of a segment that others may write")]

use std::sync::atomic::{self, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ipc_core::Clock;
use ipc_mem::{Content, Mapping, granule};

use ipc_mem::file::Trailer;

/// For so many seconds a segment without a trailer may still be getting one.
const YOUNG: u64 = 2;

/// How much of a segment is data, and of what; `changed` is the second of its last change.
pub(crate) fn look(mapping: &Mapping, changed: i64) -> (usize, Content) {
    let begun = Instant::now(); // for a clock that was set back
    loop {
        let is_zero = first_bytes(mapping) == 0;
        // What comes before those bytes is seen if they are.
        atomic::fence(Ordering::Acquire);
        if let Some(trailer) = read_trailer(mapping) {
            return (trailer.size, trailer.content);
        }
        if !is_zero {
            return (mapping.size(), Content::Foreign);
        }
        let now = Clock::REALTIME.now().map_or(i64::MAX, |now| now.sec());
        if now.saturating_sub(changed) >= YOUNG.cast_signed() || begun.elapsed().as_secs() >= YOUNG {
            return (mapping.size(), Content::Bare);
        }
        thread::sleep(Duration::from_millis(1)); // the system has nothing to wait for
    }
}

/// The first eight bytes, or as many as there are, as a number.
fn first_bytes(mapping: &Mapping) -> u64 {
    let mut bytes = [0u8; 8];
    let len = bytes.len().min(mapping.size());
    // SAFETY: so many bytes are there, readable, and whoever writes them is taken to do so byte by byte.
    unsafe { granule::copy_out(mapping.base(), &mut bytes[..len]) };
    u64::from_ne_bytes(bytes)
}

fn read_trailer(mapping: &Mapping) -> Option<Trailer> {
    let mut bytes = [0u8; Trailer::LEN];
    let at = mapping.size().checked_sub(Trailer::LEN)?;
    // SAFETY: within the mapping, which is longer.
    let place = unsafe { mapping.base().add(at) };
    // SAFETY: so many bytes are there, readable, and whoever writes them is taken to do so byte by byte.
    unsafe { granule::copy_out(place, &mut bytes) };
    Trailer::decode(&bytes, mapping.size())
}

/// Writes the trailer of a new segment, which nobody else writes.
pub(crate) fn write_trailer(mapping: &Mapping, trailer: &Trailer) {
    let bytes = trailer.encode();
    // SAFETY: the mapping is at least as long as a trailer: the length of it was computed for one.
    let place = unsafe { mapping.base().add(mapping.size() - Trailer::LEN) };
    // SAFETY: the bytes after the magic lie within the mapping, writable.
    let after_magic = unsafe { place.add(8) };
    // SAFETY: as many bytes are there; only this handle, which made the segment, writes them.
    unsafe { granule::copy_in(&bytes[8..], after_magic) };
    // SAFETY: on a boundary of eight bytes, since the mapping begins on a page and its length is a multiple of 64.
    let magic = unsafe { AtomicU64::from_ptr(place.cast().as_ptr()) };
    // The magic last: who sees it sees the rest.
    magic.store(u64::from_ne_bytes(std::array::from_fn(|i| bytes[i])), Ordering::Release);
    // What is laid out after this is not seen before it.
    atomic::fence(Ordering::Release);
}
