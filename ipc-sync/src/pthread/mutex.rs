//! Mutexes and the data they guard.

#![expect(unsafe_code, reason = "hands out what a lock guards")]

use std::cell::UnsafeCell;
use std::fmt;
use std::marker::PhantomData;
use std::mem::offset_of;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::time::{Duration, Instant};

use ipc_core::{Errno, Error, Result};
use ipc_mem::{Field, Kind, Memory, Placed, Plain, Resident, Schema};

use crate::LockError;
use crate::pthread::{DataHeld, MutexKind, MutexOptions, RawMutex, RawMutexGuard};
use crate::sys;

/// Data that one thread uses at a time, of whichever process: C's `pthread_mutex_t`, and a `T` behind it.
///
/// A panic while it is held gives it back like any other end of the guard: there is no poisoning. C's mutex has no
/// room for it, and the C program on the other side would not look. The death of a whole process is
/// another thing, and is reported: see [`LockError::OwnerDied`]. A thread that leaks a guard and ends before its
/// process does [ends the process](crate::pthread#leaked-guards).
///
/// # Examples
///
/// ```
/// use ipc_mem::LocalMemory;
/// use ipc_sync::LockError;
/// use ipc_sync::pthread::Mutex;
///
/// let hits = Mutex::create_in(LocalMemory::new(128)?, [0u64; 2])?;
/// *hits.lock_or_repair(|_| ())? = [1, 1];
///
/// match hits.lock() {
///     Ok(hits) => assert_eq!(*hits, [1, 1]),
///     Err(LockError::OwnerDied(mut hits)) => {
///         hits[1] = hits[0];
///         hits.mark_consistent()?;
///     }
///     Err(LockError::NotRecoverable) => panic!("somebody gave up on it"),
///     Err(LockError::Failed(err)) => return Err(err),
/// }
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_mutex_lock.html>
#[doc(alias = "pthread_mutex_t")]
#[repr(C)]
pub struct Mutex<T> {
    raw: RawMutex,
    data: UnsafeCell<T>,
}

/// The data of a [`Mutex`] that this thread holds, and gives back when dropped.
#[must_use = "the lock is given back when the guard is dropped"]
pub struct MutexGuard<'a, T: ?Sized> {
    /// Not a reference: it would outlast the lock while the guard is being dropped.
    data: NonNull<T>,
    raw: RawMutexGuard<'a>,
    held: DataHeld,
    _data: PhantomData<&'a mut T>,
}

/// What locking a [`Mutex`] of a `T` comes to.
pub type LockResult<'a, T, G = MutexGuard<'a, T>> = Result<G, LockError<MutexGuard<'a, T>>>;

impl<T: Plain> Mutex<T> {
    /// Makes one with this data at the beginning of a fresh memory, the careful way of [`MutexOptions`].
    ///
    /// # Errors
    ///
    /// As [`RawMutex::create_in`].
    #[doc(alias = "pthread_mutex_init")]
    pub fn create_in<M: Memory>(memory: M, data: T) -> Result<Placed<Self, M>> {
        Self::create_with(memory, data, MutexOptions::new())
    }

    /// As [`create_in`](Self::create_in), with a say in how it is made.
    ///
    /// # Errors
    ///
    /// As [`RawMutex::create_in`]; `is_invalid_argument` if it is to be recursive.
    pub fn create_with<M: Memory>(memory: M, data: T, options: MutexOptions) -> Result<Placed<Self, M>> {
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
    /// As [`RawMutex::open_in`], and it is not recursive.
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
    /// As [`RawMutex::init_with`].
    pub unsafe fn init_with(place: NonNull<Self>, data: T, options: MutexOptions) -> Result<()> {
        if options.kind == MutexKind::Recursive {
            return Err(Error::invalid("pthread_mutex_init", "", "data behind a recursive lock is a `RecursiveMutex`"));
        }
        // SAFETY: the caller gives us the place; the lock is the first of it (`repr(C)`).
        unsafe { RawMutex::init_with(place.cast(), options) }?;
        // SAFETY: the caller gives us the place.
        let cell = unsafe { &raw mut (*place.as_ptr()).data };
        // SAFETY: within the place, aligned as `T` is.
        unsafe { cell.write(UnsafeCell::new(data)) };
        Ok(())
    }

    /// Locks it, and waits as long as another thread holds it.
    ///
    /// # Errors
    ///
    /// [`OwnerDied`](LockError::OwnerDied) and [`NotRecoverable`](LockError::NotRecoverable) of a robust mutex;
    /// `is_deadlock` if this thread holds it and it is error-checking.
    #[doc(alias = "pthread_mutex_lock")]
    #[inline]
    pub fn lock(&self) -> LockResult<'_, T> {
        match self.raw.lock() {
            Ok(raw) => Ok(self.locked(raw)),
            Err(err) => Err(self.not_simply_locked(err)),
        }
    }

