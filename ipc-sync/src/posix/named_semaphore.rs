//! Named semaphores: counters that any process can open by name.
//!
//! C's `sem_open` keeps them as files of one `sem_t`. We make and map these files ourselves, and use C's functions on
//! what we have mapped: so a file is checked before it is used, is seen by nobody before it is whole, and two handles
//! are independent of each other, where `sem_open` gives the same address twice and counts.

#![expect(unsafe_code, reason = "finds a semaphore in a mapped file")]

use std::fmt;
use std::fs::File;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Error, Name, Origin, Removal, Result, Trust, crash_point, open_or_create};
use ipc_mem::named::{Convention, Entry, Identity};
use ipc_mem::{Access, Mapping};

use crate::clib;
use crate::posix::semaphore::over_maximum;
use crate::posix::{Semaphore, SemaphoreOptions};
use crate::sys::semaphore::Sem;

/// How the C library calls them.
const SEMAPHORE: Convention =
    Convention { noun: "a semaphore", prefix: clib::SEMAPHORE_PREFIX, open: "sem_open", unlink: "sem_unlink" };

/// A counter shared by every process that opens its name.
///
/// Dropping it closes this handle and nothing else: the counter lives on until its name is unlinked and its last
/// handle closed, or until its creator's handle is dropped if that asked for [`Removal::OnDrop`]. A child of
/// `fork` may use its parent's handle, and never ends the name.
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
    /// Makes a semaphore under a name that nobody has yet, with its first value or [`SemaphoreOptions`].
    ///
    /// Nobody sees it before it is whole, and a process that dies on the way leaves nothing.
    ///
    /// # Errors
    ///
    /// `is_exists` if the name is taken; `is_invalid_argument` if it is none, or the value is over
    /// [`Semaphore::MAX_VALUE`]; `is_unsupported` for [`Removal::LastUser`]; `is_no_space`,
    /// `is_permission_denied` and what else the system refuses.
    #[doc(alias = "sem_open")]
    #[doc(alias = "O_CREAT")]
    pub fn create(name: impl TryInto<Name, Error: Into<Error>>, options: impl Into<SemaphoreOptions>) -> Result<Self> {
        let (name, options) = (name.try_into().map_err(Into::into)?, options.into());
        if options.removal == Removal::LastUser {
            let why = "the format of C's named semaphores has no room to count users";
            return Err(Error::unsupported(SEMAPHORE.open, name, why));
        }
        let entry = Entry::new(&SEMAPHORE, name);
        let (file, identity) = entry.create_unnamed(options.permissions, size_of::<Semaphore>())?;
        let mapping = map(&entry, &file)?;
        // SAFETY: a mapping has room for a `Sem` and begins on a page; nobody else has this file yet.
        unsafe { Sem::init(mapping.base().cast(), options.value) }
            .map_err(|_| Error::invalid(SEMAPHORE.open, entry.name(), over_maximum(options.value)))?;
        crash_point("sem.create.filled");
        entry.link(&file)?;
        Ok(Self { entry, identity, mapping, creator: Some(Origin::here()), removal: options.removal })
    }

    /// Finds a semaphore by name, also one that a C program made with `sem_open`.
    ///
    /// # Errors
    ///
    /// `is_not_found` if nobody has the name; `is_permission_denied` if its mode forbids reading or writing;
    /// `is_untrusted` if it is not this user's or root's, or others may write it; `is_mismatch` if it is no
    /// semaphore.
    #[doc(alias = "sem_open")]
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, Trust::default())
    }

    /// As [`open`](Self::open), with a say in whose semaphore is acceptable.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_with(name: impl TryInto<Name, Error: Into<Error>>, trust: Trust) -> Result<Self> {
        let entry = Entry::new(&SEMAPHORE, name.try_into().map_err(Into::into)?);
        let (file, metadata) = entry.open(trust, Access::ReadWrite)?;
        // Bytes that a mapping has and its file has not are a fault to touch; and a longer file, which the C library
        // never makes, is something else that has a name of this form, such as a shared memory.
        if metadata.len() != size_of::<Semaphore>() as u64 {
            let why = format!("found {} bytes, wanted the {} of a semaphore", metadata.len(), size_of::<Semaphore>());
            return Err(Error::mismatch(SEMAPHORE.open, entry.name(), why));
        }
        let mapping = map(&entry, &file)?;
        Ok(Self { entry, identity: Identity::of(&metadata), mapping, creator: None, removal: Removal::Never })
    }

    /// Finds a semaphore by name, or makes it; [`was_created`](Self::was_created) tells which.
    ///
    /// One that is found keeps its value and its permissions.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open) and [`create`](Self::create).
    #[doc(alias = "sem_open")]
    pub fn open_or_create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<SemaphoreOptions>,
    ) -> Result<Self> {
        let (name, options) = (name.try_into().map_err(Into::into)?, options.into());
        let trust = options.trust.for_permissions(options.permissions);
        open_or_create(|| Self::open_with(&name, trust), || Self::create(&name, options))
    }

    /// Ends a name. Who has the semaphore open keeps it; a name that nobody has is not an error.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the name is none; `is_permission_denied` if the semaphore is somebody else's.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sem_unlink.html>
    #[doc(alias = "sem_unlink")]
    pub fn unlink(name: impl TryInto<Name, Error: Into<Error>>) -> Result<()> {
        Entry::new(&SEMAPHORE, name.try_into().map_err(Into::into)?).unlink()
    }

    /// The names that semaphores have now, whoever made them.
    ///
    /// # Errors
    ///
    /// What the system refuses to who looks for them; `is_unsupported` where the C library calls the files of semaphores
    /// no other way than those of shared memory.
    pub fn names() -> Result<Vec<Name>> {
        if SEMAPHORE.prefix.is_empty() {
            let why = "semaphores are called as shared memory is";
            return Err(Error::unsupported(SEMAPHORE.open, "names", why));
        }
        SEMAPHORE.names()
    }

    /// What it was called when it was created or opened.
    #[must_use]
    pub fn name(&self) -> &Name {
        self.entry.name()
    }

    /// Which semaphore it is, also after its name has been given to another.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Whether this handle made the semaphore.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.creator.is_some()
    }

    #[inline]
    fn sem(&self) -> &Sem {
        // SAFETY: mapped as long as `self`, with room for a `Sem`; its bytes are what `Sem::init` made of them, here
        // or in the C library's `sem_open`. A `Sem` is integers, so that others' mischief is a wrong count only.
        unsafe { self.mapping.base().cast().as_ref() }
    }

    /// Adds one, and wakes one of those who wait.
    ///
    /// A signal handler may call it as long as the value is below [`Semaphore::MAX_VALUE`]: then it leaves `errno` alone
    /// and asks for no memory. The error sets the one and asks for the other.
    ///
    /// # Errors
    ///
    /// `is_overflow` if the value is [`Semaphore::MAX_VALUE`] already.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sem_post.html>
    #[doc(alias = "sem_post")]
    #[inline]
    pub fn post(&self) -> Result<()> {
        self.sem().post().map_err(|errno| Error::os("sem_post", self.name(), errno))
    }

    /// Takes one, and waits as long as there is none.
    ///
    /// # Errors
    ///
    /// What the system refuses; nothing that happens to an intact semaphore.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sem_wait.html>
    #[doc(alias = "sem_wait")]
    #[inline]
    pub fn wait(&self) -> Result<()> {
        self.sem().wait().map_err(|errno| Error::os("sem_wait", self.name(), errno))
    }

    /// Takes one if there is one, and says whether it did.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait); a value of 0 is `Ok(false)`.
    #[doc(alias = "sem_trywait")]
    #[inline]
    pub fn try_wait(&self) -> Result<bool> {
        self.sem().try_wait().map_err(|errno| Error::os("sem_trywait", self.name(), errno))
    }

    /// Takes one if there is one within that time, and says whether it did.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait); that it took too long is `Ok(false)`.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sem_clockwait.html>
    #[doc(alias = "sem_timedwait")]
    #[doc(alias = "sem_clockwait")]
    #[inline]
    pub fn wait_timeout(&self, timeout: Duration) -> Result<bool> {
        let waited = self.sem().wait_until(|| Deadline::after(timeout));
        waited.map_err(|errno| Error::os("sem_clockwait", self.name(), errno))
    }

    /// Takes one if there is one before that moment, and says whether it did.
    ///
    /// If there is one it is taken, also when the moment is past.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait); that it took too long is `Ok(false)`.
    #[doc(alias = "sem_timedwait")]
    #[doc(alias = "sem_clockwait")]
    #[inline]
    pub fn wait_deadline(&self, deadline: Instant) -> Result<bool> {
        let waited = self.sem().wait_until(|| Deadline::at(deadline));
        waited.map_err(|errno| Error::os("sem_clockwait", self.name(), errno))
    }

    /// The value at this moment, which may be past when the call returns.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
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

impl Drop for NamedSemaphore {
    fn drop(&mut self) {
        if self.removal == Removal::OnDrop && self.creator.is_some_and(Origin::is_here) {
            self.entry.unlink_if(self.identity);
        }
    }
}

/// Name and value at this moment.
impl fmt::Debug for NamedSemaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.sem().value().unwrap_or_default();
        f.debug_struct("NamedSemaphore").field("name", &self.name().as_str()).field("value", &value).finish()
    }
}
