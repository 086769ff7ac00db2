//! Calls to C's spin lock.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::cell::UnsafeCell;
use std::ptr::NonNull;

use ipc_core::{Errno, ret};
use ipc_sys as c;

use crate::pthread::Sharing;
use crate::sys::pshared;

/// C's spin lock, made by `pthread_spin_init` or found as such.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct SpinLock(UnsafeCell<c::pthread_spinlock_t>);

// SAFETY: POSIX lets any thread, of any process if it was made so, call the functions below on one
// lock.
unsafe impl Sync for SpinLock {}

impl SpinLock {
    /// # Safety
    ///
    /// `place` is aligned and may be written, and no other thread or process uses its bytes until
    /// this returns.
    pub(crate) unsafe fn init(place: NonNull<Self>, sharing: Sharing) -> Result<(), Errno> {
        // SAFETY: the caller gives us the place; a `SpinLock` is a `pthread_spinlock_t`.
        ret::code(unsafe { c::pthread_spin_init(place.as_ptr().cast(), pshared(sharing)) })
    }

    /// # Safety
    ///
    /// `init` initialised the one at `place`, and it is not used any more.
    pub(crate) unsafe fn destroy(place: NonNull<Self>) {
        // SAFETY: the caller guarantees it (contract of this function).
        unsafe { c::pthread_spin_destroy(place.as_ptr().cast()) };
    }

    #[inline]
    pub(crate) fn lock(&self) -> Result<(), Errno> {
        // SAFETY: `self` is a lock, which lives as long as it is borrowed.
        ret::code(unsafe { c::pthread_spin_lock(self.0.get()) })
    }

    #[inline]
    pub(crate) fn try_lock(&self) -> Result<(), Errno> {
        // SAFETY: `self` is a lock, which lives as long as it is borrowed.
        ret::code(unsafe { c::pthread_spin_trylock(self.0.get()) })
    }

    /// To be called by a thread that has locked it.
    #[inline]
    pub(crate) fn unlock(&self) {
        // SAFETY: `self` is a lock, which lives as long as it is borrowed; the caller holds a guard
        // of it.
        unsafe { c::pthread_spin_unlock(self.0.get()) };
    }
}