    /// Locks it, and calls `repair` first if the last owner died holding it.
    ///
    /// `repair` gets data that may be half-written. If it panics, nobody gets the lock any more.
    ///
    /// # Errors
    ///
    /// `is_deadlock` if this thread holds it and it is error-checking; `is_not_recoverable` if an owner died
    /// and who got the lock then did not repair the data.
    #[doc(alias = "pthread_mutex_consistent")]
    #[inline]
    pub fn lock_or_repair(&self, repair: impl FnOnce(&mut T)) -> Result<MutexGuard<'_, T>> {
        self.lock().or_else(|err| repaired(err, repair))
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
    pub fn try_lock(&self) -> LockResult<'_, T, Option<MutexGuard<'_, T>>> {
        match self.raw.try_lock() {
            Ok(raw) => Ok(raw.map(|raw| self.locked(raw))),
            Err(err) => Err(self.not_simply_locked(err)),
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
    pub fn lock_timeout(&self, timeout: Duration) -> LockResult<'_, T, Option<MutexGuard<'_, T>>> {
        match self.raw.lock_timeout(timeout) {
            Ok(raw) => Ok(raw.map(|raw| self.locked(raw))),
            Err(err) => Err(self.not_simply_locked(err)),
        }
    }

    /// Locks it if it becomes free before that moment, or is free when the moment is past.
    ///
    /// # Errors
    ///
    /// As [`lock`](Self::lock); that it took too long is `Ok(None)`.
    #[doc(alias = "pthread_mutex_timedlock")]
    #[doc(alias = "pthread_mutex_clocklock")]
    #[inline]
    pub fn lock_deadline(&self, deadline: Instant) -> LockResult<'_, T, Option<MutexGuard<'_, T>>> {
        match self.raw.lock_deadline(deadline) {
            Ok(raw) => Ok(raw.map(|raw| self.locked(raw))),
            Err(err) => Err(self.not_simply_locked(err)),
        }
    }

    /// The lock alone.
    #[must_use]
    pub fn as_raw(&self) -> &RawMutex {
        &self.raw
    }

    #[inline]
    fn locked<'a>(&'a self, raw: RawMutexGuard<'a>) -> MutexGuard<'a, T> {
        MutexGuard { data: NonNull::from(&self.data).cast(), raw, held: DataHeld::new(), _data: PhantomData }
    }

    #[cold]
    fn not_simply_locked<'a>(&'a self, err: LockError<RawMutexGuard<'a>>) -> LockError<MutexGuard<'a, T>> {
        err.map(|raw| self.locked(raw))
    }
}

#[cold]
fn repaired<T: ?Sized>(err: LockError<MutexGuard<'_, T>>, repair: impl FnOnce(&mut T)) -> Result<MutexGuard<'_, T>> {
    match err {
        LockError::OwnerDied(mut guard) => {
            repair(&mut guard);
            guard.mark_consistent()?;
            Ok(guard)
        }
        LockError::NotRecoverable => Err(Error::os("pthread_mutex_lock", "", Errno::ENOTRECOVERABLE)),
        LockError::Failed(err) => Err(err),
    }
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// Says that the data of a mutex whose owner died is whole again, so that the mutex goes on as before.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if no owner of it died.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_mutex_consistent.html>
    #[doc(alias = "pthread_mutex_consistent")]
    pub fn mark_consistent(&mut self) -> Result<()> {
        self.raw.mark_consistent()
    }

    /// Holds the lock for a part of the data.
    ///
    /// What `part` has found out about the data is true as long as the lock is held: a [`Condvar`](crate::pthread::Condvar),
    /// which gives it back for a while, is waited for only with a part that is [`Plain`].
    ///
    /// ```
    /// use ipc_mem::LocalMemory;
    /// use ipc_sync::pthread::{Mutex, MutexGuard};
    ///
    /// let counts = Mutex::create_in(LocalMemory::new(128)?, [1u32, 2, 3])?;
    /// let mut last = MutexGuard::map(counts.lock().unwrap(), |counts| &mut counts[2]);
    /// *last += 1;
    /// drop(last);
    /// assert_eq!(*counts.lock().unwrap(), [1, 2, 4]);
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    pub fn map<U: ?Sized>(mut this: Self, part: impl FnOnce(&mut T) -> &mut U) -> MutexGuard<'a, U> {
        let data = NonNull::from(part(&mut this));
        MutexGuard { data, raw: this.raw, held: this.held, _data: PhantomData }
    }

    /// The lock alone, of which this thread holds the data no more.
    pub(crate) fn into_raw(self) -> RawMutexGuard<'a> {
        self.raw
    }

    pub(crate) fn sys(&self) -> &'a sys::mutex::Mutex {
        self.raw.sys()
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the data, or a part of it, of a mutex which `raw` says that this thread holds; it
        // is not recursive (`init_with`, `open_in`), so this is the only guard. Nobody else gets it while this process
        // lives, unless `raw` gives it back: this thread does not end before (`held`).
        unsafe { self.data.as_ref() }
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as for `deref`.
        unsafe { self.data.as_mut() }
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mutex").finish_non_exhaustive()
    }
}

// SAFETY: `&MutexGuard` gives out `&T`, which may be shared.
unsafe impl<T: ?Sized + Sync> Sync for MutexGuard<'_, T> {}

// SAFETY: the data is reached by the one thread that holds the lock, and may be (`Plain: Send`).
unsafe impl<T: Plain> Sync for Mutex<T> {}

// SAFETY: fixed layout; a `RawMutex` is a resident, the `T` behind it is reached by who holds it only,
// and any bytes that another process leaves there are a value (`Plain`), zeros as well.
unsafe impl<T: Plain> Resident for Mutex<T> {
    const SCHEMA: &'static Schema = const {
        &Schema::with_fields::<Self>(
            Kind::MUTEX,
            &[
                Field { name: "lock", offset: 0, schema: RawMutex::SCHEMA },
                Field { name: "data", offset: offset_of!(Self, data), schema: T::SCHEMA },
            ],
        )
    };

    unsafe fn init(place: NonNull<Self>) -> Result<()> {
        // SAFETY: as the caller vouches; the lock is the first of it (`repr(C)`).
        unsafe { RawMutex::init(place.cast()) }
    }

    unsafe fn destroy(place: NonNull<Self>) {
        // SAFETY: as the caller vouches; the lock is the first of it (`repr(C)`).
        unsafe { RawMutex::destroy(place.cast()) }
    }

    fn may_unmap(&self) -> bool {
        self.raw.may_unmap()
    }
}
