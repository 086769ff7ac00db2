//! Spin locks of the C library.

#![expect(unsafe_code, reason = "promises what C's spin lock does")]

use std::ptr::NonNull;
use std::{hint, thread};

use ipc_core::{Deadline, Errno, Error, Refusal, Result};
use ipc_mem::{Kind, Resident, Schema};

use crate::lock::{self, Acquired, Attempt, Failure, NoOwner, RawLock};
use crate::pthread::Sharing;
use crate::pthread::mutex::attempt;
use crate::sys;

/// C's `pthread_spinlock_t` as a [`RawLock`]. To use it, see [`SpinLock`] and [`RawSpinLock`].
#[derive(Debug)]
#[repr(transparent)]
pub struct PthreadSpinLock(sys::spin_lock::SpinLock);

/// Data that a `pthread_spinlock_t` guards. Waiting threads do not sleep.
///
/// Use it for critical sections that take less time than putting a thread to sleep, between threads
/// that run on different processors. If the owner is killed, other threads wait for ever: a
/// [`Mutex`](crate::pthread::Mutex) is nearly always the better choice.
pub type SpinLock<T> = lock::Mutex<T, PthreadSpinLock>;

/// Access to the data of a [`SpinLock`] while this thread holds it.
pub type SpinLockGuard<'a, T> = lock::MutexGuard<'a, T, PthreadSpinLock>;

/// A `pthread_spinlock_t` without data: C's exact bytes.
pub type RawSpinLock = lock::BareMutex<PthreadSpinLock>;

/// Proof that this thread holds a [`RawSpinLock`].
pub type RawSpinLockGuard<'a> = lock::BareMutexGuard<'a, PthreadSpinLock>;

// SAFETY: POSIX: one thread at a time holds it, until it unlocks it; the end of a thread releases
// nothing.
unsafe impl RawLock for PthreadSpinLock {
    type Owner = NoOwner;

    #[inline]
    fn lock(&self) -> Attempt {
        attempt("pthread_spin_lock", self.0.lock())
    }

    #[inline]
    fn try_lock(&self) -> Attempt {
        attempt("pthread_spin_trylock", self.0.try_lock())
    }

    /// POSIX has no such function: this tries again and again, and lets other threads run in
    /// between.
    #[inline]
    fn lock_until(&self, deadline: impl FnOnce() -> Deadline) -> Attempt {
        const TRIES: u32 = 100;
        match self.try_lock() {
            Ok(Acquired::No) => {}
            ended => return ended,
        }
        let deadline = deadline();
        loop {
            for _ in 0..TRIES {
                hint::spin_loop();
                match self.try_lock() {
                    Ok(Acquired::No) => {}
                    ended => return ended,
                }
            }
            if deadline.is_past() {
                return Ok(Acquired::No);
            }
            thread::yield_now();
        }
    }

    #[inline]
    unsafe fn unlock(&self) {
        // SAFETY: the contract of this function is the same.
        unsafe { self.0.unlock() }
    }

    fn mark_consistent(&self) -> Result<(), Failure> {
        Err(Failure { call: "pthread_mutex_consistent", errno: Errno::EINVAL })
    }
}

// SAFETY: `pthread_spinlock_t` is an integer that C's functions change, which any number of threads
// may call, of several processes as it is created by default.
unsafe impl Resident for PthreadSpinLock {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::SPIN_LOCK);

    type Options = Sharing;

    fn check_sharing(options: &Sharing) -> Result<(), Refusal> {
        options.check("pthread_spin_init")
    }

    unsafe fn init(place: NonNull<Self>, sharing: Sharing) -> Result<()> {
        // SAFETY: this type is `repr(transparent)` over `Live<pthread_spinlock_t>`, so the place is
        // that of one. Its bytes are aligned and writable, and until this returns no other thread
        // or process uses them (contract of `init`).
        let place = unsafe { place.cast().as_mut() };
        sys::spin_lock::SpinLock::init(place, sharing)
            .map_err(|errno| Error::os("pthread_spin_init", "", errno))
    }

    unsafe fn destroy(place: NonNull<Self>) {
        // SAFETY: the caller guarantees what `destroy` requires; a `PthreadSpinLock` is one of C's.
        unsafe { sys::spin_lock::SpinLock::destroy(place.cast()) }
    }
}
