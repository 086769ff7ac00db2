//! Mutexes without data: C's exact bytes.

#![expect(unsafe_code, reason = "vouches for a mutex as a `Resident`")]

use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Errno, Error, Result};
use ipc_mem::{Kind, Memory, Placed, Resident, Schema};

use crate::LockError;
use crate::pthread::MutexOptions;
use crate::sys;

/// A lock that one thread holds at a time: C's `pthread_mutex_t`, in any memory, without data of its own.
///
/// For data that a lock guards, [`Mutex`](crate::pthread::Mutex) is safer: this one is for memory
/// that a program in another language lays out.
///
/// # Examples
///
/// ```
/// use ipc_mem::LocalMemory;
/// use ipc_sync::pthread::{MutexOptions, RawMutex};
///
/// let mutex = RawMutex::create_in(LocalMemory::new(64)?, MutexOptions::new())?;
/// let guard = mutex.lock().unwrap();
/// assert!(mutex.lock().is_err()); // we have it already
/// drop(guard);
/// assert!(mutex.try_lock().unwrap().is_some());
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_mutex_lock.html>
#[doc(alias = "pthread_mutex_t")]
#[repr(transparent)]
pub struct RawMutex(sys::mutex::Mutex);

/// Says that this thread holds a [`RawMutex`], which it gives back when dropped.
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
#[must_use = "the lock is given back when the guard is dropped"]
pub struct RawMutexGuard<'a> {
    mutex: &'a RawMutex,
    /// Bound to the thread that locked.
    _here: PhantomData<*const ()>,
}

/// What locking a [`RawMutex`] comes to.
pub type RawLockResult<'a, T = RawMutexGuard<'a>> = Result<T, LockError<RawMutexGuard<'a>>>;

impl RawMutex {
    /// Makes one at the beginning of a fresh memory.
    ///
    /// # Errors
    ///
    /// `is_unsupported` if this system has no such mutex; `is_invalid_argument` as [`Placed::create_in`],
    /// or for a priority that is none.
    #[doc(alias = "pthread_mutex_init")]
    pub fn create_in<M: Memory>(memory: M, options: MutexOptions) -> Result<Placed<Self, M>> {
        // SAFETY: called below, with a place that `create_with` gives for this.
        let init = |place| unsafe { Self::init_with(place, options) };
        // SAFETY: `init_with` does what `init` does, for another kind.
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
    /// As [`Placed::open_in`]. One made by a C program has to be `PTHREAD_PROCESS_SHARED` if that is another process,
    /// and has to be made by the same C library as this one, in the same word size.
    pub unsafe fn open_in<M: Memory>(memory: M) -> Result<Placed<Self, M>> {
        // SAFETY: as the caller vouches.
        unsafe { Placed::open_in(memory) }
    }

    /// Makes one at `place`, for what is laid out by other means than a memory.
    ///
    /// # Errors
    ///
    /// As [`create_in`](Self::create_in).
    ///
    /// # Safety
    ///
    /// As [`Resident::init`]. One for [`Sharing::Threads`](crate::pthread::Sharing::Threads) is never used by another
    /// process, nor through a second mapping.
    pub unsafe fn init_with(place: NonNull<Self>, options: MutexOptions) -> Result<()> {
        // SAFETY: as the caller vouches; a `RawMutex` is one of C's.
        let made = unsafe { sys::mutex::Mutex::init(place.cast(), &options) };
        made.map_err(|errno| Error::os("pthread_mutex_init", format_args!("{options:?}"), errno))
    }

    /// Locks it, and waits as long as another thread holds it.
    ///
    /// # Errors
    ///
    /// [`OwnerDied`](LockError::OwnerDied) and [`NotRecoverable`](LockError::NotRecoverable) of a robust mutex;
    /// `is_deadlock` if this thread holds it and it is error-checking; `EAGAIN` if it is recursive and locked too often.
    #[doc(alias = "pthread_mutex_lock")]
    #[inline]
    pub fn lock(&self) -> RawLockResult<'_> {
        match self.0.lock() {
            Ok(()) => Ok(self.locked()),
            Err(errno) => Err(self.not_simply_locked("pthread_mutex_lock", errno)),
        }
    }

