//! Waiting for what other threads do to the data behind a mutex.

#![expect(unsafe_code, reason = "vouches for a condition variable as a `Resident`")]

use std::fmt;
use std::mem;
use std::ptr::NonNull;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Errno, Error, Result};
use ipc_mem::{Kind, Memory, Placed, Plain, Resident, Schema};

use crate::LockError;
use crate::pthread::{LockResult, MutexGuard, RawLockResult, RawMutexGuard, Sharing};
use crate::sys;

/// Wakes threads that wait for a change of data behind a mutex: C's `pthread_cond_t`, in any memory.
///
/// Who waits may wake up without reason, so that it has to look again: [`wait_while`](Self::wait_while) does.
/// All who wait use the same mutex; otherwise wake-ups can be lost. While one waits, others write the data: so the guard
/// is of something [`Plain`], not of a part about which something was found out before:
///
/// ```compile_fail,E0277
/// use ipc_sync::pthread::{Condvar, MutexGuard};
///
/// fn wait<'a>(changed: &Condvar, letters: MutexGuard<'a, [u8; 8]>) -> MutexGuard<'a, str> {
///     let text = MutexGuard::map(letters, |letters| std::str::from_utf8_mut(letters).unwrap());
///     changed.wait(text).unwrap() // E0277: others may write what is not UTF-8
/// }
/// ```
///
/// # When a process is killed
///
/// One that is killed while it waits harms the others where glibc is older than 2.41: a later
/// [`notify_one`](Self::notify_one) or [`notify_all`](Self::notify_all) of a healthy process can wait for the dead one
/// for ever. Nobody can mend this from outside: do not use it where processes may be killed, but a
/// [`posix::Semaphore`](crate::posix::Semaphore).
///
/// # Examples
///
/// ```
/// use ipc_mem::{Carver, LocalMemory};
/// use ipc_sync::pthread::{Condvar, Mutex};
///
/// let mut carver = Carver::new(LocalMemory::new(4096)?)?;
/// let jobs = Mutex::create_in(carver.carve(64, 8)?, 0u32)?;
/// let more = Condvar::create_in(carver.carve(64, 8)?)?;
///
/// std::thread::scope(|scope| {
///     scope.spawn(|| {
///         *jobs.lock().unwrap() += 1;
///         more.notify_one().unwrap();
///     });
///     let mut jobs = more.wait_while(jobs.lock().unwrap(), |jobs| *jobs == 0).unwrap();
///     *jobs -= 1;
/// });
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_cond_wait.html>
#[doc(alias = "pthread_cond_t")]
#[repr(transparent)]
pub struct Condvar(sys::condvar::Condvar);

impl Condvar {
    /// Makes one for several processes at the beginning of a fresh memory.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` as [`Placed::create_in`].
    #[doc(alias = "pthread_cond_init")]
    pub fn create_in<M: Memory>(memory: M) -> Result<Placed<Self, M>> {
        Placed::create_in(memory)
    }

