//! Arrays whose elements are guarded by a lock.

#![expect(unsafe_code, reason = "hands out elements that a lock guards")]

use std::fmt;
use std::ops::Deref;
use std::time::{Duration, Instant};

use ipc_core::{Errno, Error, Result};
use ipc_mem::{Memory, Plain, ReadWrite};
use ipc_shm::SharedMemory;
use ipc_sync::LockError;
use ipc_sync::lock::{BareRwLock, BareRwLockGuard, Mutex, MutexGuard, RawLock, RawRwLock};

use crate::{ArrayGuard, ArrayReadGuard, Shape, ShmArray};

/// An array and the lock that guards it: a thread that holds the lock has the elements as a slice.
///
/// The lock, `L`, is any type that dereferences to a [`Mutex`] of `ipc_sync::futex` or
/// `ipc_sync::pthread`, or to a [`BareRwLock`] (a read/write lock without data, such as
/// `ipc_sync::pthread::RawRwLock`). Examples are a [`Shared<Mutex<u32>>`](ipc_shm::Shared), and a
/// reference to a lock in a field of a shared struct.
///
/// A mutex guards its own data and the elements. If an owner died, the next owner must repair both.
/// [`lock_or_repair`](Self::lock_or_repair) repairs the elements, and then marks both as repaired.
/// If the data of the mutex means nothing, as in the example, that is all. Otherwise, repair that
/// data first. For that, lock the mutex through [`as_lock`](Self::as_lock). Because its owner died,
/// this returns [`LockError::OwnerDied`]: repair the data through the guard in the error. Then
/// release the lock with [`give_back`](ipc_sync::lock::Unrepaired::give_back): it stays marked as
/// not repaired, so that `lock_or_repair` then calls `repair` for the elements.
///
/// # Examples
///
/// ```
/// use ipc_shm::Shared;
/// use ipc_shmarray::{GuardedArray, ShmArray};
/// use ipc_sync::futex::Mutex;
///
/// # let (name, lock) = (format!("/guarded-{}", std::process::id()), format!("/lock-{}", std::process::id()));
/// let image = ShmArray::<f32>::create(&name, [640, 480])?;
/// let lock = Shared::<Mutex<u32>>::create(&lock)?;
/// // SAFETY: every process holds this lock whenever it accesses the elements of this image.
/// let image = unsafe { GuardedArray::new(image, lock) };
///
/// let mut pixels = image.lock_or_repair(|pixels| pixels.fill(0.0))?;
/// // The compiler can vectorize this: it works on the shared memory itself.
/// pixels.iter_mut().for_each(|pixel| *pixel += 1.0);
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// The guard borrows the guarded array, and cannot outlive it:
///
/// ```compile_fail,E0505
/// # use ipc_shmarray::GuardedArray;
/// # use ipc_sync::pthread::Mutex;
/// # fn first(image: GuardedArray<f32, &Mutex<u32>>) -> f32 {
/// let pixels = image.lock().unwrap();
/// drop(image);
/// pixels[0]
/// # }
/// ```
pub struct GuardedArray<T: Plain, L, M: Memory<Access = ReadWrite> = SharedMemory> {
    array: ShmArray<T, M>,
    lock: L,
}

/// The result of a call that tries to lock a mutex.
type LockResult<'a, U, R> = Result<Option<MutexGuard<'a, U, R>>, LockError<MutexGuard<'a, U, R>>>;

/// The guard of a [`GuardedArray`] whose lock is a mutex.
pub type GuardOf<'a, T, U, R> = ArrayGuard<'a, T, MutexGuard<'a, U, R>>;

/// The result of locking a [`GuardedArray`] with a mutex.
pub type GuardedResult<'a, T, U, R, G = GuardOf<'a, T, U, R>> =
    Result<G, LockError<GuardOf<'a, T, U, R>>>;

impl<T: Plain, L, M: Memory<Access = ReadWrite>> GuardedArray<T, L, M> {
    /// Creates a guarded array from an array and its lock.
    ///
    /// # Safety
    ///
    /// While the guarded array lives, the caller must ensure that:
    ///
    /// 1. `lock` always dereferences to the same lock, which is not recursive.
    /// 2. All other code that reads or writes any of the elements, in any process and through any
    ///    handle, holds the same lock during the access. If it is a read/write lock, code that
    ///    writes holds it for writing.
    /// 3. If a child process is forked while a guard lives, the child does not use its copy of the
    ///    guard: the lock and the elements belong to the parent.
    #[must_use]
    pub unsafe fn new(array: ShmArray<T, M>, lock: L) -> Self {
        Self { array, lock }
    }

    /// The number of elements in each direction.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        self.array.shape()
    }

    /// The memory object that contains the array.
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

