//! A message that a subscriber holds.

#![expect(unsafe_code, reason = "reads messages in memory that other processes write")]

use std::fmt;
use std::ptr::NonNull;
use std::slice;

use ipc_mem::{Memory, Plain, SharedMemory, granule};

use super::intake::Taken;
use super::{Payload, Subscriber};
use crate::slot;

/// A message in shared memory, which a subscriber holds. The publisher does not use its memory
/// again before the sample is dropped.
///
/// Methods return copies of values and elements, because a program that does not use this crate
/// could write the memory at the same time. If no such program exists, use
/// [`as_ref`](Sample::as_ref) and [`as_slice`](Sample::as_slice), which are `unsafe`, to read in
/// place.
#[must_use = "a sample that is dropped is released"]
pub struct Sample<'a, T: Payload + ?Sized, M: Memory = SharedMemory> {
    subscriber: &'a Subscriber<T, M>,
    taken: Taken,
    first: NonNull<T::Element>,
}

impl<'a, T: Payload + ?Sized, M: Memory> Sample<'a, T, M> {
    #[inline]
    pub(super) fn new(subscriber: &'a Subscriber<T, M>, taken: Taken) -> Self {
        let first = subscriber.parts().0.message(taken.publisher, taken.sample).cast();
        Self { subscriber, taken, first }
    }

    /// The exact number of messages that this subscriber missed since its previous sample from the
    /// same [place](Self::publisher): those that were dropped because its queue was full, and
    /// possibly one that an earlier publisher in that place was publishing when it was killed.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.taken.missed
    }

    /// The number of the message in the topic. It increases with each message of a publisher, but
    /// not always by one: messages of other publishers have the numbers in between, roughly in the
    /// order in which they were published.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.taken.stamp
    }

    /// The place of the publisher in the topic, from 0. No two publishers that are open at the same
    /// time have the same place.
    #[must_use]
    pub fn publisher(&self) -> usize {
        self.taken.publisher
    }

    /// The number of the message among those of publishers in the same place, from 1 and without
    /// gaps.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.taken.sequence
    }

    /// The name of the topic, for errors.
    #[cfg(feature = "postcard")]
    pub(super) fn label(&self) -> String {
        self.subscriber.memory().label()
    }

    /// The address of the value, or of the first element, for code that reads it by
    /// relaxed atomic operations, as [`ipc_mem::granule`] does.
    #[must_use]
    pub fn as_ptr(&self) -> *const T::Element {
        self.first.as_ptr()
    }
}

impl<T: Plain, M: Memory> Sample<'_, T, M> {
    /// Returns a copy of the message.
    #[inline]
    #[must_use]
    pub fn get(&self) -> T {
        // SAFETY: a value lies there, aligned (`Board::message`; `plan`, `check`); all processes
        // move granules of it.
        unsafe { slot::read(self.first) }
    }

    /// Returns the message in shared memory.
    ///
    /// # Safety
    ///
    /// The caller must ensure that no program writes the memory of the topic without this crate as
    /// long as the reference lives, and that a child of `fork` does not use it.
    #[must_use]
    pub unsafe fn as_ref(&self) -> &T {
        // SAFETY: a value lies there, aligned (`Board::message`; `plan`, `check`); its publisher
        // does not write it while this sample is held, and nothing else does (contract).
        unsafe { self.first.as_ref() }
    }
}

impl<T: Plain, M: Memory> Sample<'_, [T], M> {
    /// The number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.taken.len
    }

    /// Returns `true` if the message has no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.taken.len == 0
    }

    /// Returns a copy of the element at `index`; `None` behind the end.
    #[inline]
    #[must_use]
    pub fn get(&self, index: usize) -> Option<T> {
        if index >= self.taken.len {
            return None;
        }
        // SAFETY: one of the elements.
        let place = unsafe { self.first.add(index) };
        // SAFETY: an element lies there, aligned (`Board::message`; `plan`, `check`); all processes
        // move granules of it.
        Some(unsafe { granule::load(place) })
    }

    /// Copies elements from position `start` on, until `into` is full or the message ends. Returns
    /// the number of copied elements.
    pub fn copy_to(&self, start: usize, into: &mut [T]) -> usize {
        let count = into.len().min(self.taken.len.saturating_sub(start));
        // SAFETY: at most the number of elements, behind the last of which is still the same
        // object.
        let place = unsafe { self.first.add(start.min(self.taken.len)) };
        // SAFETY: `count` elements lie there, aligned (`Board::message`; `plan`, `check`); all
        // processes move granules of them.
        unsafe { granule::copy_out(place, &mut into[..count]) };
        count
    }

    /// Returns copies of all elements.
    #[must_use]
    pub fn to_vec(&self) -> Vec<T> {
        (0..self.taken.len).filter_map(|index| self.get(index)).collect()
    }

    /// Returns the elements in shared memory.
    ///
    /// # Safety
    ///
    /// The caller must ensure that no program writes the memory of the topic without this crate as
    /// long as the slice lives, and that a child of `fork` does not use it.
    #[must_use]
    pub unsafe fn as_slice(&self) -> &[T] {
        // SAFETY: that many elements lie there, aligned (`Board::message`; `plan`, `check`); their
        // publisher does not write them while this sample is held, and nothing else does
        // (contract).
        unsafe { slice::from_raw_parts(self.first.as_ptr(), self.taken.len) }
    }
}

impl<T: Payload + ?Sized, M: Memory> Drop for Sample<'_, T, M> {
    #[inline]
    fn drop(&mut self) {
        // A forked child has a copy of this value, but the message is its parent's.
        if self.subscriber.is_ours() {
            let (topic, intake) = self.subscriber.parts();
            intake.give_back(topic, &self.taken);
        }
    }
}

impl<T: Payload + ?Sized, M: Memory> fmt::Debug for Sample<'_, T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sample")
            .field("number", &self.number())
            .field("len", &self.taken.len)
            .field("missed", &self.missed())
            .finish_non_exhaustive()
    }
}
