//! Mutexes and the data they guard.

#![expect(unsafe_code, reason = "hands out what a lock guards")]

use std::cell::UnsafeCell;
use std::fmt;
use std::mem::offset_of;
use std::ptr::NonNull;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Errno, Error, Refusal, Result};
use ipc_mem::memory::at_offset;
use ipc_mem::{Field, Fresh, Memory, Placed, Plain, ReadWrite, Resident, Schema};

use crate::LockError;
use crate::lock::owner::Verdict;
use crate::lock::{Acquired, Attempt, BareMutex, Initial, MutexGuard, Owner, OwnerWord, RawLock};

/// Data that a lock of the kind `R` guards: one thread at a time, of any process, can use it.
///
/// Use it through the alias of a kind, such as [`pthread::Mutex`](crate::pthread::Mutex).
///
/// If a thread panics while it holds the lock, the lock is released as usual: it is not poisoned.
/// But a guard from `OwnerDied` that is dropped before the data is marked as repaired makes the
/// lock `NotRecoverable`. If a process dies while it holds the lock, and the mutex is native or
/// robust, the next caller gets [`LockError::OwnerDied`]. Other mutexes stay locked for ever.
///
/// # Examples
///
/// ```
/// use ipc_mem::LocalMemory;
/// use ipc_sync::LockError;
/// use ipc_sync::pthread::Mutex;
///
/// let hits = Mutex::create_in(LocalMemory::new(128)?, [0u64; 2])?;
/// *hits.lock_or_repair(|_| ())? = [1, 1];
///
/// match hits.lock() {
///     Ok(hits) => assert_eq!(*hits, [1, 1]),
///     Err(LockError::OwnerDied(mut hits)) => {
///         hits[1] = hits[0];
///         hits.mark_consistent()?;
///     }
///     Err(LockError::NotRecoverable) => panic!("an owner gave up on it"),
///     Err(LockError::Failed(err)) => return Err(err),
/// }
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// # Layout
///
/// `struct { R lock; T data; uint64_t owner; }` in C, or without the last member for kinds of locks
/// that need no `owner`. `owner` names the process whose thread may access the data, and is 0 while
/// no thread may. A C program that shares a `pthread::Mutex` and locks only the member `lock` does
/// not set `owner`. If the C program dies, the next caller gets the data as soon as the thread that
/// held the lock has ended, although other threads of the C program may still write to the data.
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_mutex_lock.html>
#[doc(alias = "pthread_mutex_t")]
#[repr(C)]
pub struct Mutex<T, R: RawLock> {
    lock: BareMutex<R>,
    data: UnsafeCell<T>,
    owner: R::Owner,
}

/// The result of locking a [`Mutex`].
pub type LockResult<'a, T, R, G = MutexGuard<'a, T, R>> =
    Result<G, LockError<MutexGuard<'a, T, R>>>;

impl<T: Plain, R: RawLock> Mutex<T, R> {
    /// Creates a mutex with this data and the default options of its kind, at the beginning of
    /// fresh memory.
    ///
    /// # Errors
    ///
    /// The errors of [`create_in_with`](Self::create_in_with).
    #[doc(alias = "pthread_mutex_init")]
    pub fn create_in<M: Memory<Access = ReadWrite>>(
        memory: Fresh<M>,
        data: T,
    ) -> Result<Placed<Self, M>>
    where
        R::Options: Default,
    {
        Self::create_in_with(memory, data, R::Options::default())
    }

    /// Creates a mutex with this data and these options, at the beginning of memory that has just
    /// been created ([`Fresh`](ipc_mem::Fresh)).
    ///
    /// # Errors
    ///
    /// `is_unsupported` if this system does not have a lock with these options;
    /// `is_invalid_argument` if the options make the mutex recursive; the errors of
    /// [`Placed::create_in`].
    pub fn create_in_with<M: Memory<Access = ReadWrite>>(
        memory: Fresh<M>,
        data: T,
        options: R::Options,
    ) -> Result<Placed<Self, M>> {
        Placed::create_in_with(memory, Initial::with(data, options))
    }

