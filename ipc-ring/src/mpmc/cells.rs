//! The layout of a queue of any number of senders and receivers.
//!
//! ```text
//!   0..      the header (`header.rs`): "IPCMPMC1"; the second number is that of the slots
//!   C..      the control block, at a multiple of 128 bytes
//!   +  0..  8   tail: a position before which all are claimed
//!   +128..136   head: a position before which all are received
//!   +256..264   the word that receivers sleep on
//!   +264..272   the word that senders sleep on
//!   +384..      a word for each slot: the process of a sender, or 0
//!   D..      capacity cells, at a multiple of 128 bytes
//! ```
//!
//! A cell is its word (`word.rs`) and a message behind it. Position n is in the cell with the number
//! n modulo capacity, in lap n divided by capacity.

#![expect(unsafe_code, reason = "reaches messages in memory that other processes write")]

use std::alloc::Layout;
use std::mem::offset_of;
use std::ptr::NonNull;
use std::sync::atomic::AtomicU64;

use ipc_core::{Refusal, Result};
use ipc_mem::{Plain, Plan, ReadWrite, Structure, Tag, WaitWord};

use super::word::MAX_SLOTS;
use crate::header::{self, ALIGN, Header};
use crate::slot;

const MAGIC: [u8; 8] = *b"IPCMPMC1";

/// A position in cache lines of its own.
#[repr(C, align(64))]
pub(super) struct Line {
    pub(super) position: AtomicU64,
    rest: [AtomicU64; 15],
}

/// The words that threads sleep on, in cache lines of their own.
#[repr(C, align(64))]
pub(super) struct Waits {
    /// Receivers sleep here.
    pub(super) filled: WaitWord,
    /// Senders sleep here.
    pub(super) freed: WaitWord,
    rest: [AtomicU64; 14],
}

/// The control block, without the slots behind it.
#[repr(C)]
pub(super) struct Control {
    pub(super) tail: Line,
    pub(super) head: Line,
    pub(super) waits: Waits,
}

/// A word and a message.
#[repr(C)]
struct Cell<T> {
    word: AtomicU64,
    message: T,
}

/// A control block, slots and cells behind a header.
pub(super) struct Cells<T> {
    control: NonNull<Control>,
    slots: NonNull<AtomicU64>,
    cells: NonNull<Cell<T>>,
    count: usize,
    mask: u64,
    /// The logarithm of the capacity.
    shift: u32,
}

/// The numbers of a new queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct CellsOptions {
    pub(super) capacity: usize,
    pub(super) slots: usize,
}

/// The positions of the parts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    control_at: usize,
    cells_at: usize,
    capacity: usize,
    slots: usize,
}

impl<T: Plain> Cells<T> {
    fn place(head: &Header, slots: usize, size: Option<usize>) -> Result<(Place, usize), Refusal> {
        let before = size_of::<Control>() + slots * size_of::<AtomicU64>();
        let (cells_at, total) = head.fit(before, Layout::new::<Cell<T>>(), size)?;
        Ok((Place { control_at: head.len, cells_at, capacity: head.capacity, slots }, total))
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

    /// The words of the slots.
    #[inline]
    pub(super) fn slots(&self) -> &[AtomicU64] {
        // SAFETY: `count` words lie there (contract of `at`), of which any bytes are a value, and
        // which all processes use through `&`; they stay mapped while `self` lives.
        unsafe { std::slice::from_raw_parts(self.slots.as_ptr(), self.count) }
    }

    /// The lap of a position.
    #[inline]
    pub(super) fn lap(&self, position: u64) -> u64 {
        position >> self.shift
    }

    /// The position that follows the one of the lap before `lap` that is in the same cell as
    /// `position`.
    #[inline]
    pub(super) fn after_lap_before(&self, lap: u64, position: u64) -> u64 {
        ((lap.wrapping_sub(1) << self.shift) | position & self.mask).wrapping_add(1)
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "below the capacity, which is a `usize`")]
    fn cell(&self, position: u64) -> NonNull<Cell<T>> {
        let index = (position & self.mask) as usize;
        // SAFETY: the mask keeps it below the number of cells that lie there (contract of `at`).
        unsafe { self.cells.add(index) }
    }

    /// The word of the cell of a position.
    #[inline]
    pub(super) fn word(&self, position: u64) -> &AtomicU64 {
        // The word is the first field.
        let word = self.cell(position).cast::<AtomicU64>();
        // SAFETY: a cell begins there, with an atomic integer, of which any bytes are a value; it
        // stays mapped while `self` lives.
        unsafe { word.as_ref() }
    }

    #[inline]
    fn message(&self, position: u64) -> NonNull<T> {
        // SAFETY: within the cell.
        unsafe { self.cell(position).byte_add(offset_of!(Cell<T>, message)) }.cast()
    }

