//! Spin locks without data: C's exact bytes.

#![expect(unsafe_code, reason = "vouches for a spin lock as a `Resident`")]

use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;

use ipc_core::{Errno, Error, Result};
use ipc_mem::{Kind, Memory, Placed, Resident, Schema};

use crate::pthread::Sharing;
use crate::sys;

/// A lock that one thread holds at a time, for which the others wait without sleeping: C's `pthread_spinlock_t`, in
/// any memory, without data of its own.
///
/// For data that a lock guards, [`SpinLock`](crate::pthread::SpinLock) is safer: this one is for memory
/// that a program in another language lays out.
///
/// # Examples
///
/// ```
/// use ipc_mem::LocalMemory;
/// use ipc_sync::pthread::{RawSpinLock, Sharing};
///
/// let lock = RawSpinLock::create_in(LocalMemory::new(4)?, Sharing::Processes)?;
/// let _held = lock.lock()?;
/// assert!(lock.try_lock()?.is_none());
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_spin_lock.html>
#[doc(alias = "pthread_spinlock_t")]
#[repr(transparent)]
pub struct RawSpinLock(sys::spin_lock::SpinLock);

/// Says that this thread holds a [`RawSpinLock`], which it gives back when dropped.
#[must_use = "the lock is given back when the guard is dropped"]
pub struct RawSpinLockGuard<'a> {
    lock: &'a RawSpinLock,
    /// Bound to the thread that locked.
    _here: PhantomData<*const ()>,
}

impl RawSpinLock {
    /// Makes one at the beginning of a fresh memory.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` as [`Placed::create_in`].
    #[doc(alias = "pthread_spin_init")]
    pub fn create_in<M: Memory>(memory: M, sharing: Sharing) -> Result<Placed<Self, M>> {
        // SAFETY: called below, with a place that `Placed::create_with` gives for this.
        let init = |place| unsafe { Self::init_with(place, sharing) };
        // SAFETY: `init_with` does what `init` does, for other threads.
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
    /// and made by the same C library as this one.
    pub unsafe fn open_in<M: Memory>(memory: M) -> Result<Placed<Self, M>> {
        // SAFETY: as the caller vouches.
        unsafe { Placed::open_in(memory) }
    }

    /// Makes one at `place`, for what is laid out by other means than a memory.
    ///
    /// # Errors
    ///
    /// What the system refuses.
    ///
    /// # Safety
    ///
    /// As [`Resident::init`]. One for [`Sharing::Threads`] is never used by another process, nor through a second
    /// mapping.
    pub unsafe fn init_with(place: NonNull<Self>, sharing: Sharing) -> Result<()> {
        // SAFETY: as the caller vouches; a `RawSpinLock` is one of C's.
        let made = unsafe { sys::spin_lock::SpinLock::init(place.cast(), sharing) };
        made.map_err(|errno| Error::os("pthread_spin_init", "", errno))
    }

    /// Locks it, and tries without a pause as long as another thread holds it. Its owner waits for itself for ever.
    ///
    /// # Errors
    ///
    /// What the system refuses; nothing that happens to an intact one.
    #[doc(alias = "pthread_spin_lock")]
    #[inline]
    pub fn lock(&self) -> Result<RawSpinLockGuard<'_>> {
        match self.0.lock() {
            Ok(()) => Ok(RawSpinLockGuard { lock: self, _here: PhantomData }),
            Err(errno) => Err(Error::os("pthread_spin_lock", "", errno)),
        }
    }

    /// Locks it if nobody holds it.
    ///
    /// # Errors
    ///
    /// As [`lock`](Self::lock); that somebody holds it is `Ok(None)`.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_spin_trylock.html>
    #[doc(alias = "pthread_spin_trylock")]
    #[inline]
    pub fn try_lock(&self) -> Result<Option<RawSpinLockGuard<'_>>> {
        match self.0.try_lock() {
            Ok(()) => Ok(Some(RawSpinLockGuard { lock: self, _here: PhantomData })),
            Err(Errno::EBUSY) => Ok(None),
            Err(errno) => Err(Error::os("pthread_spin_trylock", "", errno)),
        }
    }
}

impl Drop for RawSpinLockGuard<'_> {
    #[doc(alias = "pthread_spin_unlock")]
    #[inline]
    fn drop(&mut self) {
        self.lock.0.unlock();
    }
}

impl fmt::Debug for RawSpinLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawSpinLock").finish_non_exhaustive()
    }
}

impl fmt::Debug for RawSpinLockGuard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawSpinLockGuard").finish_non_exhaustive()
    }
}

// SAFETY: `pthread_spinlock_t` is an integer that C's functions change, which any number of threads may call, of
// several processes as it is made by default.
unsafe impl Resident for RawSpinLock {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::SPIN_LOCK);

    unsafe fn init(place: NonNull<Self>) -> Result<()> {
        // SAFETY: as the caller vouches.
        unsafe { Self::init_with(place, Sharing::Processes) }
    }

    unsafe fn destroy(place: NonNull<Self>) {
        // SAFETY: as the caller vouches; a `RawSpinLock` is one of C's.
        unsafe { sys::spin_lock::SpinLock::destroy(place.cast()) }
    }
}
