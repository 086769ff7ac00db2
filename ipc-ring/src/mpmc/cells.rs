//! The layout of a queue of any number of senders and receivers.
//!
//! ```text
//!   0..      the header (`header.rs`): "IPCMPMC1"; the second number is that of the slots
//!   C..      the control block, at a multiple of 128 bytes
//!   +  0..  8   tail: a position before which all are claimed
//!   +128..136   head: a position before which all are received
//!   +256..264   the word that receivers sleep on
//!   +264..272   the word that senders sleep on
//!   +272..304   losses, and how often threads slept (`statistics.rs`)
//!   +384..      a word for each slot: the process of a sender, or 0
//!   D..      capacity cells, at a multiple of 128 bytes
//! ```
//!
//! A cell is its word (`word.rs`) and a message behind it. Position n is in the cell with the number
//! n modulo capacity, in lap n divided by capacity.

#![expect(unsafe_code, reason = "reaches messages in memory that other processes write")]

use std::marker::PhantomData;
use std::mem::offset_of;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::Refusal;
use ipc_mem::{MemoryOptions, Plain, Tag, WaitWord};

use super::QueueOptions;
use super::word::{MAX_SLOTS, State, lap_of, state};
use crate::header;
use crate::parts::{Contents, Line, Parts};
use crate::slot;
use crate::statistics::{Statistics, Tally};

/// The words that threads sleep on, in cache lines of their own.
#[repr(C, align(64))]
pub(crate) struct Waits {
    /// Receivers sleep here.
    pub(super) filled: WaitWord,
    /// Senders sleep here.
    pub(super) freed: WaitWord,
    pub(super) tally: Tally,
    rest: [AtomicU64; 10],
}

/// The control block, without the slots behind it.
#[repr(C)]
pub(crate) struct Control {
    pub(super) tail: Line,
    pub(super) head: Line,
    pub(super) waits: Waits,
}

/// Where the tally begins in the control block, and the length of the control block.
pub(crate) const TALLY_AT: usize = offset_of!(Control, waits) + offset_of!(Waits, tally);
pub(crate) const BEFORE: usize = size_of::<Control>();

/// A word and a message.
#[repr(C)]
pub(crate) struct Cell<T> {
    word: AtomicU64,
    message: T,
}

/// A queue. The words behind its control block are those of the slots.
pub(super) type Cells<T> = Parts<CellsOf<T>>;

pub(crate) struct CellsOf<T>(PhantomData<T>);

// SAFETY: 1. See `Control`; `Line` has the largest boundary. 2. The methods of `Cells` use the word
// as an atomic integer, and move granules of the message.
unsafe impl<T: Plain> Contents for CellsOf<T> {
    const MAGIC: [u8; 8] = *b"IPCMPMC1";
    const WHAT: &'static str = "a queue of messages";
    const TAG: Tag = Tag::QUEUE;

    type Message = T;
    type Control = Control;
    type Element = Cell<T>;
    type Options = QueueOptions;

    fn numbers(options: QueueOptions) -> Result<(usize, u64), Refusal> {
        Ok((header::capacity(options.capacity, 1)?, options.senders as u64))
    }

    fn memory(options: QueueOptions) -> MemoryOptions {
        options.memory
    }

    fn words(_capacity: usize, slots: u64) -> Result<usize, String> {
        let fits = |slots: &usize| (1..=MAX_SLOTS).contains(slots);
        usize::try_from(slots)
            .ok()
            .filter(fits)
            .ok_or_else(|| format!("a queue for {slots} senders: 1 to {MAX_SLOTS} are possible"))
    }

    fn describe(capacity: usize, slots: u64) -> String {
        format!("a capacity of {capacity} for {slots} senders")
    }

    fn begin(control: &Control) {
        control.waits.filled.begin();
        control.waits.freed.begin();
    }
}

impl<T: Plain> Cells<T> {
    /// The words of the slots.
    #[inline]
    pub(super) fn slots(&self) -> &[AtomicU64] {
        self.words()
    }

    pub(super) fn statistics(&self) -> Statistics {
        let word = |position| self.word(position).load(Ordering::Relaxed);
        let words = (0..self.capacity()).map(word);
        Statistics::of_queue(words.map(used), self.control().waits.tally.counts())
    }

    /// The lap of a position.
    #[inline]
    pub(super) fn lap(&self, position: u64) -> u64 {
        position >> self.shift()
    }

    /// The position that follows the one of the lap before `lap` that is in the same cell as
    /// `position`.
    #[inline]
    pub(super) fn after_lap_before(&self, lap: u64, position: u64) -> u64 {
        ((lap.wrapping_sub(1) << self.shift()) | self.index(position)).wrapping_add(1)
    }

    /// The word of the cell of a position.
    #[inline]
    pub(super) fn word(&self, position: u64) -> &AtomicU64 {
        // The word is the first field.
        let word = self.element(position).cast::<AtomicU64>();
        // SAFETY: a cell begins there, with an atomic integer, of which any bytes are a value; it
        // stays mapped while `self` lives.
        unsafe { word.as_ref() }
    }

    #[inline]
    fn message(&self, position: u64) -> NonNull<T> {
        // SAFETY: within the cell.
        unsafe { self.element(position).byte_add(offset_of!(Cell<T>, message)) }.cast()
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
}

/// How many messages left a cell with this word, and whether it holds another one.
pub(crate) fn used(word: u64) -> (u64, bool) {
    (lap_of(word), state(word) == State::Ready)
}

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
                TALLY_AT,
                BEFORE,
            ],
            [128, 256, 264, 272, 384]
        );
    }
}
