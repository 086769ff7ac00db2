//! Pipes with a name.

use std::fmt;
use std::fs;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf, absolute};
use std::time::{Duration, Instant};

use ipc_core::{Errno, Error, Origin, Permissions, Removal, Result};

use crate::sys::file::{self, Identity};
use crate::wait::{Wait, with_pauses};
use crate::{PipeEnd, PipeReader, PipeWriter};

/// A pipe with a name in the file system, which unrelated programs and the shell can open.
///
/// The ends may be opened in any order. Opening the write end waits for a reader. Opening the read
/// end does not wait, but its first `recv` waits for a writer. `recv` returns 0, the end of the
/// data, when the last writer has closed the FIFO; open another reader to wait for the next writer.
///
/// # Examples
///
/// ```
/// use ipc_stream::Fifo;
///
/// # let dir = ipc_testkit::fixture::dir();
/// # let path = dir.join("jobs");
/// let jobs = Fifo::create(&path, 0o600)?;
/// let reader = jobs.reader()?;
/// Fifo::open(&path)?.writer()?.send(b"sweep\n")?; // or from a shell: echo sweep > jobs
///
/// let mut line = [0; 64];
/// assert_eq!(reader.recv(&mut line)?, 6);
/// assert_eq!(reader.recv(&mut line)?, 0); // the writer is gone
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/mkfifo.html>
#[doc(alias = "named pipe")]
pub struct Fifo {
    path: PathBuf,
    /// The file itself, so that no other gets its inode.
    found: fs::File,
    removal: Removal,
    origin: Origin,
}

impl Fifo {
    /// Creates a FIFO with exactly these permissions, which is removed when this handle is dropped
    /// in this process.
    ///
    /// # Errors
    ///
    /// [`is_exists`](Error::is_exists) if there is a file of that name;
    /// [`is_not_found`](Error::is_not_found) if there is no such directory;
    /// [`is_permission_denied`](Error::is_permission_denied) if it is not writable.
    #[doc(alias = "mkfifo")]
    pub fn create(path: impl AsRef<Path>, permissions: impl Into<Permissions>) -> Result<Self> {
        let (path, permissions) = (resolved("mkfifo", path.as_ref())?, permissions.into());
        permissions.check("mkfifo").map_err(|refusal| refusal.on(path.display()))?;
        let refused = |call: &'static str, errno| Error::os(call, path.display(), errno);
        // The umask makes the mode narrower, never wider, until it is exact.
        file::make_fifo(&path, permissions).map_err(|errno| refused("mkfifo", errno))?;
        let metadata = fs::symlink_metadata(&path);
        let metadata = metadata.map_err(|err| refused("lstat", file::code(&err)))?;
        if !metadata.file_type().is_fifo() || !file::is_ours(&metadata) {
            return Err(refused("mkfifo", Errno::EEXIST)); // another program has replaced it at once
        }
        let mode = file::set_mode(&path, &metadata, permissions);
        let made = mode.map_err(|errno| refused("chmod", errno)).and_then(|()| Self::found(&path));
        match made {
            Ok(made) => Ok(made.removal(Removal::OnDrop)),
            Err(err) => {
                if Identity::of(&metadata).is_at(&path) {
                    // It was never there; the error that is reported is the first one.
                    let _ = fs::remove_file(&path);
                }
                Err(err)
            }
        }
    }

