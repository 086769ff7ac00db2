//! An array whose users agree on a lock.

#![expect(unsafe_code, reason = "hands out elements that a lock guards")]

use std::fmt;
use std::ops::Deref;
use std::time::{Duration, Instant};

use ipc_core::{Errno, Error, Result};
use ipc_mem::{Memory, Plain};
use ipc_shm::SharedMemory;
use ipc_sync::LockError;
use ipc_sync::pthread::{DataHeld, RawMutex, RawMutexGuard, RawRwLock, RawRwLockGuard};

use crate::{ArrayGuard, ArrayReadGuard, Shape, ShmArray};

/// An array and the lock that all its users share: whoever holds it has the elements as a slice.
///
/// The lock is whatever dereferences to a mutex or read/write lock of `ipc-sync`: a
/// [`Shared`](ipc_shm::Shared) one, or a field of something shared. One [with data](ipc_sync::pthread::Mutex::as_raw)
/// guards both at once, and is repaired at once: [`lock_or_repair`](Self::lock_or_repair) here marks the data of that mutex
/// as repaired, too, and `lock_or_repair` there the elements. Whoever does either has to see to both.
///
/// # Examples
///
/// ```
/// use ipc_shm::Shared;
/// use ipc_shmarray::{GuardedArray, ShmArray};
/// use ipc_sync::pthread::RawMutex;
///
/// # let (name, lock) = (format!("/guarded-{}", std::process::id()), format!("/lock-{}", std::process::id()));
/// let image = ShmArray::<f32>::create(&name, [480, 640])?;
/// let lock = Shared::<RawMutex>::create(&lock)?;
/// // SAFETY: every user of this image takes this lock.
/// let image = unsafe { GuardedArray::new(image, lock) };
///
/// let mut pixels = image.lock_or_repair(|pixels| pixels.fill(0.0))?;
/// pixels.iter_mut().for_each(|pixel| *pixel += 1.0); // the compiler's vector code, on the shared memory itself
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// The elements are there as long as the lock is held:
///
/// ```compile_fail,E0505
/// # use ipc_shmarray::GuardedArray;
/// # use ipc_sync::pthread::RawMutex;
/// # fn first(image: GuardedArray<f32, &RawMutex>) -> f32 {
/// let pixels = image.lock().unwrap();
/// drop(image);
/// pixels[0]
/// # }
/// ```
pub struct GuardedArray<T: Plain, L, M: Memory = SharedMemory> {
    array: ShmArray<T, M>,
    lock: L,
}

/// What locking a [`GuardedArray`] by a mutex comes to.
pub type GuardedResult<'a, T, G = ArrayGuard<'a, T, RawMutexGuard<'a>>> =
    Result<G, LockError<ArrayGuard<'a, T, RawMutexGuard<'a>>>>;

impl<T: Plain, L, M: Memory> GuardedArray<T, L, M> {
    /// Puts an array under a lock.
    ///
    /// # Safety
    ///
    /// As long as this lives:
    ///
    /// 1. `lock` always dereferences to the same lock, which is not recursive.
    /// 2. Whoever else reads or writes any of the elements, in any process and through whatever handle, holds
    ///    that very lock meanwhile: to write, if there is a difference.
    /// 3. No child is forked, while a guard lives, that uses its copy of the guard: the lock is its parent's, and so
    ///    are the elements.
    #[must_use]
    pub unsafe fn new(array: ShmArray<T, M>, lock: L) -> Self {
        Self { array, lock }
    }

    /// The number of elements in each direction.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        self.array.shape()
    }

    /// The memory it lives in.
    #[must_use]
    pub fn memory(&self) -> &M {
        self.array.memory()
    }

    /// The lock.
    #[must_use]
    pub fn as_lock(&self) -> &L {
        &self.lock
    }
}

