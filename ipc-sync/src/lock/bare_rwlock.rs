//! Read/write locks without data.

#![expect(unsafe_code, reason = "unlocks what it locked")]

use std::fmt;
use std::marker::PhantomData;
use std::mem;
use std::ptr::NonNull;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Refusal, Result};
use ipc_mem::{Fresh, Memory, Placed, ReadWrite, Resident, Schema};

use crate::LockError;
use crate::lock::{Acquired, Attempt, RawRwLock, Unrepaired};

/// A read/write lock without data: it has exactly the bytes of `R`, such as a `pthread_rwlock_t`.
///
/// Use it in memory that a program in another language lays out. To guard data, a
/// [`RwLock`](crate::lock::RwLock) is safer. Use a `BareRwLock` through the alias of a kind, such
/// as [`pthread::RawRwLock`](crate::pthread::RawRwLock):
///
/// ```
/// use ipc_mem::LocalMemory;
/// use ipc_sync::pthread::{RawRwLock, RwLockOptions};
///
/// let lock = RawRwLock::create_in(LocalMemory::new(64)?, RwLockOptions::new())?;
/// let (_one, _another) = (lock.read()?, lock.read()?);
/// assert!(lock.try_write()?.is_none());
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_rwlock_rdlock.html>
#[doc(alias = "pthread_rwlock_t")]
#[repr(transparent)]
pub struct BareRwLock<R>(R);

/// Proof that this thread holds a [`BareRwLock`], for reading or for writing. Dropping it releases
/// the lock.
#[must_use = "the lock is released when the guard is dropped"]
pub struct BareRwLockGuard<'a, R: RawRwLock> {
    raw: &'a R,
    /// Bound to the thread that locked.
    _here: PhantomData<*const ()>,
}

type Locked<'a, R, G = BareRwLockGuard<'a, R>> = Result<G, LockError<BareRwLockGuard<'a, R>>>;

impl<R: RawRwLock> BareRwLock<R> {
    /// Creates a lock at the beginning of memory that has just been created
    /// ([`Fresh`](ipc_mem::Fresh)).
    ///
    /// # Errors
    ///
    /// `is_unsupported` if this system does not have a lock with these options; the errors of
    /// [`Placed::create_in`].
    #[doc(alias = "pthread_rwlock_init")]
    pub fn create_in<M: Memory<Access = ReadWrite>>(
        memory: Fresh<M>,
        options: R::Options,
    ) -> Result<Placed<Self, M>> {
        Placed::create_in_with(memory, options)
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
    /// The contract of [`Placed::open_in`]. If a C program created the lock, that program must use
    /// the same C library and word size as this program. If the C program is another process, the
    /// lock must be `PTHREAD_PROCESS_SHARED`. All threads that use the lock must be in one PID
    /// namespace, and, if the lock is native, in one time namespace.
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
    pub fn read(&self) -> Locked<'_, R> {
        match self.0.read() {
            Ok(Acquired::Locked) => Ok(BareRwLockGuard { raw: &self.0, _here: PhantomData }),
            attempt => self.locked(attempt, R::read),
        }
    }

    /// Acquires the lock for reading if that is possible without waiting; otherwise returns `None`.
    ///
    /// # Errors
    ///
    /// The errors of [`read`](Self::read), except `is_deadlock`: if this thread holds the lock for
    /// writing, the result is `None`.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_rwlock_tryrdlock.html>
    #[doc(alias = "pthread_rwlock_tryrdlock")]
    #[inline]
    pub fn try_read(&self) -> Locked<'_, R, Option<BareRwLockGuard<'_, R>>> {
        self.guard(self.0.try_read())
    }

    /// Acquires the lock for reading, and returns `None` if that is not possible within `timeout`.
    ///
    /// # Errors
    ///
    /// The errors of [`read`](Self::read).
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_rwlock_clockrdlock.html>
    #[doc(alias = "pthread_rwlock_timedrdlock")]
    #[doc(alias = "pthread_rwlock_clockrdlock")]
    #[inline]
    pub fn read_timeout(&self, timeout: Duration) -> Locked<'_, R, Option<BareRwLockGuard<'_, R>>> {
        self.guard(self.0.read_until(|| Deadline::after(timeout)))
    }

    /// Acquires the lock for reading, and returns `None` if that is not possible before `deadline`.
    ///
    /// # Errors
    ///
    /// The errors of [`read`](Self::read).
    #[doc(alias = "pthread_rwlock_timedrdlock")]
    #[doc(alias = "pthread_rwlock_clockrdlock")]
    #[inline]
    pub fn read_deadline(
        &self,
        deadline: Instant,
    ) -> Locked<'_, R, Option<BareRwLockGuard<'_, R>>> {
        self.guard(self.0.read_until(|| Deadline::at(deadline)))
    }

