//! Read/write locks and the data they guard.

#![expect(unsafe_code, reason = "hands out what a lock guards")]

use std::cell::UnsafeCell;
use std::fmt;
use std::mem::offset_of;
use std::ptr::NonNull;
use std::time::{Duration, Instant};

use ipc_core::{Refusal, Result};
use ipc_mem::memory::at_offset;
use ipc_mem::{Field, Fresh, Memory, Placed, Plain, ReadWrite, Resident, Schema};

use crate::LockError;
use crate::lock::{
    BareRwLock, BareRwLockGuard, Initial, RawRwLock, RwLockReadGuard, RwLockWriteGuard,
};

/// Data that a read/write lock of the kind `R` guards: several threads, of any process, can read
/// it, or one can write it.
///
/// Use it through the alias of a kind, such as [`pthread::RwLock`](crate::pthread::RwLock).
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
pub struct RwLock<T, R> {
    lock: BareRwLock<R>,
    data: UnsafeCell<T>,
}

/// The result of locking a [`RwLock`], with or without a timeout.
type Locked<G, O = G> = Result<O, LockError<G>>;
/// The result of locking the lock without its data.
type Bare<'a, R, O> = Result<O, LockError<BareRwLockGuard<'a, R>>>;

impl<T: Plain, R: RawRwLock> RwLock<T, R> {
    /// Creates a lock with this data and the default options of its kind, at the beginning of fresh
    /// memory.
    ///
    /// # Errors
    ///
    /// The errors of [`create_in_with`](Self::create_in_with).
    #[doc(alias = "pthread_rwlock_init")]
    pub fn create_in<M: Memory<Access = ReadWrite>>(
        memory: Fresh<M>,
        data: T,
    ) -> Result<Placed<Self, M>>
    where
        R::Options: Default,
    {
        Self::create_in_with(memory, data, R::Options::default())
    }

    /// Creates a lock with this data and these options, at the beginning of memory that has just
    /// been created ([`Fresh`](ipc_mem::Fresh)).
    ///
    /// # Errors
    ///
    /// `is_unsupported` if this system does not have a lock with these options; the errors of
    /// [`Placed::create_in`].
    pub fn create_in_with<M: Memory<Access = ReadWrite>>(
        memory: Fresh<M>,
        data: T,
        options: R::Options,
    ) -> Result<Placed<Self, M>> {
        Placed::create_in_with(memory, Initial::with(data, options))
    }

    /// Opens the lock at the beginning of a memory object. Dropping the handle never destroys the
    /// lock.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the memory is too small, not aligned or read-only.
    ///
    /// # Safety
    ///
    /// The contract of [`BareRwLock::open_in`].
    pub unsafe fn open_in<M: Memory<Access = ReadWrite>>(memory: M) -> Result<Placed<Self, M>> {
        // SAFETY: the caller guarantees what `Placed::open_in` requires.
        unsafe { Placed::open_in(memory) }
    }

