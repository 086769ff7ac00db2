//! Why a lock was not taken in the plain way.

use std::error;
use std::fmt;

use ipc_core::Error;

/// Why a lock was not taken in the plain way.
///
/// It does not turn into an [`Error`] by itself: that would drop the guard of a lock whose owner died,
/// and nobody could ever take that lock again.
pub enum LockError<G> {
    /// The last owner died holding it: the lock is yours, the data may be half-written.
    ///
    /// Repair the data and call `mark_consistent` on the guard. If it is dropped before that, the lock is
    /// [`NotRecoverable`](Self::NotRecoverable) for everybody from then on.
    OwnerDied(G),
    /// An owner died, and who got the lock then did not repair it. Nobody gets it any more: only
    /// making a new one in its place helps.
    NotRecoverable,
    /// The call itself failed; the lock is not yours.
    Failed(Error),
}

impl<G> LockError<G> {
    /// The same, with another guard for the same lock: for who has guards of another type, around ours.
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
    #[must_use = "it may have the guard of a lock that nobody can take any more when that is dropped"]
    pub fn map<H>(self, guard: impl FnOnce(G) -> H) -> LockError<H> {
        match self {
            Self::OwnerDied(old) => LockError::OwnerDied(guard(old)),
            Self::NotRecoverable => LockError::NotRecoverable,
            Self::Failed(err) => LockError::Failed(err),
        }
    }
}

impl<G> fmt::Display for LockError<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OwnerDied(_) => f.write_str("the owner of the lock died holding it"),
            Self::NotRecoverable => f.write_str("an owner of the lock died holding it, and nobody repaired it"),
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

impl<G> error::Error for LockError<G> {}
