//! The layout of a ring from one sender to one receiver.
//!
//! ```text
//!   0..      the header (`header.rs`): "IPCSPSC1" for messages of one type, "IPCSPSCB" for bytes
//!   C..      the control block, at a multiple of 128 bytes
//!   +  0..  8   number of elements sent, by the sender
//!   +  8.. 16   number of messages sent, in a ring of bytes
//!   +128..136   number of elements received, by the receiver
//!   +136..144   number of messages received, in a ring of bytes
//!   +256..264   the sender: 0 before the first, 1 if it is closed, else a process
//!   +264..272   the receiver, in the same way
//!   +272..280   the word that the receiver sleeps on
//!   +280..288   the word that the sender sleeps on
//!   +288..320   how often threads slept (`statistics.rs`)
//!   D..      capacity elements, at a multiple of 128 bytes; number n is at n modulo capacity
//! ```
//!
//! An element of a ring of bytes is 8 bytes: see `bytes/mod.rs`.
//!
//! The two numbers are in cache lines of their own, and each end keeps a copy of the other end's
//! number: it reads that line only when the ring seems full or empty. The last line is written when
//! an end is opened, closed or falls asleep, so that reading it for each message costs nothing.

#![expect(unsafe_code, reason = "reaches elements in memory that other processes write")]

use std::marker::PhantomData;
use std::mem::offset_of;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::owner::{self, NOBODY};
use ipc_core::{Errno, ProcessInstance, Refusal, crash_point};
use ipc_mem::{MemoryOptions, Plain, Tag, WaitWord, granule};

use super::bytes::UNIT;
use super::{Peer, RingOptions};
use crate::header;
use crate::parts::{Contents, Line, Parts};
use crate::slot;
use crate::statistics::{Statistics, Tally};

/// The word of an end that is closed.
pub(crate) const CLOSED: u64 = NOBODY;

/// The control block.
#[repr(C)]
pub(crate) struct Control {
    pub(super) sent: Line,
    pub(super) received: Line,
    pub(super) sender: AtomicU64,
    pub(super) receiver: AtomicU64,
    /// The receiver sleeps here.
    pub(super) filled: WaitWord,
    /// The sender sleeps here.
    pub(super) freed: WaitWord,
    pub(super) tally: Tally,
}

/// Where the tally begins in the control block.
pub(crate) const TALLY_AT: usize = offset_of!(Control, tally);

/// A ring of messages of `T`, or of bytes.
pub(super) type Ring<T, const BYTES: bool> = Parts<RingOf<T, BYTES>>;

pub(crate) struct RingOf<T, const BYTES: bool>(PhantomData<T>);

// SAFETY: 1. See `Control`; `Line` has the largest boundary. 2. The methods of `Ring` move granules.
unsafe impl<T: Plain, const BYTES: bool> Contents for RingOf<T, BYTES> {
    const MAGIC: [u8; 8] = if BYTES { *b"IPCSPSCB" } else { *b"IPCSPSC1" };
    const WHAT: &'static str = if BYTES { "a ring of bytes" } else { "a ring of messages" };
    const TAG: Tag = Tag::RING;

    type Message = T;
    type Control = Control;
    type Element = T;
    type Options = RingOptions;

    fn numbers(options: RingOptions) -> Result<(usize, u64), Refusal> {
        let RingOptions { capacity, .. } = options;
        let (wanted, least) =
            if BYTES { (capacity.div_ceil(UNIT), MIN_UNITS) } else { (capacity, 1) };
        Ok((header::capacity(wanted, least)?, 0))
    }

    fn memory(options: RingOptions) -> MemoryOptions {
        options.memory
    }

    fn words(capacity: usize, _second: u64) -> Result<usize, String> {
        if BYTES && capacity < MIN_UNITS {
            return Err(format!("a ring of bytes of {capacity} elements"));
        }
        Ok(0)
    }

    fn describe(capacity: usize, _second: u64) -> String {
        format!("a capacity of {capacity}")
    }

    fn begin(control: &Control) {
        control.filled.begin();
        control.freed.begin();
    }
}

/// The minimum number of elements in a ring of bytes: a record has at least two, and as many as
/// half of them.
const MIN_UNITS: usize = 4;

impl<T: Plain, const BYTES: bool> Ring<T, BYTES> {
    /// The place of an element, and how many follow it before the end of the ring, itself included.
    #[inline]
    fn run(&self, number: u64) -> (NonNull<T>, usize) {
        (self.element(number), as_index(self.capacity() - self.index(number)))
    }