/// Under a mutex. What the methods do is told at those of [`RawMutex`].
impl<T: Plain, L: Deref<Target = RawMutex>, M: Memory> GuardedArray<T, L, M> {
    /// Locks it, and waits as long as another thread holds it.
    ///
    /// # Errors
    ///
    /// [`OwnerDied`](LockError::OwnerDied) and [`NotRecoverable`](LockError::NotRecoverable) of a robust mutex;
    /// `is_deadlock` if this thread holds it and it is error-checking.
    #[doc(alias = "pthread_mutex_lock")]
    #[inline]
    pub fn lock(&self) -> GuardedResult<'_, T> {
        self.lock.lock().map(|lock| self.guard(lock)).map_err(|err| self.not_simply_locked(err))
    }

    /// Locks it, and calls `repair` first if the last owner died holding it.
    ///
    /// `repair` gets elements that may be half-written. If it panics, nobody gets the lock any more. What else the mutex
    /// guards counts as repaired, too: its own data, or another array.
    ///
    /// # Errors
    ///
    /// `is_deadlock` if this thread holds it and it is error-checking; `is_not_recoverable` if an owner died
    /// and who got the lock then did not repair the elements.
    #[doc(alias = "pthread_mutex_consistent")]
    pub fn lock_or_repair(&self, repair: impl FnOnce(&mut [T])) -> Result<ArrayGuard<'_, T, RawMutexGuard<'_>>> {
        match self.lock() {
            Ok(guard) => Ok(guard),
            Err(LockError::OwnerDied(mut guard)) => {
                repair(&mut guard);
                guard.mark_consistent()?;
                Ok(guard)
            }
            Err(LockError::NotRecoverable) => {
                Err(Error::os("pthread_mutex_lock", self.memory().label(), Errno::ENOTRECOVERABLE))
            }
            Err(LockError::Failed(err)) => Err(err),
        }
    }

    /// Locks it if nobody holds it.
    ///
    /// # Errors
    ///
    /// As [`lock`](Self::lock); that somebody holds it, this thread included, is `Ok(None)`.
    #[doc(alias = "pthread_mutex_trylock")]
    pub fn try_lock(&self) -> GuardedResult<'_, T, Option<ArrayGuard<'_, T, RawMutexGuard<'_>>>> {
        self.perhaps(self.lock.try_lock())
    }

    /// Locks it if it becomes free within that time.
    ///
    /// # Errors
    ///
    /// As [`lock`](Self::lock); that it took too long is `Ok(None)`.
    #[doc(alias = "pthread_mutex_clocklock")]
    pub fn lock_timeout(
        &self,
        timeout: Duration,
    ) -> GuardedResult<'_, T, Option<ArrayGuard<'_, T, RawMutexGuard<'_>>>> {
        self.perhaps(self.lock.lock_timeout(timeout))
    }

    /// Locks it if it becomes free before that moment, or is free when the moment is past.
    ///
    /// # Errors
    ///
    /// As [`lock`](Self::lock); that it took too long is `Ok(None)`.
    #[doc(alias = "pthread_mutex_clocklock")]
    pub fn lock_deadline(
        &self,
        deadline: Instant,
    ) -> GuardedResult<'_, T, Option<ArrayGuard<'_, T, RawMutexGuard<'_>>>> {
        self.perhaps(self.lock.lock_deadline(deadline))
    }

    fn perhaps<'a>(
        &'a self,
        locked: Result<Option<RawMutexGuard<'a>>, LockError<RawMutexGuard<'a>>>,
    ) -> GuardedResult<'a, T, Option<ArrayGuard<'a, T, RawMutexGuard<'a>>>> {
        locked.map(|lock| lock.map(|lock| self.guard(lock))).map_err(|err| self.not_simply_locked(err))
    }

    #[inline]
    fn guard<'a>(&'a self, lock: RawMutexGuard<'a>) -> ArrayGuard<'a, T, RawMutexGuard<'a>> {
        // SAFETY: `lock` holds the lock for this thread alone, and who made `self` vouched that nobody else uses the
        // elements meanwhile; they are there as long as `self`. That a robust mutex is held no more when its thread has
        // ended is why it is counted.
        unsafe { ArrayGuard::new(&self.array, lock, Some(DataHeld::new())) }
    }

    #[cold]
    fn not_simply_locked<'a>(
        &'a self,
        err: LockError<RawMutexGuard<'a>>,
    ) -> LockError<ArrayGuard<'a, T, RawMutexGuard<'a>>> {
        err.map(|lock| self.guard(lock))
    }
}

