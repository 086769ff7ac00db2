//! Readers that may become writers, and writers that become readers.

#![expect(unsafe_code, reason = "hands out what a lock guards")]

use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::{self, NonNull};
use std::time::{Duration, Instant};

use ipc_core::Deadline;
use ipc_core::owner::{PROCESS, here};
use ipc_mem::Plain;

use super::mutex::attempt;
use super::owned_lock::{Outcome, SHARED, Wake};
use super::rwlock::{FutexRwLock, RwLockReadGuard, RwLockWriteGuard};
use crate::LockError;
use crate::lock::{self, Acquired, BareRwLockGuard};

/// The data of a [`RwLock`](super::RwLock) that this thread reads beside other readers, and may
/// write as the only one.
///
/// ```
/// use ipc_mem::LocalMemory;
/// use ipc_sync::futex::RwLock;
///
/// let limits = RwLock::create_in(LocalMemory::new(4096)?, [0u64, 1])?;
/// let seen = limits.upgradable_read()?;
/// assert!(limits.try_read()?.is_some() && limits.try_upgradable_read()?.is_none());
/// if seen[0] == 0 {
///     let mut limits = seen.upgrade().expect("no child was forked");
///     limits[0] = 7;
/// }
/// assert_eq!(limits.get()?, [7, 1]);
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[must_use = "the lock is released when the guard is dropped"]
pub struct RwLockUpgradableGuard<'a, T> {
    /// Not a reference: it would outlast the lock while the guard is being dropped.
    data: NonNull<T>,
    raw: &'a FutexRwLock,
    _data: PhantomData<&'a T>,
}

/// The result of reading upgradably: if an owner died, the guard of a writer.
type Locked<'a, T, G> = Result<G, LockError<RwLockWriteGuard<'a, T>>>;

/// The word of a process that reads and may become a writer.
fn held() -> u64 {
    here() | SHARED
}

impl<T: Plain> lock::RwLock<T, FutexRwLock> {
    /// Acquires the lock to read, with the right to become a writer: one thread at a time has it.
    /// It waits for as long as another thread has it or writes.
    ///
    /// # Errors
    ///
    /// [`OwnerDied`](LockError::OwnerDied) with the guard of a writer, if one died;
    /// [`NotRecoverable`](LockError::NotRecoverable).
    pub fn upgradable_read(&self) -> Locked<'_, T, RwLockUpgradableGuard<'_, T>> {
        loop {
            if let Some(guard) = self.upgradable_read_until(|| Deadline::NEVER)? {
                return Ok(guard);
            }
        }
    }

    /// Acquires the lock to read, with the right to become a writer; returns `None` if another
    /// thread has it or writes.
    ///
    /// # Errors
    ///
    /// The errors of [`upgradable_read`](Self::upgradable_read).
    pub fn try_upgradable_read(&self) -> Locked<'_, T, Option<RwLockUpgradableGuard<'_, T>>> {
        let (_, raw) = self.parts();
        let outcome = if raw.lock.try_acquire(held()) {
            Outcome::Locked
        } else {
            raw.lock.try_acquire_again(held())
        };
        self.upgradable(outcome, || Deadline::after(Duration::ZERO))
    }

    /// Acquires the lock to read, with the right to become a writer; returns `None` if that is not
    /// possible within `timeout`.
    ///
    /// # Errors
    ///
    /// The errors of [`upgradable_read`](Self::upgradable_read).
    pub fn upgradable_read_timeout(
        &self,
        timeout: Duration,
    ) -> Locked<'_, T, Option<RwLockUpgradableGuard<'_, T>>> {
        self.upgradable_read_until(|| Deadline::after(timeout))
    }

    /// Acquires the lock to read, with the right to become a writer; returns `None` if that is not
    /// possible before `deadline`.
    ///
    /// # Errors
    ///
    /// The errors of [`upgradable_read`](Self::upgradable_read).
    pub fn upgradable_read_deadline(
        &self,
        deadline: Instant,
    ) -> Locked<'_, T, Option<RwLockUpgradableGuard<'_, T>>> {
        self.upgradable_read_until(|| Deadline::at(deadline))
    }

    fn upgradable_read_until(
        &self,
        deadline: impl Fn() -> Deadline,
    ) -> Locked<'_, T, Option<RwLockUpgradableGuard<'_, T>>> {
        let (_, raw) = self.parts();
        if raw.lock.try_acquire(held()) {
            return self.upgradable(Outcome::Locked, deadline);
        }
        let deadline = deadline();
        self.upgradable(raw.lock.acquire(held(), deadline, |_| false), || deadline)
    }

    fn upgradable(
        &self,
        outcome: Outcome,
        deadline: impl FnOnce() -> Deadline,
    ) -> Locked<'_, T, Option<RwLockUpgradableGuard<'_, T>>> {
        let (data, raw) = self.parts();
        match outcome {
            Outcome::Locked => Ok(Some(RwLockUpgradableGuard { data, raw, _data: PhantomData })),
            Outcome::OwnerDied => {
                // Whoever repairs the data writes it.
                raw.lock.change(held(), here());
                match attempt(raw.drained(Outcome::OwnerDied, deadline)) {
                    // SAFETY: this thread holds the lock alone, and no process reads (`drained`).
                    Ok(Acquired::OwnerDied) => Err(LockError::OwnerDied(unsafe {
                        RwLockWriteGuard::new(data, BareRwLockGuard::of(raw))
                    })),
                    _ => Ok(None),
                }
            }
            Outcome::NotRecoverable => Err(LockError::NotRecoverable),
            Outcome::Late | Outcome::Passed => Ok(None),
        }
    }
}

