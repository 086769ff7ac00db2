//! Named semaphores: counters that any process can open by name.
//!
//! C's `sem_open` stores each semaphore as a file that contains one `sem_t`. This module creates
//! and maps these files itself, and calls C's functions on the mapped `sem_t`. So a file is checked
//! before it is used, and no process sees an incomplete one. Each handle has its own mapping,
//! whereas C's `sem_open` returns one mapping for all uses of a name, and counts the uses.

#![expect(unsafe_code, reason = "finds a semaphore in a mapped file")]

use std::fmt;
use std::fs::File;
use std::thread;
use std::time::{Duration, Instant};

use ipc_core::{
    Deadline, Error, Name, Origin, Removal, Result, SignalSafe, Trust, crash_point, open_or_create,
};
use ipc_mem::named::{Convention, Entry, Identity};
use ipc_mem::{Access, Mapping};

use crate::clib;
use crate::posix::semaphore::{not_posted, over_maximum};
use crate::posix::{Semaphore, SemaphoreOptions};
use crate::sys::semaphore::Sem;

/// The names that the C library gives to their files.
const SEMAPHORE: Convention = Convention {
    noun: "a semaphore",
    prefix: clib::SEMAPHORE_PREFIX,
    reserved: None,
    open: "sem_open",
    unlink: "sem_unlink",
};

/// A counter shared by every process that opens its name.
///
/// Dropping a handle closes it. The semaphore exists until its name is unlinked and its last handle
/// is closed. A handle that created it with [`Removal::OnDrop`] unlinks the name when it is
/// dropped. A child of `fork` may use its parent's handle; dropping the copy in the child never
/// unlinks the name.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use ipc_sync::NamedSemaphore;
///
/// let name = format!("/jobs-{}", std::process::id());
/// let jobs = NamedSemaphore::create(&name, 0)?;
///
/// NamedSemaphore::open(&name)?.post()?; // usually in another process
/// assert!(jobs.wait_timeout(Duration::from_secs(10))?);
/// assert!(!jobs.try_wait()?);
/// NamedSemaphore::unlink(&name)?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sem_open.html>,
/// <https://man7.org/linux/man-pages/man7/sem_overview.7.html>
#[doc(alias = "sem_open")]
pub struct NamedSemaphore {
    entry: Entry,
    identity: Identity,
    mapping: Mapping,
    /// The process that created the semaphore through this handle.
    creator: Option<Origin>,
    removal: Removal,
}

