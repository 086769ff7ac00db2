//! Reading the elements of an array.

#![expect(unsafe_code, reason = "reaches elements in memory that other processes write")]

use std::convert::Infallible;
use std::ptr::NonNull;

use ipc_core::{Error, Result};
use ipc_mem::{Memory, Plain, granule};

use crate::{Shape, ShmArray, page};

/// Methods that read.
impl<T: Plain, M: Memory> ShmArray<T, M> {
    /// Checks that the array has the shape `wanted`.
    ///
    /// # Errors
    ///
    /// `is_mismatch` if the shape differs. The message contains both shapes.
    pub fn expect_shape(&self, wanted: impl Into<Shape>) -> Result<()> {
        let wanted = wanted.into();
        if *self.shape() == wanted {
            return Ok(());
        }
        let why = format!("found {} elements, wanted {wanted}", self.shape());
        Err(Error::mismatch("shape", self.memory().label(), why))
    }

    /// The number of elements in each direction.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        self.0.shape()
    }

    /// The number of elements.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "an array has at least one element")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The address of the first element, for C.
    #[must_use]
    pub fn as_ptr(&self) -> *const T {
        self.data().as_ptr()
    }

    /// The address of an element.
    #[inline]
    pub(crate) fn place<const N: usize>(&self, index: [usize; N]) -> Result<NonNull<T>> {
        self.0.place(index).ok_or_else(|| self.no_element(index))
    }

    /// Takes the index itself: a reference would have it written to the stack before it is needed.
    #[cold]
    fn no_element<const N: usize>(&self, index: [usize; N]) -> Error {
        let why = format_args!("no element {index:?} in {}", self.shape()).to_string();
        Error::invalid("index", self.memory().label(), why)
    }

    /// The address of `count` elements, starting at position `start` in memory order.
    #[inline]
    pub(crate) fn run(&self, start: usize, count: usize) -> Result<NonNull<T>> {
        self.0.run(start, count).ok_or_else(|| self.no_run(start, count))
    }

    #[cold]
    fn no_run(&self, start: usize, count: usize) -> Error {
        let len = self.len();
        Error::invalid(
            "index",
            self.memory().label(),
            format_args!("no {count} elements from {start} on in {len}"),
        )
    }

    /// Returns a copy of one element.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if there is no such element.
    #[inline]
    pub fn get<const N: usize>(&self, index: [usize; N]) -> Result<T> {
        let place = self.place(index)?;
        // SAFETY: `place` is an element of this array; all code of this process that accesses the
        // array accesses elements of `T`.
        Ok(unsafe { granule::load(place) })
    }

    /// Copies elements into `into`, in memory order, starting at position `start`.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if there are fewer than `into.len()` elements from `start` on.
    #[inline]
    pub fn read_at(&self, start: usize, into: &mut [T]) -> Result<()> {
        let from = self.run(start, into.len())?;
        // SAFETY: `run` checked that `into.len()` elements exist at `from`; for other accesses see
        // `get`.
        unsafe { granule::copy_out(from, into) };
        Ok(())
    }

    /// Copies all elements into `into`, in memory order.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the lengths of `into` and of the array differ.
    #[inline]
    pub fn read_into(&self, into: &mut [T]) -> Result<()> {
        self.expect_all(into.len())?;
        self.read_at(0, into)
    }

    /// Refuses a slice whose length is not that of the array.
    #[inline]
    pub(crate) fn expect_all(&self, len: usize) -> Result<()> {
        if len == self.len() { Ok(()) } else { Err(self.not_all(len)) }
    }

    #[cold]
    fn not_all(&self, len: usize) -> Error {
        let own = self.len();
        Error::invalid(
            "copy",
            self.memory().label(),
            format_args!("found a slice of {len} elements, wanted {own}"),
        )
    }

    /// Returns a copy of all elements, in memory order.
    #[must_use]
    pub fn to_vec(&self) -> Vec<T> {
        let mut all = Vec::with_capacity(self.len());
        self.chunks(|chunk| all.extend_from_slice(chunk));
        all
    }

    /// Iterates over copies of the elements, in memory order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = T> + ExactSizeIterator + '_ {
        (0..self.len()).map(|position| {
            // SAFETY: `position` is below the length, and all elements are mapped (`at`).
            let place = unsafe { self.data().add(position) };
            // SAFETY: as in `get`.
            unsafe { granule::load(place) }
        })
    }

    /// Copies all elements in memory order, 4 KiB at a time (or one element, if it is larger), and
    /// calls `look` with each copy.
    ///
    /// Each copy is an ordinary slice, so the compiler can vectorize `look`. This takes two to
    /// three times as long as working on [`as_slice`](Self::as_slice), and a fifth of the time of
    /// reading element by element.
    pub fn chunks(&self, mut look: impl FnMut(&[T])) {
        let Ok(()) = self.try_chunks(|chunk| {
            look(chunk);
            Ok::<_, Infallible>(())
        });
    }

    /// Does the same as [`chunks`](Self::chunks), until `look` fails.
    pub(crate) fn try_chunks<E>(&self, look: impl FnMut(&[T]) -> Result<(), E>) -> Result<(), E> {
        // SAFETY: `len` elements are mapped at `data` (`at`); for other accesses see `get`.
        unsafe { page::copies(self.data(), self.len(), look) }
    }

    /// Borrows all elements in memory order, without a copy.
    ///
    /// The slice cannot outlive the array:
    ///
    /// ```compile_fail,E0505
    /// # use ipc_shmarray::ShmArray;
    /// # fn last(array: ShmArray<f32>) -> Option<f32> {
    /// // SAFETY: every process that wrote has exited.
    /// let elements = unsafe { array.as_slice() };
    /// drop(array);
    /// elements.last().copied()
    /// # }
    /// ```
    ///
    /// # Safety
    ///
    /// While the slice lives, no thread of any process may write any of the elements.
    #[must_use]
    #[inline]
    pub unsafe fn as_slice(&self) -> &[T] {
        // SAFETY: `len` elements stay mapped while `self` lives (`at`), any bytes are elements
        // (`Plain`, 2), and the caller guarantees that they do not change.
        unsafe { std::slice::from_raw_parts(self.data().as_ptr(), self.len()) }
    }

    /// Borrows all elements as a column-major view of the ndarray crate, without a copy.
    ///
    /// `view.reversed_axes()` reverses the order of the indices: it is a row-major view of the same
    /// elements.
    ///
    /// # Safety
    ///
    /// The conditions of [`as_slice`](Self::as_slice).
    #[cfg(feature = "ndarray")]
    #[must_use]
    pub unsafe fn as_view(&self) -> ndarray::ArrayViewD<'_, T> {
        use ndarray::ShapeBuilder;

        let shape = ndarray::IxDyn(self.shape().dims()).f();
        // SAFETY: the elements of `as_slice`, under the same conditions; the shape is that of the
        // array, so it has exactly its elements.
        unsafe { ndarray::ArrayViewD::from_shape_ptr(shape, self.data().as_ptr()) }
    }
}
