//! The elements of an array whose lock this thread holds.

#![expect(unsafe_code, reason = "hands out elements that a lock guards")]

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use ipc_core::Result;
use ipc_mem::{Memory, Plain};
use ipc_sync::pthread::{DataHeld, RawMutexGuard, RawRwLockGuard};

use crate::{ReadOnlyShmArray, Shape};

/// The elements of a [`GuardedArray`](crate::GuardedArray) in memory order, which this thread alone may use until it
/// drops this.
#[must_use = "the lock is given back when the guard is dropped"]
pub struct ArrayGuard<'a, T: Plain, G> {
    held: Held<'a, T, G>,
    /// If the system gives the lock to another when this thread ends.
    _counted: Option<DataHeld>,
    _elements: PhantomData<&'a mut [T]>,
}

/// The elements of a [`GuardedArray`](crate::GuardedArray) in memory order, which nobody writes until this is dropped.
#[must_use = "the lock is given back when the guard is dropped"]
pub struct ArrayReadGuard<'a, T: Plain> {
    held: Held<'a, T, RawRwLockGuard<'a>>,
    _elements: PhantomData<&'a [T]>,
}

/// What both have.
struct Held<'a, T, G> {
    /// Not a reference: it would outlast the lock while the guard is being dropped.
    elements: NonNull<[T]>,
    shape: &'a Shape,
    lock: G,
}

impl<'a, T: Plain, G> Held<'a, T, G> {
    fn new<M: Memory>(array: &'a ReadOnlyShmArray<T, M>, lock: G) -> Self {
        Self { elements: NonNull::slice_from_raw_parts(array.data(), array.len()), shape: array.shape(), lock }
    }
}

impl<'a, T: Plain, G> ArrayGuard<'a, T, G> {
    /// # Safety
    ///
    /// The array is writable, and until the guard is dropped nobody else uses its elements, in any process. It is counted
    /// if that is so only as long as this thread lives.
    #[inline]
    pub(crate) unsafe fn new<M: Memory>(array: &'a ReadOnlyShmArray<T, M>, lock: G, counted: Option<DataHeld>) -> Self {
        Self { held: Held::new(array, lock), _counted: counted, _elements: PhantomData }
    }

    /// The place of an element in memory order, if there is such an element.
    #[must_use]
    pub fn position<const N: usize>(&self, index: [usize; N]) -> Option<usize> {
        self.held.shape.position(index)
    }

    /// The elements as a column-major view of the ndarray crate. `view.reversed_axes()` is the same in row-major order.
    #[cfg(feature = "ndarray")]
    #[must_use]
    pub fn as_view(&self) -> ndarray::ArrayViewD<'_, T> {
        view(self, self.held.shape)
    }

    /// The elements as a column-major view of the ndarray crate, to be changed.
    #[cfg(feature = "ndarray")]
    #[must_use]
    pub fn as_view_mut(&mut self) -> ndarray::ArrayViewMutD<'_, T> {
        use ndarray::ShapeBuilder;

        let shape = ndarray::IxDyn(self.held.shape.dims()).f();
        // SAFETY: the slice that `deref_mut` gives, as long borrowed, in a shape that has as many elements.
        unsafe { ndarray::ArrayViewMutD::from_shape_ptr(shape, self.as_mut_ptr()) }
    }
}

impl<T: Plain> ArrayGuard<'_, T, RawMutexGuard<'_>> {
    /// Says that the elements of an array whose last owner died are whole again, so that the mutex goes on as before.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if no owner of it died.
    #[doc(alias = "pthread_mutex_consistent")]
    pub fn mark_consistent(&mut self) -> Result<()> {
        self.held.lock.mark_consistent()
    }
}

impl<'a, T: Plain> ArrayReadGuard<'a, T> {
    /// # Safety
    ///
    /// Until the guard is dropped nobody writes the elements of the array, in any process.
    pub(crate) unsafe fn new<M: Memory>(array: &'a ReadOnlyShmArray<T, M>, lock: RawRwLockGuard<'a>) -> Self {
        Self { held: Held::new(array, lock), _elements: PhantomData }
    }

    /// The place of an element in memory order, if there is such an element.
    #[must_use]
    pub fn position<const N: usize>(&self, index: [usize; N]) -> Option<usize> {
        self.held.shape.position(index)
    }

    /// The elements as a column-major view of the ndarray crate. `view.reversed_axes()` is the same in row-major order.
    #[cfg(feature = "ndarray")]
    #[must_use]
    pub fn as_view(&self) -> ndarray::ArrayViewD<'_, T> {
        view(self, self.held.shape)
    }
}

/// To be called with the shape that the array of these elements has.
#[cfg(feature = "ndarray")]
fn view<'a, T: Plain>(elements: &'a [T], shape: &Shape) -> ndarray::ArrayViewD<'a, T> {
    use ndarray::ShapeBuilder;

    let shape = ndarray::IxDyn(shape.dims()).f();
    // SAFETY: the elements of an array, as long borrowed, in its shape, which has as many.
    unsafe { ndarray::ArrayViewD::from_shape_ptr(shape, elements.as_ptr()) }
}

impl<T: Plain, G> Deref for ArrayGuard<'_, T, G> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        // SAFETY: elements that are there as long as the array, which is borrowed; any bytes are elements (`Plain`, 2),
        // and who made this vouched that nobody else uses them.
        unsafe { self.held.elements.as_ref() }
    }
}

impl<T: Plain, G> DerefMut for ArrayGuard<'_, T, G> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as for `deref`; they are writable, and this is the only guard.
        unsafe { self.held.elements.as_mut() }
    }
}

impl<T: Plain> Deref for ArrayReadGuard<'_, T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        // SAFETY: elements that are there as long as the array, which is borrowed; any bytes are elements (`Plain`, 2),
        // and who made this vouched that nobody writes them.
        unsafe { self.held.elements.as_ref() }
    }
}

impl<T: Plain + fmt::Debug, G> fmt::Debug for ArrayGuard<'_, T, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: Plain + fmt::Debug> fmt::Debug for ArrayReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