    /// Acquires the lock for reading. Waits while another thread holds it for writing. If the lock
    /// is native, or prefers writers, the call also waits while a writer waits.
    ///
    /// # Errors
    ///
    /// [`OwnerDied`](LockError::OwnerDied) and [`NotRecoverable`](LockError::NotRecoverable), only
    /// if the lock is native. [`Failed`](LockError::Failed), only if it is a lock of the C library:
    /// with `EAGAIN` if it has the maximum number of readers; with an `is_deadlock` error, in
    /// glibc, if the calling thread holds it for writing.
    #[doc(alias = "pthread_rwlock_rdlock")]
    #[inline]
    pub fn read(&self) -> Locked<RwLockReadGuard<'_, T, R>> {
        self.reading(self.lock.read())
    }

    /// Acquires the lock for reading if that is possible without waiting; otherwise returns `None`.
    ///
    /// # Errors
    ///
    /// The errors of [`read`](Self::read), except `is_deadlock`: if this thread holds the lock for
    /// writing, the result is `None`.
    #[doc(alias = "pthread_rwlock_tryrdlock")]
    #[inline]
    pub fn try_read(&self) -> Locked<RwLockReadGuard<'_, T, R>, Option<RwLockReadGuard<'_, T, R>>> {
        self.perhaps_reading(self.lock.try_read())
    }

    /// Acquires the lock for reading, and returns `None` if that is not possible within `timeout`.
    ///
    /// # Errors
    ///
    /// The errors of [`read`](Self::read).
    #[doc(alias = "pthread_rwlock_timedrdlock")]
    #[inline]
    pub fn read_timeout(
        &self,
        timeout: Duration,
    ) -> Locked<RwLockReadGuard<'_, T, R>, Option<RwLockReadGuard<'_, T, R>>> {
        self.perhaps_reading(self.lock.read_timeout(timeout))
    }

    /// Acquires the lock for reading, and returns `None` if that is not possible before `deadline`.
    ///
    /// # Errors
    ///
    /// The errors of [`read`](Self::read).
    #[doc(alias = "pthread_rwlock_timedrdlock")]
    #[inline]
    pub fn read_deadline(
        &self,
        deadline: Instant,
    ) -> Locked<RwLockReadGuard<'_, T, R>, Option<RwLockReadGuard<'_, T, R>>> {
        self.perhaps_reading(self.lock.read_deadline(deadline))
    }

    /// Acquires the lock for writing. Waits while another thread holds it. If this thread holds it
    /// for reading, the call never returns.
    ///
    /// # Errors
    ///
    /// [`OwnerDied`](LockError::OwnerDied) and [`NotRecoverable`](LockError::NotRecoverable), only
    /// if the lock is native. [`Failed`](LockError::Failed) with an `is_deadlock` error if it is a
    /// lock of glibc and the calling thread holds it for writing already.
    #[doc(alias = "pthread_rwlock_wrlock")]
    #[inline]
    pub fn write(&self) -> Locked<RwLockWriteGuard<'_, T, R>> {
        self.writing(self.lock.write())
    }

    /// Acquires the lock for writing if it is free, and returns `None` otherwise.
    ///
    /// # Errors
    ///
    /// The errors of [`write`](Self::write), except `is_deadlock`: if this thread holds the lock,
    /// the result is `None`.
    #[doc(alias = "pthread_rwlock_trywrlock")]
    #[inline]
    pub fn try_write(
        &self,
    ) -> Locked<RwLockWriteGuard<'_, T, R>, Option<RwLockWriteGuard<'_, T, R>>> {
        self.perhaps_writing(self.lock.try_write())
    }

    /// Acquires the lock for writing, and returns `None` if that is not possible within `timeout`.
    ///
    /// # Errors
    ///
    /// The errors of [`write`](Self::write).
    #[doc(alias = "pthread_rwlock_timedwrlock")]
    #[inline]
    pub fn write_timeout(
        &self,
        timeout: Duration,
    ) -> Locked<RwLockWriteGuard<'_, T, R>, Option<RwLockWriteGuard<'_, T, R>>> {
        self.perhaps_writing(self.lock.write_timeout(timeout))
    }

    /// Acquires the lock for writing, and returns `None` if that is not possible before `deadline`.
    ///
    /// # Errors
    ///
    /// The errors of [`write`](Self::write).
    #[doc(alias = "pthread_rwlock_timedwrlock")]
    #[inline]
    pub fn write_deadline(
        &self,
        deadline: Instant,
    ) -> Locked<RwLockWriteGuard<'_, T, R>, Option<RwLockWriteGuard<'_, T, R>>> {
        self.perhaps_writing(self.lock.write_deadline(deadline))
    }

    /// Returns a copy of the data.
    ///
    /// # Errors
    ///
    /// The errors of [`read`](Self::read).
    pub fn get(&self) -> Result<T> {
        Ok(*self.read()?)
    }

    /// Replaces the data.
    ///
    /// # Errors
    ///
    /// The errors of [`write`](Self::write).
    pub fn set(&self, data: T) -> Result<()> {
        self.replace(data).map(drop)
    }

    /// Replaces the data, and returns the old data.
    ///
    /// # Errors
    ///
    /// The errors of [`write`](Self::write).
    pub fn replace(&self, data: T) -> Result<T> {
        Ok(std::mem::replace(&mut *self.write()?, data))
    }

    /// The lock without its data.
    #[must_use]
    pub fn as_raw(&self) -> &BareRwLock<R> {
        &self.lock
    }

    /// The address of the data, and the lock that guards it.
    pub(crate) fn parts(&self) -> (NonNull<T>, &R) {
        (NonNull::from(&self.data).cast(), self.lock.as_raw())
    }

    #[inline]
    fn reading<'a>(
        &'a self,
        bare: Bare<'a, R, BareRwLockGuard<'a, R>>,
    ) -> Locked<RwLockReadGuard<'a, T, R>> {
        let data = NonNull::from(&self.data).cast();
        // SAFETY: the guard is that of the lock of this data, to read.
        let guard = |bare| unsafe { RwLockReadGuard::new(data, bare) };
        bare.map(guard).map_err(|err| err.map(guard))
    }

    #[inline]
    fn perhaps_reading<'a>(
        &'a self,
        bare: Bare<'a, R, Option<BareRwLockGuard<'a, R>>>,
    ) -> Locked<RwLockReadGuard<'a, T, R>, Option<RwLockReadGuard<'a, T, R>>> {
        bare.transpose().map(|bare| self.reading(bare)).transpose()
    }

    #[inline]
    fn writing<'a>(
        &'a self,
        bare: Bare<'a, R, BareRwLockGuard<'a, R>>,
    ) -> Locked<RwLockWriteGuard<'a, T, R>> {
        let data = NonNull::from(&self.data).cast();
        // SAFETY: the guard is that of the lock of this data, to write.
        let guard = |bare| unsafe { RwLockWriteGuard::new(data, bare) };
        bare.map(guard).map_err(|err| err.map(guard))
    }

    #[inline]
    fn perhaps_writing<'a>(
        &'a self,
        bare: Bare<'a, R, Option<BareRwLockGuard<'a, R>>>,
    ) -> Locked<RwLockWriteGuard<'a, T, R>, Option<RwLockWriteGuard<'a, T, R>>> {
        bare.transpose().map(|bare| self.writing(bare)).transpose()
    }
}

