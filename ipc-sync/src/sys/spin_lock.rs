//! Calls to C's spin lock.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::mem::MaybeUninit;
use std::ptr::NonNull;

use ipc_core::{Errno, ret};
use ipc_sys::{self as c, Live};

use crate::pthread::Sharing;
use crate::sys::pshared;

/// C's spin lock, made by `pthread_spin_init` or found as such.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct SpinLock(Live<c::pthread_spinlock_t>);

impl SpinLock {
    pub(crate) fn init(
        place: &mut MaybeUninit<Live<c::pthread_spinlock_t>>,
        sharing: Sharing,
    ) -> Result<(), Errno> {
        ret::code(c::pthread_spin_init(place, pshared(sharing)))
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
        ret::code(c::pthread_spin_lock(&self.0))
    }

    #[inline]
    pub(crate) fn try_lock(&self) -> Result<(), Errno> {
        ret::code(c::pthread_spin_trylock(&self.0))
    }

    /// # Safety
    ///
    /// The calling thread locked it, in this process or in the one from which this one was forked.
    /// It calls this once for each time that it locked it.
    #[inline]
    pub(crate) unsafe fn unlock(&self) {
        // SAFETY: `self` is a lock, which lives as long as it is borrowed; this thread, or the one
        // from which it was forked, holds it (contract).
        unsafe { c::pthread_spin_unlock(self.0.as_ptr()) };
    }
}
