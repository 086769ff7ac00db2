//! Semaphores in a memory.

#![expect(unsafe_code, reason = "vouches for a semaphore as a `Resident`")]

use std::ptr::NonNull;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Error, Result};
use ipc_mem::{Kind, Memory, Placed, Resident, Schema};

use crate::sys::semaphore::Sem;

/// A counter that is waited for while it is 0: C's `sem_t`, in any memory.
///
/// It is always one for several processes, also in memory that only this one has.
///
/// # Examples
///
/// ```
/// use ipc_mem::LocalMemory;
/// use ipc_sync::posix::Semaphore;
///
/// let gate = Semaphore::create_in(LocalMemory::new(64)?, 1)?;
/// gate.wait()?;
/// assert!(!gate.try_wait()?);
/// gate.post()?;
/// assert_eq!(gate.value()?, 1);
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/semaphore.h.html>
#[doc(alias = "sem_t")]
#[repr(transparent)]
pub struct Semaphore(Sem);

impl Semaphore {
    /// The greatest value.
    #[doc(alias = "SEM_VALUE_MAX")]
    pub const MAX_VALUE: u32 = Sem::MAX_VALUE;

    /// Makes one with this value at the beginning of a fresh memory.
    ///
    /// For one at an offset, cut the memory up with a [`Carver`](ipc_mem::Carver).
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the value is over [`MAX_VALUE`](Self::MAX_VALUE), or as
    /// [`Placed::create_in`] if this is no memory for it.
    #[doc(alias = "sem_init")]
    pub fn create_in<M: Memory>(memory: M, value: u32) -> Result<Placed<Self, M>> {
        let init = |place: NonNull<Self>| {
            // SAFETY: called below, with a place that `create_with` gives for this.
            unsafe { Self::init_with(place, value) }
        };
        // SAFETY: `init_with` does what `init` does, with another value.
        unsafe { Placed::create_with(memory, init) }
    }

    /// Finds the one that somebody made at the beginning of a memory, and never ends it.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the memory is too small, not aligned or read-only.
    ///
    /// # Safety
    ///
    /// As [`Placed::open_in`]. One made by a C program has to be made with a `pshared` other than 0.
    pub unsafe fn open_in<M: Memory>(memory: M) -> Result<Placed<Self, M>> {
        // SAFETY: as the caller vouches.
        unsafe { Placed::open_in(memory) }
    }

    /// # Safety
    ///
    /// As [`Resident::init`].
    unsafe fn init_with(place: NonNull<Self>, value: u32) -> Result<()> {
        // SAFETY: the caller gives the place to us; a `Semaphore` is a `Sem`.
        let made = unsafe { Sem::init(place.cast(), value) };
        made.map_err(|_| Error::invalid("sem_init", "", over_maximum(value)))
    }

    /// Adds one, and wakes one of those who wait.
    ///
    /// A signal handler may call it as long as the value is below [`MAX_VALUE`](Self::MAX_VALUE): then it leaves `errno`
    /// alone and asks for no memory. The error sets the one and asks for the other.
    ///
    /// # Errors
    ///
    /// `is_overflow` if the value is [`MAX_VALUE`](Self::MAX_VALUE) already.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sem_post.html>
    #[doc(alias = "sem_post")]
    #[inline]
    pub fn post(&self) -> Result<()> {
        self.0.post().map_err(|errno| Error::os("sem_post", "", errno))
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
        self.0.wait().map_err(|errno| Error::os("sem_wait", "", errno))
    }

    /// Takes one if there is one, and says whether it did.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait); a value of 0 is `Ok(false)`.
    #[doc(alias = "sem_trywait")]
    #[inline]
    pub fn try_wait(&self) -> Result<bool> {
        self.0.try_wait().map_err(|errno| Error::os("sem_trywait", "", errno))
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
        self.0.wait_until(|| Deadline::after(timeout)).map_err(|errno| Error::os("sem_clockwait", "", errno))
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
        self.0.wait_until(|| Deadline::at(deadline)).map_err(|errno| Error::os("sem_clockwait", "", errno))
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
        self.0.value().map_err(|errno| Error::os("sem_getvalue", "", errno))
    }
}

pub(crate) fn over_maximum(value: u32) -> String {
    format!("a first value of {value} is over the greatest, {}", Semaphore::MAX_VALUE)
}

/// With the value at this moment.
impl std::fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Semaphore").field(&self.0.value().unwrap_or_default()).finish()
    }
}

// SAFETY: `sem_t` holds integers, is made for several processes (`Sem::init`), and is used through
// `&` by C's functions only, which any number of threads may call.
unsafe impl Resident for Semaphore {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::SEMAPHORE);

    unsafe fn init(place: NonNull<Self>) -> Result<()> {
        // SAFETY: as the caller vouches.
        unsafe { Self::init_with(place, 0) }
    }

    unsafe fn destroy(place: NonNull<Self>) {
        // SAFETY: as the caller vouches; a `Semaphore` is a `Sem`.
        unsafe { Sem::destroy(place.cast()) }
    }
}