    /// Opens the mutex at the beginning of a memory object. Dropping the handle never destroys the
    /// mutex.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the memory is too small, not aligned or read-only.
    ///
    /// # Safety
    ///
    /// The contract of [`BareMutex::open_in`]. The lock must not be recursive. A program that
    /// creates the lock without this crate must set the member `owner`, if there is one, to 0. All
    /// processes that use a lock that records its owner must be in one time namespace.
    pub unsafe fn open_in<M: Memory<Access = ReadWrite>>(memory: M) -> Result<Placed<Self, M>> {
        // SAFETY: the caller guarantees what `Placed::open_in` requires.
        unsafe { Placed::open_in(memory) }
    }

    /// Acquires the lock. Waits while another thread holds it.
    ///
    /// If the owner died and the mutex is native or robust, the call also waits until no thread of
    /// the owner's process can write to the data any more. This usually takes some milliseconds; a
    /// core dump or an uninterruptible system call of that process delays it.
    ///
    /// # Errors
    ///
    /// [`OwnerDied`](LockError::OwnerDied) and [`NotRecoverable`](LockError::NotRecoverable), only
    /// if the mutex is robust or native. [`Failed`](LockError::Failed) with an
    /// [`is_deadlock`](Error::is_deadlock) error if the mutex is error-checking and the calling
    /// thread holds it already, or if the mutex is robust and another thread of the calling process
    /// ended without dropping its guard.
    #[doc(alias = "pthread_mutex_lock")]
    #[inline]
    pub fn lock(&self) -> LockResult<'_, T, R> {
        let attempt = self.raw().lock();
        if attempt == Ok(Acquired::Locked) && self.owner.word().is_none_or(OwnerWord::enter) {
            // SAFETY: this thread holds the lock, and no process had the data (`enter`).
            return Ok(unsafe { self.guard() });
        }
        // SAFETY: the result of this thread's own attempt.
        let judged = unsafe { surely_judged(self.raw(), &self.owner, attempt) };
        // SAFETY: this thread holds the lock if `judged` says so, and may have the data.
        let guard = || unsafe { self.guard() };
        match judged {
            Ok(Entered::Clean) => Ok(guard()),
            Ok(Entered::Unrepaired) => Err(LockError::OwnerDied(guard())),
            Ok(Entered::Never) => Err(LockError::NotRecoverable),
            Err(err) => Err(LockError::Failed(err)),
        }
    }

    /// Acquires the lock. If the last owner died while it held the lock, calls `repair` before it
    /// returns the guard.
    ///
    /// `repair` gets data that may be half-written. If `repair` panics, the lock can never be
    /// acquired again.
    ///
    /// # Errors
    ///
    /// The errors of [`lock`](Self::lock), except `OwnerDied`; `is_not_recoverable` if an owner
    /// died and the next owner did not repair the data.
    #[doc(alias = "pthread_mutex_consistent")]
    #[inline]
    pub fn lock_or_repair(&self, repair: impl FnOnce(&mut T)) -> Result<MutexGuard<'_, T, R>> {
        self.lock().or_else(|err| repaired(err, repair))
    }

    /// Acquires the lock if it is free. Returns `None` if a thread holds it, including the calling
    /// thread, or if the owner died and its process may still write to the data. If the mutex is
    /// native, this call does not check whether the owner is dead;
    /// [`lock_timeout`](Self::lock_timeout) with a timeout of zero does.
    ///
    /// # Errors
    ///
    /// The errors of [`lock`](Self::lock). `is_deadlock` is returned only if another thread of this
    /// process ended without dropping its guard; if the calling thread holds the lock, the result
    /// is `None`.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_mutex_trylock.html>
    #[doc(alias = "pthread_mutex_trylock")]
    #[inline]
    pub fn try_lock(&self) -> LockResult<'_, T, R, Option<MutexGuard<'_, T, R>>> {
        self.perhaps(self.raw().try_lock(), || Deadline::after(Duration::ZERO))
    }

    /// Acquires the lock, and returns `None` if that is not possible within `timeout`.
    ///
    /// # Errors
    ///
    /// The errors of [`lock`](Self::lock).
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_mutex_clocklock.html>
    #[doc(alias = "pthread_mutex_timedlock")]
    #[doc(alias = "pthread_mutex_clocklock")]
    #[inline]
    pub fn lock_timeout(
        &self,
        timeout: Duration,
    ) -> LockResult<'_, T, R, Option<MutexGuard<'_, T, R>>> {
        self.lock_until(|| Deadline::after(timeout))
    }

    /// Acquires the lock, and returns `None` if that is not possible before `deadline`. A free lock
    /// is acquired even if the deadline has passed.
    ///
    /// # Errors
    ///
    /// The errors of [`lock`](Self::lock).
    #[doc(alias = "pthread_mutex_timedlock")]
    #[doc(alias = "pthread_mutex_clocklock")]
    #[inline]
    pub fn lock_deadline(
        &self,
        deadline: Instant,
    ) -> LockResult<'_, T, R, Option<MutexGuard<'_, T, R>>> {
        self.lock_until(|| Deadline::at(deadline))
    }

    /// Acquires the lock as [`lock_or_repair`](Self::lock_or_repair) does, and returns `None` if
    /// that is not possible within `timeout`.
    ///
    /// # Errors
    ///
    /// The errors of [`lock_or_repair`](Self::lock_or_repair).
    pub fn lock_timeout_or_repair(
        &self,
        timeout: Duration,
        repair: impl FnOnce(&mut T),
    ) -> Result<Option<MutexGuard<'_, T, R>>> {
        self.lock_timeout(timeout).or_else(|err| repaired(err, repair).map(Some))
    }

    /// Acquires the lock as [`lock_or_repair`](Self::lock_or_repair) does, and returns `None` if
    /// that is not possible before `deadline`.
    ///
    /// # Errors
    ///
    /// The errors of [`lock_or_repair`](Self::lock_or_repair).
    pub fn lock_deadline_or_repair(
        &self,
        deadline: Instant,
        repair: impl FnOnce(&mut T),
    ) -> Result<Option<MutexGuard<'_, T, R>>> {
        self.lock_deadline(deadline).or_else(|err| repaired(err, repair).map(Some))
    }

    /// Returns a copy of the data.
    ///
    /// # Errors
    ///
    /// The errors of [`lock`](Self::lock); `is_owner_died` if the last owner died and the data is
    /// not repaired yet.
    pub fn get(&self) -> Result<T> {
        Ok(*self.lock()?)
    }

    /// Replaces the data.
    ///
    /// # Errors
    ///
    /// The errors of [`get`](Self::get).
    pub fn set(&self, data: T) -> Result<()> {
        self.replace(data).map(drop)
    }

    /// Replaces the data, and returns the old data.
    ///
    /// # Errors
    ///
    /// The errors of [`get`](Self::get).
    pub fn replace(&self, data: T) -> Result<T> {
        Ok(std::mem::replace(&mut *self.lock()?, data))
    }

    /// The lock without its data.
    #[must_use]
    pub fn as_raw(&self) -> &BareMutex<R> {
        &self.lock
    }

    #[inline]
    fn lock_until(
        &self,
        deadline: impl Fn() -> Deadline,
    ) -> LockResult<'_, T, R, Option<MutexGuard<'_, T, R>>> {
        // A deadline from now on is computed once, when the lock is found to be held.
        let mut computed = None;
        let attempt = self.raw().lock_until(|| *computed.insert(deadline()));
        self.perhaps(attempt, || computed.unwrap_or_else(deadline))
    }

    #[inline]
    fn raw(&self) -> &R {
        self.lock.as_raw()
    }

    #[inline]
    fn perhaps(
        &self,
        attempt: Attempt,
        deadline: impl FnOnce() -> Deadline,
    ) -> LockResult<'_, T, R, Option<MutexGuard<'_, T, R>>> {
        let judged = match attempt {
            Ok(Acquired::Locked) if self.owner.word().is_none_or(OwnerWord::enter) => {
                Ok(Acquired::Locked)
            }
            Ok(Acquired::No) => Ok(Acquired::No),
            // SAFETY: the result of this thread's own attempt.
            attempt => unsafe { judged(self.raw(), &self.owner, attempt, deadline()) },
        };
        // SAFETY: this thread holds the lock if `judged` says so, and may have the data.
        let guard = || unsafe { self.guard() };
        match judged {
            Ok(Acquired::Locked) => Ok(Some(guard())),
            Ok(Acquired::OwnerDied) => Err(LockError::OwnerDied(guard())),
            Ok(Acquired::No) => Ok(None),
            Ok(Acquired::NotRecoverable) => Err(LockError::NotRecoverable),
            Err(err) => Err(LockError::Failed(err)),
        }
    }

    /// # Safety
    ///
    /// The contract of [`MutexGuard::new`].
    #[inline]
    unsafe fn guard(&self) -> MutexGuard<'_, T, R> {
        // SAFETY: the caller guarantees what `new` requires, for the lock of this data.
        unsafe { MutexGuard::new(NonNull::from(&self.data).cast(), self.raw(), &self.owner) }
    }
}

