//! Locks on files that are held.

use std::borrow::{Borrow, BorrowMut};
use std::fmt;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use ipc_core::Result;

use crate::sys::ofd::Lock;
use crate::wait::Wait;
use crate::{FileLock, LockKind};

/// A lock on a file, which is released when this guard is dropped: [`FileLockGuard`] borrows the
/// [`FileLock`], [`OwnedFileLock`] owns it.
///
/// Flush buffered writes before you drop it. In a forked child, dropping it releases nothing.
#[must_use = "the lock is released at once if this is not kept"]
pub struct Guard<L: BorrowMut<FileLock>> {
    /// Is there until the lock is released.
    lock: Option<L>,
    kind: LockKind,
}

/// A lock on a file that borrows its [`FileLock`], released when it is dropped.
pub type FileLockGuard<'a> = Guard<&'a mut FileLock>;

/// A lock on a file together with its [`FileLock`], released when it is dropped.
pub type OwnedFileLock = Guard<FileLock>;

impl<L: BorrowMut<FileLock>> Guard<L> {
    #[inline]
    pub(crate) fn new(lock: L, kind: LockKind) -> Self {
        Self { lock: Some(lock), kind }
    }

    #[inline]
    fn held(&self) -> &FileLock {
        // PANIC: only `unlock` takes it out, and that consumes the guard.
        self.lock.as_ref().expect("there until the last call").borrow()
    }

    /// Returns the file, to read and write.
    #[must_use]
    pub fn file(&self) -> &File {
        self.held().file()
    }

    /// Returns whether the lock is shared or exclusive.
    #[must_use]
    pub fn kind(&self) -> LockKind {
        self.kind
    }

    /// Makes an exclusive lock a shared one; no other handle can lock exclusively in between.
    ///
    /// # Errors
    ///
    /// [`is_permission_denied`](ipc_core::Error::is_permission_denied) if the file is not open for
    /// reading; [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) in a forked child,
    /// whose parent holds the lock.
    pub fn downgrade(&mut self) -> Result<()> {
        self.held().refuse_child()?;
        self.held().set(Lock::Shared, false)?;
        self.kind = LockKind::Shared;
        Ok(())
    }

    /// Makes a shared lock exclusive if no other handle holds a lock; otherwise returns `false`,
    /// and the lock stays shared.
    ///
    /// # Errors
    ///
    /// [`is_permission_denied`](ipc_core::Error::is_permission_denied) if the file is not open for
    /// writing; [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) in a forked child,
    /// whose parent holds the lock.
    pub fn try_upgrade(&mut self) -> Result<bool> {
        self.upgrade_wait(Wait::No)
    }

    /// Makes a shared lock exclusive, and waits for at most `timeout` until the other handles have
    /// released theirs.
    ///
    /// Returns `false` if the time ran out first; the lock stays shared then. There is no call
    /// without a limit, because two holders that upgrade would wait for each other for ever.
    ///
    /// # Errors
    ///
    /// Those of [`try_upgrade`](Self::try_upgrade).
    pub fn upgrade_timeout(&mut self, timeout: Duration) -> Result<bool> {
        self.upgrade_wait(Wait::timeout(timeout))
    }

    fn upgrade_wait(&mut self, wait: Wait) -> Result<bool> {
        self.held().refuse_child()?;
        let upgraded = self.held().acquire_here(LockKind::Exclusive, wait)?;
        if upgraded {
            self.kind = LockKind::Exclusive;
        }
        Ok(upgraded)
    }

    /// Releases the lock, and returns the [`FileLock`], owned or borrowed as it was.
    ///
    /// # Errors
    ///
    /// Any error of the system. Dropping the guard does the same without a report.
    #[expect(clippy::missing_panics_doc, reason = "it cannot: only this call takes the lock out")]
    pub fn unlock(mut self) -> Result<L> {
        self.release()?;
        // PANIC: only this call takes it out, once.
        Ok(self.lock.take().expect("there until the last call"))
    }

    #[inline]
    fn release(&self) -> Result<()> {
        // A forked child's is the same open file: its parent would lose the lock.
        if self.held().origin.is_here() { self.held().set(Lock::None, false) } else { Ok(()) }
    }
}

impl<L: BorrowMut<FileLock>> Drop for Guard<L> {
    #[inline]
    fn drop(&mut self) {
        if self.lock.is_some() {
            // A destructor cannot report. Closing the file releases it as well.
            let _ = self.release();
        }
    }
}

impl<L: BorrowMut<FileLock>> AsFd for Guard<L> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file().as_fd()
    }
}

impl<L: BorrowMut<FileLock>> fmt::Debug for Guard<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lock = self.lock.as_ref().map(Borrow::borrow);
        f.debug_struct("Guard")
            .field("lock", &lock)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
