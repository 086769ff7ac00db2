//! Waiting for a change of the data that a read/write lock guards.

#![expect(unsafe_code, reason = "acquires a lock for a guard that was given up")]

use std::ops::Deref;
use std::ptr::NonNull;
use std::time::{Duration, Instant};

use ipc_core::Deadline;
use ipc_mem::Plain;

use super::condvar::FutexCondvar;
use super::rwlock::{FutexRwLock, RwLockReadGuard, RwLockWriteGuard};
use crate::LockError;
use crate::lock::{self, Acquired, Attempt, BareRwLockGuard, RawRwLock};

/// A guard with which a thread can wait on a [`Condvar`](super::Condvar): [`RwLockReadGuard`] or
/// [`RwLockWriteGuard`].
pub trait RwLockGuard<'a>: guard::Guard<'a> + Deref<Target = Self::Data> {}

impl<'a, T: Plain> RwLockGuard<'a> for RwLockReadGuard<'a, T> {}

impl<'a, T: Plain> RwLockGuard<'a> for RwLockWriteGuard<'a, T> {}

/// Sealed: the guard is released and acquired here.
mod guard {
    use super::*;

    pub trait Guard<'a>: Sized {
        type Data: Plain;

        fn parts(&self) -> (NonNull<Self::Data>, &'a FutexRwLock);

        fn acquire(raw: &FutexRwLock) -> Attempt;

        /// # Safety
        ///
        /// This thread has acquired the lock, which is that of the data, by `acquire`.
        unsafe fn of(data: NonNull<Self::Data>, raw: &'a FutexRwLock) -> Self;
    }
}

impl<'a, T: Plain> guard::Guard<'a> for RwLockReadGuard<'a, T> {
    type Data = T;

    fn parts(&self) -> (NonNull<T>, &'a FutexRwLock) {
        (self.data(), self.raw())
    }

    fn acquire(raw: &FutexRwLock) -> Attempt {
        raw.read()
    }

    unsafe fn of(data: NonNull<T>, raw: &'a FutexRwLock) -> Self {
        // SAFETY: the caller guarantees that this thread reads, by the lock of the data.
        unsafe { Self::new(data, BareRwLockGuard::of(raw)) }
    }
}

impl<'a, T: Plain> guard::Guard<'a> for RwLockWriteGuard<'a, T> {
    type Data = T;

    fn parts(&self) -> (NonNull<T>, &'a FutexRwLock) {
        (self.data(), self.raw())
    }

    fn acquire(raw: &FutexRwLock) -> Attempt {
        raw.write()
    }

    unsafe fn of(data: NonNull<T>, raw: &'a FutexRwLock) -> Self {
        // SAFETY: the caller guarantees that this thread writes, by the lock of the data.
        unsafe { Self::new(data, BareRwLockGuard::of(raw)) }
    }
}

/// The result of a wait: the guard, and `false` if the time was over.
type Waited<G> = Result<(G, bool), LockError<G>>;

/// Waiting with the guard of an [`RwLock`](super::RwLock). Readers and writers can wait on one
/// condition variable at the same time.
///
/// ```
/// use ipc_mem::{Carver, LocalMemory};
/// use ipc_sync::futex::{Condvar, RwLock};
///
/// let mut carver = Carver::new(LocalMemory::new(8192)?)?;
/// let limit = RwLock::create_in(carver.carve(4096, 64)?, 0u32)?;
/// let changed = Condvar::create_in(carver.carve(64, 8)?)?;
///
/// std::thread::scope(|scope| {
///     scope.spawn(|| {
///         *limit.write().unwrap() = 7;
///         changed.notify_all().unwrap();
///     });
///     let seen = changed.wait_rwlock_while(limit.read().unwrap(), |limit| *limit == 0).unwrap();
///     assert_eq!(*seen, 7);
/// });
/// # Ok::<(), ipc_core::Error>(())
/// ```
impl lock::Condvar<FutexCondvar> {
    /// Releases the lock, waits for a notification, and acquires the lock again: for reading if
    /// `guard` is a read guard, and for writing if it is a write guard.
    ///
    /// # Errors
    ///
    /// The errors of [`RwLock::read`](lock::RwLock::read), because a writer may die during the
    /// wait. If this guard came from `OwnerDied` and was not marked as repaired, the wait releases
    /// the lock unrepaired, so the error is [`NotRecoverable`](LockError::NotRecoverable): call
    /// `mark_consistent` before the wait.
    pub fn wait_rwlock<'a, G: RwLockGuard<'a>>(&self, guard: G) -> Result<G, LockError<G>> {
        self.wait_rwlock_until(guard, Deadline::NEVER).map(|(guard, _)| guard)
    }

