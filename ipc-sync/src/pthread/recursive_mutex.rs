//! Mutexes that their owner can lock again while it holds them.

#![expect(unsafe_code, reason = "hands out what a lock guards")]

use std::cell::{Cell, UnsafeCell};
use std::fmt;
use std::mem::offset_of;
use std::ops::Deref;
use std::ptr::NonNull;
use std::time::{Duration, Instant};

use ipc_core::{Refusal, Result};
use ipc_mem::memory::at_offset;
use ipc_mem::{Field, Fresh, Kind, Memory, Placed, Plain, ReadWrite, Resident, Schema};

use crate::pthread::{MutexKind, MutexOptions, RawMutex, RawMutexGuard};
use crate::{Initial, LockError};

/// Data that a recursive `pthread_mutex_t` guards: the thread that holds the lock can lock it
/// again.
///
/// The owner can have several guards at the same time. So a guard gives access through a [`Cell`]
/// and not through a `&mut T`.
///
/// # Examples
///
/// ```
/// use ipc_mem::LocalMemory;
/// use ipc_sync::pthread::RecursiveMutex;
///
/// let depth = RecursiveMutex::create_in(LocalMemory::new(128)?, 0u32)?;
/// let outer = depth.lock().unwrap();
/// outer.set(outer.get() + 1);
/// let inner = depth.lock().unwrap();
/// inner.set(inner.get() + 1);
/// assert_eq!(outer.get(), 2);
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_mutex_lock.html>
#[doc(alias = "PTHREAD_MUTEX_RECURSIVE")]
#[repr(C)]
pub struct RecursiveMutex<T> {
    raw: RawMutex,
    data: UnsafeCell<T>,
}

/// Access to the data of a [`RecursiveMutex`] while this thread holds it. The lock is released when
/// the last guard is dropped.
#[must_use = "the lock is released when the guard is dropped"]
pub struct RecursiveMutexGuard<'a, T> {
    data: &'a UnsafeCell<T>,
    raw: RawMutexGuard<'a>,
}

/// The result of locking a [`RecursiveMutex`].
pub type RecursiveLockResult<'a, T, G = RecursiveMutexGuard<'a, T>> =
    Result<G, LockError<RecursiveMutexGuard<'a, T>>>;

impl<T: Plain> RecursiveMutex<T> {
    /// Creates a mutex with this data and the default [`MutexOptions`] at the beginning of fresh
    /// memory.
    ///
    /// # Errors
    ///
    /// The errors of [`RawMutex::create_in`].
    #[doc(alias = "pthread_mutex_init")]
    pub fn create_in<M: Memory<Access = ReadWrite>>(
        memory: Fresh<M>,
        data: T,
    ) -> Result<Placed<Self, M>> {
        Self::create_in_with(memory, data, MutexOptions::new())
    }

    /// Creates a mutex with this data and these options at the beginning of memory that has just
    /// been created ([`Fresh`](ipc_mem::Fresh)). Its kind is always recursive.
    ///
    /// # Errors
    ///
    /// The errors of [`RawMutex::create_in`].
    pub fn create_in_with<M: Memory<Access = ReadWrite>>(
        memory: Fresh<M>,
        data: T,
        options: MutexOptions,
    ) -> Result<Placed<Self, M>> {
        Placed::create_in_with(memory, Initial::with(data, options))
    }

    /// Opens the mutex at the beginning of a memory object. Dropping the handle never destroys it.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the memory is too small, not aligned or read-only.
    ///
    /// # Safety
    ///
    /// The contract of [`RawMutex::open_in`].
    pub unsafe fn open_in<M: Memory<Access = ReadWrite>>(memory: M) -> Result<Placed<Self, M>> {
        // SAFETY: the caller guarantees what `Placed::open_in` requires.
        unsafe { Placed::open_in(memory) }
    }

