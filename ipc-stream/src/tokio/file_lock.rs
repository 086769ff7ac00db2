//! Locks on files for tasks.

use ipc_core::Result;

use super::on_a_thread;
use crate::wait::Wait;
use crate::{LockKind, OwnedFileLock};

/// A file to lock, for tasks: [`FileLock`](crate::FileLock).
///
/// # Examples
///
/// ```
/// use ipc_stream::{LockKind, tokio::FileLock};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> ipc_core::Result<()> {
/// # let dir = ipc_testkit::fixture::dir();
/// # let path = dir.join("state.lock");
/// let file = ipc_stream::FileLock::open_or_create(&path, 0o600)?;
/// let held = FileLock::new(file).lock(LockKind::Exclusive).await?;
/// let file = held.unlock()?; // or drop it
/// # drop(file);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct FileLock(crate::FileLock);

impl FileLock {
    /// Returns a lock of this file for tasks; [`lock`](Self::lock) acquires it.
    #[must_use]
    pub fn new(file: crate::FileLock) -> Self {
        Self(file)
    }

    /// Locks, and moves the handle into the guard.
    ///
    /// The system has no event for a lock. If it is not free, a blocking thread of the runtime
    /// tries again after pauses of 0.1 to 10 ms. If the future is dropped before it is ready, the
    /// file is closed, and the thread is done at most 10 ms later.
    ///
    /// # Errors
    ///
    /// Those of [`FileLock::lock`](crate::FileLock::lock);
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) if it would have to wait
    /// outside of a runtime.
    pub async fn lock(self, kind: LockKind) -> Result<OwnedFileLock> {
        let mut file = self.0;
        if file.acquire(kind, Wait::No)? {
            return Ok(OwnedFileLock::new(file, kind));
        }
        let mut waiting = Some(file);
        on_a_thread(move || {
            let Some(mut file) = waiting.take() else { return Ok(None) };
            if file.acquire(kind, Wait::No)? {
                return Ok(Some(OwnedFileLock::new(file, kind)));
            }
            waiting = Some(file);
            Ok(None)
        })
        .await
    }
}
