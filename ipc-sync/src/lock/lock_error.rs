//! Why a lock was not acquired in the ordinary way.

use std::error;
use std::fmt;

use ipc_core::{Errno, Error};

use crate::lock::Failure;

/// Why a lock was not acquired in the ordinary way.
///
/// `?` turns it into an [`Error`], or into the `Box<dyn Error>` of an ordinary `main`. The guard of a lock whose owner
/// died is then released, and the next caller gets the same error, until one repairs the data. So that this works, and
/// since it may hold a guard, it does not implement [`std::error::Error`] itself.
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
#[must_use = "it may have the guard of a lock that cannot be acquired any more when that is dropped"]
pub enum LockError<G> {
    /// The last owner died holding it: the caller holds the lock now, and the data may be half-written.
    ///
    /// Repair the data and call `mark_consistent` on the guard. If it is dropped before that, the lock is
    /// [`NotRecoverable`](Self::NotRecoverable) for all callers from then on.
    OwnerDied(G),
    /// An owner died, and the next caller that held the lock did not repair it. It cannot be acquired any more: create
    /// another object.
    NotRecoverable,
    /// The call itself failed; the caller does not hold the lock.
    Failed(Error),
}

/// A guard of data that is to be repaired, which can leave that to another caller.
pub trait Unrepaired {
    /// Releases the lock so that the next caller gets [`LockError::OwnerDied`].
    fn give_back(self);
}

impl<G> LockError<G> {
    /// Replaces the guard by another one for the same lock, such as a guard type of the caller that contains it.
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
                Self::os("lock", "", Errno::EOWNERDEAD)
            }
            LockError::NotRecoverable => Self::os("lock", "", Errno::ENOTRECOVERABLE),
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
            Self::OwnerDied(_) => f.write_str("the owner of the lock died holding it"),
            Self::NotRecoverable => {
                f.write_str("an owner of the lock died holding it, and the data was not repaired")
            }
            Self::Failed(err) => err.fmt(f),
        }
    }
}

impl<G> fmt::Debug for LockError<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OwnerDied(_) => f.write_str("OwnerDied(..)"),
            Self::NotRecoverable => f.write_str("NotRecoverable"),
            Self::Failed(err) => f.debug_tuple("Failed").field(err).finish(),
        }
    }
}
