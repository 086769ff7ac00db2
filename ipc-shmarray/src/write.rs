//! Writing the elements of an array.

#![expect(unsafe_code, reason = "writes elements in memory that other processes read")]

use ipc_core::Result;
use ipc_mem::memory::at_offset;
use ipc_mem::{Memory, Plain, ReadWrite, granule};

use crate::{Integer, ShmArray};

/// Methods that write.
impl<T: Plain, M: Memory<Access = ReadWrite>> ShmArray<T, M> {
    /// Writes one element.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if there is no such element.
    #[inline]
    pub fn set<const N: usize>(&self, index: [usize; N], value: T) -> Result<()> {
        let place = self.place(index)?;
        // SAFETY: `place` is an element of this array in writable memory; all code of this process
        // that accesses the array accesses elements of `T`.
        unsafe { granule::store(place, value) };
        Ok(())
    }

    /// Writes elements in memory order, starting at position `start`.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if there are fewer than `from.len()` elements from `start` on.
    #[inline]
    pub fn write_at(&self, start: usize, from: &[T]) -> Result<()> {
        let to = self.run(start, from.len())?;
        // SAFETY: `run` checked that `from.len()` elements exist at `to`; for other accesses see
        // `set`.
        unsafe { granule::copy_in(from, to) };
        Ok(())
    }

    /// Writes all elements, in memory order.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the lengths of `from` and of the array differ.
    #[inline]
    pub fn write_from(&self, from: &[T]) -> Result<()> {
        self.expect_all(from.len())?;
        self.write_at(0, from)
    }

    /// Writes the same value to all elements.
    pub fn fill(&self, value: T) {
        // SAFETY: all elements of this array, in writable memory; all code of this process that
        // accesses them moves granules of `T`.
        unsafe { granule::fill(self.data(), value, self.len()) };
    }

    /// Copies all elements of another array of the same shape.
    ///
    /// # Errors
    ///
    /// `is_mismatch` if the shapes differ.
    pub fn copy_from<N: Memory>(&self, other: &ShmArray<T, N>) -> Result<()> {
        other.expect_shape(*self.shape())?;
        let mut to = self.data();
        other.chunks(|chunk| {
            // SAFETY: both arrays have the same number of elements, so the elements of this chunk
            // exist at `to`; for other accesses see `set`.
            unsafe { granule::copy_in(chunk, to) };
            to = at_offset(to, size_of_val(chunk));
        });
        Ok(())
    }

    /// Returns one element as an atomic integer, so that other threads see each change as one step.
    ///
    /// ```
    /// use std::sync::atomic::Ordering;
    ///
    /// use ipc_shmarray::ShmArray;
    ///
    /// # let name = format!("/counters-{}", std::process::id());
    /// let counters = ShmArray::<u64>::create(&name, 8)?;
    /// let ticket = counters.atomic([0])?.fetch_add(1, Ordering::AcqRel);
    /// assert_eq!((ticket, counters.get([0])?), (0, 1));
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if there is no such element.
    #[inline]
    pub fn atomic<const N: usize>(&self, index: [usize; N]) -> Result<&T::Atomic>
    where
        T: Integer,
    {
        const {
            assert!(
                size_of::<T>() == size_of::<T::Atomic>()
                    && align_of::<T>() == align_of::<T::Atomic>()
            );
        };
        let place = self.place(index)?.cast::<T::Atomic>();
        // SAFETY: an integer of that size and alignment, mapped while `self` lives, which all code
        // that has this array accesses atomically in this width: it is one granule of `T`.
        Ok(unsafe { place.as_ref() })
    }

    /// Mutably borrows all elements in memory order, without a copy.
    ///
    /// # Safety
    ///
    /// While the slice lives, no other code of any process may read or write any of the elements.
    #[must_use]
    #[inline]
    pub unsafe fn as_mut_slice(&mut self) -> &mut [T] {
        // SAFETY: `len` elements stay mapped and writable while `self` lives, any bytes are
        // elements (`Plain`, 2), and the caller guarantees that no other code uses them.
        unsafe { std::slice::from_raw_parts_mut(self.data().as_ptr(), self.len()) }
    }

    /// Mutably borrows all elements as a column-major view of the ndarray crate, without a copy.
    ///
    /// # Safety
    ///
    /// The conditions of [`as_mut_slice`](Self::as_mut_slice).
    #[cfg(feature = "ndarray")]
    #[must_use]
    pub unsafe fn as_view_mut(&mut self) -> ndarray::ArrayViewMutD<'_, T> {
        use ndarray::ShapeBuilder;

        let shape = ndarray::IxDyn(self.shape().dims()).f();
        // SAFETY: the elements of `as_mut_slice`, under the same conditions; the shape is that of
        // the array, so it has exactly its elements.
        unsafe { ndarray::ArrayViewMutD::from_shape_ptr(shape, self.data().as_ptr()) }
    }
}
