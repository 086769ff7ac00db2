//! Mutexes without data.

#![expect(unsafe_code, reason = "unlocks what it locked")]

use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Refusal, Result};
use ipc_mem::{Fresh, Memory, Placed, ReadWrite, Resident, Schema};

use crate::LockError;
use crate::lock::{Acquired, Attempt, RawLock};

/// A mutex without data: it has exactly the bytes of `R`, such as a `pthread_mutex_t`.
///
/// Use it in memory that a program in another language lays out. To guard data, a
/// [`Mutex`](crate::lock::Mutex) is safer. Use a `BareMutex` through the alias of a kind, such as
/// [`pthread::RawMutex`](crate::pthread::RawMutex):
///
/// ```
/// use ipc_mem::LocalMemory;
/// use ipc_sync::pthread::{MutexOptions, RawMutex};
///
/// let mutex = RawMutex::create_in(LocalMemory::new(64)?, MutexOptions::new())?;
/// let guard = mutex.lock().unwrap();
/// assert!(mutex.try_lock().unwrap().is_none());
/// drop(guard);
/// assert!(mutex.try_lock().unwrap().is_some());
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[doc(alias = "pthread_mutex_t")]
#[repr(transparent)]
pub struct BareMutex<R>(R);

/// Proof that this thread holds a [`BareMutex`]. Dropping it releases the lock.
///
/// Only the thread that locked a mutex may unlock it:
///
/// ```compile_fail,E0277
/// use ipc_mem::LocalMemory;
/// use ipc_sync::pthread::{MutexOptions, RawMutex};
///
/// let mutex = RawMutex::create_in(LocalMemory::new(64).unwrap(), MutexOptions::new()).unwrap();
/// let guard = mutex.lock().unwrap();
/// std::thread::scope(|scope| {
///     scope.spawn(move || drop(guard)); // E0277: a guard cannot be sent between threads
/// });
/// ```
#[must_use = "the lock is released when the guard is dropped"]
pub struct BareMutexGuard<'a, R: RawLock> {
    raw: &'a R,
    /// Bound to the thread that locked.
    _here: PhantomData<*const ()>,
}

/// The result of locking a [`BareMutex`].
pub type BareLockResult<'a, R, G = BareMutexGuard<'a, R>> =
    Result<G, LockError<BareMutexGuard<'a, R>>>;

impl<R: RawLock> BareMutex<R> {
    /// Creates a lock at the beginning of memory that has just been created
    /// ([`Fresh`](ipc_mem::Fresh)).
    ///
    /// # Errors
    ///
    /// `is_unsupported` if this system does not have a lock with these options; the errors of
    /// [`Placed::create_in`].
    #[doc(alias = "pthread_mutex_init")]
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
    /// namespace: threads of two namespaces can have the same id, and so hold the lock at the same
    /// time. If the lock is native, they must also be in one time namespace.
    pub unsafe fn open_in<M: Memory<Access = ReadWrite>>(memory: M) -> Result<Placed<Self, M>> {
        // SAFETY: the caller guarantees what `Placed::open_in` requires.
        unsafe { Placed::open_in(memory) }
    }

