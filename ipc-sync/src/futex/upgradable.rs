//! Readers that become writers, and writers that become readers.

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

/// Access to the data of a [`RwLock`](super::RwLock) while this thread reads it with the right to
/// become a writer. Other threads can read at the same time.
///
/// ```
/// use ipc_mem::LocalMemory;
/// use ipc_sync::futex::RwLock;
///
/// let limits = RwLock::create_in(LocalMemory::new(4096)?, [0u64, 1])?;
/// let seen = limits.upgradable_read()?;
/// assert!(limits.try_read()?.is_some() && limits.try_upgradable_read()?.is_none());
/// if seen[0] == 0 {
///     let mut limits = seen.upgrade().expect("this is not a forked child");
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
    /// Acquires the lock for reading, with the right to [become a
    /// writer](RwLockUpgradableGuard::upgrade). One thread at a time has this right: the call waits
    /// while another thread has it or writes.
    ///
    /// # Errors
    ///
    /// [`OwnerDied`](LockError::OwnerDied) if a writer died: the error contains a guard for
    /// writing. [`NotRecoverable`](LockError::NotRecoverable) if a writer died and the next owner
    /// did not repair the data.
    pub fn upgradable_read(&self) -> Locked<'_, T, RwLockUpgradableGuard<'_, T>> {
        loop {
            if let Some(guard) = self.upgradable_read_until(|| Deadline::NEVER)? {
                return Ok(guard);
            }
        }
    }

    /// Acquires the lock as [`upgradable_read`](Self::upgradable_read) does, if that is possible
    /// without waiting; otherwise returns `None`.
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

    /// Acquires the lock as [`upgradable_read`](Self::upgradable_read) does, and returns `None` if
    /// that is not possible within `timeout`.
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

    /// Acquires the lock as [`upgradable_read`](Self::upgradable_read) does, and returns `None` if
    /// that is not possible before `deadline`.
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
    /// Becomes a writer. Waits until the other readers have left; new readers wait meanwhile.
    ///
    /// # Errors
    ///
    /// Returns the guard as the error in a forked child, which has a copy of the guard, but not the
    /// lock.
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

    /// Becomes a writer if no other thread is reading.
    ///
    /// # Errors
    ///
    /// Returns the guard as the error if another thread is reading, or in a forked child.
    pub fn try_upgrade(self) -> Result<RwLockWriteGuard<'a, T>, Self> {
        self.upgrade_until(Deadline::after(Duration::ZERO))
    }

    /// Becomes a writer if the other readers leave within `timeout`.
    ///
    /// # Errors
    ///
    /// Returns the guard as the error if they do not, or in a forked child.
    pub fn upgrade_timeout(self, timeout: Duration) -> Result<RwLockWriteGuard<'a, T>, Self> {
        self.upgrade_until(Deadline::after(timeout))
    }

    /// Becomes a writer if the other readers leave before `deadline`.
    ///
    /// # Errors
    ///
    /// Returns the guard as the error if they do not, or in a forked child.
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

    /// Becomes an ordinary reader, so that another thread can acquire the right to become a writer.
    /// Waits only while the lock has its maximum number of [readers](super::RwLock).
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

/// Turning writers into readers.
impl<'a, T: Plain> lock::RwLockWriteGuard<'a, T, FutexRwLock> {
    /// Becomes a reader with the right to become a writer again. Waiting readers acquire the lock.
    ///
    /// If a writer died before, mark the data as
    /// [repaired](lock::RwLockWriteGuard::mark_consistent) first. Otherwise no other reader can
    /// acquire the lock, and the lock becomes [`NotRecoverable`](LockError::NotRecoverable) when
    /// the returned guard is dropped.
    pub fn downgrade_to_upgradable(this: Self) -> RwLockUpgradableGuard<'a, T> {
        let (data, raw) = this.into_parts();
        raw.stop_writing(here());
        raw.lock.change(here(), held());
        raw.lock.wait_word().wake_all();
        RwLockUpgradableGuard { data, raw, _data: PhantomData }
    }

    /// Becomes an ordinary reader. Waiting readers acquire the lock. The call itself waits only
    /// while the lock has its maximum number of [readers](super::RwLock).
    ///
    /// If a writer died before, mark the data as
    /// [repaired](lock::RwLockWriteGuard::mark_consistent) first. Otherwise the lock becomes
    /// [`NotRecoverable`](LockError::NotRecoverable).
    pub fn downgrade(this: Self) -> RwLockReadGuard<'a, T> {
        Self::downgrade_to_upgradable(this).downgrade()
    }
}

/// Turning ordinary readers into writers. The methods never wait for other readers: two readers
/// that waited for each other would wait for ever.
impl<T: Plain> lock::RwLock<T, FutexRwLock> {
    /// Gives a reader of this lock the right to become a writer, if no other thread has this right,
    /// is writing, or is waiting to write.
    ///
    /// # Errors
    ///
    /// Returns the guard as the error if that is not possible, or if `reader` is a guard of another
    /// lock.
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

    /// Makes a reader of this lock a writer, if no other thread reads, writes or waits to write.
    ///
    /// # Errors
    ///
    /// Returns the guard as the error if that is not possible, or if `reader` is a guard of another
    /// lock.
    pub fn try_upgrade<'a>(
        &'a self,
        reader: RwLockReadGuard<'a, T>,
    ) -> Result<RwLockWriteGuard<'a, T>, RwLockReadGuard<'a, T>> {
        self.try_into_upgradable(reader)?.try_upgrade().map_err(RwLockUpgradableGuard::downgrade)
    }
}
