//! The part of the readers, as one reader has it: its entry there, and the mark that wakes it.

#![expect(unsafe_code, reason = "reaches words that all readers write")]

use std::ptr::NonNull;
use std::sync::atomic::Ordering;

use ipc_core::{Errno, Error, Origin, Refusal, Result, Trust, owner};
use ipc_mem::named::{Identity, entry};
use ipc_mem::{Access, Mapping, Memory, ReadOnly, SharedMemory};

use super::layout::Frames;
use super::parts::{Entry, MAX_READERS, ReadersPart};
use crate::statistics::count_alone;

/// The entry of a reader among those that the frames have, until it is dropped.
#[derive(Debug)]
pub(super) struct Attendance {
    part: NonNull<ReadersPart>,
    index: usize,
    origin: Origin,
    /// The mapping of the part, unless it lies in the memory of the frames, which lives longer.
    _mapping: Option<Mapping>,
}

/// The result of mapping the page of the readers.
pub(super) enum Found {
    Page(Mapping),
    /// This process may not write it.
    Denied,
    /// The name belongs to another object by now.
    Replaced,
}

/// Maps the beginning of an object, up to the end of the page of the readers, to read and write.
///
/// # Errors
///
/// The error of the system, also if the name does not exist any more.
pub(super) fn map(memory: &SharedMemory<ReadOnly>, frames: &Frames) -> Result<Found> {
    let place = entry(memory.name().clone())?;
    // The object has been judged when it was opened.
    let (file, metadata) = match place.open(Trust::Anyone, Access::ReadWrite) {
        Err(err) if err.is_permission_denied() => return Ok(Found::Denied),
        opened => opened?,
    };
    if Identity::of(&metadata) != memory.identity() {
        return Ok(Found::Replaced);
    }
    let len = frames.readers_at() + size_of::<ReadersPart>();
    let mapped = Mapping::new(&file, len, Access::ReadWrite);
    mapped.map(Found::Page).map_err(|errno| Error::os("mmap", memory.label(), errno))
}

impl Attendance {
    /// Takes an entry on a page that was mapped for this reader alone.
    ///
    /// # Errors
    ///
    /// No space if 64 readers have the frames open.
    pub(super) fn on_page(page: Mapping, frames: &Frames) -> Result<Self, Refusal> {
        // SAFETY: `map` has mapped all bytes up to the end of the part.
        let part = unsafe { page.base().add(frames.readers_at()) }.cast();
        // SAFETY: atomics, of which any bytes are a value, on a boundary of 64 (`Frames::check`), in
        // pages that stay mapped as long as the value.
        unsafe { Self::new(part, Some(page), frames) }
    }

    /// Takes an entry in the memory of the frames itself.
    ///
    /// # Errors
    ///
    /// Those of [`on_page`](Self::on_page).
    ///
    /// # Safety
    ///
    /// The memory is writable, and stays mapped as long as the value lives.
    pub(super) unsafe fn in_memory(frames: &Frames) -> Result<Self, Refusal> {
        // SAFETY: the caller guarantees that the part is writable and stays mapped.
        unsafe { Self::new(NonNull::from(frames.readers()), None, frames) }
    }

    /// # Safety
    ///
    /// `part` is aligned, writable, and mapped as long as the value.
    unsafe fn new(
        part: NonNull<ReadersPart>,
        mapping: Option<Mapping>,
        frames: &Frames,
    ) -> Result<Self, Refusal> {
        // SAFETY: aligned and mapped (contract); atomics, which all processes use through `&`.
        let entries = &unsafe { part.as_ref() }.entries;
        let take = |is_free: &dyn Fn(u64) -> bool| {
            entries.iter().position(|Entry { process, .. }| {
                let found = process.load(Ordering::Relaxed);
                is_free(found) && owner::replace(process, found, owner::here())
            })
        };
        let is_dead = |word: u64| frames.is_our_namespace() && owner::is_dead(word);
        let index = take(&|word| word == 0).or_else(|| take(&is_dead)).ok_or_else(|| {
            let why = format_args!("{MAX_READERS} readers have it open, which is the maximum");
            Refusal::os("open", Errno::ENOSPC).because(why)
        })?;
        let this = Self { part, index, origin: Origin::here(), _mapping: mapping };
        let Entry { sequence, missed, received, sleeps, .. } = this.entry();
        for count in [sequence, missed, received, sleeps] {
            count.store(0, Ordering::Relaxed);
        }
        Ok(this)
    }

    fn entry(&self) -> &Entry {
        &self.part().entries[self.index]
    }

    fn part(&self) -> &ReadersPart {
        // SAFETY: aligned and mapped as long as `self` (contract of `new`); atomics, which all
        // processes use through `&`.
        unsafe { self.part.as_ref() }
    }

    /// Marks that readers may sleep.
    pub(super) fn announce(&self) {
        self.part().announce();
    }

    /// Counts a call that sleeps.
    pub(super) fn count_sleep(&self) {
        count_alone(&self.entry().sleeps);
    }

    /// Records that this reader has read a frame, for programs that show it.
    #[inline]
    pub(super) fn report(&self, sequence: u64, missed: u64) {
        self.entry().sequence.store(sequence, Ordering::Relaxed);
        self.entry().missed.store(missed, Ordering::Relaxed);
        count_alone(&self.entry().received);
    }
}

impl Drop for Attendance {
    fn drop(&mut self) {
        // A forked child has a copy of this value, but the entry is its parent's.
        if self.origin.is_here() {
            let _ = owner::replace(&self.entry().process, owner::here(), 0);
        }
    }
}

// SAFETY: an address and numbers, bound to no thread; what is there is atomics.
unsafe impl Send for Attendance {}

// SAFETY: an address and numbers, bound to no thread; what is there is atomics.
unsafe impl Sync for Attendance {}