/// Locking with a mutex. The methods are those of [`Mutex`].
impl<T: Plain, U: Plain, R: RawLock, L: Deref<Target = Mutex<U, R>>, M: Memory<Access = ReadWrite>>
    GuardedArray<T, L, M>
{
    /// Acquires the lock. Waits while another thread holds it.
    ///
    /// # Errors
    ///
    /// The errors of [`Mutex::lock`].
    #[doc(alias = "pthread_mutex_lock")]
    #[inline]
    pub fn lock(&self) -> GuardedResult<'_, T, U, R> {
        self.lock
            .lock()
            .map(|lock| self.guard(lock))
            .map_err(|err| err.map(|lock| self.guard(lock)))
    }

    /// Acquires the lock. If the last owner died while it held the lock, calls `repair` before it
    /// returns the guard.
    ///
    /// `repair` gets elements that may be half-written. When it returns, everything under the mutex
    /// counts as repaired, including the [data of the mutex](Self) and other arrays, although
    /// `repair` did not get them. If `repair` panics, the lock can never be acquired again.
    ///
    /// # Errors
    ///
    /// The errors of [`Mutex::lock_or_repair`].
    #[doc(alias = "pthread_mutex_consistent")]
    pub fn lock_or_repair(
        &self,
        repair: impl FnOnce(&mut [T]),
    ) -> Result<ArrayGuard<'_, T, MutexGuard<'_, U, R>>> {
        match self.lock() {
            Ok(guard) => Ok(guard),
            Err(LockError::OwnerDied(mut guard)) => {
                repair(&mut guard);
                guard.mark_consistent()?;
                Ok(guard)
            }
            Err(LockError::NotRecoverable) => {
                Err(Error::os("lock", self.memory().label(), Errno::ENOTRECOVERABLE))
            }
            Err(err) => Err(err.into()),
        }
    }

    /// Acquires the lock if it is free, and returns `None` otherwise.
    ///
    /// # Errors
    ///
    /// The errors of [`Mutex::try_lock`].
    #[doc(alias = "pthread_mutex_trylock")]
    pub fn try_lock(&self) -> GuardedResult<'_, T, U, R, Option<GuardOf<'_, T, U, R>>> {
        self.perhaps(self.lock.try_lock())
    }

    /// Acquires the lock, and returns `None` if that is not possible within `timeout`.
    ///
    /// # Errors
    ///
    /// The errors of [`Mutex::lock_timeout`].
    #[doc(alias = "pthread_mutex_clocklock")]
    pub fn lock_timeout(
        &self,
        timeout: Duration,
    ) -> GuardedResult<'_, T, U, R, Option<GuardOf<'_, T, U, R>>> {
        self.perhaps(self.lock.lock_timeout(timeout))
    }

    /// Acquires the lock, and returns `None` if that is not possible before `deadline`.
    ///
    /// # Errors
    ///
    /// The errors of [`Mutex::lock_deadline`].
    #[doc(alias = "pthread_mutex_clocklock")]
    pub fn lock_deadline(
        &self,
        deadline: Instant,
    ) -> GuardedResult<'_, T, U, R, Option<GuardOf<'_, T, U, R>>> {
        self.perhaps(self.lock.lock_deadline(deadline))
    }

    fn perhaps<'a>(
        &'a self,
        locked: LockResult<'a, U, R>,
    ) -> GuardedResult<'a, T, U, R, Option<GuardOf<'a, T, U, R>>> {
        locked
            .map(|lock| lock.map(|lock| self.guard(lock)))
            .map_err(|err| err.map(|lock| self.guard(lock)))
    }

    #[inline]
    fn guard<'a>(&'a self, lock: MutexGuard<'a, U, R>) -> ArrayGuard<'a, T, MutexGuard<'a, U, R>> {
        // SAFETY: `lock` holds the lock for this thread alone (if it is leaked, until the process
        // can write no more), and the caller of `new` guarantees that no other thread uses the
        // elements meanwhile; they stay mapped while `self` lives.
        unsafe { ArrayGuard::new(&self.array, lock) }
    }
}

