//! Guards: access to the elements of an array whose lock this thread holds.

#![expect(unsafe_code, reason = "hands out elements that a lock guards")]

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use ipc_core::Result;
use ipc_mem::{Memory, Plain};
use ipc_sync::lock::{BareRwLockGuard, MutexGuard, RawLock, RawRwLock, Unrepaired};

use crate::{Shape, ShmArray};

/// The elements of a [`GuardedArray`](crate::GuardedArray) in memory order, with exclusive access
/// until the guard is dropped.
#[must_use = "the lock is released when the guard is dropped"]
pub struct ArrayGuard<'a, T: Plain, G> {
    held: Held<'a, T, G>,
    _elements: PhantomData<&'a mut [T]>,
}

/// The elements of a [`GuardedArray`](crate::GuardedArray) in memory order, which no thread writes
/// until the guard is dropped.
#[must_use = "the lock is released when the guard is dropped"]
pub struct ArrayReadGuard<'a, T: Plain, R: RawRwLock> {
    held: Held<'a, T, BareRwLockGuard<'a, R>>,
    _elements: PhantomData<&'a [T]>,
}

/// The fields of both guards.
struct Held<'a, T, G> {
    /// Not a reference: a reference would outlive the lock while the guard is dropped.
    elements: NonNull<[T]>,
    shape: &'a Shape,
    lock: G,
}

impl<'a, T: Plain, G> Held<'a, T, G> {
    fn new<M: Memory>(array: &'a ShmArray<T, M>, lock: G) -> Self {
        Self {
            elements: NonNull::slice_from_raw_parts(array.data(), array.len()),
            shape: array.shape(),
            lock,
        }
    }
}

impl<'a, T: Plain, G> ArrayGuard<'a, T, G> {
    /// # Safety
    ///
    /// The array must be writable, and until the guard is dropped no other code may use its
    /// elements, in any process.
    #[inline]
    pub(crate) unsafe fn new<M: Memory>(array: &'a ShmArray<T, M>, lock: G) -> Self {
        Self { held: Held::new(array, lock), _elements: PhantomData }
    }

    /// The position of an element in memory order, or `None` if the index is out of bounds.
    #[must_use]
    pub fn position<const N: usize>(&self, index: [usize; N]) -> Option<usize> {
        self.held.shape.position(index)
    }

    /// Borrows the elements as a column-major view of the ndarray crate. `view.reversed_axes()`
    /// reverses the order of the indices: it is a row-major view of the same elements.
    #[cfg(feature = "ndarray")]
    #[must_use]
    pub fn as_view(&self) -> ndarray::ArrayViewD<'_, T> {
        view(self, self.held.shape)
    }

    /// Mutably borrows the elements as a column-major view of the ndarray crate.
    #[cfg(feature = "ndarray")]
    #[must_use]
    pub fn as_view_mut(&mut self) -> ndarray::ArrayViewMutD<'_, T> {
        let shape = *self.held.shape;
        view_mut(self, &shape)
    }
}

impl<T: Plain, U: Plain, R: RawLock> ArrayGuard<'_, T, MutexGuard<'_, U, R>> {
    /// Marks the elements and the data of the mutex as repaired, so that the mutex stays usable.
    /// Call it after [`OwnerDied`](ipc_sync::LockError::OwnerDied), when the elements and the data
    /// of the mutex are repaired.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if no owner of the mutex died.
    #[doc(alias = "pthread_mutex_consistent")]
    pub fn mark_consistent(&mut self) -> Result<()> {
        self.held.lock.mark_consistent()
    }
}

impl<T: Plain, R: RawRwLock> ArrayGuard<'_, T, BareRwLockGuard<'_, R>> {
    /// Marks the elements as repaired, as for a mutex.
    pub(crate) fn mark_consistent(&mut self) -> Result<()> {
        self.held.lock.mark_consistent()
    }
}

impl<'a, T: Plain, R: RawRwLock> ArrayReadGuard<'a, T, R> {
    /// # Safety
    ///
    /// Until the guard is dropped, no thread of any process may write the elements of the array.
    pub(crate) unsafe fn new<M: Memory>(
        array: &'a ShmArray<T, M>,
        lock: BareRwLockGuard<'a, R>,
    ) -> Self {
        Self { held: Held::new(array, lock), _elements: PhantomData }
    }

    /// The position of an element in memory order, or `None` if the index is out of bounds.
    #[must_use]
    pub fn position<const N: usize>(&self, index: [usize; N]) -> Option<usize> {
        self.held.shape.position(index)
    }

    /// Borrows the elements as a column-major view of the ndarray crate. `view.reversed_axes()`
    /// reverses the order of the indices: it is a row-major view of the same elements.
    #[cfg(feature = "ndarray")]
    #[must_use]
    pub fn as_view(&self) -> ndarray::ArrayViewD<'_, T> {
        view(self, self.held.shape)
    }
}

/// `shape` must be the shape of the array that `elements` come from.
#[cfg(feature = "ndarray")]
fn view<'a, T: Plain>(elements: &'a [T], shape: &Shape) -> ndarray::ArrayViewD<'a, T> {
    use ndarray::ShapeBuilder;

    let shape = ndarray::IxDyn(shape.dims()).f();
    // PANIC: the elements are all those of an array with this shape.
    ndarray::ArrayViewD::from_shape(shape, elements).expect("the elements of the shape")
}

/// `shape` must be the shape of the array that `elements` come from.
#[cfg(feature = "ndarray")]
fn view_mut<'a, T: Plain>(elements: &'a mut [T], shape: &Shape) -> ndarray::ArrayViewMutD<'a, T> {
    use ndarray::ShapeBuilder;

    let shape = ndarray::IxDyn(shape.dims()).f();
    // PANIC: the elements are all those of an array with this shape.
    ndarray::ArrayViewMutD::from_shape(shape, elements).expect("the elements of the shape")
}

impl<T: Plain, G> Deref for ArrayGuard<'_, T, G> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        // SAFETY: the elements stay mapped while the array lives, which is borrowed; any bytes are
        // elements (`Plain`, 2), and the caller of `new` guarantees that no other code uses them.
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

impl<T: Plain, R: RawRwLock> Deref for ArrayReadGuard<'_, T, R> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        // SAFETY: the elements stay mapped while the array lives, which is borrowed; any bytes are
        // elements (`Plain`, 2), and the caller of `new` guarantees that no thread writes them.
        unsafe { self.held.elements.as_ref() }
    }
}

impl<T: Plain, G: Unrepaired> Unrepaired for ArrayGuard<'_, T, G> {
    fn give_back(self) {
        self.held.lock.give_back();
    }
}

impl<T: Plain + fmt::Debug, G> fmt::Debug for ArrayGuard<'_, T, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: Plain + fmt::Debug, R: RawRwLock> fmt::Debug for ArrayReadGuard<'_, T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
