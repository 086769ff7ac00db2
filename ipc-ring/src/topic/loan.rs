//! A sample that a publisher writes.

#![expect(unsafe_code, reason = "writes messages that other processes may read")]

use std::fmt;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::slice;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Error, Result};
use ipc_mem::{Memory, Plain, SharedMemory, granule};

use super::{Payload, Publisher};
use crate::slot;

/// A sample in shared memory, which its publisher writes in place. No subscriber reads it before it
/// is [published](Self::publish). Dropping the loan returns the sample to the publisher.
///
/// It does not dereference to `T`, because a program that does not use this crate could write the
/// memory at the same time. Use the methods that copy values and slices into the sample, or write
/// through [`as_mut_ptr`](Self::as_mut_ptr).
#[must_use = "a loan that is dropped is not published"]
pub struct Loan<'a, T: Payload + ?Sized, M: Memory = SharedMemory> {
    publisher: &'a Publisher<T, M>,
    index: usize,
    len: usize,
    first: NonNull<T::Element>,
}

impl<'a, T: Payload + ?Sized, M: Memory> Loan<'a, T, M> {
    #[inline]
    pub(super) fn new(publisher: &'a Publisher<T, M>, index: usize, len: usize) -> Self {
        let (topic, port) = publisher.parts();
        let first = topic.message(port.publisher(), index).cast();
        Self { publisher, index, len, first }
    }

    /// Writes elements from a position on. Elements that do not fit are ignored.
    #[inline]
    pub(super) fn copy_in(&mut self, start: usize, elements: &[T::Element]) {
        let start = start.min(self.len);
        let count = elements.len().min(self.len - start);
        // SAFETY: `start` is at most the length, which is at most that of the sample.
        let place = unsafe { self.first.add(start) };
        if let ([one], 1) = (elements, count) {
            // SAFETY: an element lies there, aligned (`Board::message`; `plan`, `check`); all
            // processes move granules of it.
            return unsafe { slot::write(place, one) };
        }
        // SAFETY: `count` elements lie there, aligned (`Board::message`; `plan`, `check`); all
        // processes move granules of them.
        unsafe { granule::copy_in(&elements[..count], place) };
    }

    /// The address of the value, or of the first element, for code that writes it by
    /// relaxed atomic operations, as [`ipc_mem::granule`] does. No reference to it may exist.
    #[must_use]
    pub fn as_mut_ptr(&mut self) -> *mut T::Element {
        self.first.as_ptr()
    }

    /// Publishes the message, and waits for as long as the queue of a subscriber with
    /// [`WhenFull::Block`](super::WhenFull::Block) is full.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) in a forked child.
    #[inline]
    pub fn publish(self) -> Result<()> {
        let mut rest = Some(self);
        while let Some(loan) = rest {
            // The deadline never comes.
            rest = loan.send(|| Some(Deadline::NEVER))?;
        }
        Ok(())
    }

    /// Publishes the message. Returns the loan without publishing it if the queue of a subscriber
    /// with [`WhenFull::Block`](super::WhenFull::Block) is full.
    ///
    /// # Errors
    ///
    /// Those of [`publish`](Self::publish).
    #[inline]
    pub fn try_publish(self) -> Result<Option<Self>> {
        self.send(|| None)
    }

    /// Publishes the message, and waits for at most `timeout` while the queue of a subscriber with
    /// [`WhenFull::Block`](super::WhenFull::Block) is full. Returns the loan if it stayed full.
    ///
    /// # Errors
    ///
    /// Those of [`publish`](Self::publish).
    pub fn publish_timeout(self, timeout: Duration) -> Result<Option<Self>> {
        self.send(|| Some(Deadline::after(timeout)))
    }

    /// Publishes the message, and waits until `deadline` while the queue of a subscriber with
    /// [`WhenFull::Block`](super::WhenFull::Block) is full. Returns the loan if it stayed full.
    ///
    /// # Errors
    ///
    /// Those of [`publish`](Self::publish).
    pub fn publish_deadline(self, deadline: Instant) -> Result<Option<Self>> {
        self.send(|| Some(Deadline::at(deadline)))
    }

    #[inline]
    fn send(self, deadline: impl FnOnce() -> Option<Deadline>) -> Result<Option<Self>> {
        let is_sent = self.publisher.send(self.index, self.len, deadline)?;
        if !is_sent {
            return Ok(Some(self));
        }
        // The sample is no longer a loan.
        let _ = ManuallyDrop::new(self);
        Ok(None)
    }
}

impl<T: Plain, M: Memory> Loan<'_, T, M> {
    /// Writes the message.
    #[inline]
    pub fn write(&mut self, message: T) {
        self.copy_in(0, slice::from_ref(&message));
    }
}

impl<T: Plain, M: Memory> Loan<'_, [T], M> {
    /// The number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns `true` if the message has no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Makes the message shorter. Has no effect if it is not longer than `len`.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Writes elements from position `start` on.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if they do not fit there.
    pub fn write_at(&mut self, start: usize, elements: &[T]) -> Result<()> {
        let (len, count) = (self.len, elements.len());
        if start.checked_add(count).is_none_or(|end| end > len) {
            let why = format!("{count} elements at {start} do not fit into {len}");
            return Err(Error::invalid("write", self.publisher.memory().label(), why));
        }
        self.copy_in(start, elements);
        Ok(())
    }

    /// Writes the same value to all elements.
    pub fn fill(&mut self, element: T) {
        // SAFETY: that many elements lie there, aligned (`Board::message`; `plan`, `check`); all
        // processes move granules of them.
        unsafe { granule::fill(self.first, element, self.len) };
    }
}

impl<T: Payload + ?Sized, M: Memory> Drop for Loan<'_, T, M> {
    fn drop(&mut self) {
        // A forked child has a copy of this value, but the sample is its parent's.
        if self.publisher.is_ours() {
            let (topic, port) = self.publisher.parts();
            port.give_back(topic, self.index);
        }
    }
}

impl<T: Payload + ?Sized, M: Memory> fmt::Debug for Loan<'_, T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loan").field("len", &self.len).finish_non_exhaustive()
    }
}
