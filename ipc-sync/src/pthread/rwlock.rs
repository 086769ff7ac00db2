//! Read/write locks and the data they guard.

#![expect(unsafe_code, reason = "hands out what a lock guards")]

use std::cell::UnsafeCell;
use std::fmt;
use std::marker::PhantomData;
use std::mem::offset_of;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::time::{Duration, Instant};

use ipc_core::Result;
use ipc_mem::{Field, Kind, Memory, Placed, Plain, Resident, Schema};

use crate::pthread::{RawRwLock, RawRwLockGuard, RwLockOptions};

/// Data that one thread writes at a time, or several read: C's `pthread_rwlock_t`, and a `T` behind it.
///
/// POSIX has no robust one: if a process is killed while it reads or writes, whoever waits for it waits for ever
/// unless it set a time. Where processes may be killed, use a [`Mutex`](crate::pthread::Mutex).
///
/// # Examples
///
/// ```
/// use ipc_mem::LocalMemory;
/// use ipc_sync::pthread::RwLock;
///
/// let limits = RwLock::create_in(LocalMemory::new(128)?, [0.0f64, 1.0])?;
/// limits.write()?[1] = 2.5;
/// let (one, another) = (limits.read()?, limits.read()?);
/// assert_eq!(one[1], another[1]);
/// assert!(limits.try_write()?.is_none());
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_rwlock_rdlock.html>
#[doc(alias = "pthread_rwlock_t")]
#[repr(C)]
pub struct RwLock<T> {
    raw: RawRwLock,
    data: UnsafeCell<T>,
}

/// The data of a [`RwLock`] that this thread reads, and gives back when dropped.
#[must_use = "the lock is given back when the guard is dropped"]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    /// Not a reference: it would outlast the lock while the guard is being dropped.
    data: NonNull<T>,
    raw: RawRwLockGuard<'a>,
    _data: PhantomData<&'a T>,
}

/// The data of a [`RwLock`] that this thread writes, and gives back when dropped.
#[must_use = "the lock is given back when the guard is dropped"]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    /// Not a reference: it would outlast the lock while the guard is being dropped.
    data: NonNull<T>,
    raw: RawRwLockGuard<'a>,
    _data: PhantomData<&'a mut T>,
}

impl<T: Plain> RwLock<T> {
    /// Makes one with this data, for several processes, at the beginning of a fresh memory.
    ///
    /// # Errors
    ///
    /// As [`RawRwLock::create_in`].
    #[doc(alias = "pthread_rwlock_init")]
    pub fn create_in<M: Memory>(memory: M, data: T) -> Result<Placed<Self, M>> {
        Self::create_with(memory, data, RwLockOptions::new())
    }

    /// As [`create_in`](Self::create_in), with a say in how it is made.
    ///
    /// # Errors
    ///
    /// As [`RawRwLock::create_in`].
    pub fn create_with<M: Memory>(memory: M, data: T, options: RwLockOptions) -> Result<Placed<Self, M>> {
        // SAFETY: called below, with a place that `Placed::create_with` gives for this.
        let init = |place| unsafe { Self::init_with(place, data, options) };
        // SAFETY: `init_with` does what `init` does, with other data and for another kind.
        unsafe { Placed::create_with(memory, init) }
    }

    /// Finds the one that somebody made at the beginning of a memory, and never ends it.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the memory is too small, not aligned or read-only.
    ///
    /// # Safety
    ///
    /// As [`RawRwLock::open_in`].
    pub unsafe fn open_in<M: Memory>(memory: M) -> Result<Placed<Self, M>> {
        // SAFETY: as the caller vouches.
        unsafe { Placed::open_in(memory) }
    }

    /// Makes one at `place`, for what is laid out by other means than a memory.
    ///
    /// # Errors
    ///
    /// As [`create_with`](Self::create_with).
    ///
    /// # Safety
    ///
    /// As [`RawRwLock::init_with`].
    pub unsafe fn init_with(place: NonNull<Self>, data: T, options: RwLockOptions) -> Result<()> {
        // SAFETY: the caller gives us the place; the lock is the first of it (`repr(C)`).
        unsafe { RawRwLock::init_with(place.cast(), options) }?;
        // SAFETY: the caller gives us the place.
        let cell = unsafe { &raw mut (*place.as_ptr()).data };
        // SAFETY: within the place, aligned as `T` is.
        unsafe { cell.write(UnsafeCell::new(data)) };
        Ok(())
    }

