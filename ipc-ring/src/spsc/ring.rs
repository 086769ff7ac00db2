//! The layout of a ring from one sender to one receiver.
//!
//! ```text
//!   0..      the header (`header.rs`): "IPCSPSC1" for messages of one type, "IPCSPSCB" for bytes
//!   C..      the control block, at a multiple of 128 bytes
//!   +  0..  8   number of elements sent, by the sender
//!   +128..136   number of elements received, by the receiver
//!   +256..264   the sender: 0 before the first, 1 if it is closed, else a process
//!   +264..272   the receiver, in the same way
//!   +272..280   the word that the receiver sleeps on
//!   +280..288   the word that the sender sleeps on
//!   D..      capacity elements, at a multiple of 128 bytes; number n is at n modulo capacity
//! ```
//!
//! An element of a ring of bytes is 8 bytes: see `bytes/mod.rs`.
//!
//! The two numbers are in cache lines of their own, and each end keeps a copy of the other end's
//! number: it reads that line only when the ring seems full or empty. The last line is written when
//! an end is opened, closed or falls asleep, so that reading it for each message costs nothing.

#![expect(unsafe_code, reason = "reaches elements in memory that other processes write")]

use std::alloc::Layout;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::owner::{self, NOBODY};
use ipc_core::{Errno, Refusal, Result, crash_point};
use ipc_mem::{Plain, Plan, ReadWrite, Structure, Tag, WaitWord, granule};

use crate::header::{self, ALIGN, Header};
use crate::slot;
use crate::spsc::Peer;

/// The word of an end that is closed.
pub(super) const CLOSED: u64 = NOBODY;

/// A number that one end writes, in cache lines of its own.
#[repr(C, align(64))]
pub(super) struct Line {
    pub(super) number: AtomicU64,
    rest: [AtomicU64; 15],
}

/// The control block.
#[repr(C)]
pub(super) struct Control {
    pub(super) sent: Line,
    pub(super) received: Line,
    pub(super) sender: AtomicU64,
    pub(super) receiver: AtomicU64,
    /// The receiver sleeps here.
    pub(super) filled: WaitWord,
    /// The sender sleeps here.
    pub(super) freed: WaitWord,
}

/// A control block and elements behind a header.
pub(super) struct Ring<T, const BYTES: bool> {
    control: NonNull<Control>,
    data: NonNull<T>,
    mask: u64,
}

/// The positions of the parts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    control_at: usize,
    data_at: usize,
    capacity: usize,
}

impl<T: Plain, const BYTES: bool> Ring<T, BYTES> {
    const MAGIC: [u8; 8] = if BYTES { *b"IPCSPSCB" } else { *b"IPCSPSC1" };
    const WHAT: &'static str = if BYTES { "a ring of bytes" } else { "a ring of messages" };

    fn place(head: &Header, size: Option<usize>) -> Result<(Place, usize), Refusal> {
        let (data_at, total) = head.fit(size_of::<Control>(), Layout::new::<T>(), size)?;
        Ok((Place { control_at: head.len, data_at, capacity: head.capacity }, total))
    }

    #[inline]
    pub(super) fn control(&self) -> &Control {
        // SAFETY: a control block lies there (contract of `at`), of which any bytes are a value: it
        // consists of atomic integers, which all processes use through `&`; it stays mapped while
        // `self` lives.
        unsafe { self.control.as_ref() }
    }

    #[inline]
    pub(super) fn capacity(&self) -> u64 {
        self.mask + 1
    }

    /// Refuses a ring that has another capacity than a new one for `wanted` elements would have.
    pub(super) fn expect_capacity(&self, wanted: usize) -> Result<(), Refusal> {
        let wanted = Self::plan(&wanted)?.layout.capacity;
        if self.capacity() == wanted as u64 {
            return Ok(());
        }
        let why = format!("found a capacity of {}, wanted {wanted}", self.capacity());
        Err(Refusal::mismatch("open", why))
    }

    /// The place of an element, and how many follow it before the end of the ring, itself included.
    #[inline]
    fn element(&self, number: u64) -> (NonNull<T>, usize) {
        let index = number & self.mask;
        // Both are below the capacity, which is a `usize`.
        let (at, left) = (as_index(index), as_index(self.capacity() - index));
        // SAFETY: the mask keeps it below the number of elements that lie there (contract of `at`).
        (unsafe { self.data.add(at) }, left)
    }

    /// Writes elements from a number on. At most as many as the capacity are written.
    #[inline]
    pub(super) fn write(&self, number: u64, elements: &[T]) {
        let (place, left) = self.element(number);
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
        unsafe { granule::copy_in(second, self.data) };
    }

    /// Reads elements from a number on. At most as many as the capacity are read.
    #[inline]
    pub(super) fn read(&self, number: u64, into: &mut [T]) {
        let (place, left) = self.element(number);
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
        unsafe { granule::copy_out(self.data, second) };
    }

