//! The error of locking.

use std::error;
use std::fmt;

use ipc_core::{Errno, Error, Refusal};

use crate::lock::Failure;

const OWNER_DIED: &str = "the last owner of the lock died holding it, and may have left its data half-written: repair \
                          the data and call `mark_consistent` on the guard (`Mutex::lock_or_repair` \
                          does both)";

const NOT_RECOVERABLE: &str = "an owner of the lock died holding it, and the next owner did not repair the data: create \
                               another object";

/// The error of locking: the lock was not acquired, or it was acquired after its last owner died.
///
/// If the last owner died, the error is [`OwnerDied`](Self::OwnerDied). It contains the guard, so
/// the caller holds the lock, and has three choices:
///
/// - Repair the data through the guard, and call `mark_consistent` on the guard: the lock works as
///   before. The guard of `RwLock::read` and its variants cannot write: release it with
///   [`give_back`](Unrepaired::give_back), and repair the data through the guard that
///   `RwLock::write` returns.
/// - Convert the error with `?` into an [`Error`], or into a `Box<dyn Error>` such as that of
///   `main`. The conversion releases the lock, and the next caller gets
///   [`OwnerDied`](Self::OwnerDied) again. `RawMutex` and `RecursiveMutex` have no such conversion.
/// - Drop the guard, or the `LockError` that contains it: the lock becomes
///   [`NotRecoverable`](Self::NotRecoverable).
///
/// `LockError` does not implement [`std::error::Error`], because `?` would then box it with its
/// guard, which borrows the lock.
///
/// ```
/// use ipc_mem::LocalMemory;
/// use ipc_sync::pthread::Mutex;
///
/// fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let hits = Mutex::create_in(LocalMemory::new(64)?, 0u64)?;
///     *hits.lock()? += 1;
///     Ok(())
/// }
/// ```
#[must_use = "it may contain a guard: if it is dropped, the lock can never be acquired again"]
pub enum LockError<G> {
    /// The last owner died while it held the lock. The caller holds the lock now, and the data may
    /// be half-written.
    ///
    /// [`LockError`] lists the choices of the caller.
    OwnerDied(G),
    /// An owner died, and the next caller that held the lock did not repair the data. The lock can
    /// never be acquired again: create another object.
    NotRecoverable,
    /// The call failed. The caller does not hold the lock.
    Failed(Error),
}

/// A guard that can release a lock whose data is not repaired, so that the next caller can repair
/// it.
pub trait Unrepaired {
    /// Releases the lock. The next caller gets [`LockError::OwnerDied`].
    fn give_back(self);
}

impl<G> LockError<G> {
    /// Converts the guard into another type, such as a type of the caller that contains the guard.
    ///
    /// ```
    /// use ipc_mem::LocalMemory;
    /// use ipc_sync::LockError;
    /// use ipc_sync::pthread::{Mutex, MutexGuard};
    ///
    /// struct Turn<'a>(MutexGuard<'a, u32>);
    ///
    /// fn turn(counts: &Mutex<u32>) -> Result<Turn<'_>, LockError<Turn<'_>>> {
    ///     counts.lock().map(Turn).map_err(|err| err.map(Turn))
    /// }
    ///
    /// let counts = Mutex::create_in(LocalMemory::new(64)?, 7)?;
    /// assert_eq!(*turn(&counts).unwrap().0, 7);
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    pub fn map<H>(self, guard: impl FnOnce(G) -> H) -> LockError<H> {
        match self {
            Self::OwnerDied(old) => LockError::OwnerDied(guard(old)),
            Self::NotRecoverable => LockError::NotRecoverable,
            Self::Failed(err) => LockError::Failed(err),
        }
    }
}

impl<G> From<Failure> for LockError<G> {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure.into())
    }
}

impl<G: Unrepaired> From<LockError<G>> for Error {
    fn from(err: LockError<G>) -> Self {
        match err {
            LockError::OwnerDied(guard) => {
                guard.give_back();
                Refusal::os("lock", Errno::EOWNERDEAD).because(OWNER_DIED).on("")
            }
            LockError::NotRecoverable => {
                Refusal::os("lock", Errno::ENOTRECOVERABLE).because(NOT_RECOVERABLE).on("")
            }
            LockError::Failed(err) => err,
        }
    }
}

impl<G: Unrepaired> From<LockError<G>> for Box<dyn error::Error> {
    fn from(err: LockError<G>) -> Self {
        Error::from(err).into()
    }
}

impl<G: Unrepaired> From<LockError<G>> for Box<dyn error::Error + Send + Sync> {
    fn from(err: LockError<G>) -> Self {
        Error::from(err).into()
    }
}

impl<G> fmt::Display for LockError<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OwnerDied(_) => f.write_str(OWNER_DIED),
            Self::NotRecoverable => f.write_str(NOT_RECOVERABLE),
            Self::Failed(err) => err.fmt(f),
        }
    }
}

/// Prints the same text as `Display`, because `main` and `unwrap` print errors with `Debug`.
impl<G> fmt::Debug for LockError<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
