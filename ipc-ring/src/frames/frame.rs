//! Frames as a reader sees them.

#![expect(unsafe_code, reason = "reads elements that another process may be writing")]

use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::time::Duration;

use ipc_mem::{Plain, Shape, granule};

/// The frame that a reader takes among those that are new to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there is no third end of a sequence")]
pub enum Pick {
    /// The oldest that is still in a slot.
    Next,
    /// The newest. Those before it are skipped, and count as missed.
    Latest,
}

/// The number and the time of a frame, and how many the reader missed before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FrameInfo {
    pub(super) sequence: u64,
    pub(super) missed: u64,
    pub(super) timestamp: u64,
}

impl FrameInfo {
    /// The number of the frame: 1 for the first that the writer published, and one more for each.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The exact number of frames that this reader missed between the frame that it read before and this
    /// one.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.missed
    }

    /// The time of the frame on `CLOCK_MONOTONIC`, which all processes of one time namespace share:
    /// the time of its publication, unless the writer set another.
    #[must_use]
    pub fn timestamp(&self) -> Duration {
        Duration::from_nanos(self.timestamp)
    }
}

/// A frame that a reader has copied: whole, and valid until the reader reads the next one.
#[derive(Clone, Copy)]
pub struct Frame<'a, T> {
    pub(super) info: FrameInfo,
    pub(super) shape: &'a Shape,
    pub(super) elements: &'a [T],
}

impl<'a, T: Plain> Frame<'a, T> {
    /// The elements. The first index of the shape varies fastest.
    #[must_use]
    pub fn as_slice(&self) -> &'a [T] {
        self.elements
    }

    /// The number of elements in each dimension.
    #[must_use]
    pub fn shape(&self) -> &'a Shape {
        self.shape
    }

    /// The number, the time and the number of missed frames together.
    #[must_use]
    pub fn info(&self) -> FrameInfo {
        self.info
    }

    /// The number of the frame: see [`FrameInfo::sequence`].
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.info.sequence
    }

    /// The number of frames that this reader missed before this one: see [`FrameInfo::missed`].
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.info.missed
    }

    /// The time of the frame: see [`FrameInfo::timestamp`].
    #[must_use]
    pub fn timestamp(&self) -> Duration {
        self.info.timestamp()
    }
}

impl<T> fmt::Debug for Frame<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FrameInfo { sequence, missed, .. } = self.info;
        write!(f, "frame {sequence} of {}, {missed} missed before", self.shape)
    }
}

/// The elements of a frame in its slot, which the writer may overwrite at any time.
///
/// The elements that a view returns may be of two frames.
/// [`FrameReader::try_view`](super::FrameReader::try_view) returns the result of a computation only
/// if the frame stayed whole during it.
#[derive(Debug)]
pub struct FrameView<'a, T> {
    first: NonNull<T>,
    len: usize,
    slot: PhantomData<&'a T>,
}

impl<T: Plain> FrameView<'_, T> {
    /// # Safety
    ///
    /// `first` is aligned for `T`, and `len` elements from there on stay readable as long as the
    /// value lives; all other code that writes them moves granules of `T`.
    pub(super) unsafe fn new(first: NonNull<T>, len: usize) -> Self {
        Self { first, len, slot: PhantomData }
    }

    /// The number of elements.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a shape has at least one element")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Copies the element at this position in memory order; `None` outside of the frame.
    #[inline]
    #[must_use]
    pub fn get(&self, index: usize) -> Option<T> {
        if index >= self.len {
            return None;
        }
        // SAFETY: one of the `len` elements (contract of `new`).
        let place = unsafe { self.first.add(index) };
        // SAFETY: aligned and readable, and other code moves granules of `T` (contract of `new`).
        Some(unsafe { granule::load(place) })
    }

    /// Copies elements from position `start` on, as many as there are and fit, and returns how many.
    pub fn copy_to(&self, start: usize, into: &mut [T]) -> usize {
        let count = into.len().min(self.len.saturating_sub(start));
        // SAFETY: at most the number of elements, behind the last of which is still the same object.
        let place = unsafe { self.first.add(start.min(self.len)) };
        // SAFETY: `count` elements from `start` on are there, aligned and readable, and other code
        // moves granules of `T` (contract of `new`).
        unsafe { granule::copy_out(place, &mut into[..count]) };
        count
    }

    /// The address of the first element, for code that reads elements by relaxed atomic operations,
    /// as [`ipc_mem::granule`] does: the writer may overwrite any of them meanwhile, so no
    /// reference to them may exist.
    #[must_use]
    pub fn as_ptr(&self) -> *const T {
        self.first.as_ptr()
    }
}