    /// As [`create_in`](Self::create_in), with a say in whose threads may use it.
    ///
    /// # Errors
    ///
    /// As [`create_in`](Self::create_in).
    pub fn create_with<M: Memory>(memory: M, sharing: Sharing) -> Result<Placed<Self, M>> {
        // SAFETY: called below, with a place that `Placed::create_with` gives for this.
        let init = |place| unsafe { Self::init_with(place, sharing) };
        // SAFETY: `init_with` does what `init` does, for other threads.
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
    /// As [`Placed::open_in`]. One made by a C program has to be `PTHREAD_PROCESS_SHARED` if that is another process,
    /// for `CLOCK_MONOTONIC`, and made by the same C library as this one, in the same word size.
    pub unsafe fn open_in<M: Memory>(memory: M) -> Result<Placed<Self, M>> {
        // SAFETY: as the caller vouches.
        unsafe { Placed::open_in(memory) }
    }

    /// Makes one at `place`, for what is laid out by other means than a memory.
    ///
    /// # Errors
    ///
    /// As [`create_in`](Self::create_in).
    ///
    /// # Safety
    ///
    /// As [`Resident::init`]. One for [`Sharing::Threads`] is never used by another process, nor through a second
    /// mapping.
    pub unsafe fn init_with(place: NonNull<Self>, sharing: Sharing) -> Result<()> {
        // SAFETY: as the caller vouches; a `Condvar` is one of C's.
        let made = unsafe { sys::condvar::Condvar::init(place.cast(), sharing) };
        made.map_err(|errno| Error::os("pthread_cond_init", "", errno))
    }

    /// Wakes one of those who wait, if there are any.
    ///
    /// # Errors
    ///
    /// What the system refuses; nothing that happens to an intact one.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_cond_signal.html>
    #[doc(alias = "pthread_cond_signal")]
    #[inline]
    pub fn notify_one(&self) -> Result<()> {
        self.0.notify_one().map_err(|errno| Error::os("pthread_cond_signal", "", errno))
    }

    /// Wakes all who wait.
    ///
    /// # Errors
    ///
    /// As [`notify_one`](Self::notify_one).
    #[doc(alias = "pthread_cond_broadcast")]
    #[inline]
    pub fn notify_all(&self) -> Result<()> {
        self.0.notify_all().map_err(|errno| Error::os("pthread_cond_broadcast", "", errno))
    }

    /// Gives the mutex back, waits to be woken, and locks the mutex again.
    ///
    /// # Errors
    ///
    /// As [`Mutex::lock`](crate::pthread::Mutex::lock): another owner may have died meanwhile.
    #[doc(alias = "pthread_cond_wait")]
    pub fn wait<'a, T: Plain>(&self, guard: MutexGuard<'a, T>) -> LockResult<'a, T> {
        self.wait_until(guard, Deadline::NEVER).map(|(guard, _)| guard)
    }

    /// Waits for as long as `condition` holds.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    #[doc(alias = "pthread_cond_wait")]
    pub fn wait_while<'a, T: Plain>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> LockResult<'a, T> {
        while condition(&mut guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    /// As [`wait`](Self::wait), but not for longer than this; `false` says that the time is over.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_cond_clockwait.html>
    #[doc(alias = "pthread_cond_timedwait")]
    #[doc(alias = "pthread_cond_clockwait")]
    pub fn wait_timeout<'a, T: Plain>(
        &self,
        guard: MutexGuard<'a, T>,
        timeout: Duration,
    ) -> LockResult<'a, T, (MutexGuard<'a, T>, bool)> {
        self.wait_until(guard, Deadline::after(timeout))
    }

    /// As [`wait`](Self::wait), but not beyond that moment; `false` says that it has come.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    #[doc(alias = "pthread_cond_timedwait")]
    #[doc(alias = "pthread_cond_clockwait")]
    pub fn wait_deadline<'a, T: Plain>(
        &self,
        guard: MutexGuard<'a, T>,
        deadline: Instant,
    ) -> LockResult<'a, T, (MutexGuard<'a, T>, bool)> {
        self.wait_until(guard, Deadline::at(deadline))
    }

    /// Waits for as long as `condition` holds, but not for longer than `timeout`; `false` says that it still holds.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    pub fn wait_timeout_while<'a, T: Plain>(
        &self,
        mut guard: MutexGuard<'a, T>,
        timeout: Duration,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> LockResult<'a, T, (MutexGuard<'a, T>, bool)> {
        let deadline = Deadline::after(timeout);
        let mut in_time = true;
        loop {
            if !condition(&mut guard) {
                return Ok((guard, true));
            }
            if !in_time {
                return Ok((guard, false));
            }
            (guard, in_time) = self.wait_until(guard, deadline)?;
        }
    }

    fn wait_until<'a, T: Plain>(
        &self,
        guard: MutexGuard<'a, T>,
        deadline: Deadline,
    ) -> LockResult<'a, T, (MutexGuard<'a, T>, bool)> {
        let waited = self.sys_wait(guard.sys(), deadline);
        after_wait(guard, waited, MutexGuard::into_raw)
    }

    /// As [`wait`](Self::wait), for data that a [`RawMutex`](crate::pthread::RawMutex) guards.
    ///
    /// A recursive mutex is given back only if it is locked once.
    ///
    /// # Errors
    ///
    /// As [`RawMutex::lock`](crate::pthread::RawMutex::lock): another owner may have died meanwhile.
    #[doc(alias = "pthread_cond_wait")]
    pub fn wait_raw<'a>(&self, guard: RawMutexGuard<'a>) -> RawLockResult<'a> {
        self.wait_raw_until(guard, Deadline::NEVER).map(|(guard, _)| guard)
    }

    /// As [`wait_raw`](Self::wait_raw), but not for longer than this; `false` says that the time is over.
    ///
    /// # Errors
    ///
    /// As [`wait_raw`](Self::wait_raw).
    #[doc(alias = "pthread_cond_timedwait")]
    #[doc(alias = "pthread_cond_clockwait")]
    pub fn wait_raw_timeout<'a>(
        &self,
        guard: RawMutexGuard<'a>,
        timeout: Duration,
    ) -> RawLockResult<'a, (RawMutexGuard<'a>, bool)> {
        self.wait_raw_until(guard, Deadline::after(timeout))
    }

    /// As [`wait_raw`](Self::wait_raw), but not beyond that moment; `false` says that it has come.
    ///
    /// # Errors
    ///
    /// As [`wait_raw`](Self::wait_raw).
    #[doc(alias = "pthread_cond_timedwait")]
    #[doc(alias = "pthread_cond_clockwait")]
    pub fn wait_raw_deadline<'a>(
        &self,
        guard: RawMutexGuard<'a>,
        deadline: Instant,
    ) -> RawLockResult<'a, (RawMutexGuard<'a>, bool)> {
        self.wait_raw_until(guard, Deadline::at(deadline))
    }

    fn wait_raw_until<'a>(
        &self,
        guard: RawMutexGuard<'a>,
        deadline: Deadline,
    ) -> RawLockResult<'a, (RawMutexGuard<'a>, bool)> {
        let waited = self.sys_wait(guard.sys(), deadline);
        after_wait(guard, waited, |guard| guard)
    }

    fn sys_wait(&self, mutex: &sys::mutex::Mutex, deadline: Deadline) -> Result<(), Errno> {
        match deadline.moment() {
            Some(end) => self.0.wait_until(mutex, end),
            None => self.0.wait(mutex),
        }
    }
}

