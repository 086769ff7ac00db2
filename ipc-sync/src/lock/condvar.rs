//! Condition variables: waiting for a change of the data that a mutex guards.

#![expect(unsafe_code, reason = "releases a mutex while it waits")]

use std::fmt;
use std::ptr::NonNull;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Errno, Refusal, Result};
use ipc_mem::{Fresh, Memory, Placed, Plain, ReadWrite, Resident, Schema};

use crate::LockError;
use crate::lock::mutex::{Entered, surely_judged};
use crate::lock::mutex_guard::give_up;
use crate::lock::{
    Acquired, BareLockResult, BareMutexGuard, Failure, LockResult, MutexGuard, Owner, OwnerWord,
    RawCondvar,
};

/// A condition variable, on which threads wait until another thread changes the data of a mutex.
/// The type `C` determines its kind: native, or of the C library.
///
/// Use it through the alias of a kind, such as [`pthread::Condvar`](crate::pthread::Condvar). All
/// threads that wait on one condition variable must use the same mutex; otherwise wake-ups can be
/// lost. A thread may wake up without a notification, so it must check the data again:
/// [`wait_while`](Self::wait_while) does this.
///
/// During a wait, other threads may write any bytes to the data. All bytes are a valid value of a
/// [`Plain`] type, but not of others, such as `str`. So a thread can wait with the guard of a part
/// of the data only if the part is `Plain`. This does not compile:
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
pub struct Condvar<C>(C);