impl<'a, T: Plain> RwLockUpgradableGuard<'a, T> {
    /// Becomes a writer, and waits for as long as other threads read. New readers wait.
    ///
    /// # Errors
    ///
    /// The guard itself in a forked child, which has a copy of the guard but not the lock.
    pub fn upgrade(self) -> Result<RwLockWriteGuard<'a, T>, Self> {
        let mut this = self;
        while this.raw.lock.word() & PROCESS == here() {
            // The deadline never comes, so this returns a writer.
            match this.upgrade_until(Deadline::NEVER) {
                Ok(writer) => return Ok(writer),
                Err(reader) => this = reader,
            }
        }
        Err(this)
    }

    /// Becomes a writer if no other thread reads.
    ///
    /// # Errors
    ///
    /// The guard itself, if another thread reads.
    pub fn try_upgrade(self) -> Result<RwLockWriteGuard<'a, T>, Self> {
        self.upgrade_until(Deadline::after(Duration::ZERO))
    }

    /// Becomes a writer if the other readers have left within `timeout`.
    ///
    /// # Errors
    ///
    /// The guard itself, if other threads read for longer.
    pub fn upgrade_timeout(self, timeout: Duration) -> Result<RwLockWriteGuard<'a, T>, Self> {
        self.upgrade_until(Deadline::after(timeout))
    }

    /// Becomes a writer if the other readers have left before `deadline`.
    ///
    /// # Errors
    ///
    /// The guard itself, if other threads read for longer.
    pub fn upgrade_deadline(self, deadline: Instant) -> Result<RwLockWriteGuard<'a, T>, Self> {
        self.upgrade_until(Deadline::at(deadline))
    }

    fn upgrade_until(self, deadline: Deadline) -> Result<RwLockWriteGuard<'a, T>, Self> {
        let lock = &self.raw.lock;
        // A forked child has a copy of the guard, but not the lock.
        if !lock.change(held(), here()) {
            return Err(self);
        }
        if self.raw.drains(|| deadline) {
            let this = ManuallyDrop::new(self);
            // SAFETY: this thread holds the lock alone, and no process reads (`drains`); the other
            // guard is gone.
            return Ok(unsafe { RwLockWriteGuard::new(this.data, BareRwLockGuard::of(this.raw)) });
        }
        lock.change(here(), held());
        // Readers that came in the meantime.
        lock.wait_word().wake_all();
        Err(self)
    }

    /// Becomes an ordinary reader, so that another thread can read upgradably or wait to write.
    pub fn downgrade(self) -> RwLockReadGuard<'a, T> {
        let this = ManuallyDrop::new(self);
        while this.raw.become_reader(held(), Deadline::NEVER) != Outcome::Locked {}
        // SAFETY: this thread is counted as a reader (`become_reader`); the other guard is gone.
        unsafe { RwLockReadGuard::new(this.data, BareRwLockGuard::of(this.raw)) }
    }
}

impl<T> Deref for RwLockUpgradableGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the data of a lock that this thread holds beside readers: no thread writes.
        unsafe { self.data.as_ref() }
    }
}

impl<T> Drop for RwLockUpgradableGuard<'_, T> {
    fn drop(&mut self) {
        self.raw.lock.release(held(), Wake::All);
    }
}

impl<T: fmt::Debug> fmt::Debug for RwLockUpgradableGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

// SAFETY: `&RwLockUpgradableGuard` gives out `&T`, which may be shared.
unsafe impl<T: Sync> Sync for RwLockUpgradableGuard<'_, T> {}

/// Demotions of writers, which never wait.
impl<'a, T: Plain> lock::RwLockWriteGuard<'a, T, FutexRwLock> {
    /// Becomes a reader, with the right to become a writer again. Readers that wait are let in.
    ///
    /// The data has to be repaired before if an owner died: otherwise no reader is let in.
    pub fn downgrade_to_upgradable(this: Self) -> RwLockUpgradableGuard<'a, T> {
        let (data, raw) = this.into_parts();
        raw.stop_writing(here());
        raw.lock.change(here(), held());
        raw.lock.wait_word().wake_all();
        RwLockUpgradableGuard { data, raw, _data: PhantomData }
    }

    /// Becomes an ordinary reader. Readers that wait are let in.
    pub fn downgrade(this: Self) -> RwLockReadGuard<'a, T> {
        Self::downgrade_to_upgradable(this).downgrade()
    }
}

/// Promotions of ordinary readers, which are given up where they would have to wait: two readers
/// that wait for each other would do so for ever.
impl<T: Plain> lock::RwLock<T, FutexRwLock> {
    /// Makes a reader of this lock one that may become a writer, if no other thread is or waits to
    /// write.
    ///
    /// # Errors
    ///
    /// The guard itself otherwise.
    pub fn try_into_upgradable<'a>(
        &'a self,
        reader: RwLockReadGuard<'a, T>,
    ) -> Result<RwLockUpgradableGuard<'a, T>, RwLockReadGuard<'a, T>> {
        // The guard may be one of a part of the data, which it may not write, and of another lock.
        let (data, raw) = self.parts();
        if !ptr::eq(raw, reader.raw()) || !raw.lock.try_acquire(held()) {
            return Err(reader);
        }
        drop(reader);
        Ok(RwLockUpgradableGuard { data, raw, _data: PhantomData })
    }

    /// Makes a reader of this lock a writer, if no other thread reads or waits to write.
    ///
    /// # Errors
    ///
    /// The guard itself otherwise.
    pub fn try_upgrade<'a>(
        &'a self,
        reader: RwLockReadGuard<'a, T>,
    ) -> Result<RwLockWriteGuard<'a, T>, RwLockReadGuard<'a, T>> {
        self.try_into_upgradable(reader)?.try_upgrade().map_err(RwLockUpgradableGuard::downgrade)
    }
}