    /// Acquires the lock for writing. Waits while another thread holds it. If this thread holds it
    /// for reading, the call never returns.
    ///
    /// # Errors
    ///
    /// [`OwnerDied`](LockError::OwnerDied) and [`NotRecoverable`](LockError::NotRecoverable), only
    /// if the lock is native. [`Failed`](LockError::Failed) with an `is_deadlock` error if it is a
    /// lock of glibc and the calling thread holds it for writing already.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_rwlock_wrlock.html>
    #[doc(alias = "pthread_rwlock_wrlock")]
    #[inline]
    pub fn write(&self) -> Locked<'_, R> {
        match self.0.write() {
            Ok(Acquired::Locked) => Ok(BareRwLockGuard { raw: &self.0, _here: PhantomData }),
            attempt => self.locked(attempt, R::write),
        }
    }

    /// Acquires the lock for writing if it is free, and returns `None` otherwise.
    ///
    /// # Errors
    ///
    /// The errors of [`write`](Self::write), except `is_deadlock`: if this thread holds the lock,
    /// the result is `None`.
    #[doc(alias = "pthread_rwlock_trywrlock")]
    #[inline]
    pub fn try_write(&self) -> Locked<'_, R, Option<BareRwLockGuard<'_, R>>> {
        self.guard(self.0.try_write())
    }

    /// Acquires the lock for writing, and returns `None` if that is not possible within `timeout`.
    ///
    /// # Errors
    ///
    /// The errors of [`write`](Self::write).
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_rwlock_clockwrlock.html>
    #[doc(alias = "pthread_rwlock_timedwrlock")]
    #[doc(alias = "pthread_rwlock_clockwrlock")]
    #[inline]
    pub fn write_timeout(
        &self,
        timeout: Duration,
    ) -> Locked<'_, R, Option<BareRwLockGuard<'_, R>>> {
        self.guard(self.0.write_until(|| Deadline::after(timeout)))
    }

    /// Acquires the lock for writing, and returns `None` if that is not possible before `deadline`.
    ///
    /// # Errors
    ///
    /// The errors of [`write`](Self::write).
    #[doc(alias = "pthread_rwlock_timedwrlock")]
    #[doc(alias = "pthread_rwlock_clockwrlock")]
    #[inline]
    pub fn write_deadline(
        &self,
        deadline: Instant,
    ) -> Locked<'_, R, Option<BareRwLockGuard<'_, R>>> {
        self.guard(self.0.write_until(|| Deadline::at(deadline)))
    }

    pub(crate) fn as_raw(&self) -> &R {
        &self.0
    }

    #[cold]
    fn locked(&self, mut attempt: Attempt, again: fn(&R) -> Attempt) -> Locked<'_, R> {
        loop {
            if let Some(guard) = self.guard(attempt)? {
                return Ok(guard);
            }
            attempt = again(&self.0);
        }
    }

    #[inline]
    fn guard(&self, attempt: Attempt) -> Locked<'_, R, Option<BareRwLockGuard<'_, R>>> {
        let guard = || BareRwLockGuard { raw: &self.0, _here: PhantomData };
        match attempt {
            Ok(Acquired::Locked) => Ok(Some(guard())),
            Ok(Acquired::OwnerDied) => Err(LockError::OwnerDied(guard())),
            Ok(Acquired::NotRecoverable) => Err(LockError::NotRecoverable),
            Ok(Acquired::No) => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }
}

impl<'a, R: RawRwLock> BareRwLockGuard<'a, R> {
    /// To be called by a thread that has acquired the lock.
    pub(crate) fn of(raw: &'a R) -> Self {
        Self { raw, _here: PhantomData }
    }

    /// After an owner died: marks the data as repaired, so that the lock works as before.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if no owner of the lock died.
    pub fn mark_consistent(&mut self) -> Result<()> {
        Ok(self.raw.mark_consistent()?)
    }

    /// The lock that this thread holds.
    pub(crate) fn raw(&self) -> &'a R {
        self.raw
    }

    /// Returns the lock without dropping the guard. The caller must ensure that the lock is
    /// released.
    pub(crate) fn into_raw(self) -> &'a R {
        let raw = self.raw;
        mem::forget(self);
        raw
    }
}

impl<R: RawRwLock> Unrepaired for BareRwLockGuard<'_, R> {
    fn give_back(self) {
        self.raw.leave_unrepaired();
        mem::drop(self);
    }
}

impl<R: RawRwLock> Drop for BareRwLockGuard<'_, R> {
    #[doc(alias = "pthread_rwlock_unlock")]
    #[inline]
    fn drop(&mut self) {
        // SAFETY: a guard is made for a thread that has acquired the lock, stays with it (`_here`),
        // and is dropped once.
        unsafe { self.raw.unlock() }
    }
}

impl<R> fmt::Debug for BareRwLock<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BareRwLock").finish_non_exhaustive()
    }
}

impl<R: RawRwLock> fmt::Debug for BareRwLockGuard<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BareRwLockGuard").finish_non_exhaustive()
    }
}

// SAFETY: the only field is a resident, to which each of the promises is passed on
// (`repr(transparent)`).
unsafe impl<R: RawRwLock> Resident for BareRwLock<R> {
    const SCHEMA: &'static Schema = R::SCHEMA;

    type Options = R::Options;

    fn check_sharing(options: &Self::Options) -> Result<(), Refusal> {
        R::check_sharing(options)
    }

    unsafe fn init(place: NonNull<Self>, options: Self::Options) -> Result<()> {
        // SAFETY: the caller guarantees what `init` requires; a `BareRwLock` is an `R`.
        unsafe { R::init(place.cast(), options) }
    }

    unsafe fn destroy(place: NonNull<Self>) {
        // SAFETY: the caller guarantees what `destroy` requires; a `BareRwLock` is an `R`.
        unsafe { R::destroy(place.cast()) }
    }

    fn may_unmap(&self) -> bool {
        self.0.may_unmap()
    }
}