    /// Acquires the lock. Waits while another thread holds it.
    ///
    /// # Errors
    ///
    /// [`OwnerDied`](LockError::OwnerDied) and [`NotRecoverable`](LockError::NotRecoverable), only
    /// if the mutex is robust or native. [`Failed`](LockError::Failed) with an `is_deadlock` error
    /// if the mutex is error-checking and the calling thread holds it already; with `EAGAIN` if the
    /// mutex is recursive and the calling thread has locked it the maximum number of times.
    #[doc(alias = "pthread_mutex_lock")]
    #[inline]
    pub fn lock(&self) -> BareLockResult<'_, R> {
        match self.0.lock() {
            Ok(Acquired::Locked) => Ok(BareMutexGuard::of(&self.0)),
            attempt => self.locked(attempt),
        }
    }

    /// Acquires the lock if it is free. Returns `None` if another thread holds it, or if this
    /// thread holds it and it is not recursive.
    ///
    /// # Errors
    ///
    /// The errors of [`lock`](Self::lock), except `is_deadlock`.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_mutex_trylock.html>
    #[doc(alias = "pthread_mutex_trylock")]
    #[inline]
    pub fn try_lock(&self) -> BareLockResult<'_, R, Option<BareMutexGuard<'_, R>>> {
        self.guard(self.0.try_lock())
    }

    /// Acquires the lock, and returns `None` if that is not possible within `timeout`.
    ///
    /// # Errors
    ///
    /// The errors of [`lock`](Self::lock).
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_mutex_clocklock.html>
    #[doc(alias = "pthread_mutex_timedlock")]
    #[doc(alias = "pthread_mutex_clocklock")]
    #[inline]
    pub fn lock_timeout(
        &self,
        timeout: Duration,
    ) -> BareLockResult<'_, R, Option<BareMutexGuard<'_, R>>> {
        self.guard(self.0.lock_until(|| Deadline::after(timeout)))
    }

    /// Acquires the lock, and returns `None` if that is not possible before `deadline`. A free lock
    /// is acquired even if the deadline has passed.
    ///
    /// # Errors
    ///
    /// The errors of [`lock`](Self::lock).
    #[doc(alias = "pthread_mutex_timedlock")]
    #[doc(alias = "pthread_mutex_clocklock")]
    #[inline]
    pub fn lock_deadline(
        &self,
        deadline: Instant,
    ) -> BareLockResult<'_, R, Option<BareMutexGuard<'_, R>>> {
        self.guard(self.0.lock_until(|| Deadline::at(deadline)))
    }

    #[cold]
    fn locked(&self, mut attempt: Attempt) -> BareLockResult<'_, R> {
        loop {
            if let Some(guard) = self.guard(attempt)? {
                return Ok(guard);
            }
            attempt = self.0.lock();
        }
    }

    #[inline]
    fn guard(&self, attempt: Attempt) -> BareLockResult<'_, R, Option<BareMutexGuard<'_, R>>> {
        match attempt {
            Ok(Acquired::Locked) => Ok(Some(BareMutexGuard::of(&self.0))),
            Ok(Acquired::OwnerDied) => Err(LockError::OwnerDied(BareMutexGuard::of(&self.0))),
            Ok(Acquired::NotRecoverable) => Err(LockError::NotRecoverable),
            Ok(Acquired::No) => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }

    pub(crate) fn as_raw(&self) -> &R {
        &self.0
    }
}

impl<'a, R: RawLock> BareMutexGuard<'a, R> {
    /// After an owner died: marks the data as repaired, so that the lock works as before.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if no owner of the lock died.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_mutex_consistent.html>
    #[doc(alias = "pthread_mutex_consistent")]
    pub fn mark_consistent(&mut self) -> Result<()> {
        Ok(self.raw.mark_consistent()?)
    }

    /// Returns the lock without dropping the guard. The caller must ensure that the lock is
    /// released.
    pub(crate) fn into_raw(self) -> &'a R {
        let raw = self.raw;
        std::mem::forget(self);
        raw
    }

    /// To be called by a thread that has acquired the lock.
    pub(crate) fn of(raw: &'a R) -> Self {
        Self { raw, _here: PhantomData }
    }
}

impl<R: RawLock> Drop for BareMutexGuard<'_, R> {
    #[doc(alias = "pthread_mutex_unlock")]
    #[inline]
    fn drop(&mut self) {
        // SAFETY: a guard is made for a thread that has acquired the lock, stays with it (`_here`),
        // and is dropped once.
        unsafe { self.raw.unlock() }
    }
}

impl<R> fmt::Debug for BareMutex<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BareMutex").finish_non_exhaustive()
    }
}

impl<R: RawLock> fmt::Debug for BareMutexGuard<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BareMutexGuard").finish_non_exhaustive()
    }
}

// SAFETY: the only field is a resident, to which each of the promises is passed on
// (`repr(transparent)`).
unsafe impl<R: RawLock> Resident for BareMutex<R> {
    const SCHEMA: &'static Schema = R::SCHEMA;

    type Options = R::Options;

    fn check_sharing(options: &Self::Options) -> Result<(), Refusal> {
        R::check_sharing(options)
    }

    unsafe fn init(place: NonNull<Self>, options: Self::Options) -> Result<()> {
        // SAFETY: the caller guarantees what `init` requires; a `BareMutex` is an `R`.
        unsafe { R::init(place.cast(), options) }
    }

    unsafe fn destroy(place: NonNull<Self>) {
        // SAFETY: the caller guarantees what `destroy` requires; a `BareMutex` is an `R`.
        unsafe { R::destroy(place.cast()) }
    }

    fn may_unmap(&self) -> bool {
        self.0.may_unmap()
    }
}