/// Locking with a read/write lock. The methods are those of [`BareRwLock`].
impl<T: Plain, R: RawRwLock, L: Deref<Target = BareRwLock<R>>, M: Memory<Access = ReadWrite>>
    GuardedArray<T, L, M>
{
    /// Acquires the lock for reading. Waits while another thread holds it for writing. With a
    /// `futex` lock, or a `pthread` lock that prefers writers, new readers also wait while a writer
    /// waits.
    ///
    /// # Errors
    ///
    /// Those of [`BareRwLock::read`].
    #[doc(alias = "pthread_rwlock_rdlock")]
    pub fn read(&self) -> Result<ArrayReadGuard<'_, T, R>> {
        Ok(self.reading(self.lock.read()?))
    }

    /// Acquires the lock for reading if that is possible without waiting; otherwise returns `None`.
    ///
    /// # Errors
    ///
    /// Those of [`BareRwLock::read`], except `is_deadlock`: if this thread holds the lock for
    /// writing, the result is `None`.
    #[doc(alias = "pthread_rwlock_tryrdlock")]
    pub fn try_read(&self) -> Result<Option<ArrayReadGuard<'_, T, R>>> {
        Ok(self.lock.try_read()?.map(|lock| self.reading(lock)))
    }

    /// Acquires the lock for reading, and returns `None` if that is not possible within `timeout`.
    ///
    /// # Errors
    ///
    /// Those of [`BareRwLock::read`].
    #[doc(alias = "pthread_rwlock_clockrdlock")]
    pub fn read_timeout(&self, timeout: Duration) -> Result<Option<ArrayReadGuard<'_, T, R>>> {
        Ok(self.lock.read_timeout(timeout)?.map(|lock| self.reading(lock)))
    }

    /// Acquires the lock for reading, and returns `None` if that is not possible before `deadline`.
    /// If the deadline has passed, the call does not block.
    ///
    /// # Errors
    ///
    /// Those of [`BareRwLock::read`].
    #[doc(alias = "pthread_rwlock_clockrdlock")]
    pub fn read_deadline(&self, deadline: Instant) -> Result<Option<ArrayReadGuard<'_, T, R>>> {
        Ok(self.lock.read_deadline(deadline)?.map(|lock| self.reading(lock)))
    }

    /// Acquires the lock for writing. Waits while another thread holds it. If this thread holds it
    /// for reading, the call never returns.
    ///
    /// # Errors
    ///
    /// Those of [`BareRwLock::write`].
    #[doc(alias = "pthread_rwlock_wrlock")]
    pub fn write(&self) -> Result<ArrayGuard<'_, T, BareRwLockGuard<'_, R>>> {
        Ok(self.writing(self.lock.write()?))
    }

    /// Acquires the lock for writing. If the last writer died while it held the lock, calls
    /// `repair` before it returns the guard.
    ///
    /// `repair` gets elements that may be half-written. If `repair` panics, the lock can never be
    /// acquired again. Until this method has repaired the elements, all other methods that acquire
    /// the lock fail with [`is_owner_died`](Error::is_owner_died). Only a `futex` lock reports the
    /// death of a writer: with a `pthread` lock, `repair` is never called.
    ///
    /// # Errors
    ///
    /// Those of [`BareRwLock::write`], except `OwnerDied`.
    pub fn write_or_repair(
        &self,
        repair: impl FnOnce(&mut [T]),
    ) -> Result<ArrayGuard<'_, T, BareRwLockGuard<'_, R>>> {
        match self.lock.write() {
            Ok(lock) => Ok(self.writing(lock)),
            Err(LockError::OwnerDied(lock)) => {
                let mut guard = self.writing(lock);
                repair(&mut guard);
                guard.mark_consistent()?;
                Ok(guard)
            }
            Err(err) => Err(err.into()),
        }
    }

    /// Acquires the lock for writing if it is free, and returns `None` otherwise.
    ///
    /// # Errors
    ///
    /// Those of [`BareRwLock::write`], except `is_deadlock`: if this thread holds the lock, the
    /// result is `None`.
    #[doc(alias = "pthread_rwlock_trywrlock")]
    pub fn try_write(&self) -> Result<Option<ArrayGuard<'_, T, BareRwLockGuard<'_, R>>>> {
        Ok(self.lock.try_write()?.map(|lock| self.writing(lock)))
    }

    /// Acquires the lock for writing, and returns `None` if that is not possible within `timeout`.
    ///
    /// # Errors
    ///
    /// Those of [`BareRwLock::write`].
    #[doc(alias = "pthread_rwlock_clockwrlock")]
    pub fn write_timeout(
        &self,
        timeout: Duration,
    ) -> Result<Option<ArrayGuard<'_, T, BareRwLockGuard<'_, R>>>> {
        Ok(self.lock.write_timeout(timeout)?.map(|lock| self.writing(lock)))
    }

    /// Acquires the lock for writing, and returns `None` if that is not possible before `deadline`.
    /// If the deadline has passed, the call does not block.
    ///
    /// # Errors
    ///
    /// Those of [`BareRwLock::write`].
    #[doc(alias = "pthread_rwlock_clockwrlock")]
    pub fn write_deadline(
        &self,
        deadline: Instant,
    ) -> Result<Option<ArrayGuard<'_, T, BareRwLockGuard<'_, R>>>> {
        Ok(self.lock.write_deadline(deadline)?.map(|lock| self.writing(lock)))
    }

    fn writing<'a>(
        &'a self,
        lock: BareRwLockGuard<'a, R>,
    ) -> ArrayGuard<'a, T, BareRwLockGuard<'a, R>> {
        // SAFETY: `lock` holds the lock for writing, for ever if it is leaked, and the caller of
        // `new` guarantees that no other thread uses the elements meanwhile; they stay mapped while
        // `self` lives.
        unsafe { ArrayGuard::new(&self.array, lock) }
    }

    fn reading<'a>(&'a self, lock: BareRwLockGuard<'a, R>) -> ArrayReadGuard<'a, T, R> {
        // SAFETY: `lock` holds the lock, and the caller of `new` guarantees that no thread writes
        // the elements meanwhile; they stay mapped while `self` lives.
        unsafe { ArrayReadGuard::new(&self.array, lock) }
    }
}

impl<T: Plain, L, M: Memory<Access = ReadWrite>> fmt::Debug for GuardedArray<T, L, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("GuardedArray").field(&self.array).finish()
    }
}
