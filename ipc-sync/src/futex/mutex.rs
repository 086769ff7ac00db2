//! Native mutexes.

#![expect(unsafe_code, reason = "promises what a native mutex does")]

use ipc_core::{Deadline, Result};
use ipc_mem::{Kind, Resident, Schema};

use super::owned_lock::{Outcome, OwnedLock, Wake};
use crate::lock::{self, Acquired, Attempt, Failure, NoOwner, RawLock};
use ipc_core::owner::here;

/// The native mutex as a [`RawLock`]. To use it, see [`Mutex`] and [`RawMutex`].
#[derive(Debug)]
#[repr(transparent)]
pub struct FutexMutex(OwnedLock);

/// Data that a native mutex guards: one thread at a time, of any process, can use it.
///
/// If the process that holds the lock is killed, the next caller gets
/// [`OwnerDied`](crate::LockError::OwnerDied) when it is [proved](super#how-a-death-is-proved) that
/// no thread of the killed process writes any more: usually some milliseconds later, or up to a
/// second if the caller has waited for long. If the process is stopped, it keeps the lock.
///
/// The lock belongs to the process, not to the thread: if a thread leaks its guard and ends, or the
/// process calls `exec`, the lock stays held. A thread that locks a mutex which it already holds
/// waits for ever. [`try_lock`](lock::Mutex::try_lock) does not check whether the owner is dead;
/// [`lock_timeout`](lock::Mutex::lock_timeout) does, even with a timeout of zero.
///
/// # Examples
///
/// ```
/// use ipc_mem::LocalMemory;
/// use ipc_sync::LockError;
/// use ipc_sync::futex::Mutex;
///
/// let hits = Mutex::create_in(LocalMemory::new(64)?, [0u64; 2])?;
/// match hits.lock() {
///     Ok(mut hits) => *hits = [1, 1],
///     Err(LockError::OwnerDied(mut hits)) => {
///         hits[1] = hits[0];
///         hits.mark_consistent()?;
///     }
///     Err(other) => return Err(other.into()),
/// }
/// assert_eq!(hits.get()?, [1, 1]);
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub type Mutex<T> = lock::Mutex<T, FutexMutex>;

/// Access to the data of a [`Mutex`] while this thread holds it.
pub type MutexGuard<'a, T> = lock::MutexGuard<'a, T, FutexMutex>;

/// The result of locking a [`Mutex`].
pub type LockResult<'a, T, G = MutexGuard<'a, T>> = lock::LockResult<'a, T, FutexMutex, G>;

/// A native mutex without data.
pub type RawMutex = lock::BareMutex<FutexMutex>;

/// Proof that this thread holds a [`RawMutex`].
pub type RawMutexGuard<'a> = lock::BareMutexGuard<'a, FutexMutex>;

/// The result of locking a [`RawMutex`].
pub type RawLockResult<'a, G = RawMutexGuard<'a>> = lock::BareLockResult<'a, FutexMutex, G>;

/// The meaning of an outcome to a caller that cannot do without the lock.
pub(super) fn attempt(outcome: Outcome) -> Attempt {
    Ok(match outcome {
        Outcome::Locked => Acquired::Locked,
        Outcome::OwnerDied => Acquired::OwnerDied,
        Outcome::Late | Outcome::Passed => Acquired::No,
        Outcome::NotRecoverable => Acquired::NotRecoverable,
    })
}

impl FutexMutex {
    #[cold]
    fn lock_until_cold(&self, deadline: impl FnOnce() -> Deadline) -> Attempt {
        attempt(self.0.acquire(here(), deadline(), |_| false))
    }
}

// SAFETY: 1. The word goes from 0 to an owner, or from an owner that is proved dead to another, by
// one compare-and-exchange; and from a living owner to 0 by `unlock` of that process only. 2. The
// end of a thread changes nothing. 3. All changes of the word are sequentially consistent.
unsafe impl RawLock for FutexMutex {
    type Owner = NoOwner;

    #[inline]
    fn lock(&self) -> Attempt {
        if self.0.try_acquire(here()) {
            Ok(Acquired::Locked)
        } else {
            self.lock_until_cold(|| Deadline::NEVER)
        }
    }

    #[inline]
    fn try_lock(&self) -> Attempt {
        if self.0.try_acquire(here()) {
            Ok(Acquired::Locked)
        } else {
            attempt(self.0.try_acquire_again(here()))
        }
    }

    #[inline]
    fn lock_until(&self, deadline: impl FnOnce() -> Deadline) -> Attempt {
        if self.0.try_acquire(here()) {
            Ok(Acquired::Locked)
        } else {
            self.lock_until_cold(deadline)
        }
    }

    #[inline]
    unsafe fn unlock(&self) {
        self.0.release(here(), Wake::One);
    }

    fn mark_consistent(&self) -> Result<(), Failure> {
        self.0.mark_consistent().map_err(|errno| Failure { call: "mark_consistent", errno })
    }

    fn leave_unrepaired(&self) {
        self.0.leave_unrepaired();
    }
}

// SAFETY: 1. Atomic integers in `repr(C)`, no pointer. 2. They are changed by atomic operations
// only. 3, 5. Every bit pattern is a value. 4. Nothing outside of its bytes knows of it: the
// kernel knows a futex only while a thread sleeps on it, which borrows it.
unsafe impl Resident for FutexMutex {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::FUTEX_MUTEX);

    type Options = ();

    unsafe fn set_up(&self, (): ()) -> Result<()> {
        self.0.begin();
        Ok(())
    }
}
