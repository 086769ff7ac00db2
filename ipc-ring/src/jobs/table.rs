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
//!   +272..304   losses, and how often threads slept (`statistics.rs`)
//!   D..      capacity places, at a multiple of 128 bytes
//! ```
//!
//! | place | meaning |
//! |---|---|
//! | 0..8 | its word, see below |
//! | 8..16 | how often the job was delivered |
//! | 16..24 | the time from which on it is delivered, in ns of the monotonic clock; 0 for at once |
//! | 24..32 | how many jobs were done in this place |
//! | 32.. | the job, on its boundary |
//!
//! | word | state |
//! |---|---|
//! | 0 | free |
//! | a process with `FILLING` | that process writes a job there |
//! | `READY` | a job that waits |
//! | a process with `TAKEN` | that process has the job |
//! | `LETTER` | a job that was delivered too often |

#![expect(unsafe_code, reason = "reaches jobs in memory that other processes write")]

use std::marker::PhantomData;
use std::mem::offset_of;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::owner::{NOBODY, PROCESS, flag, is_dead, replace};
use ipc_core::{Refusal, crash_point};
use ipc_mem::{MemoryOptions, Plain, Tag, WaitWord};

use super::JobOptions;
use crate::header;
use crate::parts::{Contents, Line, Parts};
use crate::slot;
use crate::statistics::{Statistics, Tally, count};

pub(super) const FILLING: u64 = flag(0);
pub(super) const TAKEN: u64 = flag(1);
pub(super) const READY: u64 = NOBODY | flag(2);
pub(super) const LETTER: u64 = NOBODY | flag(3);

/// The control block.
#[repr(C, align(64))]
pub(crate) struct Control {
    pub(super) free_at: Line,
    pub(super) ready_at: Line,
    /// Workers sleep here.
    pub(super) filled: WaitWord,
    /// Submitters sleep here.
    pub(super) freed: WaitWord,
    pub(super) tally: Tally,
}

/// Where the tally begins in the control block, and the length of the control block.
pub(crate) const TALLY_AT: usize = offset_of!(Control, tally);
pub(crate) const BEFORE: usize = size_of::<Control>();

/// The numbers of a place.
#[repr(C)]
pub(crate) struct Numbers {
    pub(super) word: AtomicU64,
    pub(super) deliveries: AtomicU64,
    pub(super) not_before: AtomicU64,
    pub(super) done: AtomicU64,
}

#[repr(C)]
pub(crate) struct Place<T> {
    numbers: Numbers,
    job: T,
}

/// A job queue.
pub(super) type Table<T> = Parts<TableOf<T>>;

pub(crate) struct TableOf<T>(PhantomData<T>);

// SAFETY: 1. See `Control`; `Line` has the largest boundary. 2. The methods of `Table` use the
// numbers as atomic integers, and move granules of the job.
unsafe impl<T: Plain> Contents for TableOf<T> {
    const MAGIC: [u8; 8] = *b"IPCJOBS1";
    const WHAT: &'static str = "a job queue";
    const TAG: Tag = Tag::JOBS;

    type Message = T;
    type Control = Control;
    type Element = Place<T>;
    type Options = JobOptions;

    fn numbers(options: JobOptions) -> Result<(usize, u64), Refusal> {
        Ok((header::capacity(options.capacity, 1)?, options.max_deliveries))
    }

    fn memory(options: JobOptions) -> MemoryOptions {
        options.memory
    }

    fn words(_capacity: usize, _max_deliveries: u64) -> Result<usize, String> {
        Ok(0)
    }

    fn describe(capacity: usize, max_deliveries: u64) -> String {
        match max_deliveries {
            0 => format!("a capacity of {capacity} and any number of deliveries"),
            most => format!("a capacity of {capacity} and at most {most} deliveries"),
        }
    }

    fn begin(control: &Control) {
        control.filled.begin();
        control.freed.begin();
    }
}

impl<T: Plain> Table<T> {
    /// The numbers of a place.
    #[inline]
    pub(super) fn numbers(&self, number: u64) -> &Numbers {
        let numbers = self.element(number).cast::<Numbers>();
        // SAFETY: a place begins there, with atomic integers, of which any bytes are a value; it
        // stays mapped while `self` lives.
        unsafe { numbers.as_ref() }
    }

