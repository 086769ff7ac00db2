//! Access to the data of a mutex that this thread holds.

#![expect(unsafe_code, reason = "hands out what a lock guards")]

use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use ipc_core::Result;

use crate::lock::{Owner, OwnerWord, RawLock, Unrepaired};

/// Access to the data of a [`Mutex`](crate::lock::Mutex) that this thread holds. Dropping it
/// releases the lock.
///
/// # Leaked guards
///
/// If a guard is leaked (`mem::forget`), the data stays locked even if the thread ends, because the
/// thread may have passed a reference to the data to another thread. When the process has ended,
/// the next caller gets [`OwnerDied`](crate::LockError::OwnerDied) if the mutex is robust or
/// native. Before that, other callers wait; but if the mutex is robust and the thread has ended,
/// callers in the same process get an error for which `is_deadlock` is true. This crate keeps the
/// memory of a robust mutex mapped as long as the thread lives, because the kernel knows the mutex
/// by its address.
#[must_use = "the lock is released when the guard is dropped"]
pub struct MutexGuard<'a, T: ?Sized, R: RawLock> {
    /// Not a reference: it would outlast the lock while the guard is being dropped.
    data: NonNull<T>,
    raw: &'a R,
    owner: &'a R::Owner,
    /// `NonNull` also binds it to the thread that locked.
    _data: PhantomData<&'a mut T>,
}

impl<'a, T: ?Sized, R: RawLock> MutexGuard<'a, T, R> {
    /// # Safety
    ///
    /// The calling thread holds the lock `raw`, which guards `data`, is not recursive, and is held
    /// for no other guard. The owner behind the data is this process. No other thread, of any
    /// process, uses the data.
    #[inline]
    pub(crate) unsafe fn new(data: NonNull<T>, raw: &'a R, owner: &'a R::Owner) -> Self {
        Self { data, raw, owner, _data: PhantomData }
    }

    /// After an owner died: marks the data as repaired, so that the mutex works as before.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if no owner of the mutex died.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_mutex_consistent.html>
    #[doc(alias = "pthread_mutex_consistent")]
    pub fn mark_consistent(&mut self) -> Result<()> {
        let marked = self.raw.mark_consistent();
        match self.owner.word().filter(|word| word.is_unrepaired_here()) {
            // The lock itself may have been marked by a caller that could not wait for the proof.
            Some(word) => {
                word.set_repaired();
                Ok(())
            }
            None => Ok(marked?),
        }
    }

    /// Converts the guard into a guard of a part of the data. The lock stays held.
    ///
    /// `part` may check the data, for example that bytes are UTF-8: no other thread changes the
    /// data while the lock is held. A [`Condvar`](crate::lock::Condvar) releases the lock during a
    /// wait, so it accepts a guard of a part only if the part is [`Plain`](ipc_mem::Plain).
    ///
    /// ```
    /// use ipc_mem::LocalMemory;
    /// use ipc_sync::pthread::{Mutex, MutexGuard};
    ///
    /// let counts = Mutex::create_in(LocalMemory::new(128)?, [1u32, 2, 3])?;
    /// let mut last = MutexGuard::map(counts.lock()?, |counts| &mut counts[2]);
    /// *last += 1;
    /// drop(last);
    /// assert_eq!(counts.get()?, [1, 2, 4]);
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    pub fn map<U: ?Sized>(
        mut this: Self,
        part: impl FnOnce(&mut T) -> &mut U,
    ) -> MutexGuard<'a, U, R> {
        let data = NonNull::from(part(&mut this));
        let (_, raw, owner) = this.into_parts();
        MutexGuard { data, raw, owner, _data: PhantomData }
    }

    /// Converts the guard into a guard of a part of the data, if `part` returns one. The lock stays
    /// held.
    ///
    /// ```
    /// use ipc_mem::LocalMemory;
    /// use ipc_sync::pthread::{Mutex, MutexGuard};
    ///
    /// let counts = Mutex::create_in(LocalMemory::new(128)?, [1u32, 2, 3])?;
    /// let fourth = MutexGuard::filter_map(counts.lock()?, |counts| counts.get_mut(3));
    /// assert_eq!(*fourth.unwrap_err(), [1, 2, 3]);
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The guard itself, if `part` returns `None`.
    pub fn filter_map<U: ?Sized>(
        mut this: Self,
        part: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<MutexGuard<'a, U, R>, Self> {
        match part(&mut this).map(NonNull::from) {
            Some(data) => {
                let (_, raw, owner) = this.into_parts();
                Ok(MutexGuard { data, raw, owner, _data: PhantomData })
            }
            None => Err(this),
        }
    }

    /// The parts of a guard that is not dropped: this thread still holds the lock.
    pub(crate) fn into_parts(self) -> (NonNull<T>, &'a R, &'a R::Owner) {
        let this = ManuallyDrop::new(self);
        (this.data, this.raw, this.owner)
    }
}

impl<T: ?Sized, R: RawLock> Unrepaired for MutexGuard<'_, T, R> {
    fn give_back(self) {
        let (_, raw, owner) = self.into_parts();
        if let Some(word) = owner.word() {
            word.leave_unrepaired();
            // Fails if an earlier caller has marked it.
            let _ = raw.mark_consistent();
        } else {
            raw.leave_unrepaired();
        }
        // SAFETY: this thread holds the lock, and its guard is gone.
        unsafe { raw.unlock() };
    }
}

impl<T: ?Sized, R: RawLock> Drop for MutexGuard<'_, T, R> {
    #[doc(alias = "pthread_mutex_unlock")]
    #[inline]
    fn drop(&mut self) {
        if self.owner.word().is_none_or(OwnerWord::leave) {
            // SAFETY: a guard is made for a thread that has acquired the lock, stays with it, and
            // is dropped once.
            unsafe { self.raw.unlock() };
        } else {
            give_up(self.raw, self.owner);
        }
    }
}

/// Drops the guard of unrepaired data, or the copy of a guard that a child of `fork` has.
#[cold]
pub(crate) fn give_up<R: RawLock>(raw: &R, owner: &R::Owner) {
    // Otherwise the lock is that of the parent process.
    let Some(word) = owner.word().filter(|word| word.is_unrepaired_here()) else { return };
    word.give_up();
    // SAFETY: this process has the data, so the guard is that of this thread, which holds the lock.
    unsafe { raw.unlock() };
}

impl<T: ?Sized, R: RawLock> Deref for MutexGuard<'_, T, R> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the data of a lock that this thread holds for this guard alone (contract of
        // `new`), or a part of it. No other thread gets it before the guard is dropped: if this
        // thread ends before, the owner behind the data is this process, whose death others wait
        // for.
        unsafe { self.data.as_ref() }
    }
}

impl<T: ?Sized, R: RawLock> DerefMut for MutexGuard<'_, T, R> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the data of a lock that this thread holds for this guard alone, as for `deref`;
        // the guard is borrowed mutably.
        unsafe { self.data.as_mut() }
    }
}

impl<T: ?Sized + fmt::Debug, R: RawLock> fmt::Debug for MutexGuard<'_, T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

// SAFETY: `&MutexGuard` gives out `&T`, which may be shared.
unsafe impl<T: ?Sized + Sync, R: RawLock> Sync for MutexGuard<'_, T, R> {}