impl<T, R> fmt::Debug for RwLock<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RwLock").finish_non_exhaustive()
    }
}

// SAFETY: the data is written by the one thread that holds the lock for that, or read by several
// (`Plain: Send + Sync`).
unsafe impl<T: Plain, R: RawRwLock> Sync for RwLock<T, R> {}

// SAFETY: fixed layout; a `BareRwLock` is a resident, the `T` behind it is reached only by threads
// that hold it, and any bytes that another process leaves there are a value (`Plain`), zeros as
// well.
unsafe impl<T: Plain, R: RawRwLock> Resident for RwLock<T, R> {
    const SCHEMA: &'static Schema = const {
        &Schema::with_fields::<Self>(
            R::SCHEMA.kind,
            &[
                Field { name: "lock", offset: 0, schema: R::SCHEMA },
                Field { name: "data", offset: offset_of!(Self, data), schema: T::SCHEMA },
            ],
        )
    };

    type Options = Initial<T, R::Options>;

    fn check_sharing(initial: &Self::Options) -> Result<(), Refusal> {
        R::check_sharing(&initial.options)
    }

    unsafe fn init(place: NonNull<Self>, initial: Self::Options) -> Result<()> {
        // SAFETY: the caller gives the place to us (contract of `init`); the lock is the first of
        // it (`repr(C)`).
        unsafe { BareRwLock::<R>::init(place.cast(), initial.options) }?;
        let data = at_offset(place, offset_of!(Self, data)).cast();
        // SAFETY: within the place, which the caller gives to us (contract of `init`), at the offset
        // of a `T`.
        unsafe { Initial::<T, R::Options>::write(initial.data, data) };
        Ok(())
    }

    unsafe fn destroy(place: NonNull<Self>) {
        // SAFETY: the caller guarantees what `destroy` requires; the lock is the first of it
        // (`repr(C)`).
        unsafe { BareRwLock::<R>::destroy(place.cast()) }
    }

    fn may_unmap(&self) -> bool {
        self.lock.may_unmap()
    }
}