/// What a wait comes to: the mutex is locked again unless nobody gets it any more.
fn after_wait<'a, G>(
    guard: G,
    waited: Result<(), Errno>,
    raw: impl FnOnce(G) -> RawMutexGuard<'a>,
) -> Result<(G, bool), LockError<G>> {
    match waited {
        Ok(()) => Ok((guard, true)),
        Err(Errno::ETIMEDOUT) => Ok((guard, false)),
        Err(Errno::EOWNERDEAD) => Err(LockError::OwnerDied(guard)),
        Err(errno) => {
            // Not locked again, as a ceiling that is below this thread's priority has it: nothing to give back.
            mem::forget(raw(guard));
            Err(match errno {
                Errno::ENOTRECOVERABLE => LockError::NotRecoverable,
                _ => LockError::Failed(Error::os("pthread_cond_wait", "", errno)),
            })
        }
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condvar").finish_non_exhaustive()
    }
}

// SAFETY: `pthread_cond_t` is used through `&` by C's functions only, which any number of threads may call, of
// several processes as it is made by default. It is never destroyed: that would wait, for ever, for waiters that
// were killed, and C keeps nothing outside of it.
unsafe impl Resident for Condvar {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::CONDVAR);

    unsafe fn init(place: NonNull<Self>) -> Result<()> {
        // SAFETY: as the caller vouches.
        unsafe { Self::init_with(place, Sharing::Processes) }
    }
}