    pub(super) fn statistics(&self) -> Statistics {
        let used = |number| {
            let Numbers { word, done, .. } = self.numbers(number);
            used(word.load(Ordering::Relaxed), done.load(Ordering::Relaxed))
        };
        Statistics::of_jobs((0..self.capacity()).map(used), self.control().tally.counts())
    }

    fn job(&self, number: u64) -> NonNull<T> {
        // SAFETY: within the place.
        unsafe { self.element(number).byte_add(offset_of!(Place<T>, job)) }.cast()
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
            let is_time = || is_time(not_before.load(Ordering::Relaxed));
            if word.load(Ordering::Acquire) != state || !is_time() {
                return false;
            }
            if !replace(word, state, me | TAKEN) {
                return false;
            }
            // It may be another job with the same word, which was put there meanwhile.
            let is_time = is_time();
            if !is_time {
                word.store(state, Ordering::Release);
            }
            is_time
        })?;
        crash_point("jobs: a job is taken");
        hint.store(found.wrapping_add(1), Ordering::Relaxed);
        Some(found)
    }

    /// Returns `true` if a job is ready whose time has come.
    pub(super) fn is_any_ready(&self, now: u64) -> bool {
        (0..self.capacity()).map(|number| self.numbers(number)).any(|numbers| {
            numbers.word.load(Ordering::Acquire) == READY
                && numbers.not_before.load(Ordering::Relaxed) <= now
        })
    }

    /// The word of a place whose job returns to the queue.
    pub(super) fn returned(&self, number: u64) -> u64 {
        let deliveries = self.numbers(number).deliveries.load(Ordering::Relaxed);
        if (1..=deliveries).contains(&self.second()) { LETTER } else { READY }
    }

    /// Returns the jobs of processes that are proved dead, and frees the places that dead processes
    /// were filling. Returns whether a job is ready, and whether a place is free now.
    ///
    /// No job is this process's in between, which may be stopped at any time.
    #[cold]
    pub(super) fn clear(&self, me: u64) -> (bool, bool) {
        let (mut alive, mut is_any_ready, mut is_any_free) = (vec![me], false, false);
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
            crash_point("jobs: before a place of the dead is cleared");
            if word & TAKEN != 0 {
                // The dead change nothing there any more.
                let returned = self.returned(number);
                if replace(place, word, returned) {
                    count(&self.control().tally.lost);
                    is_any_ready |= returned == READY;
                }
                crash_point("jobs: a job of the dead is returned");
            } else {
                is_any_free |= replace(place, word, 0);
            }
        }
        (is_any_ready, is_any_free)
    }
}

/// How many jobs were done in a place with these numbers, and whether it holds another one.
pub(crate) fn used(word: u64, done: u64) -> (u64, bool) {
    (done, word != 0 && word & FILLING == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    use ipc_mem::Object;

    #[test]
    fn the_control_block_and_the_places_are_as_documented() {
        assert_eq!(
            [
                offset_of!(Control, ready_at),
                offset_of!(Control, filled),
                offset_of!(Control, freed),
                TALLY_AT,
                BEFORE,
                offset_of!(Numbers, done),
                offset_of!(Place<u8>, job),
            ],
            [128, 256, 264, 272, 320, 24, 32]
        );
    }

    #[test]
    fn a_place_that_was_filled_again_meanwhile_is_not_taken_before_its_time() {
        let memory = ipc_mem::LocalMemory::new(4096).unwrap();
        let table: Object<Table<u8>, _> =
            Object::create_in(memory, JobOptions::new(1), |_| Ok(())).unwrap();
        let numbers = table.numbers(0);
        numbers.word.store(READY, Ordering::Relaxed);
        let looks = Cell::new(0);
        let is_time = |not_before| {
            looks.set(looks.get() + 1);
            if looks.get() == 1 {
                // Other processes take the job, do it, and submit one with a delay there.
                numbers.not_before.store(7, Ordering::Relaxed);
            }
            not_before == 0
        };
        assert_eq!(table.take(READY, 2, is_time), None);
        assert_eq!(numbers.word.load(Ordering::Relaxed), READY);
    }
}
