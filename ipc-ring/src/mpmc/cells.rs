//! The layout of a queue of several senders and receivers.
//!
//! ```text
//!   0..      the header (`header.rs`): "IPCMPMC1"; the second number is that of the slots, and in
//!            its upper half that of the priorities but one
//!   C..      the control block, at a multiple of 128 bytes
//!   +  0..  8   tail: a position before which all of the lowest priority are claimed
//!   +128..136   head: a position before which all of them are received
//!   +256..264   the word that receivers sleep on
//!   +264..272   the word that senders sleep on
//!   +272..304   losses, and how often threads slept (`statistics.rs`)
//!   +384..      tail and head of each higher priority, the lower one first, 128 bytes each
//!   +  ..       a word for each slot: the process of a sender, or 0
//!   D..      capacity cells for each priority, the lowest first, at a multiple of 128 bytes
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

/// The maximum number of priorities.
pub(super) const MAX_PRIORITIES: usize = 8;

/// Where the priorities but one are in the second number of the header.
const PRIORITIES_AT: u32 = 32;

/// The words of the tail and the head of a priority, in cache lines of their own.
pub(crate) const LANE: usize = 2 * size_of::<Line>() / size_of::<AtomicU64>();

/// The number of slots and of priorities in the second number of a header, which may be anything.
#[expect(clippy::cast_possible_truncation, reason = "the halves of the number")]
pub(crate) fn slots_and_priorities(second: u64) -> [usize; 2] {
    [second as u32 as usize, (second >> PRIORITIES_AT) as usize + 1]
}

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
        let QueueOptions { capacity, senders, priorities, .. } = options;
        if !(1..=MAX_PRIORITIES).contains(&priorities) {
            let why = format!("{priorities} priorities: 1 to {MAX_PRIORITIES} are possible");
            return Err(Refusal::invalid("create", why));
        }
        let slots = u32::try_from(senders).unwrap_or(u32::MAX);
        let second = u64::from(slots) | (priorities as u64 - 1) << PRIORITIES_AT;
        Ok((header::capacity(capacity, 1)?, second))
    }

    fn memory(options: QueueOptions) -> MemoryOptions {
        options.memory
    }

    fn words(_capacity: usize, second: u64) -> Result<usize, String> {
        let [slots, priorities] = slots_and_priorities(second);
        if !(1..=MAX_SLOTS).contains(&slots) {
            return Err(format!("a queue for {slots} senders: 1 to {MAX_SLOTS} are possible"));
        }
        if priorities > MAX_PRIORITIES {
            return Err(format!("{priorities} priorities: 1 to {MAX_PRIORITIES} are possible"));
        }
        Ok((priorities - 1) * LANE + slots)
    }

    fn lanes(second: u64) -> usize {
        slots_and_priorities(second)[1]
    }

    fn describe(capacity: usize, second: u64) -> String {
        let [slots, priorities] = slots_and_priorities(second);
        format!("a capacity of {capacity} for {slots} senders and {priorities} priorities")
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
        &self.words()[(self.lanes() - 1) * LANE..]
    }

    /// The cells of the messages of a priority.
    #[inline]
    pub(super) fn of(&self, priority: usize) -> Lane<'_, T> {
        let Control { tail, head, .. } = self.control();
        let [tail, head] = match priority.checked_sub(1) {
            None => [&tail.number, &head.number],
            Some(lane) => [0, LANE / 2].map(|at| &self.words()[lane * LANE + at]),
        };
        Lane { cells: self, first: self.lane(priority), tail, head }
    }

    /// The cells of all messages, those of the highest priority first.
    #[inline]
    pub(super) fn by_priority(&self) -> impl Iterator<Item = (usize, Lane<'_, T>)> {
        (0..self.lanes()).rev().map(|priority| (priority, self.of(priority)))
    }

    pub(super) fn statistics(&self) -> Statistics {
        let words = self.by_priority().flat_map(|(_, lane)| {
            (0..self.capacity()).map(move |at| lane.word(at).load(Ordering::Relaxed))
        });
        Statistics::of_queue(words.map(used), self.control().waits.tally.counts())
    }
}

/// The cells of the messages of one priority.
pub(super) struct Lane<'a, T: Plain> {
    pub(super) cells: &'a Cells<T>,
    /// The first cell, as many as the capacity.
    first: NonNull<Cell<T>>,
    /// A position before which all are claimed.
    pub(super) tail: &'a AtomicU64,
    /// A position before which all are received.
    pub(super) head: &'a AtomicU64,
}

impl<T: Plain> Clone for Lane<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Plain> Copy for Lane<'_, T> {}

impl<'a, T: Plain> Lane<'a, T> {
    /// The lap of a position.
    #[inline]
    pub(super) fn lap(self, position: u64) -> u64 {
        position >> self.cells.shift()
    }

    /// The position that follows the one of the lap before `lap` that is in the same cell as
    /// `position`.
    #[inline]
    pub(super) fn after_lap_before(self, lap: u64, position: u64) -> u64 {
        let Self { cells, .. } = self;
        ((lap.wrapping_sub(1) << cells.shift()) | cells.index(position)).wrapping_add(1)
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "below the capacity, which is a `usize`")]
    fn cell(self, position: u64) -> NonNull<Cell<T>> {
        // SAFETY: the index is below the capacity, and so many cells begin there (`Parts::lane`).
        unsafe { self.first.add(self.cells.index(position) as usize) }
    }

    /// The word of the cell of a position.
    #[inline]
    pub(super) fn word(self, position: u64) -> &'a AtomicU64 {
        // The word is the first field.
        let word = self.cell(position).cast::<AtomicU64>();
        // SAFETY: a cell begins there, with an atomic integer, of which any bytes are a value; it
        // stays mapped while the cells live.
        unsafe { word.as_ref() }
    }

    #[inline]
    fn message(self, position: u64) -> NonNull<T> {
        // SAFETY: within the cell.
        unsafe { self.cell(position).byte_add(offset_of!(Cell<T>, message)) }.cast()
    }

    /// Writes the message of a position.
    #[inline]
    pub(super) fn write(self, position: u64, message: &T) {
        // SAFETY: one message lies there, aligned; all processes move granules of `T` in these
        // places.
        unsafe { slot::write(self.message(position), message) };
    }

    /// Reads the message of a position.
    #[inline]
    pub(super) fn read(self, position: u64) -> T {
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
