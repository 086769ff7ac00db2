//! Semaphores in shared memory.

#![expect(unsafe_code, reason = "vouches for a semaphore as a `Resident`, and in signal handlers")]

use std::ptr::NonNull;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Errno, Error, Refusal, Result, SignalSafe};
use ipc_mem::{Fresh, Kind, Memory, Placed, ReadWrite, Resident, Schema};

use crate::sys::semaphore::Sem;

/// A counter whose `wait` blocks while it is 0: C's `sem_t`, in any memory object.
///
/// The semaphore is always initialised with `pshared` set, even in private memory.
///
/// The permits of a killed process are lost. A waiting thread checks the value every second, so a
/// wake-up that is lost with a killed process delays other threads by at most a second. Each check
/// begins a new wait, so threads of equal real-time priority are not served strictly in order of
/// arrival.
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
    pub(super) fn sys(&self) -> &Sem {
        &self.0
    }

    /// The maximum value.
    #[doc(alias = "SEM_VALUE_MAX")]
    pub const MAX_VALUE: u32 = Sem::MAX_VALUE;

    /// Creates a semaphore with this value at the beginning of memory that has just been created
    /// ([`Fresh`](ipc_mem::Fresh)).
    ///
    /// To create one at an offset, divide the memory with a [`Carver`](ipc_mem::Carver).
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the value is over [`MAX_VALUE`](Self::MAX_VALUE); the errors of
    /// [`Placed::create_in`].
    #[doc(alias = "sem_init")]
    pub fn create_in<M: Memory<Access = ReadWrite>>(
        memory: Fresh<M>,
        value: u32,
    ) -> Result<Placed<Self, M>> {
        Placed::create_in_with(memory, value)
    }

    /// Opens the semaphore at the beginning of a memory object. Dropping the handle never destroys
    /// it.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the memory is too small, not aligned or read-only.
    ///
    /// # Safety
    ///
    /// The contract of [`Placed::open_in`]. The program that created the semaphore must use the
    /// same C library. If it is a C program, it must have called `sem_init` with a `pshared` other
    /// than 0.
    pub unsafe fn open_in<M: Memory<Access = ReadWrite>>(memory: M) -> Result<Placed<Self, M>> {
        // SAFETY: the caller guarantees what `Placed::open_in` requires.
        unsafe { Placed::open_in(memory) }
    }

    /// Adds one to the value, and wakes a waiting thread.
    ///
    /// A signal handler may call it as long as the value is below [`MAX_VALUE`](Self::MAX_VALUE):
    /// then the call leaves `errno` unchanged and allocates nothing. At the maximum, the call sets
    /// `errno` and allocates the error.
    ///
    /// # Errors
    ///
    /// `is_overflow` if the value is [`MAX_VALUE`](Self::MAX_VALUE) already.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sem_post.html>
    #[doc(alias = "sem_post")]
    #[inline]
    pub fn post(&self) -> Result<()> {
        self.0.post().map_err(|errno| not_posted(errno).on(""))
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
        self.0.wait().map_err(|errno| Error::os("sem_wait", "", errno))
    }

    /// Acquires a permit if there is one; returns `false` otherwise.
    ///
    /// # Errors
    ///
    /// The errors of [`wait`](Self::wait).
    #[doc(alias = "sem_trywait")]
    #[inline]
    pub fn try_wait(&self) -> Result<bool> {
        self.0.try_wait().map_err(|errno| Error::os("sem_trywait", "", errno))
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
        self.0
            .wait_until(|| Deadline::after(timeout))
            .map_err(|errno| Error::os("sem_clockwait", "", errno))
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
        self.0
            .wait_until(|| Deadline::at(deadline))
            .map_err(|errno| Error::os("sem_clockwait", "", errno))
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
        self.0.value().map_err(|errno| Error::os("sem_getvalue", "", errno))
    }
}

pub(crate) fn over_maximum(value: u32) -> String {
    format!("an initial value of {value}, at most {}", Semaphore::MAX_VALUE)
}

#[cold]
pub(crate) fn not_posted(errno: Errno) -> Refusal {
    let refusal = Refusal::os("sem_post", errno);
    match errno {
        Errno::EOVERFLOW => {
            refusal.because(format_args!("the value is the maximum, {}", Semaphore::MAX_VALUE))
        }
        _ => refusal,
    }
}

/// Adds one permit, unless the value is at its maximum.
// SAFETY: `sem_post` is in POSIX's list of async-signal-safe functions, and sound in any interleaving
// with the other functions of semaphores; nothing is allocated for its error.
unsafe impl SignalSafe for Semaphore {
    fn notify(&self) {
        let _ = self.0.post(); // fails at the maximum only
    }
}

/// Prints the current value.
impl std::fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Semaphore").field(&self.0.value().unwrap_or_default()).finish()
    }
}

// SAFETY: `sem_t` holds integers, is made for several processes (`Sem::init`), and is used through
// `&` by C's functions only, which any number of threads may call.
unsafe impl Resident for Semaphore {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::SEMAPHORE);

    /// The initial value.
    type Options = u32;

    unsafe fn init(place: NonNull<Self>, value: u32) -> Result<()> {
        // SAFETY: this type is `repr(transparent)` over `Live<sem_t>`, so the place is that of one.
        // Its bytes are aligned and writable, and until this returns no other thread or process
        // uses them (contract of `init`).
        let place = unsafe { place.cast().as_mut() };
        Sem::init(place, value).map_err(|_| Error::invalid("sem_init", "", over_maximum(value)))
    }

    unsafe fn destroy(place: NonNull<Self>) {
        // SAFETY: the caller guarantees what `destroy` requires; a `Semaphore` is a `Sem`.
        unsafe { Sem::destroy(place.cast()) }
    }
}