    /// Acquires the lock. Waits while another thread holds it. If this thread holds it, acquires it
    /// once more.
    ///
    /// # Errors
    ///
    /// [`OwnerDied`](LockError::OwnerDied) and [`NotRecoverable`](LockError::NotRecoverable) if the
    /// mutex is robust; `EAGAIN` if this thread has locked it the maximum number of times.
    #[doc(alias = "pthread_mutex_lock")]
    #[inline]
    pub fn lock(&self) -> RecursiveLockResult<'_, T> {
        self.raw.lock().map(|raw| self.locked(raw)).map_err(|err| err.map(|raw| self.locked(raw)))
    }

    /// Acquires the lock if no other thread holds it, and returns `None` otherwise.
    ///
    /// # Errors
    ///
    /// The errors of [`lock`](Self::lock).
    #[doc(alias = "pthread_mutex_trylock")]
    #[inline]
    pub fn try_lock(&self) -> RecursiveLockResult<'_, T, Option<RecursiveMutexGuard<'_, T>>> {
        self.perhaps_locked(self.raw.try_lock())
    }

    /// Acquires the lock, and returns `None` if that is not possible within `timeout`.
    ///
    /// # Errors
    ///
    /// The errors of [`lock`](Self::lock).
    #[doc(alias = "pthread_mutex_timedlock")]
    #[inline]
    pub fn lock_timeout(
        &self,
        timeout: Duration,
    ) -> RecursiveLockResult<'_, T, Option<RecursiveMutexGuard<'_, T>>> {
        self.perhaps_locked(self.raw.lock_timeout(timeout))
    }

    /// Acquires the lock, and returns `None` if that is not possible before `deadline`.
    ///
    /// # Errors
    ///
    /// The errors of [`lock`](Self::lock).
    #[doc(alias = "pthread_mutex_timedlock")]
    #[inline]
    pub fn lock_deadline(
        &self,
        deadline: Instant,
    ) -> RecursiveLockResult<'_, T, Option<RecursiveMutexGuard<'_, T>>> {
        self.perhaps_locked(self.raw.lock_deadline(deadline))
    }

    #[inline]
    fn locked<'a>(&'a self, raw: RawMutexGuard<'a>) -> RecursiveMutexGuard<'a, T> {
        RecursiveMutexGuard { data: &self.data, raw }
    }

    #[inline]
    fn perhaps_locked<'a>(
        &'a self,
        locked: Result<Option<RawMutexGuard<'a>>, LockError<RawMutexGuard<'a>>>,
    ) -> RecursiveLockResult<'a, T, Option<RecursiveMutexGuard<'a, T>>> {
        match locked {
            Ok(raw) => Ok(raw.map(|raw| self.locked(raw))),
            Err(err) => Err(err.map(|raw| self.locked(raw))),
        }
    }
}

impl<T> RecursiveMutexGuard<'_, T> {
    /// After an owner died: marks the data as repaired, so that the mutex works as before.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if no owner of the mutex died.
    #[doc(alias = "pthread_mutex_consistent")]
    pub fn mark_consistent(&mut self) -> Result<()> {
        self.raw.mark_consistent()
    }
}

impl<T> Deref for RecursiveMutexGuard<'_, T> {
    type Target = Cell<T>;

    #[inline]
    fn deref(&self) -> &Cell<T> {
        // SAFETY: a `Cell` is an `UnsafeCell`; this thread holds the lock (`raw`), and no guard
        // leaves it (`!Send`, and `!Sync` by what `raw` holds), so that all who reach the cell are
        // one thread.
        unsafe { &*(&raw const *self.data).cast() }
    }
}

impl<T: Copy + fmt::Debug> fmt::Debug for RecursiveMutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

impl<T> fmt::Debug for RecursiveMutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecursiveMutex").finish_non_exhaustive()
    }
}

// SAFETY: the data is reached by the one thread that holds the lock, and may be (`Plain: Send`).
unsafe impl<T: Plain> Sync for RecursiveMutex<T> {}

// SAFETY: fixed layout; a `RawMutex` is a resident, the `T` behind it is reached only by a thread
// that holds it, and any bytes that another process leaves there are a value (`Plain`), zeros as
// well.
unsafe impl<T: Plain> Resident for RecursiveMutex<T> {
    /// The lock field has another name than in a `Mutex`, so that neither is opened as the other.
    const SCHEMA: &'static Schema = const {
        &Schema::with_fields::<Self>(
            Kind::MUTEX,
            &[
                Field { name: "recursive lock", offset: 0, schema: RawMutex::SCHEMA },
                Field { name: "data", offset: offset_of!(Self, data), schema: T::SCHEMA },
            ],
        )
    };

    type Options = Initial<T, MutexOptions>;

    fn check_sharing(initial: &Self::Options) -> Result<(), Refusal> {
        RawMutex::check_sharing(&initial.options)
    }

    unsafe fn init(place: NonNull<Self>, initial: Initial<T, MutexOptions>) -> Result<()> {
        // SAFETY: the caller gives the place to us (contract of `init`); the lock is the first of
        // it (`repr(C)`).
        unsafe { RawMutex::init(place.cast(), initial.options.kind(MutexKind::Recursive)) }?;
        let data = at_offset(place, offset_of!(Self, data)).cast();
        // SAFETY: within the place, which the caller gives to us (contract of `init`), at the offset
        // of a `T`.
        unsafe { Initial::<T, MutexOptions>::write(initial.data, data) };
        Ok(())
    }

    unsafe fn destroy(place: NonNull<Self>) {
        // SAFETY: the caller guarantees what `destroy` requires; the lock is the first of it
        // (`repr(C)`).
        unsafe { RawMutex::destroy(place.cast()) }
    }

    fn may_unmap(&self) -> bool {
        self.raw.may_unmap()
    }
}
