//! Permits that are posted again when they are dropped.

use std::fmt;
use std::mem;
use std::time::{Duration, Instant};

use ipc_core::{Errno, Error, Origin, Result};

use crate::posix::{NamedSemaphore, Semaphore};
use crate::sys::semaphore::Sem;

/// One permit of a semaphore, as a guard: dropping it posts the permit again.
///
/// If the process is killed, the permit is lost, unlike a [`sysv::Permit`](crate::sysv::Permit),
/// which the system returns. A child of `fork` does not hold the permit: dropping its copy posts
/// nothing.
///
/// # Examples
///
/// ```
/// use ipc_mem::LocalMemory;
/// use ipc_sync::posix::Semaphore;
///
/// let limit = Semaphore::create_in(LocalMemory::new(64)?, 2)?;
/// let one = limit.acquire()?;
/// let two = limit.acquire()?;
/// assert!(limit.try_acquire()?.is_none());
/// drop((one, two));
/// assert_eq!(limit.value()?, 2);
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[must_use = "the permit is posted again when this is dropped"]
pub struct Permit<'a> {
    sem: &'a Sem,
    /// The process that acquired it.
    holder: Origin,
}

impl<'a> Permit<'a> {
    fn new(sem: &'a Sem) -> Self {
        Self { sem, holder: Origin::here() }
    }

    /// Posts the permit, and reports if that fails.
    ///
    /// # Errors
    ///
    /// `is_overflow` if the value is at its maximum, because other callers posted without waiting.
    pub fn release(self) -> Result<()> {
        let posted = self.post();
        mem::forget(self);
        posted.map_err(|errno| Error::os("sem_post", "", errno))
    }

    /// Drops the guard without posting the permit.
    pub fn keep(self) {
        mem::forget(self);
    }

    fn post(&self) -> Result<(), Errno> {
        if self.holder.is_here() { self.sem.post() } else { Ok(()) }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        // At its maximum, the semaphore has more permits than were acquired.
        let _ = self.post();
    }
}

impl fmt::Debug for Permit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").finish_non_exhaustive()
    }
}

impl Semaphore {
    /// Waits for a permit, and acquires it.
    ///
    /// # Errors
    ///
    /// The errors of [`wait`](Self::wait).
    pub fn acquire(&self) -> Result<Permit<'_>> {
        self.wait().map(|()| Permit::new(self.sys()))
    }

    /// Acquires a permit if there is one, and returns `None` otherwise.
    ///
    /// # Errors
    ///
    /// The errors of [`wait`](Self::wait).
    pub fn try_acquire(&self) -> Result<Option<Permit<'_>>> {
        Ok(self.try_wait()?.then(|| Permit::new(self.sys())))
    }

    /// Acquires a permit, and returns `None` if none is posted within `timeout`.
    ///
    /// # Errors
    ///
    /// The errors of [`wait`](Self::wait).
    pub fn acquire_timeout(&self, timeout: Duration) -> Result<Option<Permit<'_>>> {
        Ok(self.wait_timeout(timeout)?.then(|| Permit::new(self.sys())))
    }

    /// Acquires a permit, and returns `None` if none is posted before `deadline`.
    ///
    /// # Errors
    ///
    /// The errors of [`wait`](Self::wait).
    pub fn acquire_deadline(&self, deadline: Instant) -> Result<Option<Permit<'_>>> {
        Ok(self.wait_deadline(deadline)?.then(|| Permit::new(self.sys())))
    }
}

impl NamedSemaphore {
    /// Waits for a permit, and acquires it.
    ///
    /// # Errors
    ///
    /// The errors of [`wait`](Self::wait).
    pub fn acquire(&self) -> Result<Permit<'_>> {
        self.wait().map(|()| Permit::new(self.sem()))
    }

    /// Acquires a permit if there is one, and returns `None` otherwise.
    ///
    /// # Errors
    ///
    /// The errors of [`wait`](Self::wait).
    pub fn try_acquire(&self) -> Result<Option<Permit<'_>>> {
        Ok(self.try_wait()?.then(|| Permit::new(self.sem())))
    }

    /// Acquires a permit, and returns `None` if none is posted within `timeout`.
    ///
    /// # Errors
    ///
    /// The errors of [`wait`](Self::wait).
    pub fn acquire_timeout(&self, timeout: Duration) -> Result<Option<Permit<'_>>> {
        Ok(self.wait_timeout(timeout)?.then(|| Permit::new(self.sem())))
    }

    /// Acquires a permit, and returns `None` if none is posted before `deadline`.
    ///
    /// # Errors
    ///
    /// The errors of [`wait`](Self::wait).
    pub fn acquire_deadline(&self, deadline: Instant) -> Result<Option<Permit<'_>>> {
        Ok(self.wait_deadline(deadline)?.then(|| Permit::new(self.sem())))
    }
}