    /// Writes elements from a number on. At most as many as the capacity are written.
    #[inline]
    pub(super) fn write(&self, number: u64, elements: &[T]) {
        let (place, left) = self.run(number);
        if elements.len() <= left {
            // SAFETY: at least `left` elements lie there, aligned; all processes move granules of
            // `T` in this structure.
            unsafe { granule::copy_in(elements, place) };
        } else {
            self.write_around(
                place,
                &elements[..elements.len().min(as_index(self.capacity()))],
                left,
            );
        }
    }

    #[cold]
    fn write_around(&self, place: NonNull<T>, elements: &[T], left: usize) {
        let (first, second) = elements.split_at(left);
        // SAFETY: `left` elements lie there, aligned; all processes move granules of `T`.
        unsafe { granule::copy_in(first, place) };
        // SAFETY: fewer than the capacity, from the first place on; the rest as above.
        unsafe { granule::copy_in(second, self.element(0)) };
    }

    /// Reads elements from a number on. At most as many as the capacity are read.
    #[inline]
    pub(super) fn read(&self, number: u64, into: &mut [T]) {
        let (place, left) = self.run(number);
        if into.len() <= left {
            // SAFETY: at least `left` elements lie there, aligned; all processes move granules of
            // `T` in this structure.
            unsafe { granule::copy_out(place, into) };
        } else {
            let all = into.len().min(as_index(self.capacity()));
            self.read_around(place, &mut into[..all], left);
        }
    }

    #[cold]
    fn read_around(&self, place: NonNull<T>, into: &mut [T], left: usize) {
        let (first, second) = into.split_at_mut(left);
        // SAFETY: `left` elements lie there, aligned; all processes move granules of `T`.
        unsafe { granule::copy_out(place, first) };
        // SAFETY: fewer than the capacity, from the first place on; the rest as above.
        unsafe { granule::copy_out(self.element(0), second) };
    }

    pub(super) fn statistics(&self) -> Statistics {
        let Control { sent, received, tally, .. } = self.control();
        let messages = |line: &Line| {
            let count = if BYTES { &line.messages } else { &line.number };
            count.load(Ordering::Acquire)
        };
        // Received first: see `ends.rs`.
        let received = messages(received);
        Statistics::of_ring(messages(sent), received, tally.counts())
    }

    /// Writes one element.
    #[inline]
    pub(super) fn write_one(&self, number: u64, element: &T) {
        // SAFETY: one element lies there, aligned; all processes move granules of `T` in this
        // structure.
        unsafe { slot::write(self.element(number), element) };
    }

    /// Reads one element.
    #[inline]
    pub(super) fn read_one(&self, number: u64) -> T {
        // SAFETY: one element lies there, aligned; all processes move granules of `T` in this
        // structure.
        unsafe { slot::read(self.element(number)) }
    }
}

/// A number that is at most the capacity of a ring, which is a `usize`.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "at most the capacity, which is a `usize`")]
fn as_index(number: u64) -> usize {
    number as usize
}

/// Returns the state of the end whose word this is. It is proved dead only if `proves`.
pub(crate) fn peer(word: &AtomicU64, proves: bool) -> Peer {
    match word.load(Ordering::SeqCst) {
        0 => Peer::Absent,
        CLOSED => Peer::Closed,
        found if proves && owner::is_dead(found) => Peer::Dead,
        _ => Peer::Open,
    }
}

/// Opens an end for this process.
pub(crate) fn claim(word: &AtomicU64, what: &str) -> Result<u64, Refusal> {
    let me = owner::here();
    loop {
        let found = word.load(Ordering::SeqCst);
        if found == me || peer(word, true) == Peer::Open {
            let pid = ProcessInstance::from_raw(found).map_or(0, ProcessInstance::pid);
            let who = if found == me { "this process" } else { "another process" };
            let why = format!("found a {what} open in {who}, {pid}: there is one at a time");
            return Err(Refusal::os("open", Errno::EBUSY).because(why));
        }
        crash_point("ring: before an end is opened");
        if owner::replace(word, found, me) {
            crash_point("ring: an end is open");
            return Ok(me);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_control_block_is_as_documented() {
        assert_eq!(
            [
                offset_of!(Control, received),
                offset_of!(Control, sender),
                offset_of!(Control, receiver),
                offset_of!(Control, filled),
                offset_of!(Control, freed),
                offset_of!(Control, tally),
                size_of::<Control>(),
            ],
            [128, 256, 264, 272, 280, 288, 320]
        );
    }
}
