//! Vectors.

use std::fmt;
use std::marker::PhantomData;
use std::slice;
use std::time::Duration;

use ipc_core::{Error, Refusal, Result};
use ipc_mem::Plain;

use crate::allocator::local::Local;
use crate::containers::raw_vec::RawVec;
use crate::containers::value::late;
use crate::objects::description::{Description, ObjectKind};
use crate::objects::directory::Content;
use crate::objects::object::{Handle, Held};
use crate::objects::sealed::{self, Sealed};
use crate::words::{self, bytes_of, bytes_of_mut, zeroed};

/// A vector in a heap, protected by a lock: only one thread of all processes uses it at a time.
///
/// [`lock`](Self::lock) returns a guard with methods like those of `Vec`. If a process dies in the
/// middle of an operation, the next owner of the lock finds the vector as it was before or after
/// that operation.
///
/// C programs can read the elements through the header `ipc_heap.h` of this project.
///
/// # Examples
///
/// ```
/// use ipc_heap::{Heap, HeapVec};
///
/// # let name = format!("/heap-vec-{}", std::process::id());
/// let heap = Heap::create(&name, 1 << 20)?;
/// let users = heap.create_object::<HeapVec<u64>>("users", &[7, 9])?;
/// let mut users = users.lock()?;
/// users.push(10)?;
/// users.insert(1, 8)?;
/// assert_eq!(users.to_vec(), [7, 8, 9, 10]);
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct HeapVec<'h, T> {
    handle: Handle<'h>,
    of: PhantomData<fn() -> T>,
}

/// A [`HeapVec`] while this thread holds its lock. Dropping it releases the lock.
#[must_use = "the lock is released when the guard is dropped"]
pub struct HeapVecGuard<'h, T> {
    raw: RawVec<'h>,
    of: PhantomData<fn() -> T>,
}

impl<'h, T: Plain> HeapVec<'h, T> {
    /// Acquires the lock of the vector. Waits while another thread holds it.
    ///
    /// # Errors
    ///
    /// [`is_removed`](Error::is_removed) if the object was destroyed;
    /// [`is_mismatch`](Error::is_mismatch) if it is damaged;
    /// [`is_invalid_argument`](Error::is_invalid_argument) in a forked child, which must open the
    /// heap itself or call [`Heap::try_clone`](crate::Heap::try_clone).
    pub fn lock(&self) -> Result<HeapVecGuard<'h, T>> {
        // Without a timeout there is a guard.
        self.lock_inner(None)?.ok_or_else(|| self.handle.local.name(late()))
    }

    /// Acquires the lock of the vector, and returns `None` if that is not possible within
    /// `timeout`.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock).
    pub fn lock_timeout(&self, timeout: Duration) -> Result<Option<HeapVecGuard<'h, T>>> {
        self.lock_inner(Some(timeout))
    }

    fn lock_inner(&self, timeout: Option<Duration>) -> Result<Option<HeapVecGuard<'h, T>>> {
        self.handle.lock(timeout)?.map(HeapVecGuard::of).transpose()
    }
}

impl<'h, T: Plain> HeapVecGuard<'h, T> {
    pub(crate) fn of(held: Held<'h>) -> Result<Self> {
        let raw = RawVec::new(held, size_of::<T>(), align_of::<T>())?;
        Ok(Self { raw, of: PhantomData })
    }