/// The result of a wait with a timeout or a deadline: the guard, and `false` if the time has run
/// out.
pub type Waited<'a, T, R> = LockResult<'a, T, R, (MutexGuard<'a, T, R>, bool)>;

impl<C: RawCondvar> Condvar<C> {
    /// Creates a condition variable with the default options of its kind, at the beginning of fresh
    /// memory.
    ///
    /// # Errors
    ///
    /// The errors of [`Placed::create_in`].
    #[doc(alias = "pthread_cond_init")]
    pub fn create_in<M: Memory<Access = ReadWrite>>(memory: Fresh<M>) -> Result<Placed<Self, M>>
    where
        C::Options: Default,
    {
        Placed::create_in(memory)
    }

    /// Creates a condition variable with these options, at the beginning of memory that has just
    /// been created ([`Fresh`](ipc_mem::Fresh)).
    ///
    /// # Errors
    ///
    /// The errors of [`Placed::create_in`].
    pub fn create_in_with<M: Memory<Access = ReadWrite>>(
        memory: Fresh<M>,
        options: C::Options,
    ) -> Result<Placed<Self, M>> {
        Placed::create_in_with(memory, options)
    }

    /// Opens the condition variable at the beginning of a memory object. Dropping the handle never
    /// destroys it.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the memory is too small, not aligned or read-only.
    ///
    /// # Safety
    ///
    /// The contract of [`Placed::open_in`]. If a C program created the condition variable, that
    /// program must use the same C library and word size as this program. If the C program is
    /// another process, the condition variable must be `PTHREAD_PROCESS_SHARED`.
    pub unsafe fn open_in<M: Memory<Access = ReadWrite>>(memory: M) -> Result<Placed<Self, M>> {
        // SAFETY: the caller guarantees what `Placed::open_in` requires.
        unsafe { Placed::open_in(memory) }
    }

    pub(crate) fn as_raw(&self) -> &C {
        &self.0
    }

    /// Wakes one waiting thread, if there is one.
    ///
    /// # Errors
    ///
    /// Fails only if the memory of the condition variable is damaged.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_cond_signal.html>
    #[doc(alias = "pthread_cond_signal")]
    #[inline]
    pub fn notify_one(&self) -> Result<()> {
        Ok(self.0.notify_one()?)
    }

    /// Wakes all waiting threads.
    ///
    /// # Errors
    ///
    /// The errors of [`notify_one`](Self::notify_one).
    #[doc(alias = "pthread_cond_broadcast")]
    #[inline]
    pub fn notify_all(&self) -> Result<()> {
        Ok(self.0.notify_all()?)
    }

    /// Releases the mutex, waits for a notification, and acquires the mutex again.
    ///
    /// # Errors
    ///
    /// The errors of [`Mutex::lock`](crate::lock::Mutex::lock): another owner may have died during
    /// the wait. If this guard came from `OwnerDied` and was not marked as repaired, the wait
    /// releases the mutex unrepaired, so the error is
    /// [`NotRecoverable`](crate::LockError::NotRecoverable): call `mark_consistent` before the
    /// wait.
    #[doc(alias = "pthread_cond_wait")]
    pub fn wait<'a, T: Plain>(
        &self,
        guard: MutexGuard<'a, T, C::Lock>,
    ) -> LockResult<'a, T, C::Lock> {
        self.wait_until(guard, Deadline::NEVER).map(|(guard, _)| guard)
    }

    /// Waits as [`wait`](Self::wait) does, again and again while `condition` returns `true`.
    ///
    /// # Errors
    ///
    /// The errors of [`wait`](Self::wait).
    pub fn wait_while<'a, T: Plain>(
        &self,
        guard: MutexGuard<'a, T, C::Lock>,
        condition: impl FnMut(&mut T) -> bool,
    ) -> LockResult<'a, T, C::Lock> {
        self.wait_while_until(guard, Deadline::NEVER, condition).map(|(guard, _)| guard)
    }

    /// Waits as [`wait`](Self::wait) does, for at most `timeout`. The `bool` is `false` if the time
    /// has run out.
    ///
    /// # Errors
    ///
    /// The errors of [`wait`](Self::wait).
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_cond_clockwait.html>
    #[doc(alias = "pthread_cond_timedwait")]
    #[doc(alias = "pthread_cond_clockwait")]
    pub fn wait_timeout<'a, T: Plain>(
        &self,
        guard: MutexGuard<'a, T, C::Lock>,
        timeout: Duration,
    ) -> Waited<'a, T, C::Lock> {
        self.wait_until(guard, Deadline::after(timeout))
    }

    /// Waits as [`wait`](Self::wait) does, until `deadline` at the latest. The `bool` is `false` if
    /// the deadline has passed.
    ///
    /// # Errors
    ///
    /// The errors of [`wait`](Self::wait).
    #[doc(alias = "pthread_cond_timedwait")]
    #[doc(alias = "pthread_cond_clockwait")]
    pub fn wait_deadline<'a, T: Plain>(
        &self,
        guard: MutexGuard<'a, T, C::Lock>,
        deadline: Instant,
    ) -> Waited<'a, T, C::Lock> {
        self.wait_until(guard, Deadline::at(deadline))
    }

    /// Waits as [`wait_while`](Self::wait_while) does, for at most `timeout`. The `bool` is `false`
    /// if `condition` still returns `true` then.
    ///
    /// # Errors
    ///
    /// The errors of [`wait`](Self::wait).
    pub fn wait_timeout_while<'a, T: Plain>(
        &self,
        guard: MutexGuard<'a, T, C::Lock>,
        timeout: Duration,
        condition: impl FnMut(&mut T) -> bool,
    ) -> Waited<'a, T, C::Lock> {
        self.wait_while_until(guard, Deadline::after(timeout), condition)
    }

    /// Waits as [`wait_while`](Self::wait_while) does, until `deadline` at the latest. The `bool`
    /// is `false` if `condition` still returns `true` then.
    ///
    /// # Errors
    ///
    /// The errors of [`wait`](Self::wait).
    pub fn wait_deadline_while<'a, T: Plain>(
        &self,
        guard: MutexGuard<'a, T, C::Lock>,
        deadline: Instant,
        condition: impl FnMut(&mut T) -> bool,
    ) -> Waited<'a, T, C::Lock> {
        self.wait_while_until(guard, Deadline::at(deadline), condition)
    }

    fn wait_while_until<'a, T: Plain>(
        &self,
        mut guard: MutexGuard<'a, T, C::Lock>,
        deadline: Deadline,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> Waited<'a, T, C::Lock> {
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
        guard: MutexGuard<'a, T, C::Lock>,
        deadline: Deadline,
    ) -> Waited<'a, T, C::Lock> {
        let (data, raw, owner) = guard.into_parts();
        if let Some(word) = owner.word().filter(|word| !word.leave()) {
            // To release what is not repaired is to give up on it. A child of `fork` does not hold
            // what its parent holds.
            let is_unrepaired = word.is_unrepaired_here();
            give_up(raw, owner);
            let not_owner = || Failure { call: "pthread_cond_wait", errno: Errno::EPERM };
            return Err(if is_unrepaired { LockError::NotRecoverable } else { not_owner().into() });
        }
        // SAFETY: this thread held the guard, which is gone, and with it all references to the
        // data.
        let (acquired, in_time) = unsafe { self.0.wait_until(raw, deadline) }?;
        let judged = if acquired == Acquired::Locked && owner.word().is_none_or(OwnerWord::enter) {
            Entered::Clean
        } else {
            // SAFETY: the result of this thread's own wait.
            unsafe { surely_judged(raw, owner, Ok(acquired)) }.map_err(LockError::Failed)?
        };
        // SAFETY: this thread holds the lock of this data if `judged` says so, and may have the
        // data.
        let guard = || unsafe { MutexGuard::new(data, raw, owner) };
        match judged {
            Entered::Clean => Ok((guard(), in_time)),
            Entered::Unrepaired => Err(LockError::OwnerDied(guard())),
            Entered::Never => Err(LockError::NotRecoverable),
        }
    }

    /// Waits as [`wait`](Self::wait) does, with a mutex that has no data.
    ///
    /// If this thread has locked a recursive mutex more than once, the wait does not release it.
    ///
    /// # Errors
    ///
    /// The errors of [`BareMutex::lock`](crate::lock::BareMutex::lock): another owner may have died
    /// during the wait.
    #[doc(alias = "pthread_cond_wait")]
    pub fn wait_raw<'a>(&self, guard: BareMutexGuard<'a, C::Lock>) -> BareLockResult<'a, C::Lock> {
        self.wait_raw_until(guard, Deadline::NEVER).map(|(guard, _)| guard)
    }

    /// Waits as [`wait_raw`](Self::wait_raw) does, for at most `timeout`. The `bool` is `false` if
    /// the time has run out.
    ///
    /// # Errors
    ///
    /// The errors of [`wait_raw`](Self::wait_raw).
    #[doc(alias = "pthread_cond_timedwait")]
    #[doc(alias = "pthread_cond_clockwait")]
    pub fn wait_raw_timeout<'a>(
        &self,
        guard: BareMutexGuard<'a, C::Lock>,
        timeout: Duration,
    ) -> BareLockResult<'a, C::Lock, (BareMutexGuard<'a, C::Lock>, bool)> {
        self.wait_raw_until(guard, Deadline::after(timeout))
    }

    /// Waits as [`wait_raw`](Self::wait_raw) does, until `deadline` at the latest. The `bool` is
    /// `false` if the deadline has passed.
    ///
    /// # Errors
    ///
    /// The errors of [`wait_raw`](Self::wait_raw).
    #[doc(alias = "pthread_cond_timedwait")]
    #[doc(alias = "pthread_cond_clockwait")]
    pub fn wait_raw_deadline<'a>(
        &self,
        guard: BareMutexGuard<'a, C::Lock>,
        deadline: Instant,
    ) -> BareLockResult<'a, C::Lock, (BareMutexGuard<'a, C::Lock>, bool)> {
        self.wait_raw_until(guard, Deadline::at(deadline))
    }

    fn wait_raw_until<'a>(
        &self,
        guard: BareMutexGuard<'a, C::Lock>,
        deadline: Deadline,
    ) -> BareLockResult<'a, C::Lock, (BareMutexGuard<'a, C::Lock>, bool)> {
        let raw = guard.into_raw();
        // SAFETY: this thread held the guard; a lock without data guards none.
        match unsafe { self.0.wait_until(raw, deadline) }? {
            (Acquired::Locked, in_time) => Ok((BareMutexGuard::of(raw), in_time)),
            (Acquired::OwnerDied, _) => Err(LockError::OwnerDied(BareMutexGuard::of(raw))),
            (Acquired::No | Acquired::NotRecoverable, _) => Err(LockError::NotRecoverable),
        }
    }
}

impl<C> fmt::Debug for Condvar<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condvar").finish_non_exhaustive()
    }
}

// SAFETY: the only field is a resident, to which each of the promises is passed on
// (`repr(transparent)`).
unsafe impl<C: RawCondvar> Resident for Condvar<C> {
    const SCHEMA: &'static Schema = C::SCHEMA;

    type Options = C::Options;

    fn check_sharing(options: &Self::Options) -> Result<(), Refusal> {
        C::check_sharing(options)
    }

    unsafe fn init(place: NonNull<Self>, options: Self::Options) -> Result<()> {
        // SAFETY: the caller guarantees what `init` requires; a `Condvar` is a `C`.
        unsafe { C::init(place.cast(), options) }
    }

    unsafe fn destroy(place: NonNull<Self>) {
        // SAFETY: the caller guarantees what `destroy` requires; a `Condvar` is a `C`.
        unsafe { C::destroy(place.cast()) }
    }

    fn may_unmap(&self) -> bool {
        self.0.may_unmap()
    }
}