/// Finds out whether a thread that may have acquired a lock may use its data: it may after
/// [`Acquired::Locked`] and [`Acquired::OwnerDied`]. After the other results, it does not hold the
/// lock.
///
/// # Safety
///
/// `attempt` is the result of an attempt of the calling thread to acquire `raw`, beside whose data
/// `owner` is.
#[cold]
pub(crate) unsafe fn judged<R: RawLock>(
    raw: &R,
    owner: &R::Owner,
    attempt: Attempt,
    deadline: Deadline,
) -> Result<Acquired> {
    let told = match attempt? {
        Acquired::Locked => false,
        Acquired::OwnerDied => true,
        not_acquired => return Ok(not_acquired),
    };
    // From here on this thread holds the lock.
    let verdict = match owner.word().map(|word| word.judge(deadline)) {
        None | Some(Verdict::Free) if told => Verdict::OwnerDied,
        None => Verdict::Free,
        Some(verdict) => verdict,
    };
    match verdict {
        Verdict::Free => {
            owner.word().inspect(|word| word.set_repaired());
            Ok(Acquired::Locked)
        }
        Verdict::OwnerDied => {
            owner.word().inspect(|word| word.enter_unrepaired());
            Ok(Acquired::OwnerDied)
        }
        Verdict::NotYet | Verdict::Here | Verdict::NotRecoverable => {
            if told {
                // The word keeps what is to be proved, or that nothing helps. It cannot fail after
                // `OwnerDied`.
                let _ = raw.mark_consistent();
            }
            // SAFETY: this thread has acquired the lock, and no guard was made.
            unsafe { raw.unlock() };
            match verdict {
                Verdict::NotYet => Ok(Acquired::No),
                Verdict::Here => Err(Error::os("lock", "", Errno::EDEADLK)),
                _ => Ok(Acquired::NotRecoverable),
            }
        }
    }
}

