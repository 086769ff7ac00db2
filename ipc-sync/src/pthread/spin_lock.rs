//! Locks that are waited for without sleeping.

#![expect(unsafe_code, reason = "hands out what a lock guards")]

use std::cell::UnsafeCell;
use std::fmt;
use std::marker::PhantomData;
use std::mem::offset_of;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use ipc_core::Result;
use ipc_mem::{Field, Kind, Memory, Placed, Plain, Resident, Schema};

use crate::pthread::{RawSpinLock, RawSpinLockGuard, Sharing};

/// Data that one thread uses at a time, for which the others wait without sleeping: C's `pthread_spinlock_t`,
/// and a `T` behind it.
///
/// For moments so short that sleeping would take longer, between threads that have a processor each. If its owner is
/// killed, whoever waits for it waits for ever: a [`Mutex`](crate::pthread::Mutex) is the better choice nearly always.
///
/// # Examples
///
/// ```
/// use ipc_mem::LocalMemory;
/// use ipc_sync::pthread::SpinLock;
///
/// let hits = SpinLock::create_in(LocalMemory::new(64)?, 0u64)?;
/// *hits.lock()? += 1;
/// let held = hits.lock()?;
/// assert!(hits.try_lock()?.is_none());
/// assert_eq!(*held, 1);
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_spin_lock.html>
#[doc(alias = "pthread_spinlock_t")]
#[repr(C)]
pub struct SpinLock<T> {
    raw: RawSpinLock,
    data: UnsafeCell<T>,
}

/// The data of a [`SpinLock`] that this thread holds, and gives back when dropped.
#[must_use = "the lock is given back when the guard is dropped"]
pub struct SpinLockGuard<'a, T: ?Sized> {
    /// Not a reference: it would outlast the lock while the guard is being dropped.
    data: NonNull<T>,
    raw: RawSpinLockGuard<'a>,
    _data: PhantomData<&'a mut T>,
}

impl<T: Plain> SpinLock<T> {
    /// Makes one with this data, for several processes, at the beginning of a fresh memory.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` as [`Placed::create_in`].
    #[doc(alias = "pthread_spin_init")]
    pub fn create_in<M: Memory>(memory: M, data: T) -> Result<Placed<Self, M>> {
        Self::create_with(memory, data, Sharing::Processes)
    }

    /// As [`create_in`](Self::create_in), with a say in whose threads may use it.
    ///
    /// # Errors
    ///
    /// As [`create_in`](Self::create_in).
    pub fn create_with<M: Memory>(memory: M, data: T, sharing: Sharing) -> Result<Placed<Self, M>> {
        // SAFETY: called below, with a place that `Placed::create_with` gives for this.
        let init = |place| unsafe { Self::init_with(place, data, sharing) };
        // SAFETY: `init_with` does what `init` does, with other data and for other threads.
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
    /// As [`create_with`](Self::create_with).
    ///
    /// # Safety
    ///
    /// As [`RawSpinLock::init_with`].
    pub unsafe fn init_with(place: NonNull<Self>, data: T, sharing: Sharing) -> Result<()> {
        // SAFETY: the caller gives us the place; the lock is the first of it (`repr(C)`).
        unsafe { RawSpinLock::init_with(place.cast(), sharing) }?;
        // SAFETY: the caller gives us the place.
        let cell = unsafe { &raw mut (*place.as_ptr()).data };
        // SAFETY: within the place, aligned as `T` is.
        unsafe { cell.write(UnsafeCell::new(data)) };
        Ok(())
    }

    /// Locks it, and tries without a pause as long as another thread holds it. Its owner waits for itself for ever.
    ///
    /// # Errors
    ///
    /// What the system refuses; nothing that happens to an intact one.
    #[doc(alias = "pthread_spin_lock")]
    #[inline]
    pub fn lock(&self) -> Result<SpinLockGuard<'_, T>> {
        self.raw.lock().map(|raw| self.locked(raw))
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
    pub fn try_lock(&self) -> Result<Option<SpinLockGuard<'_, T>>> {
        Ok(self.raw.try_lock()?.map(|raw| self.locked(raw)))
    }

    #[inline]
    fn locked<'a>(&'a self, raw: RawSpinLockGuard<'a>) -> SpinLockGuard<'a, T> {
        SpinLockGuard { data: NonNull::from(&self.data).cast(), raw, _data: PhantomData }
    }
}

impl<'a, T: ?Sized> SpinLockGuard<'a, T> {
    /// Holds the lock for a part of the data.
    pub fn map<U: ?Sized>(mut this: Self, part: impl FnOnce(&mut T) -> &mut U) -> SpinLockGuard<'a, U> {
        SpinLockGuard { data: NonNull::from(part(&mut this)), raw: this.raw, _data: PhantomData }
    }
}

impl<T: ?Sized> Deref for SpinLockGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the data, or a part of it, of a lock which `raw` says that this thread holds: there is no other guard.
        unsafe { self.data.as_ref() }
    }
}

impl<T: ?Sized> DerefMut for SpinLockGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as for `deref`.
        unsafe { self.data.as_mut() }
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for SpinLockGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T> fmt::Debug for SpinLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpinLock").finish_non_exhaustive()
    }
}

// SAFETY: `&SpinLockGuard` gives out `&T`, which may be shared.
unsafe impl<T: ?Sized + Sync> Sync for SpinLockGuard<'_, T> {}

// SAFETY: the data is reached by the one thread that holds the lock, and may be (`Plain: Send`).
unsafe impl<T: Plain> Sync for SpinLock<T> {}

// SAFETY: fixed layout; a `RawSpinLock` is a resident, the `T` behind it is reached by who holds it only,
// and any bytes that another process leaves there are a value (`Plain`), zeros as well.
unsafe impl<T: Plain> Resident for SpinLock<T> {
    const SCHEMA: &'static Schema = const {
        &Schema::with_fields::<Self>(
            Kind::SPIN_LOCK,
            &[
                Field { name: "lock", offset: 0, schema: RawSpinLock::SCHEMA },
                Field { name: "data", offset: offset_of!(Self, data), schema: T::SCHEMA },
            ],
        )
    };

    unsafe fn init(place: NonNull<Self>) -> Result<()> {
        // SAFETY: as the caller vouches; the lock is the first of it (`repr(C)`).
        unsafe { RawSpinLock::init(place.cast()) }
    }

    unsafe fn destroy(place: NonNull<Self>) {
        // SAFETY: as the caller vouches; the lock is the first of it (`repr(C)`).
        unsafe { RawSpinLock::destroy(place.cast()) }
    }
}