    /// Writes the message of a position.
    #[inline]
    pub(super) fn write(&self, position: u64, message: &T) {
        // SAFETY: one message lies there, aligned; all processes move granules of `T` in these
        // places.
        unsafe { slot::write(self.message(position), message) };
    }

    /// Reads the message of a position.
    #[inline]
    pub(super) fn read(&self, position: u64) -> T {
        // SAFETY: one message lies there, aligned; all processes move granules of `T` in these
        // places.
        unsafe { slot::read(self.message(position)) }
    }

    /// Refuses a queue that has other numbers than a new one with these options would have.
    pub(super) fn expect_options(&self, options: &CellsOptions) -> Result<(), Refusal> {
        let wanted = Self::plan(options)?.layout;
        if (self.capacity(), self.count) == (wanted.capacity as u64, wanted.slots) {
            return Ok(());
        }
        let why = format!(
            "found a capacity of {} for {} senders, wanted {} for {}",
            self.capacity(),
            self.count,
            wanted.capacity,
            wanted.slots
        );
        Err(Refusal::mismatch("open", why))
    }
}

// SAFETY: 1. `check` computes the positions of all parts itself, and accepts them only within
// `size` bytes. 2. Safe code gets atomic integers, and messages by granules of `T`, at numbers that
// a mask keeps inside. 3. The kernel refers to the bytes only while a thread sleeps on a word, which
// borrows the structure. 4. It is opened with write access only.
unsafe impl<T: Plain> Structure for Cells<T> {
    const TAG: Tag = Tag::QUEUE;
    const FIXED: usize = header::FIXED;

    type Access = ReadWrite;
    type Options = CellsOptions;
    type Layout = Place;

    fn plan(&CellsOptions { capacity, slots }: &CellsOptions) -> Result<Plan<Place>, Refusal> {
        if !(1..=MAX_SLOTS).contains(&slots) {
            let why = format!("a queue for {slots} senders: 1 to {MAX_SLOTS} are possible");
            return Err(Refusal::invalid("create", why));
        }
        let (header, head) =
            header::encode::<T>(MAGIC, header::capacity(capacity, 1)?, slots as u64)?;
        let (layout, size) = Self::place(&header, slots, None)?;
        Ok(Plan { head, size, align: ALIGN, layout })
    }

    fn head_len(fixed: &[u8]) -> Result<usize, Refusal> {
        header::len(MAGIC, "a queue of messages", fixed)
    }

    fn check(head: &[u8], size: usize) -> Result<Place, Refusal> {
        let header = header::check::<T>(head)?;
        let slots = usize::try_from(header.second).unwrap_or(usize::MAX);
        if !(1..=MAX_SLOTS).contains(&slots) {
            let why = format!("found a queue for {slots} senders: 1 to {MAX_SLOTS} are possible");
            return Err(Refusal::mismatch("open", why));
        }
        Ok(Self::place(&header, slots, Some(size))?.0)
    }

    unsafe fn init(base: NonNull<u8>, place: &Place, _options: CellsOptions) -> Result<()> {
        // SAFETY: the same bytes as in the contract, which holds for `at` as well: zeros are a
        // control block, free slots and free cells.
        let cells = unsafe { Self::at(base, *place) }.map_err(|refusal| refusal.on(""))?;
        cells.control().waits.filled.begin();
        cells.control().waits.freed.begin();
        Ok(())
    }

    unsafe fn at(base: NonNull<u8>, place: Place) -> Result<Self, Refusal> {
        if !base.addr().get().is_multiple_of(ALIGN) {
            let why = format!("it does not begin on a boundary of {ALIGN} bytes");
            return Err(Refusal::mismatch("open", why));
        }
        // SAFETY: planned or checked to lie within the bytes, which are mapped (contract).
        let control = unsafe { base.add(place.control_at) }.cast::<Control>();
        // SAFETY: as above: the slots lie behind the control block.
        let slots = unsafe { control.add(1) }.cast();
        // SAFETY: planned or checked to lie within the bytes, which are mapped (contract).
        let cells = unsafe { base.add(place.cells_at) }.cast();
        let (mask, shift) = (place.capacity as u64 - 1, place.capacity.trailing_zeros());
        Ok(Self { control, slots, cells, count: place.slots, mask, shift })
    }
}

// SAFETY: addresses and numbers, bound to no thread; messages are moved by granules.
unsafe impl<T: Plain> Send for Cells<T> {}

// SAFETY: addresses and numbers, bound to no thread; messages are moved by granules.
unsafe impl<T: Plain> Sync for Cells<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_control_block_is_as_documented() {
        assert_eq!(
            [
                offset_of!(Control, head),
                offset_of!(Control, waits),
                offset_of!(Control, waits) + offset_of!(Waits, freed),
                size_of::<Control>(),
            ],
            [128, 256, 264, 384]
        );
    }
}