/// The result for a thread that has waited for the proof.
pub(crate) enum Entered {
    /// It holds the lock, and may have the data.
    Clean,
    /// The same, and the data is to be repaired.
    Unrepaired,
    /// It does not hold the lock, which is not recoverable.
    Never,
}

/// Finds out whether a thread that may have acquired a lock may use its data, and waits as long as
/// that takes.
///
/// # Safety
///
/// The contract of [`judged`].
#[cold]
pub(crate) unsafe fn surely_judged<R: RawLock>(
    raw: &R,
    owner: &R::Owner,
    mut attempt: Attempt,
) -> Result<Entered> {
    loop {
        // SAFETY: the caller guarantees it for the first attempt; the others are made here.
        match unsafe { judged(raw, owner, attempt, Deadline::NEVER) }? {
            Acquired::Locked => return Ok(Entered::Clean),
            Acquired::OwnerDied => return Ok(Entered::Unrepaired),
            Acquired::NotRecoverable => return Ok(Entered::Never),
            Acquired::No => attempt = raw.lock(),
        }
    }
}

#[cold]
fn repaired<'a, T: ?Sized, R: RawLock>(
    err: LockError<MutexGuard<'a, T, R>>,
    repair: impl FnOnce(&mut T),
) -> Result<MutexGuard<'a, T, R>> {
    match err {
        LockError::OwnerDied(mut guard) => {
            repair(&mut guard);
            guard.mark_consistent()?;
            Ok(guard)
        }
        other => Err(other.into()),
    }
}