    /// The number of elements.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.raw.len()
    }

    /// Returns `true` if the vector is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of elements that fit into the present block.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.raw.capacity()
    }

    /// The offset of the first element, in bytes from the beginning of the memory object; 0 if the
    /// vector has no block.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.raw.held.content()
    }

    /// Returns a copy of the element at `index`; `None` if the vector is shorter.
    #[inline]
    #[must_use]
    pub fn get(&self, index: usize) -> Option<T> {
        if index >= self.len() {
            return None;
        }
        let (words, at) = self.raw.place(index);
        words::read(words, at)
    }

    /// Replaces the element at `index`.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if there is no such element;
    /// [`is_no_space`](Error::is_no_space) if the element does not lie within 8 aligned bytes, and
    /// the heap has no space for a copy.
    #[inline]
    pub fn set(&mut self, index: usize, value: T) -> Result<()> {
        self.check("set", index, self.len())?;
        self.raw.overwrite(index, bytes_of(slice::from_ref(&value)))
    }

    /// Appends an element.
    ///
    /// # Errors
    ///
    /// [`is_no_space`](Error::is_no_space) if the heap is full. The vector is then unchanged.
    #[inline]
    pub fn push(&mut self, value: T) -> Result<()> {
        self.raw.push(&value)
    }

    /// Removes the last element, and returns it; `None` if the vector is empty.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        let last = self.get(self.len().checked_sub(1)?);
        self.raw.truncate(self.len() - 1);
        last
    }

    /// Appends all elements, or none of them if the call fails or the process dies.
    ///
    /// # Errors
    ///
    /// Those of [`push`](Self::push).
    pub fn extend_from_slice(&mut self, values: &[T]) -> Result<()> {
        self.raw.append(bytes_of(values))
    }

    /// Inserts an element at `index`, before the one that is there.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if `index` is above the length;
    /// [`is_no_space`](Error::is_no_space) if the heap has no space for a larger block, or for a
    /// copy of the elements that move. The vector is then unchanged.
    pub fn insert(&mut self, index: usize, value: T) -> Result<()> {
        let bytes = bytes_of(slice::from_ref(&value));
        if index == self.len() {
            return self.raw.append(bytes);
        }
        self.check("insert", index, self.len())?;
        self.raw.insert(index, bytes)
    }

    /// Removes the element at `index`, and returns it.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the vector is shorter;
    /// [`is_no_space`](Error::is_no_space) if the heap has no space for a copy of the elements
    /// behind it. The vector is then unchanged.
    pub fn remove(&mut self, index: usize) -> Result<T> {
        let value = self.existing("remove", index)?;
        self.raw.remove(index)?;
        Ok(value)
    }

    /// Removes the element at `index`, and moves the last one to its place. Returns the removed
    /// element.
    ///
    /// # Errors
    ///
    /// Those of [`remove`](Self::remove), but space is needed for a copy of one element only.
    pub fn swap_remove(&mut self, index: usize) -> Result<T> {
        let value = self.existing("swap_remove", index)?;
        self.raw.swap_remove(index)?;
        Ok(value)
    }

    /// Removes all elements but the first `len`.
    pub fn truncate(&mut self, len: usize) {
        self.raw.truncate(len);
    }

    /// Removes all elements. The vector keeps its block.
    pub fn clear(&mut self) {
        self.raw.truncate(0);
    }

    /// Replaces all elements in one step. If the process dies meanwhile, the next owner of the lock
    /// finds all old elements or all new ones.
    ///
    /// # Errors
    ///
    /// Those of [`push`](Self::push).
    pub fn assign(&mut self, values: &[T]) -> Result<()> {
        self.raw.assign(bytes_of(values))
    }

    /// Ensures that there is space for `more` further elements.
    ///
    /// # Errors
    ///
    /// Those of [`push`](Self::push); [`is_invalid_argument`](Error::is_invalid_argument) if no
    /// memory can hold that number of elements.
    pub fn reserve(&mut self, more: usize) -> Result<()> {
        self.raw.reserve(more)
    }

    /// Returns the space behind the last element to the heap.
    ///
    /// # Errors
    ///
    /// [`is_no_space`](Error::is_no_space) if the heap has no space for a copy of the elements.
    pub fn shrink_to_fit(&mut self) -> Result<()> {
        self.raw.shrink()
    }

    /// Returns copies of all elements.
    #[must_use]
    pub fn to_vec(&self) -> Vec<T> {
        let mut values = vec![zeroed(); self.len()];
        self.raw.copy_out(0, bytes_of_mut(&mut values));
        values
    }

    /// Copies elements from `index` on into a slice, until the slice is full or the vector ends.
    /// Returns the number of copied elements.
    pub fn copy_to_slice(&self, index: usize, into: &mut [T]) -> usize {
        let count = into.len().min(self.len().saturating_sub(index));
        self.raw.copy_out(index.min(self.len()), bytes_of_mut(&mut into[..count]));
        count
    }

    /// Returns an iterator over copies of the elements.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        (0..self.len()).map_while(|index| self.get(index))
    }

    fn existing(&self, call: &'static str, index: usize) -> Result<T> {
        let value = self.get(index);
        value.ok_or_else(|| self.no_such(call, index))
    }

    #[inline]
    fn check(&self, call: &'static str, index: usize, end: usize) -> Result<()> {
        if index < end { Ok(()) } else { Err(self.no_such(call, index)) }
    }

    #[cold]
    fn no_such(&self, call: &'static str, index: usize) -> Error {
        let why = format_args!("index {index} of a vector of {} elements", self.len());
        self.raw.held.local.name(Refusal::invalid(call, why))
    }
}

impl<'h, T: Plain> Sealed<'h> for HeapVec<'h, T> {
    type First<'a> = &'a [T];
    type At<'a> = HeapVec<'a, T>;

    fn description() -> Result<Description, Refusal> {
        Description::of(ObjectKind::Vec, &[T::SCHEMA])
    }

    fn first(local: &Local, first: &[T]) -> Result<Content, Refusal> {
        sealed::content(local, bytes_of(first), size_of::<T>(), align_of::<T>())
    }

    fn of(handle: Handle<'h>) -> Self {
        Self { handle, of: PhantomData }
    }

    fn handle(&self) -> Handle<'h> {
        self.handle
    }
}

impl<T> Clone for HeapVec<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for HeapVec<'_, T> {}

impl<T> fmt::Debug for HeapVec<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HeapVec").field(&self.handle).finish()
    }
}

impl<T: Plain + fmt::Debug> fmt::Debug for HeapVecGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
