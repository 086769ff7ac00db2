//! Access to the data of a read/write lock that this thread holds.

#![expect(unsafe_code, reason = "hands out what a lock guards")]

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use crate::lock::{BareRwLockGuard, RawRwLock, Unrepaired};

/// Access to the data of a [`RwLock`](crate::lock::RwLock) that this thread holds for reading.
/// Dropping it releases the lock.
#[must_use = "the lock is released when the guard is dropped"]
pub struct RwLockReadGuard<'a, T: ?Sized, R: RawRwLock> {
    /// Not a reference: it would outlast the lock while the guard is being dropped.
    data: NonNull<T>,
    bare: BareRwLockGuard<'a, R>,
    _data: PhantomData<&'a T>,
}

/// Access to the data of a [`RwLock`](crate::lock::RwLock) that this thread holds for writing.
/// Dropping it releases the lock.
#[must_use = "the lock is released when the guard is dropped"]
pub struct RwLockWriteGuard<'a, T: ?Sized, R: RawRwLock> {
    /// Not a reference: it would outlast the lock while the guard is being dropped.
    data: NonNull<T>,
    bare: BareRwLockGuard<'a, R>,
    _data: PhantomData<&'a mut T>,
}

impl<'a, T: ?Sized, R: RawRwLock> RwLockReadGuard<'a, T, R> {
    /// # Safety
    ///
    /// `bare` is the guard of the lock of `data`, by which this thread reads.
    #[inline]
    pub(crate) unsafe fn new(data: NonNull<T>, bare: BareRwLockGuard<'a, R>) -> Self {
        Self { data, bare, _data: PhantomData }
    }

    /// The lock.
    pub(crate) fn raw(&self) -> &'a R {
        self.bare.raw()
    }

    /// The data.
    pub(crate) fn data(&self) -> NonNull<T> {
        self.data
    }

    /// After a writer died: marks the data as repaired, so that the lock works as before.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if no owner of the lock died.
    pub fn mark_consistent(&mut self) -> ipc_core::Result<()> {
        self.bare.mark_consistent()
    }

    /// Converts the guard into a guard of a part of the data. The lock stays held.
    pub fn map<U: ?Sized>(this: Self, part: impl FnOnce(&T) -> &U) -> RwLockReadGuard<'a, U, R> {
        RwLockReadGuard { data: NonNull::from(part(&this)), bare: this.bare, _data: PhantomData }
    }

    /// Converts the guard into a guard of a part of the data, if `part` returns one. The lock stays
    /// held.
    ///
    /// # Errors
    ///
    /// The guard itself, if `part` returns `None`.
    pub fn filter_map<U: ?Sized>(
        this: Self,
        part: impl FnOnce(&T) -> Option<&U>,
    ) -> Result<RwLockReadGuard<'a, U, R>, Self> {
        match part(&this).map(NonNull::from) {
            Some(data) => Ok(RwLockReadGuard { data, bare: this.bare, _data: PhantomData }),
            None => Err(this),
        }
    }
}

impl<T: ?Sized, R: RawRwLock> Unrepaired for RwLockReadGuard<'_, T, R> {
    fn give_back(self) {
        self.bare.give_back();
    }
}

impl<T: ?Sized, R: RawRwLock> Deref for RwLockReadGuard<'_, T, R> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the data of a lock by which this thread reads (`bare`), or a part of it: no other
        // thread writes.
        unsafe { self.data.as_ref() }
    }
}

impl<T: ?Sized + fmt::Debug, R: RawRwLock> fmt::Debug for RwLockReadGuard<'_, T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

// SAFETY: `&RwLockReadGuard` gives out `&T`, which may be shared.
unsafe impl<T: ?Sized + Sync, R: RawRwLock> Sync for RwLockReadGuard<'_, T, R> {}

impl<'a, T: ?Sized, R: RawRwLock> RwLockWriteGuard<'a, T, R> {
    /// # Safety
    ///
    /// `bare` is the guard of the lock of `data`, by which this thread writes.
    #[inline]
    pub(crate) unsafe fn new(data: NonNull<T>, bare: BareRwLockGuard<'a, R>) -> Self {
        Self { data, bare, _data: PhantomData }
    }

    /// The lock.
    pub(crate) fn raw(&self) -> &'a R {
        self.bare.raw()
    }

    /// The data.
    pub(crate) fn data(&self) -> NonNull<T> {
        self.data
    }

    /// The parts of a guard that is not dropped: this thread still holds the lock.
    pub(crate) fn into_parts(self) -> (NonNull<T>, &'a R) {
        (self.data, self.bare.into_raw())
    }

    /// After a writer died: marks the data as repaired, so that the lock works as before.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if no owner of the lock died.
    pub fn mark_consistent(&mut self) -> ipc_core::Result<()> {
        self.bare.mark_consistent()
    }

    /// Converts the guard into a guard of a part of the data. The lock stays held.
    pub fn map<U: ?Sized>(
        mut this: Self,
        part: impl FnOnce(&mut T) -> &mut U,
    ) -> RwLockWriteGuard<'a, U, R> {
        RwLockWriteGuard {
            data: NonNull::from(part(&mut this)),
            bare: this.bare,
            _data: PhantomData,
        }
    }

    /// Converts the guard into a guard of a part of the data, if `part` returns one. The lock stays
    /// held.
    ///
    /// # Errors
    ///
    /// The guard itself, if `part` returns `None`.
    pub fn filter_map<U: ?Sized>(
        mut this: Self,
        part: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<RwLockWriteGuard<'a, U, R>, Self> {
        match part(&mut this).map(NonNull::from) {
            Some(data) => Ok(RwLockWriteGuard { data, bare: this.bare, _data: PhantomData }),
            None => Err(this),
        }
    }
}

impl<T: ?Sized, R: RawRwLock> Unrepaired for RwLockWriteGuard<'_, T, R> {
    fn give_back(self) {
        self.bare.give_back();
    }
}

impl<T: ?Sized, R: RawRwLock> Deref for RwLockWriteGuard<'_, T, R> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the data of a lock by which this thread writes (`bare`), or a part of it: no
        // other thread writes.
        unsafe { self.data.as_ref() }
    }
}

impl<T: ?Sized + fmt::Debug, R: RawRwLock> fmt::Debug for RwLockWriteGuard<'_, T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

// SAFETY: `&RwLockWriteGuard` gives out `&T`, which may be shared.
unsafe impl<T: ?Sized + Sync, R: RawRwLock> Sync for RwLockWriteGuard<'_, T, R> {}

impl<T: ?Sized, R: RawRwLock> DerefMut for RwLockWriteGuard<'_, T, R> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the data of a lock by which this thread writes (`bare`): there is no other guard
        // of it.
        unsafe { self.data.as_mut() }
    }
}
