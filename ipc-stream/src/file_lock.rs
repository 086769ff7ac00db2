//! Locks on files.

use std::fmt;
use std::fs::File;
use std::ops::{Bound, Range, RangeBounds};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ipc_core::{Errno, Error, Origin, Permissions, ProcessId, Refusal, Result};

use crate::file_lock_guard::Guard;
use crate::sys::{self, file, ofd};
use crate::wait::{Block, Wait, with_pauses};
use crate::{FileLockGuard, OwnedFileLock, Refused};

/// A handle of an open file that can lock it, or a range of its bytes, exclusively or shared.
///
/// The lock belongs to this handle, while the locks of C's `fcntl` with `F_SETLK` and of Boost
/// belong to the process. So
///
/// - threads exclude each other, and so do two handles in one process;
/// - closing another descriptor of the file changes nothing;
/// - the lock stays held until it is released, or until every copy of this descriptor is closed,
///   also those in forked children. The system closes the descriptors of a dead process, so nothing
///   remains to be cleaned up.
///
/// Locks are advisory: they exclude only programs that lock the file as well. Programs on the same
/// machine can do so with `fcntl`, by `F_SETLK` or `F_OFD_SETLK`, but not with `flock` or the
/// program `ipc lock`, whose locks are independent.
///
/// Do not remove the file while other programs may lock it: the next one would create and lock
/// another file.
///
/// Locking borrows the handle exclusively (`&mut`), because a second lock on the same handle would
/// replace the first. Each thread opens its own handle, with [`reopen`](Self::reopen).
///
/// # Examples
///
/// ```
/// use std::io::Write;
/// use std::time::Duration;
///
/// use ipc_stream::FileLock;
///
/// # let dir = ipc_testkit::fixture::dir();
/// # let path = dir.join("state.lock");
/// let mut state = FileLock::open_or_create(&path, 0o600)?;
/// {
///     let held = state.lock()?;
///     writeln!(held.file(), "nobody else writes now")?;
/// }
/// let mut other = FileLock::open(&path)?; // usually in another process
/// let held = other.lock_timeout(Duration::from_secs(1))?.expect("it is free");
/// # drop(held);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// <https://man7.org/linux/man-pages/man2/F_OFD_SETLK.2const.html>
#[doc(alias = "fcntl")]
#[doc(alias = "file_lock")]
pub struct FileLock {
    file: File,
    path: PathBuf,
    range: Range<u64>,
    /// The process in which the file was opened, and in which it is locked.
    pub(crate) origin: Origin,
}

/// The kind of a lock: for one holder or for several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LockKind {
    /// Several handles may hold it at once, while none holds an exclusive one.
    Shared,
    /// One handle holds it, and no other handle holds a lock on the same bytes.
    Exclusive,
}

impl LockKind {
    pub(crate) fn of_system(self) -> ofd::Lock {
        match self {
            Self::Shared => ofd::Lock::Shared,
            Self::Exclusive => ofd::Lock::Exclusive,
        }
    }
}

/// A lock that another handle, or a process with a traditional `fcntl` lock, holds, from
/// [`FileLock::holder`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    kind: LockKind,
    range: Range<u64>,
    process: Option<ProcessId>,
}

impl Holder {
    /// Returns whether it is shared or exclusive.
    #[must_use]
    pub fn kind(&self) -> LockKind {
        self.kind
    }

    /// Returns the range that is locked. Its end is `u64::MAX` if the lock reaches to the end of
    /// the file, however long that becomes.
    #[must_use]
    pub fn range(&self) -> Range<u64> {
        self.range.clone()
    }

    /// Returns the process that holds it, if it is a traditional `fcntl` lock, which belongs to a
    /// process. For a lock that belongs to a handle the system reports no process, since several
    /// may share the handle.
    #[must_use]
    pub fn process(&self) -> Option<ProcessId> {
        self.process
    }
}