    /// Writes one element.
    #[inline]
    pub(super) fn write_one(&self, number: u64, element: &T) {
        // SAFETY: one element lies there, aligned; all processes move granules of `T` in this
        // structure.
        unsafe { slot::write(self.element(number).0, element) };
    }

    /// Reads one element.
    #[inline]
    pub(super) fn read_one(&self, number: u64) -> T {
        // SAFETY: one element lies there, aligned; all processes move granules of `T` in this
        // structure.
        unsafe { slot::read(self.element(number).0) }
    }

    /// The address of an element.
    pub(super) fn address(&self, number: u64) -> NonNull<T> {
        self.element(number).0
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
pub(super) fn claim(word: &AtomicU64, what: &str) -> Result<u64, Refusal> {
    let me = owner::here();
    loop {
        let found = word.load(Ordering::SeqCst);
        if found == me || peer(word, true) == Peer::Open {
            let who = if found == me { "this" } else { "another" };
            let why = format!("found a {what} open in {who} process: there is one at a time");
            return Err(Refusal::os("open", Errno::EBUSY).because(why));
        }
        crash_point("ring: before an end is opened");
        if owner::replace(word, found, me) {
            crash_point("ring: an end is open");
            return Ok(me);
        }
    }
}

// SAFETY: 1. `check` computes the positions of all parts itself, and accepts them only within
// `size` bytes. 2. Safe code gets atomic integers, and elements by granules of `T`, at numbers that
// a mask keeps inside. 3. The kernel refers to the bytes only while a thread sleeps on a word, which
// borrows the structure. 4. It is opened with write access only.
unsafe impl<T: Plain, const BYTES: bool> Structure for Ring<T, BYTES> {
    const TAG: Tag = Tag::RING;
    const FIXED: usize = header::FIXED;

    type Access = ReadWrite;
    /// The capacity in elements.
    type Options = usize;
    type Layout = Place;

    fn plan(&capacity: &usize) -> Result<Plan<Place>, Refusal> {
        // A record of a ring of bytes has at least two elements, and as many as half of them.
        let capacity = header::capacity(capacity, if BYTES { 4 } else { 1 })?;
        let (header, head) = header::encode::<T>(Self::MAGIC, capacity, 0)?;
        let (layout, size) = Self::place(&header, None)?;
        Ok(Plan { head, size, align: ALIGN, layout })
    }

    fn head_len(fixed: &[u8]) -> Result<usize, Refusal> {
        header::len(Self::MAGIC, Self::WHAT, fixed)
    }

    fn check(head: &[u8], size: usize) -> Result<Place, Refusal> {
        let header = header::check::<T>(head)?;
        if BYTES && header.capacity < 4 {
            let why = format!("found a ring of bytes of {} elements", header.capacity);
            return Err(Refusal::mismatch("open", why));
        }
        Ok(Self::place(&header, Some(size))?.0)
    }

    unsafe fn init(base: NonNull<u8>, place: &Place, _capacity: usize) -> Result<()> {
        // SAFETY: the same bytes as in the contract, which holds for `at` as well: zeros are a
        // control block.
        let ring = unsafe { Self::at(base, *place) }.map_err(|refusal| refusal.on(""))?;
        ring.control().filled.begin();
        ring.control().freed.begin();
        Ok(())
    }

    unsafe fn at(base: NonNull<u8>, place: Place) -> Result<Self, Refusal> {
        if !base.addr().get().is_multiple_of(ALIGN) {
            let why = format!("it does not begin on a boundary of {ALIGN} bytes");
            return Err(Refusal::mismatch("open", why));
        }
        // SAFETY: planned or checked to lie within the bytes, which are mapped (contract).
        let control = unsafe { base.add(place.control_at) }.cast();
        // SAFETY: planned or checked to lie within the bytes, which are mapped (contract).
        let data = unsafe { base.add(place.data_at) }.cast();
        Ok(Self { control, data, mask: place.capacity as u64 - 1 })
    }
}

// SAFETY: addresses and a number, bound to no thread; elements are moved by granules.
unsafe impl<T: Plain, const BYTES: bool> Send for Ring<T, BYTES> {}

// SAFETY: addresses and a number, bound to no thread; elements are moved by granules.
unsafe impl<T: Plain, const BYTES: bool> Sync for Ring<T, BYTES> {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem::offset_of;

    #[test]
    fn the_control_block_is_as_documented() {
        assert_eq!(
            [
                offset_of!(Control, received),
                offset_of!(Control, sender),
                offset_of!(Control, receiver),
                offset_of!(Control, filled),
                offset_of!(Control, freed),
            ],
            [128, 256, 264, 272, 280]
        );
    }
}
