//! Read/write locks without data: C's exact bytes.

#![expect(unsafe_code, reason = "vouches for a read/write lock as a `Resident`")]

use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Errno, Error, Result};
use ipc_mem::{Kind, Memory, Placed, Resident, Schema};

use crate::pthread::RwLockOptions;
use crate::sys;

/// A lock that one thread holds to write, or several to read: C's `pthread_rwlock_t`, in any memory, without data of
/// its own.
///
/// For data that a lock guards, [`RwLock`](crate::pthread::RwLock) is safer: this one is for memory
/// that a program in another language lays out.
///
/// # Examples
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
pub struct RawRwLock(sys::rwlock::RwLock);

/// Says that this thread holds a [`RawRwLock`], to read or to write, which it gives back when dropped.
#[must_use = "the lock is given back when the guard is dropped"]
pub struct RawRwLockGuard<'a> {
    lock: &'a RawRwLock,
    /// Bound to the thread that locked.
    _here: PhantomData<*const ()>,
}

impl RawRwLock {
    /// Makes one at the beginning of a fresh memory.
    ///
    /// # Errors
    ///
    /// `is_unsupported` if this system has no such lock; `is_invalid_argument` as [`Placed::create_in`].
    #[doc(alias = "pthread_rwlock_init")]
    pub fn create_in<M: Memory>(memory: M, options: RwLockOptions) -> Result<Placed<Self, M>> {
        // SAFETY: called below, with a place that `Placed::create_with` gives for this.
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
    /// and made by the same C library as this one, in the same word size.
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
    pub unsafe fn init_with(place: NonNull<Self>, options: RwLockOptions) -> Result<()> {
        // SAFETY: as the caller vouches; a `RawRwLock` is one of C's.
        let made = unsafe { sys::rwlock::RwLock::init(place.cast(), &options) };
        made.map_err(|errno| Error::os("pthread_rwlock_init", format_args!("{options:?}"), errno))
    }

    /// Locks it to read, and waits as long as another thread writes.
    ///
    /// # Errors
    ///
    /// With glibc, `is_deadlock` if this thread holds it to write; `EAGAIN` if there are too many readers.
    #[doc(alias = "pthread_rwlock_rdlock")]
    #[inline]
    pub fn read(&self) -> Result<RawRwLockGuard<'_>> {
        self.locked("pthread_rwlock_rdlock", self.0.read())
    }

    /// Locks it to read if nobody writes.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read); that somebody writes, this thread included, is `Ok(None)`.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_rwlock_tryrdlock.html>
    #[doc(alias = "pthread_rwlock_tryrdlock")]
    #[inline]
    pub fn try_read(&self) -> Result<Option<RawRwLockGuard<'_>>> {
        self.perhaps_locked("pthread_rwlock_tryrdlock", self.0.try_read())
    }

    /// Locks it to read if nobody writes any more within that time.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read); that it took too long is `Ok(None)`.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_rwlock_clockrdlock.html>
    #[doc(alias = "pthread_rwlock_timedrdlock")]
    #[doc(alias = "pthread_rwlock_clockrdlock")]
    #[inline]
    pub fn read_timeout(&self, timeout: Duration) -> Result<Option<RawRwLockGuard<'_>>> {
        let locked = self.0.read_until(|| Deadline::after(timeout));
        self.perhaps_locked("pthread_rwlock_clockrdlock", locked)
    }

    /// Locks it to read if nobody writes any more before that moment, or when it is past.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read); that it took too long is `Ok(None)`.
    #[doc(alias = "pthread_rwlock_timedrdlock")]
    #[doc(alias = "pthread_rwlock_clockrdlock")]
    #[inline]
    pub fn read_deadline(&self, deadline: Instant) -> Result<Option<RawRwLockGuard<'_>>> {
        let locked = self.0.read_until(|| Deadline::at(deadline));
        self.perhaps_locked("pthread_rwlock_clockrdlock", locked)
    }

    /// Locks it to write, and waits as long as another thread holds it. A thread that reads waits for itself for ever.
    ///
    /// # Errors
    ///
    /// With glibc, `is_deadlock` if this thread holds it to write.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_rwlock_wrlock.html>
    #[doc(alias = "pthread_rwlock_wrlock")]
    #[inline]
    pub fn write(&self) -> Result<RawRwLockGuard<'_>> {
        self.locked("pthread_rwlock_wrlock", self.0.write())
    }

    /// Locks it to write if nobody holds it.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write); that somebody holds it, this thread included, is `Ok(None)`.
    #[doc(alias = "pthread_rwlock_trywrlock")]
    #[inline]
    pub fn try_write(&self) -> Result<Option<RawRwLockGuard<'_>>> {
        self.perhaps_locked("pthread_rwlock_trywrlock", self.0.try_write())
    }

    /// Locks it to write if nobody holds it any more within that time.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write); that it took too long is `Ok(None)`.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_rwlock_clockwrlock.html>
    #[doc(alias = "pthread_rwlock_timedwrlock")]
    #[doc(alias = "pthread_rwlock_clockwrlock")]
    #[inline]
    pub fn write_timeout(&self, timeout: Duration) -> Result<Option<RawRwLockGuard<'_>>> {
        let locked = self.0.write_until(|| Deadline::after(timeout));
        self.perhaps_locked("pthread_rwlock_clockwrlock", locked)
    }

    /// Locks it to write if nobody holds it any more before that moment, or when it is past.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write); that it took too long is `Ok(None)`.
    #[doc(alias = "pthread_rwlock_timedwrlock")]
    #[doc(alias = "pthread_rwlock_clockwrlock")]
    #[inline]
    pub fn write_deadline(&self, deadline: Instant) -> Result<Option<RawRwLockGuard<'_>>> {
        let locked = self.0.write_until(|| Deadline::at(deadline));
        self.perhaps_locked("pthread_rwlock_clockwrlock", locked)
    }

    #[inline]
    fn locked(&self, call: &'static str, locked: Result<(), Errno>) -> Result<RawRwLockGuard<'_>> {
        match locked {
            Ok(()) => Ok(RawRwLockGuard { lock: self, _here: PhantomData }),
            Err(errno) => Err(Error::os(call, "", errno)),
        }
    }

    #[inline]
    fn perhaps_locked(&self, call: &'static str, locked: Result<(), Errno>) -> Result<Option<RawRwLockGuard<'_>>> {
        match locked {
            Err(Errno::EBUSY | Errno::ETIMEDOUT) => Ok(None),
            other => self.locked(call, other).map(Some),
        }
    }
}

impl Drop for RawRwLockGuard<'_> {
    #[doc(alias = "pthread_rwlock_unlock")]
    #[inline]
    fn drop(&mut self) {
        self.lock.0.unlock();
    }
}

impl fmt::Debug for RawRwLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRwLock").finish_non_exhaustive()
    }
}

impl fmt::Debug for RawRwLockGuard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRwLockGuard").finish_non_exhaustive()
    }
}

// SAFETY: `pthread_rwlock_t` is used through `&` by C's functions only, which any number of threads may call, of
// several processes as it is made by default; C keeps nothing outside of it.
unsafe impl Resident for RawRwLock {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::RWLOCK);

    unsafe fn init(place: NonNull<Self>) -> Result<()> {
        // SAFETY: as the caller vouches.
        unsafe { Self::init_with(place, RwLockOptions::new()) }
    }

    unsafe fn destroy(place: NonNull<Self>) {
        // SAFETY: as the caller vouches; a `RawRwLock` is one of C's.
        unsafe { sys::rwlock::RwLock::destroy(place.cast()) }
    }
}