    /// Returns a handle of an existing FIFO. Neither end is opened yet.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) if there is no such file;
    /// [`is_mismatch`](Error::is_mismatch) if it is not a FIFO, or is a symbolic link to one.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::found(&resolved("open", path.as_ref())?)
    }

    fn found(path: &Path) -> Result<Self> {
        let refused = |call: &'static str| move |errno| Error::os(call, path.display(), errno);
        let found = file::open_path(path).map_err(refused("open"))?;
        let metadata = found.metadata().map_err(|err| refused("fstat")(file::code(&err)))?;
        if !metadata.file_type().is_fifo() {
            let why = format_args!("found {}, wanted a FIFO", file::noun(&metadata));
            return Err(Error::mismatch("open", path.display(), why));
        }
        let (path, origin) = (path.to_owned(), Origin::here());
        Ok(Self { path, found, removal: Removal::Never, origin })
    }

    /// Sets whether the file is removed when this handle is dropped: [`Removal::Never`] leaves it.
    #[must_use]
    pub fn removal(mut self, removal: Removal) -> Self {
        self.removal = removal;
        self
    }

    /// Opens the read end, without waiting. The first `recv` waits for a writer.
    ///
    /// If there are several readers, each byte is read by only one of them.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) if the FIFO was removed;
    /// [`is_mismatch`](Error::is_mismatch) if another file has its name;
    /// [`is_permission_denied`](Error::is_permission_denied) if its mode forbids reading.
    pub fn reader(&self) -> Result<PipeReader> {
        let opened = file::open_end(&self.path, false, true);
        let opened = opened.map_err(|errno| Error::os("open", self.path.display(), errno))?;
        self.checked(&opened)?;
        Ok(PipeEnd::nonblocking(opened.into()))
    }

    /// Opens the write end, and waits for a reader without limit.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) if the FIFO was removed;
    /// [`is_mismatch`](Error::is_mismatch) if another file has its name;
    /// [`is_permission_denied`](Error::is_permission_denied) if its mode forbids writing.
    pub fn writer(&self) -> Result<PipeWriter> {
        let opened = ipc_core::ret::retry(|| file::open_end(&self.path, true, false));
        let opened = opened.map_err(|errno| Error::os("open", self.path.display(), errno))?;
        self.checked(&opened)?;
        Ok(PipeEnd::from(std::os::fd::OwnedFd::from(opened)))
    }

    /// Opens the write end if a process has the read end open; returns `None` otherwise.
    ///
    /// # Errors
    ///
    /// Those of [`writer`](Self::writer).
    pub fn try_writer(&self) -> Result<Option<PipeWriter>> {
        match file::open_end(&self.path, true, true) {
            Err(Errno::ENXIO) => Ok(None),
            Err(errno) => Err(Error::os("open", self.path.display(), errno)),
            Ok(opened) => {
                self.checked(&opened)?;
                Ok(Some(PipeEnd::nonblocking(opened.into())))
            }
        }
    }

    /// Opens the write end, and waits for a reader for at most `timeout`; `None` if the time ran
    /// out first.
    ///
    /// Linux does not notify a process when a reader opens the FIFO, so the call tries again after
    /// pauses of 0.1 to 10 ms.
    ///
    /// # Errors
    ///
    /// Those of [`writer`](Self::writer).
    pub fn writer_timeout(&self, timeout: Duration) -> Result<Option<PipeWriter>> {
        with_pauses(Wait::timeout(timeout), || self.try_writer())
    }

    /// Opens the write end, and waits for a reader until `deadline`; `None` if the time ran out
    /// first.
    ///
    /// # Errors
    ///
    /// Those of [`writer`](Self::writer).
    pub fn writer_deadline(&self, deadline: Instant) -> Result<Option<PipeWriter>> {
        with_pauses(Wait::deadline(deadline), || self.try_writer())
    }

    /// Another handle, which never removes the name.
    #[cfg(feature = "tokio")]
    pub(crate) fn duplicate(&self) -> Result<Self> {
        let found = crate::sys::duplicate(&self.found);
        let found = found.map_err(|errno| Error::os("fcntl", self.path.display(), errno))?.into();
        let (path, origin) = (self.path.clone(), self.origin);
        Ok(Self { path, found, removal: Removal::Never, origin })
    }

    /// Returns the path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Refuses what another process has put in the place of this FIFO.
    fn checked(&self, opened: &fs::File) -> Result<()> {
        let metadata = opened.metadata();
        let metadata =
            metadata.map_err(|err| Error::os("fstat", self.path.display(), file::code(&err)))?;
        if self.identity() == Some(Identity::of(&metadata)) {
            return Ok(());
        }
        let why = "found another file of that name, wanted the FIFO";
        Err(Error::mismatch("open", self.path.display(), why))
    }

    fn identity(&self) -> Option<Identity> {
        self.found.metadata().ok().map(|metadata| Identity::of(&metadata))
    }
}

fn resolved(call: &'static str, path: &Path) -> Result<PathBuf> {
    let refused = |err| Error::os(call, format_args!("\"{}\"", path.display()), file::code(&err));
    absolute(path).map_err(refused)
}

/// Removes the name if the [removal](Self::removal) of the handle asks for it (the default after
/// [`create`](Self::create)), in the process that created the handle, and if the name still refers
/// to this FIFO.
impl Drop for Fifo {
    fn drop(&mut self) {
        if self.removal != Removal::Never
            && self.origin.is_here()
            && self.identity().is_some_and(|own| own.is_at(&self.path))
        {
            // A destructor cannot report; the name stays then.
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl fmt::Debug for Fifo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fifo({})", self.path.display())
    }
}