impl NamedSemaphore {
    /// Creates a semaphore under a new name, with an initial value or [`SemaphoreOptions`].
    ///
    /// No process can open the semaphore before it is complete. A process that is killed during the
    /// call leaves nothing, or a complete semaphore.
    ///
    /// # Errors
    ///
    /// `is_exists` if the name exists; `is_invalid_argument` if the name is not valid or the value
    /// is over [`Semaphore::MAX_VALUE`]; `is_unsupported` for [`Removal::LastDetach`];
    /// `is_no_space`, `is_permission_denied` and other errors of the system.
    #[doc(alias = "sem_open")]
    #[doc(alias = "O_CREAT")]
    pub fn create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<SemaphoreOptions>,
    ) -> Result<Self> {
        let (name, options) = (name.try_into().map_err(Into::into)?, options.into());
        if options.removal == Removal::LastDetach {
            let why = "C's named semaphores have no field that counts attached processes";
            return Err(Error::unsupported(SEMAPHORE.open, name, why));
        }
        let entry = Entry::new(&SEMAPHORE, name)?;
        let (file, identity) = entry.create_unnamed(options.permissions, size_of::<Semaphore>())?;
        let mapping = map(&entry, &file)?;
        // SAFETY: a mapping has room for a `Sem` and begins on a page; no other process has this
        // file yet.
        let place = unsafe { mapping.base().cast().as_mut() };
        Sem::init(place, options.value).map_err(|_| {
            Error::invalid(SEMAPHORE.open, entry.name(), over_maximum(options.value))
        })?;
        crash_point("sem.create.filled");
        entry.link(&file)?;
        Ok(Self {
            entry,
            identity,
            mapping,
            creator: Some(Origin::here()),
            removal: options.removal,
        })
    }

    /// Opens a semaphore by name, even one that a C program created with `sem_open`.
    ///
    /// # Errors
    ///
    /// `is_not_found` if the name does not exist; `is_permission_denied` if the mode of the
    /// semaphore forbids reading or writing; `is_untrusted` if its owner is neither this user nor
    /// root, or if other users may write it; `is_mismatch` if the object is not a semaphore.
    #[doc(alias = "sem_open")]
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, Trust::default())
    }

    /// Opens a semaphore by name if `trust` accepts its owner.
    ///
    /// # Errors
    ///
    /// The errors of [`open`](Self::open).
    pub fn open_with(name: impl TryInto<Name, Error: Into<Error>>, trust: Trust) -> Result<Self> {
        let entry = Entry::new(&SEMAPHORE, name.try_into().map_err(Into::into)?)?;
        let (file, metadata) = entry.open(trust, Access::ReadWrite)?;
        // Bytes of a mapping beyond the end of its file are a fault to touch; and a longer file,
        // which the C library never creates, is another object with a name of this form, such as
        // shared memory.
        if metadata.len() != size_of::<Semaphore>() as u64 {
            let why = format!(
                "found {} bytes, wanted the {} of a semaphore",
                metadata.len(),
                size_of::<Semaphore>()
            );
            return Err(Error::mismatch(SEMAPHORE.open, entry.name(), why));
        }
        let mapping = map(&entry, &file)?;
        Ok(Self {
            entry,
            identity: Identity::of(&metadata),
            mapping,
            creator: None,
            removal: Removal::Never,
        })
    }

    /// Opens a semaphore by name, or creates it; [`was_created`](Self::was_created) reports which.
    ///
    /// An existing semaphore keeps its value and its permissions.
    ///
    /// # Errors
    ///
    /// The errors of [`open`](Self::open) and [`create`](Self::create).
    #[doc(alias = "sem_open")]
    pub fn open_or_create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<SemaphoreOptions>,
    ) -> Result<Self> {
        let (name, options) = (name.try_into().map_err(Into::into)?, options.into());
        let trust = options.trust.for_permissions(options.permissions);
        open_or_create(|| Self::open_with(&name, trust), || Self::create(&name, options))
    }

    /// Waits until a semaphore with this name exists, for at most `timeout`. Returns `false` if it
    /// does not exist by then.
    ///
    /// The system does not report new names, so this polls, at intervals that grow from 1 ms to 20
    /// ms.
    ///
    /// # Errors
    ///
    /// The errors of [`open`](Self::open), except `is_not_found`.
    pub fn wait_until_exists(
        name: impl TryInto<Name, Error: Into<Error>>,
        timeout: Duration,
    ) -> Result<bool> {
        const FIRST: Duration = Duration::from_millis(1);
        const LAST: Duration = Duration::from_millis(20);
        let (name, deadline) = (name.try_into().map_err(Into::into)?, Deadline::after(timeout));
        let mut pause = FIRST;
        loop {
            match Self::open(&name) {
                Err(err) if err.is_not_found() => {}
                found => return found.map(|_| true),
            }
            match deadline.remaining() {
                Some(Duration::ZERO) => return Ok(false),
                left => thread::sleep(left.map_or(pause, |left| left.min(pause))),
            }
            pause = LAST.min(pause * 2);
        }
    }

    /// Unlinks a name. Open handles stay valid. Unlinking a name that does not exist is not an
    /// error.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the name is not valid; `is_permission_denied` if the semaphore
    /// belongs to another user.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sem_unlink.html>
    #[doc(alias = "sem_unlink")]
    pub fn unlink(name: impl TryInto<Name, Error: Into<Error>>) -> Result<()> {
        Entry::new(&SEMAPHORE, name.try_into().map_err(Into::into)?)?.unlink()
    }

    /// Lists the names of all semaphores, whichever program created them.
    ///
    /// # Errors
    ///
    /// The errors of reading a directory; `is_unsupported` with musl, which names the files of
    /// semaphores like those of shared memory.
    pub fn names() -> Result<Vec<Name>> {
        if SEMAPHORE.prefix.is_empty() {
            let why =
                "with musl, the files of semaphores have the same names as those of shared memory";
            return Err(Error::unsupported(SEMAPHORE.open, "names", why));
        }
        SEMAPHORE.names()
    }

    /// The name with which the semaphore was created or opened.
    #[must_use]
    pub fn name(&self) -> &Name {
        self.entry.name()
    }

    /// The identity of this semaphore. If another semaphore gets the name, the identity of this one
    /// stays the same.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Returns `true` if this handle created the semaphore.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.creator.is_some()
    }

    #[inline]
    pub(super) fn sem(&self) -> &Sem {
        // SAFETY: mapped as long as `self`, with room for a `Sem`; its bytes are what `Sem::init`
        // made of them, here or in the C library's `sem_open`. A `Sem` is integers, so that others'
        // mischief is a wrong count only.
        unsafe { self.mapping.base().cast().as_ref() }
    }

    /// Adds one to the value, and wakes a waiting thread.
    ///
    /// A signal handler may call it as long as the value is below [`Semaphore::MAX_VALUE`]: then
    /// the call leaves `errno` unchanged and allocates nothing. At the maximum, the call sets
    /// `errno` and allocates the error.
    ///
    /// # Errors
    ///
    /// `is_overflow` if the value is [`Semaphore::MAX_VALUE`] already.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sem_post.html>
    #[doc(alias = "sem_post")]
    #[inline]
    pub fn post(&self) -> Result<()> {
        self.sem().post().map_err(|errno| not_posted(errno).on(self.name()))
    }

    /// Waits for a permit, and acquires it.
    ///
    /// # Errors
    ///
    /// Fails only if the memory of the semaphore is damaged.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sem_wait.html>
    #[doc(alias = "sem_wait")]
    #[inline]
    pub fn wait(&self) -> Result<()> {
        self.sem().wait().map_err(|errno| Error::os("sem_wait", self.name(), errno))
    }

    /// Acquires a permit if there is one; returns `false` otherwise.
    ///
    /// # Errors
    ///
    /// The errors of [`wait`](Self::wait).
    #[doc(alias = "sem_trywait")]
    #[inline]
    pub fn try_wait(&self) -> Result<bool> {
        self.sem().try_wait().map_err(|errno| Error::os("sem_trywait", self.name(), errno))
    }

    /// Acquires a permit; returns `false` if none is posted within `timeout`.
    ///
    /// # Errors
    ///
    /// The errors of [`wait`](Self::wait).
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sem_clockwait.html>
    #[doc(alias = "sem_timedwait")]
    #[doc(alias = "sem_clockwait")]
    #[inline]
    pub fn wait_timeout(&self, timeout: Duration) -> Result<bool> {
        let waited = self.sem().wait_until(|| Deadline::after(timeout));
        waited.map_err(|errno| Error::os("sem_clockwait", self.name(), errno))
    }

    /// Acquires a permit; returns `false` if none is posted before `deadline`.
    ///
    /// An available permit is acquired even if the deadline has passed.
    ///
    /// # Errors
    ///
    /// The errors of [`wait`](Self::wait).
    #[doc(alias = "sem_timedwait")]
    #[doc(alias = "sem_clockwait")]
    #[inline]
    pub fn wait_deadline(&self, deadline: Instant) -> Result<bool> {
        let waited = self.sem().wait_until(|| Deadline::at(deadline));
        waited.map_err(|errno| Error::os("sem_clockwait", self.name(), errno))
    }

    /// Returns the value, which may have changed by the time the call returns.
    ///
    /// # Errors
    ///
    /// The errors of [`wait`](Self::wait).
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sem_getvalue.html>
    #[doc(alias = "sem_getvalue")]
    pub fn value(&self) -> Result<u32> {
        self.sem().value().map_err(|errno| Error::os("sem_getvalue", self.name(), errno))
    }
}

fn map(entry: &Entry, file: &File) -> Result<Mapping> {
    let mapped = Mapping::new(file, size_of::<Semaphore>(), Access::ReadWrite);
    mapped.map_err(|errno| Error::os("mmap", entry.name(), errno))
}

/// Adds one permit, unless the value is at its maximum.
// SAFETY: `sem_post` is in POSIX's list of async-signal-safe functions, and sound in any interleaving
// with the other functions of semaphores; nothing is allocated for its error.
unsafe impl SignalSafe for NamedSemaphore {
    fn notify(&self) {
        let _ = self.sem().post(); // fails at the maximum only
    }
}

impl Drop for NamedSemaphore {
    fn drop(&mut self) {
        if self.removal == Removal::OnDrop && self.creator.is_some_and(Origin::is_here) {
            let _ = self.entry.unlink_if(self.identity); // no one is there to be told
        }
    }
}

/// Prints the name and the current value.
impl fmt::Debug for NamedSemaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.sem().value().unwrap_or_default();
        f.debug_struct("NamedSemaphore")
            .field("name", &self.name().as_str())
            .field("value", &value)
            .finish()
    }
}