    /// Locks it to read, and waits as long as another thread writes.
    ///
    /// # Errors
    ///
    /// With glibc, `is_deadlock` if this thread writes; `EAGAIN` if there are too many readers.
    #[doc(alias = "pthread_rwlock_rdlock")]
    #[inline]
    pub fn read(&self) -> Result<RwLockReadGuard<'_, T>> {
        self.raw.read().map(|raw| self.reading(raw))
    }

    /// Locks it to read if nobody writes.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read); that somebody writes, this thread included, is `Ok(None)`.
    #[doc(alias = "pthread_rwlock_tryrdlock")]
    #[inline]
    pub fn try_read(&self) -> Result<Option<RwLockReadGuard<'_, T>>> {
        Ok(self.raw.try_read()?.map(|raw| self.reading(raw)))
    }

    /// Locks it to read if nobody writes any more within that time.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read); that it took too long is `Ok(None)`.
    #[doc(alias = "pthread_rwlock_timedrdlock")]
    #[inline]
    pub fn read_timeout(&self, timeout: Duration) -> Result<Option<RwLockReadGuard<'_, T>>> {
        Ok(self.raw.read_timeout(timeout)?.map(|raw| self.reading(raw)))
    }

    /// Locks it to read if nobody writes any more before that moment, or when it is past.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read); that it took too long is `Ok(None)`.
    #[doc(alias = "pthread_rwlock_timedrdlock")]
    #[inline]
    pub fn read_deadline(&self, deadline: Instant) -> Result<Option<RwLockReadGuard<'_, T>>> {
        Ok(self.raw.read_deadline(deadline)?.map(|raw| self.reading(raw)))
    }

    /// Locks it to write, and waits as long as another thread holds it. A thread that reads waits for itself for ever.
    ///
    /// # Errors
    ///
    /// With glibc, `is_deadlock` if this thread writes already.
    #[doc(alias = "pthread_rwlock_wrlock")]
    #[inline]
    pub fn write(&self) -> Result<RwLockWriteGuard<'_, T>> {
        self.raw.write().map(|raw| self.writing(raw))
    }

    /// Locks it to write if nobody holds it.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write); that somebody holds it, this thread included, is `Ok(None)`.
    #[doc(alias = "pthread_rwlock_trywrlock")]
    #[inline]
    pub fn try_write(&self) -> Result<Option<RwLockWriteGuard<'_, T>>> {
        Ok(self.raw.try_write()?.map(|raw| self.writing(raw)))
    }

    /// Locks it to write if nobody holds it any more within that time.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write); that it took too long is `Ok(None)`.
    #[doc(alias = "pthread_rwlock_timedwrlock")]
    #[inline]
    pub fn write_timeout(&self, timeout: Duration) -> Result<Option<RwLockWriteGuard<'_, T>>> {
        Ok(self.raw.write_timeout(timeout)?.map(|raw| self.writing(raw)))
    }

    /// Locks it to write if nobody holds it any more before that moment, or when it is past.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write); that it took too long is `Ok(None)`.
    #[doc(alias = "pthread_rwlock_timedwrlock")]
    #[inline]
    pub fn write_deadline(&self, deadline: Instant) -> Result<Option<RwLockWriteGuard<'_, T>>> {
        Ok(self.raw.write_deadline(deadline)?.map(|raw| self.writing(raw)))
    }

    /// The lock alone.
    #[must_use]
    pub fn as_raw(&self) -> &RawRwLock {
        &self.raw
    }

    #[inline]
    fn reading<'a>(&'a self, raw: RawRwLockGuard<'a>) -> RwLockReadGuard<'a, T> {
        RwLockReadGuard { data: NonNull::from(&self.data).cast(), raw, _data: PhantomData }
    }

    #[inline]
    fn writing<'a>(&'a self, raw: RawRwLockGuard<'a>) -> RwLockWriteGuard<'a, T> {
        RwLockWriteGuard { data: NonNull::from(&self.data).cast(), raw, _data: PhantomData }
    }
}

impl<'a, T: ?Sized> RwLockReadGuard<'a, T> {
    /// Holds the lock for a part of the data.
    pub fn map<U: ?Sized>(this: Self, part: impl FnOnce(&T) -> &U) -> RwLockReadGuard<'a, U> {
        RwLockReadGuard { data: NonNull::from(part(&this)), raw: this.raw, _data: PhantomData }
    }
}

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// Holds the lock for a part of the data.
    pub fn map<U: ?Sized>(mut this: Self, part: impl FnOnce(&mut T) -> &mut U) -> RwLockWriteGuard<'a, U> {
        RwLockWriteGuard { data: NonNull::from(part(&mut this)), raw: this.raw, _data: PhantomData }
    }
}

impl<T: ?Sized> Deref for RwLockReadGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the data, or a part of it, of a lock which `raw` says that this thread holds: nobody writes.
        unsafe { self.data.as_ref() }
    }
}

impl<T: ?Sized> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the data, or a part of it, of a lock which `raw` says that this thread holds to write.
        unsafe { self.data.as_ref() }
    }
}

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as for `deref`; there is no other guard while one writes.
        unsafe { self.data.as_mut() }
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RwLock").finish_non_exhaustive()
    }
}

// SAFETY: `&RwLockReadGuard` gives out `&T`, which may be shared.
unsafe impl<T: ?Sized + Sync> Sync for RwLockReadGuard<'_, T> {}

// SAFETY: `&RwLockWriteGuard` gives out `&T`, which may be shared.
unsafe impl<T: ?Sized + Sync> Sync for RwLockWriteGuard<'_, T> {}

// SAFETY: the data is written by the one thread that holds the lock for that, or read by several (`Plain: Send + Sync`).
unsafe impl<T: Plain> Sync for RwLock<T> {}

// SAFETY: fixed layout; a `RawRwLock` is a resident, the `T` behind it is reached by who holds it only,
// and any bytes that another process leaves there are a value (`Plain`), zeros as well.
unsafe impl<T: Plain> Resident for RwLock<T> {
    const SCHEMA: &'static Schema = const {
        &Schema::with_fields::<Self>(
            Kind::RWLOCK,
            &[
                Field { name: "lock", offset: 0, schema: RawRwLock::SCHEMA },
                Field { name: "data", offset: offset_of!(Self, data), schema: T::SCHEMA },
            ],
        )
    };

    unsafe fn init(place: NonNull<Self>) -> Result<()> {
        // SAFETY: as the caller vouches; the lock is the first of it (`repr(C)`).
        unsafe { RawRwLock::init(place.cast()) }
    }

    unsafe fn destroy(place: NonNull<Self>) {
        // SAFETY: as the caller vouches; the lock is the first of it (`repr(C)`).
        unsafe { RawRwLock::destroy(place.cast()) }
    }
}
