//! Condition variables of the C library.

#![expect(unsafe_code, reason = "promises what C's condition variable does")]

use std::ptr::NonNull;

use ipc_core::{Deadline, Errno, Refusal, Result};
use ipc_mem::{Kind, Resident, Schema};

use crate::lock::{self, Acquired, Failure, RawCondvar};
use crate::pthread::CondvarOptions;
use crate::pthread::mutex::PthreadMutex;
use crate::sys;

/// C's `pthread_cond_t` as a [`RawCondvar`]. To use it, see [`Condvar`].
#[derive(Debug)]
#[repr(transparent)]
pub struct PthreadCondvar(sys::condvar::Condvar);

/// A condition variable of the C library, a `pthread_cond_t`.
///
/// # When a process is killed
///
/// No version of glibc has a condition variable that survives `kill -9`. If a process is killed
/// inside [`notify_one`](lock::Condvar::notify_one) or [`notify_all`](lock::Condvar::notify_all), a
/// lock inside the condition variable can stay held. Then every later notification blocks for ever,
/// and so does [`wait_timeout`](lock::Condvar::wait_timeout) when its timeout expires. Before glibc
/// 2.41, a later notification can also block for ever if a process is killed while it waits. No
/// program can repair this. Where processes may be killed, use
/// [`futex::Condvar`](crate::futex::Condvar). To share with C programs, use a
/// [`posix::Semaphore`](crate::posix::Semaphore) instead.
pub type Condvar = lock::Condvar<PthreadCondvar>;

// SAFETY: POSIX: a wait that ends with 0, `ETIMEDOUT` or `EOWNERDEAD` has released the mutex and
// acquired it again, and `ENOTRECOVERABLE` is reported without the mutex. Any other error is
// `Failure`: it comes before the mutex is released, or when it cannot be acquired again. The thread
// then has no guard. If it still holds the mutex, no thread acquires it before this one ends.
unsafe impl RawCondvar for PthreadCondvar {
    type Lock = PthreadMutex;

    #[inline]
    fn notify_one(&self) -> Result<(), Failure> {
        self.0.notify_one().map_err(|errno| Failure { call: "pthread_cond_signal", errno })
    }

    #[inline]
    fn notify_all(&self) -> Result<(), Failure> {
        self.0.notify_all().map_err(|errno| Failure { call: "pthread_cond_broadcast", errno })
    }

    unsafe fn wait_until(
        &self,
        lock: &PthreadMutex,
        deadline: Deadline,
    ) -> Result<(Acquired, bool), Failure> {
        // SAFETY: the caller guarantees that this thread holds the lock.
        match unsafe { self.0.wait(lock.sys(), deadline.moment()) } {
            Ok(()) => Ok((Acquired::Locked, true)),
            Err(Errno::ETIMEDOUT) => Ok((Acquired::Locked, false)),
            Err(Errno::EOWNERDEAD) => Ok((Acquired::OwnerDied, true)),
            Err(Errno::ENOTRECOVERABLE) => Ok((Acquired::NotRecoverable, true)),
            Err(errno) => Err(Failure { call: "pthread_cond_wait", errno }),
        }
    }
}

// SAFETY: `pthread_cond_t` is used through `&` by C's functions only, which any number of threads
// may call, of several processes as it is created by default. It is never destroyed: that would
// wait, for ever, for waiters that were killed, and C keeps nothing outside of it.
unsafe impl Resident for PthreadCondvar {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::CONDVAR);

    type Options = CondvarOptions;

    fn check_sharing(options: &CondvarOptions) -> Result<(), Refusal> {
        options.sharing.check("pthread_cond_init")
    }

    unsafe fn init(place: NonNull<Self>, options: CondvarOptions) -> Result<()> {
        // SAFETY: this type is `repr(transparent)` over `Live<pthread_cond_t>`, so the place is
        // that of one. Its bytes are aligned and writable, and until this returns no other thread
        // or process uses them (contract of `init`).
        let place = unsafe { place.cast().as_mut() };
        sys::condvar::Condvar::init(place, options).map_err(|errno| {
            let why =
                format!("with {}; CLOCK_MONOTONIC and CLOCK_REALTIME are possible", options.clock);
            Refusal::os("pthread_cond_init", errno).because(why).on("")
        })
    }
}