    /// Locks it if nobody holds it.
    ///
    /// # Errors
    ///
    /// As [`lock`](Self::lock); that somebody holds it, this thread included, is `Ok(None)`.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_mutex_trylock.html>
    #[doc(alias = "pthread_mutex_trylock")]
    #[inline]
    pub fn try_lock(&self) -> RawLockResult<'_, Option<RawMutexGuard<'_>>> {
        match self.0.try_lock() {
            Ok(()) => Ok(Some(self.locked())),
            // glibc says the latter to the owner of a robust one that is error-checking.
            Err(Errno::EBUSY | Errno::EDEADLK) => Ok(None),
            Err(errno) => Err(self.not_simply_locked("pthread_mutex_trylock", errno)),
        }
    }

    /// Locks it if it becomes free within that time.
    ///
    /// # Errors
    ///
    /// As [`lock`](Self::lock); that it took too long is `Ok(None)`.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_mutex_clocklock.html>
    #[doc(alias = "pthread_mutex_timedlock")]
    #[doc(alias = "pthread_mutex_clocklock")]
    #[inline]
    pub fn lock_timeout(&self, timeout: Duration) -> RawLockResult<'_, Option<RawMutexGuard<'_>>> {
        self.lock_until(|| Deadline::after(timeout))
    }

    /// Locks it if it becomes free before that moment, or is free when the moment is past.
    ///
    /// # Errors
    ///
    /// As [`lock`](Self::lock); that it took too long is `Ok(None)`.
    #[doc(alias = "pthread_mutex_timedlock")]
    #[doc(alias = "pthread_mutex_clocklock")]
    #[inline]
    pub fn lock_deadline(&self, deadline: Instant) -> RawLockResult<'_, Option<RawMutexGuard<'_>>> {
        self.lock_until(|| Deadline::at(deadline))
    }

    #[inline]
    fn lock_until(&self, deadline: impl FnOnce() -> Deadline) -> RawLockResult<'_, Option<RawMutexGuard<'_>>> {
        match self.0.lock_until(deadline) {
            Ok(()) => Ok(Some(self.locked())),
            Err(Errno::ETIMEDOUT) => Ok(None),
            Err(errno) => Err(self.not_simply_locked("pthread_mutex_clocklock", errno)),
        }
    }

    /// To be called by who has locked it.
    #[inline]
    fn locked(&self) -> RawMutexGuard<'_> {
        RawMutexGuard { mutex: self, _here: PhantomData }
    }

    #[cold]
    fn not_simply_locked(&self, call: &'static str, errno: Errno) -> LockError<RawMutexGuard<'_>> {
        match errno {
            Errno::EOWNERDEAD => LockError::OwnerDied(self.locked()),
            Errno::ENOTRECOVERABLE => LockError::NotRecoverable,
            _ => LockError::Failed(Error::os(call, "", errno)),
        }
    }
}

impl<'a> RawMutexGuard<'a> {
    /// Says that the data of a mutex whose owner died is whole again, so that the mutex goes on as before.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if no owner of it died.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_mutex_consistent.html>
    #[doc(alias = "pthread_mutex_consistent")]
    pub fn mark_consistent(&mut self) -> Result<()> {
        self.mutex.0.mark_consistent().map_err(|errno| Error::os("pthread_mutex_consistent", "", errno))
    }

    /// The mutex that it holds.
    #[must_use]
    pub fn mutex(&self) -> &'a RawMutex {
        self.mutex
    }

    pub(crate) fn sys(&self) -> &'a sys::mutex::Mutex {
        &self.mutex.0
    }
}

impl Drop for RawMutexGuard<'_> {
    #[doc(alias = "pthread_mutex_unlock")]
    #[inline]
    fn drop(&mut self) {
        // Refused is only a child of `fork`, whose parent holds it, by the kinds that know their owner: there is nothing
        // for it to give back.
        let _ = self.mutex.0.unlock();
    }
}

impl fmt::Debug for RawMutex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawMutex").finish_non_exhaustive()
    }
}

impl fmt::Debug for RawMutexGuard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawMutexGuard").finish_non_exhaustive()
    }
}

// SAFETY: `pthread_mutex_t` is used through `&` by C's functions only, which any number of threads may
// call, of several processes as it is made by default. What it points to is other robust mutexes
// that the thread holds which holds it, and `may_unmap` is false while that is one of this process.
unsafe impl Resident for RawMutex {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::MUTEX);

    unsafe fn init(place: NonNull<Self>) -> Result<()> {
        // SAFETY: as the caller vouches.
        unsafe { Self::init_with(place, MutexOptions::new()) }
    }

    unsafe fn destroy(place: NonNull<Self>) {
        // SAFETY: as the caller vouches; a `RawMutex` is one of C's.
        unsafe { sys::mutex::Mutex::destroy(place.cast()) }
    }

    fn may_unmap(&self) -> bool {
        !self.0.may_be_held_here()
    }
}
