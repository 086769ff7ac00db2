//! A frame that is written in its slot.

#![expect(unsafe_code, reason = "writes elements that other processes read at the same time")]

use std::fmt;
use std::ptr::NonNull;
use std::time::Duration;

use ipc_core::{Error, Result, crash_point};
use ipc_mem::{Memory, Plain, ReadWrite, Shape, SharedMemory, granule};

use super::FrameWriter;

/// The slot of the next frame, which no reader accepts before it is [published](Self::publish).
///
/// At first it contains an older frame, or zeros. Readers may copy from it at the same time, and
/// find afterwards that their copy is not whole. Therefore it has no `&mut [T]`: elements are
/// written by copies.
///
/// # Examples
///
/// ```
/// use ipc_ring::frames::FrameWriter;
///
/// # let name = format!("/slot-{}", std::process::id());
/// let mut camera = FrameWriter::<u16>::create(&name, [4, 2])?;
/// let mut slot = camera.next_slot()?;
/// slot.fill(7);
/// for row in 0..2 {
///     slot.write_at(4 * row, &[row as u16; 3])?;
/// }
/// assert_eq!(slot.publish(), 1);
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[must_use = "a slot that is dropped is not published"]
pub struct FrameSlot<'a, T: Plain, M: Memory = SharedMemory> {
    writer: &'a mut FrameWriter<T, M>,
    first: NonNull<T>,
    timestamp: Option<Duration>,
}

impl<'a, T: Plain, M: Memory<Access = ReadWrite>> FrameSlot<'a, T, M> {
    #[inline]
    pub(super) fn begin(writer: &'a mut FrameWriter<T, M>) -> Self {
        let (head, first) = writer.frames().slot(writer.next_sequence());
        let first = first.cast();
        head.begin();
        crash_point("frames.slot.begun");
        Self { writer, first, timestamp: None }
    }

    /// The number of elements.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a shape has at least one element")]
    pub fn len(&self) -> usize {
        self.writer.frame_len()
    }

    /// The number of elements in each dimension.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        self.writer.shape()
    }

    /// Writes elements from position `start` on, in memory order.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if they do not fit there.
    #[inline]
    pub fn write_at(&mut self, start: usize, elements: &[T]) -> Result<()> {
        let place = self.place(start, elements.len())?;
        // SAFETY: that number of elements is there (`place`), aligned and writable, and readers
        // move granules of `T` (`Frames`).
        unsafe { granule::copy_in(elements, place) };
        crash_point("frames.slot.written");
        Ok(())
    }

    /// Writes one element, at this position in memory order.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if there is no such element.
    #[inline]
    pub fn set(&mut self, index: usize, element: T) -> Result<()> {
        let place = self.place(index, 1)?;
        // SAFETY: an element is there (`place`), aligned and writable, and readers move granules of
        // `T` (`Frames`).
        unsafe { granule::store(place, element) };
        Ok(())
    }

    /// Writes the same value to all elements.
    pub fn fill(&mut self, element: T) {
        // SAFETY: all elements of the slot, aligned and writable; readers move granules of `T`.
        unsafe { granule::fill(self.first, element, self.len()) };
    }

    /// The address of the first element, for code that writes elements by relaxed atomic
    /// operations, as [`ipc_mem::granule`] does: readers may read any of them meanwhile, so no
    /// reference to them may exist.
    #[must_use]
    pub fn as_mut_ptr(&mut self) -> *mut T {
        self.first.as_ptr()
    }

    /// Sets the time of the frame, such as that of its exposure, on `CLOCK_MONOTONIC`. If this
    /// method is not called, the time of the frame is that of its publication.
    pub fn set_timestamp(&mut self, timestamp: Duration) {
        self.timestamp = Some(timestamp);
    }

    /// Publishes the frame, wakes readers, and returns its number.
    #[inline]
    pub fn publish(self) -> u64 {
        self.writer.publish(self.timestamp)
    }

    #[inline]
    fn place(&self, start: usize, count: usize) -> Result<NonNull<T>> {
        let len = self.len();
        if start.checked_add(count).is_none_or(|end| end > len) {
            let why = format!("{count} elements at {start} do not fit into {len}");
            return Err(Error::invalid("write", self.writer.memory().label(), why));
        }
        // SAFETY: `start` is at most the number of elements, which all lie in the slot
        // (`Frames::expect`).
        Ok(unsafe { self.first.add(start) })
    }
}

impl<T: Plain, M: Memory> fmt::Debug for FrameSlot<'_, T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "slot of {:?}", self.writer)
    }
}

// SAFETY: an exclusive borrow of the writer, which is `Send`, and an address in its memory.
unsafe impl<T: Plain, M: Memory> Send for FrameSlot<'_, T, M> {}