/// Under a read/write lock. What the methods do is told at those of [`RawRwLock`].
impl<T: Plain, L: Deref<Target = RawRwLock>, M: Memory> GuardedArray<T, L, M> {
    /// Locks it to read, and waits as long as another thread writes.
    ///
    /// # Errors
    ///
    /// As [`RawRwLock::read`].
    #[doc(alias = "pthread_rwlock_rdlock")]
    pub fn read(&self) -> Result<ArrayReadGuard<'_, T>> {
        self.lock.read().map(|lock| self.reading(lock))
    }

    /// Locks it to read if nobody writes.
    ///
    /// # Errors
    ///
    /// As [`RawRwLock::read`]; that somebody writes, this thread included, is `Ok(None)`.
    #[doc(alias = "pthread_rwlock_tryrdlock")]
    pub fn try_read(&self) -> Result<Option<ArrayReadGuard<'_, T>>> {
        Ok(self.lock.try_read()?.map(|lock| self.reading(lock)))
    }

    /// Locks it to read if nobody writes any more within that time.
    ///
    /// # Errors
    ///
    /// As [`RawRwLock::read`]; that it took too long is `Ok(None)`.
    #[doc(alias = "pthread_rwlock_clockrdlock")]
    pub fn read_timeout(&self, timeout: Duration) -> Result<Option<ArrayReadGuard<'_, T>>> {
        Ok(self.lock.read_timeout(timeout)?.map(|lock| self.reading(lock)))
    }

    /// Locks it to read if nobody writes any more before that moment, or when it is past.
    ///
    /// # Errors
    ///
    /// As [`RawRwLock::read`]; that it took too long is `Ok(None)`.
    #[doc(alias = "pthread_rwlock_clockrdlock")]
    pub fn read_deadline(&self, deadline: Instant) -> Result<Option<ArrayReadGuard<'_, T>>> {
        Ok(self.lock.read_deadline(deadline)?.map(|lock| self.reading(lock)))
    }

    /// Locks it to write, and waits as long as another thread holds it. A thread that reads waits for itself for ever.
    ///
    /// # Errors
    ///
    /// As [`RawRwLock::write`].
    #[doc(alias = "pthread_rwlock_wrlock")]
    pub fn write(&self) -> Result<ArrayGuard<'_, T, RawRwLockGuard<'_>>> {
        self.lock.write().map(|lock| self.writing(lock))
    }

    /// Locks it to write if nobody holds it.
    ///
    /// # Errors
    ///
    /// As [`RawRwLock::write`]; that somebody holds it, this thread included, is `Ok(None)`.
    #[doc(alias = "pthread_rwlock_trywrlock")]
    pub fn try_write(&self) -> Result<Option<ArrayGuard<'_, T, RawRwLockGuard<'_>>>> {
        Ok(self.lock.try_write()?.map(|lock| self.writing(lock)))
    }

    /// Locks it to write if nobody holds it any more within that time.
    ///
    /// # Errors
    ///
    /// As [`RawRwLock::write`]; that it took too long is `Ok(None)`.
    #[doc(alias = "pthread_rwlock_clockwrlock")]
    pub fn write_timeout(&self, timeout: Duration) -> Result<Option<ArrayGuard<'_, T, RawRwLockGuard<'_>>>> {
        Ok(self.lock.write_timeout(timeout)?.map(|lock| self.writing(lock)))
    }

    /// Locks it to write if nobody holds it any more before that moment, or when it is past.
    ///
    /// # Errors
    ///
    /// As [`RawRwLock::write`]; that it took too long is `Ok(None)`.
    #[doc(alias = "pthread_rwlock_clockwrlock")]
    pub fn write_deadline(&self, deadline: Instant) -> Result<Option<ArrayGuard<'_, T, RawRwLockGuard<'_>>>> {
        Ok(self.lock.write_deadline(deadline)?.map(|lock| self.writing(lock)))
    }

    fn writing<'a>(&'a self, lock: RawRwLockGuard<'a>) -> ArrayGuard<'a, T, RawRwLockGuard<'a>> {
        // SAFETY: `lock` holds the lock to write, for ever if it is leaked, and who made `self` vouched that nobody else
        // uses the elements meanwhile; they are there as long as `self`.
        unsafe { ArrayGuard::new(&self.array, lock, None) }
    }

    fn reading<'a>(&'a self, lock: RawRwLockGuard<'a>) -> ArrayReadGuard<'a, T> {
        // SAFETY: `lock` holds the lock, and who made `self` vouched that nobody writes the elements meanwhile; they are
        // there as long as `self`.
        unsafe { ArrayReadGuard::new(&self.array, lock) }
    }
}

impl<T: Plain, L, M: Memory> fmt::Debug for GuardedArray<T, L, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("GuardedArray").field(&self.array).finish()
    }
}