    /// Waits as [`wait_rwlock`](Self::wait_rwlock) does, again and again while `condition` returns
    /// `true`.
    ///
    /// # Errors
    ///
    /// The errors of [`wait_rwlock`](Self::wait_rwlock).
    pub fn wait_rwlock_while<'a, G: RwLockGuard<'a>>(
        &self,
        guard: G,
        condition: impl FnMut(&G::Data) -> bool,
    ) -> Result<G, LockError<G>> {
        self.wait_rwlock_while_until(guard, Deadline::NEVER, condition).map(|(guard, _)| guard)
    }

    /// Waits as [`wait_rwlock_while`](Self::wait_rwlock_while) does, for at most `timeout`. The
    /// `bool` is `false` if `condition` still returns `true` then.
    ///
    /// # Errors
    ///
    /// The errors of [`wait_rwlock`](Self::wait_rwlock).
    pub fn wait_rwlock_timeout_while<'a, G: RwLockGuard<'a>>(
        &self,
        guard: G,
        timeout: Duration,
        condition: impl FnMut(&G::Data) -> bool,
    ) -> Result<(G, bool), LockError<G>> {
        self.wait_rwlock_while_until(guard, Deadline::after(timeout), condition)
    }

    /// Waits as [`wait_rwlock_while`](Self::wait_rwlock_while) does, until `deadline` at the
    /// latest. The `bool` is `false` if `condition` still returns `true` then.
    ///
    /// # Errors
    ///
    /// The errors of [`wait_rwlock`](Self::wait_rwlock).
    pub fn wait_rwlock_deadline_while<'a, G: RwLockGuard<'a>>(
        &self,
        guard: G,
        deadline: Instant,
        condition: impl FnMut(&G::Data) -> bool,
    ) -> Result<(G, bool), LockError<G>> {
        self.wait_rwlock_while_until(guard, Deadline::at(deadline), condition)
    }

    fn wait_rwlock_while_until<'a, G: RwLockGuard<'a>>(
        &self,
        mut guard: G,
        deadline: Deadline,
        mut condition: impl FnMut(&G::Data) -> bool,
    ) -> Waited<G> {
        let mut in_time = true;
        while condition(&guard) {
            if !in_time {
                return Ok((guard, false));
            }
            (guard, in_time) = self.wait_rwlock_until(guard, deadline)?;
        }
        Ok((guard, true))
    }

    fn wait_rwlock_until<'a, G: RwLockGuard<'a>>(&self, guard: G, deadline: Deadline) -> Waited<G> {
        let (data, raw) = guard.parts();
        let in_time = self.as_raw().wait_after(|| drop(guard), deadline);
        loop {
            let acquired = G::acquire(raw)?;
            // SAFETY: this thread has acquired the lock as it was before, if `guard` is called; the
            // data is that of the guard that was dropped, which this lock guarded.
            let guard = || unsafe { G::of(data, raw) };
            match acquired {
                Acquired::Locked => return Ok((guard(), in_time)),
                Acquired::OwnerDied => return Err(LockError::OwnerDied(guard())),
                Acquired::NotRecoverable => return Err(LockError::NotRecoverable),
                Acquired::No => {}
            }
        }
    }
}
