//! Permits that are returned to their counter when they are dropped.

use std::fmt;
use std::mem;
use std::time::{Duration, Instant};

use ipc_core::{Error, Origin, Result};

use crate::sysv::{Operation, SemaphoreSet};

/// Permits of one counter of a [`SemaphoreSet`]. Dropping this returns them.
///
/// If the process ends first, even by `kill -9`, the system returns them. A child of `fork` has a
/// copy of this, but does not hold the permits: dropping the copy returns nothing.
///
/// # Examples
///
/// ```
/// use ipc_core::Key;
/// use ipc_sync::sysv::SemaphoreSet;
///
/// let set = SemaphoreSet::create(Key::PRIVATE, [3])?;
/// let permit = set.acquire(0, 2)?;
/// assert_eq!((set.get(0)?, permit.count()), (1, 2));
/// assert!(set.try_acquire(0, 2)?.is_none());
/// permit.release()?;
/// assert_eq!(set.get(0)?, 3);
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[must_use = "the permits are returned when this is dropped"]
pub struct Permit<'a> {
    set: &'a SemaphoreSet,
    index: u16,
    count: u16,
    /// The process that acquired them.
    holder: Origin,
}

impl SemaphoreSet {
    /// Waits for `count` permits of a counter, and acquires them.
    ///
    /// The [`Permit`] returns them when it is dropped; if the process ends first, the system
    /// returns them. Each permit is returned exactly once. With [`Operation::take`] and
    /// [`Operation::add`], permits would be returned twice if only `take` were marked with
    /// [`undo`](Operation::undo).
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if `count` is 0 or over [`Operation::MAX`]; the errors of
    /// [`operate`](Self::operate).
    #[doc(alias = "SEM_UNDO")]
    pub fn acquire(&self, index: u16, count: u16) -> Result<Permit<'_>> {
        self.operate(&[self.taking(index, count)?])?;
        Ok(Permit::new(self, index, count))
    }

    /// Acquires `count` permits of a counter if they are available, and returns `None` otherwise.
    ///
    /// # Errors
    ///
    /// The errors of [`acquire`](Self::acquire).
    pub fn try_acquire(&self, index: u16, count: u16) -> Result<Option<Permit<'_>>> {
        let acquired = self.try_operate(&[self.taking(index, count)?])?;
        Ok(acquired.then(|| Permit::new(self, index, count)))
    }

    /// Acquires `count` permits of a counter, and returns `None` if they are not available within
    /// `timeout`.
    ///
    /// # Errors
    ///
    /// The errors of [`acquire`](Self::acquire).
    pub fn acquire_timeout(
        &self,
        index: u16,
        count: u16,
        timeout: Duration,
    ) -> Result<Option<Permit<'_>>> {
        let acquired = self.operate_timeout(&[self.taking(index, count)?], timeout)?;
        Ok(acquired.then(|| Permit::new(self, index, count)))
    }

    /// Acquires `count` permits of a counter, and returns `None` if they are not available before
    /// `deadline`.
    ///
    /// # Errors
    ///
    /// The errors of [`acquire`](Self::acquire).
    pub fn acquire_deadline(
        &self,
        index: u16,
        count: u16,
        deadline: Instant,
    ) -> Result<Option<Permit<'_>>> {
        let acquired = self.operate_deadline(&[self.taking(index, count)?], deadline)?;
        Ok(acquired.then(|| Permit::new(self, index, count)))
    }

    fn taking(&self, index: u16, count: u16) -> Result<Operation> {
        if Operation::is_count(count) {
            return Ok(Operation::take(index, count).undo());
        }
        let most = Operation::MAX;
        let why = format!("{count} permits of semaphore {index}: 1 to {most} are possible");
        Err(Error::invalid("semop", self.label(), why))
    }
}

impl<'a> Permit<'a> {
    fn new(set: &'a SemaphoreSet, index: u16, count: u16) -> Self {
        Self { set, index, count, holder: Origin::here() }
    }

    /// The number of permits.
    #[must_use]
    pub fn count(&self) -> u16 {
        self.count
    }

    /// Returns the permits. Unlike dropping, this reports a failure.
    ///
    /// # Errors
    ///
    /// The errors of [`SemaphoreSet::operate`]: the set may have been removed.
    pub fn release(self) -> Result<()> {
        let released = self.give_back();
        mem::forget(self);
        released
    }

    /// Drops the guard without returning the permits. The end of the process does not return them
    /// either.
    ///
    /// # Errors
    ///
    /// The errors of [`SemaphoreSet::operate`]: the set may have been removed.
    pub fn keep(self) -> Result<()> {
        // Both at once, so that no other process sees the counter change: the first is undone with
        // the take, the second is not.
        let steps = [
            Operation::add(self.index, self.count).undo(),
            Operation::take(self.index, self.count),
        ];
        let kept = self.set.operate(&steps);
        mem::forget(self);
        kept
    }

    fn give_back(&self) -> Result<()> {
        if self.holder.is_here() {
            self.set.operate(&[Operation::add(self.index, self.count).undo()])
        } else {
            Ok(())
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        // If the set was removed, there is nothing to return.
        let _ = self.give_back();
    }
}

impl fmt::Debug for Permit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Permit({} of counter {} of {:?})", self.count, self.index, self.set.key())
    }
}
