//! Mutexes of the C library.

#![expect(unsafe_code, reason = "promises what C's mutex does")]

use std::ptr::NonNull;

use ipc_core::{Deadline, Errno, Error, Refusal, Result};
use ipc_mem::{Kind, Resident, Schema};

use crate::lock::{self, Acquired, Attempt, Failure, OwnerWord, RawLock};
use crate::pthread::{MutexKind, MutexOptions};
use crate::sys;

/// C's `pthread_mutex_t` as a [`RawLock`]. To use it, see [`Mutex`] and [`RawMutex`].
#[derive(Debug)]
#[repr(transparent)]
pub struct PthreadMutex(sys::mutex::Mutex);

/// Data that a `pthread_mutex_t` guards. The mutex is robust and error-checking by default.
pub type Mutex<T> = lock::Mutex<T, PthreadMutex>;

/// Access to the data of a [`Mutex`] while this thread holds it.
pub type MutexGuard<'a, T> = lock::MutexGuard<'a, T, PthreadMutex>;

/// The result of locking a [`Mutex`].
pub type LockResult<'a, T, G = MutexGuard<'a, T>> = lock::LockResult<'a, T, PthreadMutex, G>;

/// A `pthread_mutex_t` without data: C's exact bytes.
pub type RawMutex = lock::BareMutex<PthreadMutex>;

/// Proof that this thread holds a [`RawMutex`].
pub type RawMutexGuard<'a> = lock::BareMutexGuard<'a, PthreadMutex>;

/// The result of locking a [`RawMutex`].
pub type RawLockResult<'a, G = RawMutexGuard<'a>> = lock::BareLockResult<'a, PthreadMutex, G>;

impl PthreadMutex {
    pub(super) fn sys(&self) -> &sys::mutex::Mutex {
        &self.0
    }

    /// Translates an answer other than success.
    #[cold]
    fn other(call: &'static str, errno: Errno) -> Attempt {
        match errno {
            // glibc says `EDEADLK` to the owner of a robust one that is error-checking and only
            // tried.
            Errno::EBUSY | Errno::ETIMEDOUT => Ok(Acquired::No),
            Errno::EDEADLK if call == "pthread_mutex_trylock" => Ok(Acquired::No),
            Errno::EOWNERDEAD => Ok(Acquired::OwnerDied),
            Errno::ENOTRECOVERABLE => Ok(Acquired::NotRecoverable),
            errno => Err(Failure { call, errno }),
        }
    }
}

/// Translates C's answer to an attempt.
#[inline]
pub(super) fn attempt(call: &'static str, answer: Result<(), Errno>) -> Attempt {
    match answer {
        Ok(()) => Ok(Acquired::Locked),
        Err(errno) => PthreadMutex::other(call, errno),
    }
}

// SAFETY: POSIX: one thread at a time holds a mutex, until it unlocks it. Only a robust one is
// handed on when its thread ends, and the next owner gets `EOWNERDEAD`. Locking synchronises
// memory. A recursive one is refused for data.
unsafe impl RawLock for PthreadMutex {
    type Owner = OwnerWord;

    #[inline]
    fn lock(&self) -> Attempt {
        attempt("pthread_mutex_lock", self.0.lock())
    }

    #[inline]
    fn try_lock(&self) -> Attempt {
        attempt("pthread_mutex_trylock", self.0.try_lock())
    }

    #[inline]
    fn lock_until(&self, deadline: impl FnOnce() -> Deadline) -> Attempt {
        attempt("pthread_mutex_clocklock", self.0.lock_until(deadline))
    }

    #[inline]
    unsafe fn unlock(&self) {
        // Refused is only a child of `fork`, whose parent holds it, by the kinds that know their
        // owner: it has nothing to release.
        // SAFETY: the caller guarantees that this thread holds the lock, or was forked from the one
        // that does, and calls this once for each time.
        let _ = unsafe { self.0.unlock() };
    }

    fn mark_consistent(&self) -> Result<(), Failure> {
        self.0
            .mark_consistent()
            .map_err(|errno| Failure { call: "pthread_mutex_consistent", errno })
    }

    fn refuses_data(options: &MutexOptions) -> Option<Error> {
        let why = "a recursive lock must not guard the data of a `Mutex`: use a `RecursiveMutex`";
        (options.kind == MutexKind::Recursive)
            .then(|| Error::invalid("pthread_mutex_init", "", why))
    }
}

// SAFETY: `pthread_mutex_t` is used through `&` by C's functions only, which any number of threads
// may call, of several processes as it is created by default. It points only to other robust
// mutexes of the thread that holds it, and `may_unmap` is false while that is one of this process.
unsafe impl Resident for PthreadMutex {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::MUTEX);

    type Options = MutexOptions;

    fn check_sharing(options: &MutexOptions) -> Result<(), Refusal> {
        options.sharing.check("pthread_mutex_init")
    }

    unsafe fn init(place: NonNull<Self>, options: MutexOptions) -> Result<()> {
        if options.is_robust() && !sys::mutex::has_robust_list() {
            let why = "the kernel has no list of the robust mutexes of this thread (a sandbox may deny \
                       `set_robust_list`): use `MutexOptions::stalled`";
            return Err(Error::unsupported("pthread_mutex_init", "", why));
        }
        // SAFETY: this type is `repr(transparent)` over `Live<pthread_mutex_t>`, so the place is
        // that of one. Its bytes are aligned and writable, and until this returns no other thread
        // or process uses them (contract of `init`).
        let place = unsafe { place.cast().as_mut() };
        sys::mutex::Mutex::init(place, &options).map_err(|errno| {
            Refusal::os("pthread_mutex_init", errno).because(format_args!("{options:?}")).on("")
        })
    }

    unsafe fn destroy(place: NonNull<Self>) {
        // SAFETY: the caller guarantees what `destroy` requires; a `PthreadMutex` is one of C's.
        unsafe { sys::mutex::Mutex::destroy(place.cast()) }
    }

    fn may_unmap(&self) -> bool {
        !self.0.may_be_held_here()
    }
}