impl<T, R: RawLock> fmt::Debug for Mutex<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mutex").finish_non_exhaustive()
    }
}

// SAFETY: the data is reached by the one thread that holds the lock, and may be (`Plain: Send`).
unsafe impl<T: Plain, R: RawLock> Sync for Mutex<T, R> {}

// SAFETY: fixed layout; a `BareMutex` is a resident, the `T` behind it is reached only by a thread
// that holds it, and any bytes that another process leaves there are a value (`Plain`), zeros as
// well; the owner is an atomic or nothing.
unsafe impl<T: Plain, R: RawLock> Resident for Mutex<T, R> {
    const SCHEMA: &'static Schema = const {
        if size_of::<R::Owner>() == 0 {
            &Schema::with_fields::<Self>(R::SCHEMA.kind, const { &[Self::LOCK, Self::DATA] })
        } else {
            &Schema::with_fields::<Self>(
                R::SCHEMA.kind,
                const { &[Self::LOCK, Self::DATA, Self::OWNER] },
            )
        }
    };

    type Options = Initial<T, R::Options>;

    fn check_sharing(initial: &Self::Options) -> Result<(), Refusal> {
        R::check_sharing(&initial.options)
    }

    unsafe fn init(place: NonNull<Self>, initial: Self::Options) -> Result<()> {
        if let Some(refusal) = R::refuses_data(&initial.options) {
            return Err(refusal);
        }
        // SAFETY: the caller gives the place to us (contract of `init`); the lock is the first of
        // it (`repr(C)`).
        unsafe { BareMutex::<R>::init(place.cast(), initial.options) }?;
        // The owner behind the data stays 0.
        let data = at_offset(place, offset_of!(Self, data)).cast();
        // SAFETY: within the place, which the caller gives to us (contract of `init`), at the offset
        // of a `T`.
        unsafe { Initial::<T, R::Options>::write(initial.data, data) };
        Ok(())
    }

    unsafe fn destroy(place: NonNull<Self>) {
        // SAFETY: the caller guarantees what `destroy` requires; the lock is the first of it
        // (`repr(C)`).
        unsafe { BareMutex::<R>::destroy(place.cast()) }
    }

    fn may_unmap(&self) -> bool {
        self.lock.may_unmap()
    }
}

/// The parts, as the schema describes them.
impl<T: Plain, R: RawLock> Mutex<T, R> {
    const LOCK: Field = Field { name: "lock", offset: 0, schema: R::SCHEMA };
    const DATA: Field = Field { name: "data", offset: offset_of!(Self, data), schema: T::SCHEMA };
    const OWNER: Field =
        Field { name: "owner", offset: offset_of!(Self, owner), schema: OwnerWord::SCHEMA };
}
