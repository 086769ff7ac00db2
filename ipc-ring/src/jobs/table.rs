//! The layout of a job queue.
//!
//! ```text
//!   0..      the header (`header.rs`): "IPCJOBS1"; the second number is the maximum number of
//!            deliveries of a job, 0 for no maximum
//!   C..      the control block, at a multiple of 128 bytes
//!   +  0..  8   where to look first for a free place
//!   +128..136   where to look first for a job
//!   +256..264   the word that workers sleep on
//!   +264..272   the word that submitters sleep on
//!   D..      capacity places, at a multiple of 128 bytes
//! ```
//!
//! | place | meaning |
//! |---|---|
//! | 0..8 | its word, see below |
//! | 8..16 | how often the job was delivered |
//! | 16..24 | the time from which on it is delivered, in ns of the monotonic clock; 0 for at once |
//! | 24.. | the job, on its boundary |
//!
//! | word | state |
//! |---|---|
//! | 0 | free |
//! | a process with `FILLING` | that process writes a job there |
//! | `READY` | a job that waits |
//! | a process with `TAKEN` | that process has the job |
//! | `LETTER` | a job that was delivered too often |

#![expect(unsafe_code, reason = "reaches jobs in memory that other processes write")]

use std::alloc::Layout;
use std::mem::offset_of;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::owner::{NOBODY, PROCESS, flag, is_dead, replace};
use ipc_core::{Refusal, Result, crash_point};
use ipc_mem::{Plain, Plan, ReadWrite, Structure, Tag, WaitWord};

use crate::header::{self, ALIGN, Header};
use crate::slot;

const MAGIC: [u8; 8] = *b"IPCJOBS1";

pub(super) const FILLING: u64 = flag(0);
pub(super) const TAKEN: u64 = flag(1);
pub(super) const READY: u64 = NOBODY | flag(2);
pub(super) const LETTER: u64 = NOBODY | flag(3);

/// A number in cache lines of its own.
#[repr(C, align(64))]
pub(super) struct Line {
    pub(super) number: AtomicU64,
    rest: [AtomicU64; 15],
}

/// The control block.
#[repr(C, align(64))]
pub(super) struct Control {
    pub(super) free_at: Line,
    pub(super) ready_at: Line,
    /// Workers sleep here.
    pub(super) filled: WaitWord,
    /// Submitters sleep here.
    pub(super) freed: WaitWord,
}

/// The numbers of a place.
#[repr(C)]
pub(super) struct Numbers {
    pub(super) word: AtomicU64,
    pub(super) deliveries: AtomicU64,
    pub(super) not_before: AtomicU64,
}

#[repr(C)]
struct Place<T> {
    numbers: Numbers,
    job: T,
}

/// A control block and places behind a header.
pub(super) struct Table<T> {
    control: NonNull<Control>,
    places: NonNull<Place<T>>,
    mask: u64,
    pub(super) max_deliveries: u64,
}

/// The numbers of a new job queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct TableOptions {
    pub(super) capacity: usize,
    pub(super) max_deliveries: u64,
}

/// The positions of the parts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts {
    control_at: usize,
    places_at: usize,
    capacity: usize,
    max_deliveries: u64,
}

impl<T: Plain> Table<T> {
    fn parts(head: &Header, size: Option<usize>) -> Result<(Parts, usize), Refusal> {
        let (places_at, total) = head.fit(size_of::<Control>(), Layout::new::<Place<T>>(), size)?;
        let (control_at, max_deliveries) = (head.len, head.second);
        Ok((Parts { control_at, places_at, capacity: head.capacity, max_deliveries }, total))
    }

    #[inline]
    pub(super) fn control(&self) -> &Control {
        // SAFETY: a control block lies there (contract of `at`), of which any bytes are a value: it
        // consists of atomic integers, which all processes use through `&`; it stays mapped while
        // `self` lives.
        unsafe { self.control.as_ref() }
    }

