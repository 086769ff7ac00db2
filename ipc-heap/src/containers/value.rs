//! Values with a lock.

use std::fmt;
use std::marker::PhantomData;
use std::slice;

use ipc_core::{Refusal, Result};
use ipc_mem::Plain;

use crate::allocator::local::Local;
use crate::containers::raw_vec::RawVec;
use crate::objects::description::{Description, ObjectKind};
use crate::objects::directory::Content;
use crate::objects::object::{Handle, Held};
use crate::objects::sealed::{self, Sealed};
use crate::words::{bytes_of, bytes_of_mut};

/// A value in a heap, protected by a lock: only one thread of all processes uses it at a time.
///
/// A process that is killed while it writes leaves the old value or the new one.
///
/// # Examples
///
/// ```
/// use ipc_heap::{Heap, HeapValue};
///
/// # let name = format!("/heap-value-{}", std::process::id());
/// let heap = Heap::create(&name, 1 << 20)?;
/// let hits = heap.create_object::<HeapValue<[u64; 2]>>("hits", [0, 7])?;
/// hits.update(|hits| hits[0] += 1)?;
/// assert_eq!(hits.get()?, [1, 7]);
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct HeapValue<'h, T> {
    handle: Handle<'h>,
    of: PhantomData<fn() -> T>,
}

impl<T: Plain> HeapValue<'_, T> {
    /// Returns a copy of the value.
    ///
    /// # Errors
    ///
    /// [`is_removed`](ipc_core::Error::is_removed) if the object was destroyed;
    /// [`is_mismatch`](ipc_core::Error::is_mismatch) if it is damaged;
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) in a forked child, which must
    /// open the heap itself or call [`Heap::try_clone`](crate::Heap::try_clone).
    pub fn get(&self) -> Result<T> {
        Ok(self.lock()?.1)
    }

    /// Replaces the value.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get); [`is_no_space`](ipc_core::Error::is_no_space) if the value has
    /// more than 8 bytes, and the heap has no space for a copy. The value is then unchanged.
    pub fn set(&self, value: T) -> Result<()> {
        self.lock()?.0.overwrite(0, bytes_of(slice::from_ref(&value)))
    }

    /// Changes the value: `change` gets a copy, which is then written. Returns what `change`
    /// returns.
    ///
    /// # Errors
    ///
    /// Those of [`set`](Self::set).
    pub fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> Result<R> {
        let (mut raw, mut value) = self.lock()?;
        let result = change(&mut value);
        raw.overwrite(0, bytes_of(slice::from_ref(&value)))?;
        Ok(result)
    }

    fn lock(&self) -> Result<(RawVec<'_>, T)> {
        // Without a timeout there is a guard.
        Self::of(self.handle.lock(None)?.ok_or_else(|| self.handle.local.name(late()))?)
    }

    pub(crate) fn of(held: Held<'_>) -> Result<(RawVec<'_>, T)> {
        let raw = RawVec::new(held, size_of::<T>(), align_of::<T>())?;
        if raw.len() != 1 {
            let why = format_args!("found {} values, wanted 1", raw.len());
            return Err(raw.held.damaged("lock", why));
        }
        let mut value = [crate::words::zeroed::<T>()];
        raw.copy_out(0, bytes_of_mut(&mut value));
        Ok((raw, value[0]))
    }
}

/// The error of a wait without a deadline that ends without the lock, which does not happen.
#[cold]
pub(crate) fn late() -> Refusal {
    Refusal::os("lock", ipc_core::Errno::EAGAIN)
}

impl<'h, T: Plain> Sealed<'h> for HeapValue<'h, T> {
    type First<'a> = T;
    type At<'a> = HeapValue<'a, T>;

    fn description() -> Result<Description, Refusal> {
        Description::of(ObjectKind::Value, &[T::SCHEMA])
    }

    fn first(local: &Local, first: T) -> Result<Content, Refusal> {
        sealed::content(local, bytes_of(&[first]), size_of::<T>(), align_of::<T>())
    }

    fn of(handle: Handle<'h>) -> Self {
        Self { handle, of: PhantomData }
    }

    fn handle(&self) -> Handle<'h> {
        self.handle
    }
}

impl<T> Clone for HeapValue<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for HeapValue<'_, T> {}

impl<T> fmt::Debug for HeapValue<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HeapValue").field(&self.handle).finish()
    }
}