impl FileLock {
    /// Opens a file that exists, for reading and writing, to lock all of it.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found); [`is_permission_denied`](Error::is_permission_denied)
    /// if its mode forbids reading or writing (to lock a read-only file shared, open it for reading
    /// and pass it to [`from_file`](Self::from_file)); [`is_mismatch`](Error::is_mismatch) if it is
    /// a directory.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_as(path.as_ref(), File::options().read(true).write(true))
    }

    /// Opens a file, or creates an empty one, to lock all of it.
    ///
    /// If many processes do this at once, all open the same file. A symbolic link is not followed,
    /// so no other user can make this process create a file elsewhere. `permissions` apply to a new
    /// file, and the umask restricts them.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open); [`is_not_found`](Error::is_not_found) if there is no such
    /// directory; [`is_mismatch`](Error::is_mismatch) if the name is a symbolic link.
    pub fn open_or_create(
        path: impl AsRef<Path>,
        permissions: impl Into<Permissions>,
    ) -> Result<Self> {
        let mode = permissions
            .into()
            .check("open")
            .map_err(|refusal| refusal.on(path.as_ref().display()))?;
        let flags = file::NO_FOLLOW;
        let mut options = File::options();
        let options = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(mode)
            .custom_flags(flags);
        Self::open_as(path.as_ref(), options)
    }

    fn open_as(path: &Path, options: &std::fs::OpenOptions) -> Result<Self> {
        let refused = |errno| Error::os("open", path.display(), errno);
        let opened = options.open(path).map_err(|err| refused(file::code(&err)))?;
        let fd = sys::above_stdio(opened.into()).map_err(refused)?;
        Ok(Self::new(fd.into(), path.to_owned()))
    }

    fn new(file: File, path: PathBuf) -> Self {
        Self { file, path, range: 0..u64::MAX, origin: Origin::here() }
    }

    /// Creates a handle from a file that is open already, to lock all of it.
    ///
    /// An exclusive lock needs a file that is open for writing, and a shared one a file that is
    /// open for reading. Clones of `file` share its lock.
    #[must_use]
    pub fn from_file(file: File) -> Self {
        let path = PathBuf::from(format!("descriptor {}", file.as_raw_fd()));
        Self::new(file, path)
    }

    /// Limits the lock to a range of bytes, which may lie beyond the end of the file.
    ///
    /// Handles whose ranges do not overlap do not exclude each other.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the range is empty, or starts at
    /// `i64::MAX` or later, where no file has bytes.
    pub fn range(mut self, range: impl RangeBounds<u64>) -> Result<Self> {
        let start = match range.start_bound() {
            Bound::Included(start) => Some(*start),
            Bound::Excluded(before) => before.checked_add(1),
            Bound::Unbounded => Some(0),
        };
        let end = match range.end_bound() {
            Bound::Included(last) => last.saturating_add(1),
            Bound::Excluded(end) => *end,
            Bound::Unbounded => u64::MAX,
        };
        match start.filter(|start| *start < end && *start < i64::MAX.unsigned_abs()) {
            Some(start) => self.range = start..end,
            None => {
                return Err(Error::invalid(
                    "fcntl",
                    self.path.display(),
                    "an empty range, or one beyond all files",
                ));
            }
        }
        Ok(self)
    }

    /// Opens the same file again, for another thread, and returns a separate handle with the same
    /// range.
    ///
    /// # Errors
    ///
    /// Any error of the system; the file is opened through `/proc`.
    pub fn reopen(&self) -> Result<Self> {
        let refused = |errno| Error::os("open", self.path.display(), errno);
        let reopened = file::reopen(&self.file).map_err(refused)?;
        let (path, range) = (self.path.clone(), self.range.clone());
        Ok(Self { range, ..Self::new(reopened, path) })
    }

    /// Locks exclusively, and waits without limit.
    ///
    /// # Errors
    ///
    /// [`is_permission_denied`](Error::is_permission_denied) if the file is not open for writing;
    /// [`is_unsupported`](Error::is_unsupported) if its file system has no such locks.
    #[doc(alias = "F_OFD_SETLKW")]
    #[inline]
    pub fn lock(&mut self) -> Result<FileLockGuard<'_>> {
        self.acquire(LockKind::Exclusive, Wait::Forever)?;
        Ok(Guard::new(self, LockKind::Exclusive))
    }

    /// Locks shared, and waits without limit.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock), but the file has to be open for reading instead of writing.
    pub fn lock_shared(&mut self) -> Result<FileLockGuard<'_>> {
        self.acquire(LockKind::Shared, Wait::Forever)?;
        Ok(Guard::new(self, LockKind::Shared))
    }

    /// Locks if no other handle holds a conflicting lock; otherwise returns `None`.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock) or [`lock_shared`](Self::lock_shared).
    pub fn try_lock(&mut self, kind: LockKind) -> Result<Option<FileLockGuard<'_>>> {
        self.lock_until(kind, Wait::No)
    }

    /// Locks exclusively, and waits for at most `timeout`; `None` if the time ran out first.
    ///
    /// The system has no lock with a time limit, so this tries again after pauses of 0.1 to 10 ms.
    /// A thread that waits in [`lock`](Self::lock) acquires the lock before one that waits here.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock).
    pub fn lock_timeout(&mut self, timeout: Duration) -> Result<Option<FileLockGuard<'_>>> {
        self.lock_until(LockKind::Exclusive, Wait::timeout(timeout))
    }

    /// Locks exclusively, and waits until `deadline`; `None` if the time ran out first.
    ///
    /// # Errors
    ///
    /// Those of [`lock_timeout`](Self::lock_timeout).
    pub fn lock_deadline(&mut self, deadline: Instant) -> Result<Option<FileLockGuard<'_>>> {
        self.lock_until(LockKind::Exclusive, Wait::deadline(deadline))
    }

    /// Locks shared, and waits for at most `timeout`; `None` if the time ran out first.
    ///
    /// # Errors
    ///
    /// Those of [`lock_shared`](Self::lock_shared).
    pub fn lock_shared_timeout(&mut self, timeout: Duration) -> Result<Option<FileLockGuard<'_>>> {
        self.lock_until(LockKind::Shared, Wait::timeout(timeout))
    }

    /// Locks shared, and waits until `deadline`; `None` if the time ran out first.
    ///
    /// # Errors
    ///
    /// Those of [`lock_shared`](Self::lock_shared).
    pub fn lock_shared_deadline(&mut self, deadline: Instant) -> Result<Option<FileLockGuard<'_>>> {
        self.lock_until(LockKind::Shared, Wait::deadline(deadline))
    }

    fn lock_until(&mut self, kind: LockKind, wait: Wait) -> Result<Option<FileLockGuard<'_>>> {
        let locked = self.acquire(kind, wait)?;
        Ok(locked.then(|| Guard::new(self, kind)))
    }

    /// Locks, and moves the handle into the guard, which can be stored or sent elsewhere. Waits
    /// without limit.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock) or [`lock_shared`](Self::lock_shared). The error returns the
    /// handle.
    pub fn into_locked(mut self, kind: LockKind) -> Result<OwnedFileLock, Refused<Self>> {
        match self.acquire(kind, Wait::Forever) {
            Ok(_) => Ok(Guard::new(self, kind)),
            Err(error) => Err(Refused::new(error, self)),
        }
    }

    /// Locks if no other handle holds a conflicting lock, and moves the handle into the guard.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock) or [`lock_shared`](Self::lock_shared);
    /// [`is_busy`](Error::is_busy) if another handle holds a conflicting lock. The error returns
    /// the handle.
    pub fn try_into_locked(mut self, kind: LockKind) -> Result<OwnedFileLock, Refused<Self>> {
        match self.acquire(kind, Wait::No) {
            Ok(true) => Ok(Guard::new(self, kind)),
            Ok(false) => Err(Refused::new(self.failed(Errno::EBUSY), self)),
            Err(error) => Err(Refused::new(error, self)),
        }
    }

    /// Returns a lock, of another handle or of a process, that conflicts with a lock of this kind;
    /// `None` if there is no such lock.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock).
    #[doc(alias = "F_OFD_GETLK")]
    pub fn holder(&self, kind: LockKind) -> Result<Option<Holder>> {
        if !self.origin.is_here() {
            return self.reopen()?.holder(kind); // the lock of its parent is another handle's
        }
        let found = ofd::find(self.file.as_fd(), kind.of_system(), &self.range);
        let found = found.map_err(|errno| self.failed(errno))?;
        Ok(found.map(|ofd::Found { exclusive, range, process }| Holder {
            kind: if exclusive { LockKind::Exclusive } else { LockKind::Shared },
            range,
            process: process.map(ProcessId::new),
        }))
    }

    /// Returns the file.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.file
    }

    #[inline]
    pub(crate) fn acquire(&mut self, kind: LockKind, wait: Wait) -> Result<bool> {
        if !self.origin.is_here() {
            self.part_from_parent()?;
        }
        self.acquire_here(kind, wait)
    }

    /// A forked child has its parent's open file, and would have the parent's lock.
    #[cold]
    fn part_from_parent(&mut self) -> Result<()> {
        *self = self.reopen()?;
        Ok(())
    }

    /// Refuses a forked child, whose copy of a guard is of its parent's lock.
    pub(crate) fn refuse_child(&self) -> Result<()> {
        if self.origin.is_here() {
            return Ok(());
        }
        let why = "the process that forked this one holds the lock";
        Err(Error::invalid("fcntl", self.path.display(), why))
    }

    #[inline]
    pub(crate) fn acquire_here(&self, kind: LockKind, wait: Wait) -> Result<bool> {
        if wait.block() == Block::Yes {
            return self.set(kind.of_system(), true).map(|()| true);
        }
        self.acquire_in_time(kind, wait)
    }

    #[cold]
    fn acquire_in_time(&self, kind: LockKind, wait: Wait) -> Result<bool> {
        let attempt = || match ofd::set(self.file.as_fd(), kind.of_system(), &self.range, false) {
            Err(Errno::EAGAIN | Errno::EACCES) => Ok(None),
            done => done.map(Some).map_err(|errno| self.failed(errno)),
        };
        with_pauses(wait, attempt).map(|locked| locked.is_some())
    }

    #[inline]
    pub(crate) fn set(&self, lock: ofd::Lock, wait: bool) -> Result<()> {
        ofd::set(self.file.as_fd(), lock, &self.range, wait).map_err(|errno| self.failed(errno))
    }

    #[cold]
    fn failed(&self, errno: Errno) -> Error {
        let path = self.path.display();
        match errno {
            Errno::EBADF => {
                let why = "it is not open for writing, or for reading to lock it shared";
                Refusal::os("fcntl", Errno::EACCES).because(why).on(path)
            }
            Errno::EINVAL | Errno::ENOSYS | Errno::EOPNOTSUPP => Error::unsupported(
                "fcntl",
                path,
                "the file system has no locks that belong to an open file",
            ),
            errno => Error::os("fcntl", path, errno),
        }
    }
}

impl AsFd for FileLock {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

impl AsRawFd for FileLock {
    fn as_raw_fd(&self) -> RawFd {
        self.file.as_raw_fd()
    }
}

impl From<FileLock> for File {
    fn from(lock: FileLock) -> Self {
        lock.file
    }
}

impl fmt::Debug for FileLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileLock")
            .field("path", &self.path)
            .field("range", &self.range)
            .finish_non_exhaustive()
    }
}
