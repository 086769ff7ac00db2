//! Read/write locks of the C library.

#![expect(unsafe_code, reason = "promises what C's read/write lock does")]

use std::ptr::NonNull;

use ipc_core::{Deadline, Refusal, Result};
use ipc_mem::{Kind, Resident, Schema};

use crate::lock::{self, Attempt};
use crate::pthread::RwLockOptions;
use crate::pthread::mutex::attempt;
use crate::sys;

/// C's `pthread_rwlock_t`, as an implementation of the trait [`lock::RawRwLock`]. To use it, see
/// the types [`RwLock`] and [`RawRwLock`] of this module.
#[derive(Debug)]
#[repr(transparent)]
pub struct PthreadRwLock(sys::rwlock::RwLock);

/// Data that a `pthread_rwlock_t` guards.
///
/// POSIX has no robust read/write lock: if a process is killed while it reads or writes, other
/// threads wait for ever unless they set a timeout. Where processes may be killed, use a
/// [`futex::RwLock`](crate::futex::RwLock). To share with C programs, use a
/// [`Mutex`](crate::pthread::Mutex) instead.
pub type RwLock<T> = lock::RwLock<T, PthreadRwLock>;

/// Access to the data of a [`RwLock`] while this thread holds it for reading.
pub type RwLockReadGuard<'a, T> = lock::RwLockReadGuard<'a, T, PthreadRwLock>;

/// Access to the data of a [`RwLock`] while this thread holds it for writing.
pub type RwLockWriteGuard<'a, T> = lock::RwLockWriteGuard<'a, T, PthreadRwLock>;

/// A `pthread_rwlock_t` without data: C's exact bytes.
pub type RawRwLock = lock::BareRwLock<PthreadRwLock>;

/// Proof that this thread holds a [`RawRwLock`], to read or to write.
pub type RawRwLockGuard<'a> = lock::BareRwLockGuard<'a, PthreadRwLock>;

// SAFETY: POSIX: a thread that writes excludes all others, and one that reads those that write,
// until they unlock. Locking synchronises memory. The end of a thread releases nothing.
unsafe impl lock::RawRwLock for PthreadRwLock {
    #[inline]
    fn read(&self) -> Attempt {
        attempt("pthread_rwlock_rdlock", self.0.read())
    }

    #[inline]
    fn try_read(&self) -> Attempt {
        attempt("pthread_rwlock_tryrdlock", self.0.try_read())
    }

    #[inline]
    fn read_until(&self, deadline: impl FnOnce() -> Deadline) -> Attempt {
        attempt("pthread_rwlock_clockrdlock", self.0.read_until(deadline))
    }

    #[inline]
    fn write(&self) -> Attempt {
        attempt("pthread_rwlock_wrlock", self.0.write())
    }

    #[inline]
    fn try_write(&self) -> Attempt {
        attempt("pthread_rwlock_trywrlock", self.0.try_write())
    }

    #[inline]
    fn write_until(&self, deadline: impl FnOnce() -> Deadline) -> Attempt {
        attempt("pthread_rwlock_clockwrlock", self.0.write_until(deadline))
    }

    #[inline]
    unsafe fn unlock(&self) {
        // SAFETY: the contract of this function is the same.
        unsafe { self.0.unlock() }
    }
}

// SAFETY: `pthread_rwlock_t` is used through `&` by C's functions only, which any number of threads
// may call, of several processes as it is created by default; C keeps nothing outside of it.
unsafe impl Resident for PthreadRwLock {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::RWLOCK);

    type Options = RwLockOptions;

    fn check_sharing(options: &RwLockOptions) -> Result<(), Refusal> {
        options.sharing.check("pthread_rwlock_init")
    }

    unsafe fn init(place: NonNull<Self>, options: RwLockOptions) -> Result<()> {
        // SAFETY: this type is `repr(transparent)` over `Live<pthread_rwlock_t>`, so the place is
        // that of one. Its bytes are aligned and writable, and until this returns no other thread
        // or process uses them (contract of `init`).
        let place = unsafe { place.cast().as_mut() };
        sys::rwlock::RwLock::init(place, &options).map_err(|errno| {
            Refusal::os("pthread_rwlock_init", errno).because(format_args!("{options:?}")).on("")
        })
    }

    unsafe fn destroy(place: NonNull<Self>) {
        // SAFETY: the caller guarantees what `destroy` requires; a `PthreadRwLock` is one of C's.
        unsafe { sys::rwlock::RwLock::destroy(place.cast()) }
    }
}