    pub(super) fn capacity(&self) -> u64 {
        self.mask + 1
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "below the capacity, which is a `usize`")]
    fn place(&self, number: u64) -> NonNull<Place<T>> {
        let index = (number & self.mask) as usize;
        // SAFETY: the mask keeps it below the number of places that lie there (contract of `at`).
        unsafe { self.places.add(index) }
    }

    /// The numbers of a place.
    #[inline]
    pub(super) fn numbers(&self, number: u64) -> &Numbers {
        let numbers = self.place(number).cast::<Numbers>();
        // SAFETY: a place begins there, with atomic integers, of which any bytes are a value; it
        // stays mapped while `self` lives.
        unsafe { numbers.as_ref() }
    }

    fn job(&self, number: u64) -> NonNull<T> {
        // SAFETY: within the place.
        unsafe { self.place(number).byte_add(offset_of!(Place<T>, job)) }.cast()
    }

    /// Writes the job of a place.
    #[inline]
    pub(super) fn write(&self, number: u64, job: &T) {
        // SAFETY: one job lies there, aligned; all processes move granules of `T` in these places.
        unsafe { slot::write(self.job(number), job) };
    }

    /// Reads the job of a place.
    #[inline]
    pub(super) fn read(&self, number: u64) -> T {
        // SAFETY: one job lies there, aligned; all processes move granules of `T` in these places.
        unsafe { slot::read(self.job(number)) }
    }

    /// Claims a free place for this process.
    pub(super) fn claim_free(&self, me: u64) -> Option<u64> {
        let hint = &self.control().free_at.number;
        let from = hint.load(Ordering::Relaxed);
        let found = (0..self.capacity()).map(|i| from.wrapping_add(i)).find(|number| {
            let word = &self.numbers(*number).word;
            word.load(Ordering::Relaxed) == 0 && replace(word, 0, me | FILLING)
        })?;
        crash_point("jobs: a place is claimed");
        hint.store(found.wrapping_add(1), Ordering::Relaxed);
        Some(found)
    }

    /// Takes a place with this word, `READY` or `LETTER`, whose time has come.
    pub(super) fn take(&self, state: u64, me: u64, is_time: impl Fn(u64) -> bool) -> Option<u64> {
        let hint = &self.control().ready_at.number;
        let from = hint.load(Ordering::Relaxed);
        let found = (0..self.capacity()).map(|i| from.wrapping_add(i)).find(|number| {
            let Numbers { word, not_before, .. } = self.numbers(*number);
            word.load(Ordering::Acquire) == state
                && is_time(not_before.load(Ordering::Relaxed))
                && replace(word, state, me | TAKEN)
        })?;
        crash_point("jobs: a job is taken");
        hint.store(found.wrapping_add(1), Ordering::Relaxed);
        Some(found)
    }

    /// Takes a job over from a process that is proved dead, and frees the places that dead
    /// processes were filling. Returns the place of the job, and whether a place became free.
    #[cold]
    pub(super) fn take_over(&self, me: u64) -> (Option<u64>, bool) {
        let (mut alive, mut is_any_free) = (vec![me], false);
        for number in 0..self.capacity() {
            let place = &self.numbers(number).word;
            let word = place.load(Ordering::Acquire);
            let owner = word & PROCESS;
            if word & (FILLING | TAKEN) == 0 || alive.contains(&owner) {
                continue;
            }
            if !is_dead(word) {
                alive.push(owner);
                continue;
            }
            crash_point("jobs: before a job is taken over");
            if word & TAKEN != 0 && replace(place, word, me | TAKEN) {
                crash_point("jobs: a job is taken over");
                return (Some(number), is_any_free);
            }
            is_any_free |= word & FILLING != 0 && replace(place, word, 0);
        }
        (None, is_any_free)
    }

    /// Refuses a job queue that has other numbers than a new one with these options would have.
    pub(super) fn expect_options(&self, options: &TableOptions) -> Result<(), Refusal> {
        let wanted = Self::plan(options)?.layout;
        if (self.capacity(), self.max_deliveries) == (wanted.capacity as u64, wanted.max_deliveries)
        {
            return Ok(());
        }
        let why = format!(
            "found a capacity of {} and at most {} deliveries, wanted {} and {}",
            self.capacity(),
            self.max_deliveries,
            wanted.capacity,
            wanted.max_deliveries
        );
        Err(Refusal::mismatch("open", why))
    }
}

// SAFETY: 1. `check` computes the positions of all parts itself, and accepts them only within
// `size` bytes. 2. Safe code gets atomic integers, and jobs by granules of `T`, at numbers that a
// mask keeps inside. 3. The kernel refers to the bytes only while a thread sleeps on a word, which
// borrows the structure. 4. It is opened with write access only.
unsafe impl<T: Plain> Structure for Table<T> {
    const TAG: Tag = Tag::JOBS;
    const FIXED: usize = header::FIXED;

    type Access = ReadWrite;
    type Options = TableOptions;
    type Layout = Parts;

    fn plan(options: &TableOptions) -> Result<Plan<Parts>, Refusal> {
        let capacity = header::capacity(options.capacity, 1)?;
        let (header, head) = header::encode::<T>(MAGIC, capacity, options.max_deliveries)?;
        let (layout, size) = Self::parts(&header, None)?;
        Ok(Plan { head, size, align: ALIGN, layout })
    }

    fn head_len(fixed: &[u8]) -> Result<usize, Refusal> {
        header::len(MAGIC, "a job queue", fixed)
    }

    fn check(head: &[u8], size: usize) -> Result<Parts, Refusal> {
        Ok(Self::parts(&header::check::<T>(head)?, Some(size))?.0)
    }

    unsafe fn init(base: NonNull<u8>, parts: &Parts, _options: TableOptions) -> Result<()> {
        // SAFETY: the same bytes as in the contract, which holds for `at` as well: zeros are a
        // control block and free places.
        let table = unsafe { Self::at(base, *parts) }.map_err(|refusal| refusal.on(""))?;
        table.control().filled.begin();
        table.control().freed.begin();
        Ok(())
    }

    unsafe fn at(base: NonNull<u8>, parts: Parts) -> Result<Self, Refusal> {
        if !base.addr().get().is_multiple_of(ALIGN) {
            let why = format!("it does not begin on a boundary of {ALIGN} bytes");
            return Err(Refusal::mismatch("open", why));
        }
        // SAFETY: planned or checked to lie within the bytes, which are mapped (contract).
        let control = unsafe { base.add(parts.control_at) }.cast();
        // SAFETY: planned or checked to lie within the bytes, which are mapped (contract).
        let places = unsafe { base.add(parts.places_at) }.cast();
        let Parts { capacity, max_deliveries, .. } = parts;
        Ok(Self { control, places, mask: capacity as u64 - 1, max_deliveries })
    }
}

// SAFETY: addresses and numbers, bound to no thread; jobs are moved by granules.
unsafe impl<T: Plain> Send for Table<T> {}

// SAFETY: addresses and numbers, bound to no thread; jobs are moved by granules.
unsafe impl<T: Plain> Sync for Table<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_control_block_and_the_places_are_as_documented() {
        assert_eq!(
            [
                offset_of!(Control, ready_at),
                offset_of!(Control, filled),
                offset_of!(Control, freed),
                offset_of!(Place<u8>, job),
            ],
            [128, 256, 264, 24]
        );
    }
}
