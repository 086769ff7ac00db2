//! Calls to C's barrier.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use ipc_core::{Errno, ret};
use ipc_sys as c;

use crate::pthread::Sharing;
use crate::sys::pshared;

/// C's barrier, made by `pthread_barrier_init` or found as such.
#[repr(transparent)]
pub(crate) struct Barrier(UnsafeCell<c::pthread_barrier_t>);

// SAFETY: POSIX lets any thread, of any process if it was made so, call the functions below on one
// barrier.
unsafe impl Sync for Barrier {}

impl Barrier {
    /// # Safety
    ///
    /// `place` is aligned and may be written, and no other thread or process uses its bytes until
    /// this returns.
    pub(crate) unsafe fn init(
        place: NonNull<Self>,
        parties: u32,
        sharing: Sharing,
    ) -> Result<(), Errno> {
        let attributes = Attributes::new(sharing)?;
        // SAFETY: the caller gives us the place; a `Barrier` is a `pthread_barrier_t`; the
        // attributes are made.
        ret::code(unsafe {
            c::pthread_barrier_init(place.as_ptr().cast(), attributes.0.as_ptr(), parties)
        })
    }

    /// Returns `true` to one of the threads, `PTHREAD_BARRIER_SERIAL_THREAD`.
    #[inline]
    pub(crate) fn wait(&self) -> Result<bool, Errno> {
        // SAFETY: `self` is a barrier, which lives as long as it is borrowed.
        match unsafe { c::pthread_barrier_wait(self.0.get()) } {
            c::PTHREAD_BARRIER_SERIAL_THREAD => Ok(true),
            other => ret::code(other).map(|()| false),
        }
    }
}

struct Attributes(MaybeUninit<c::pthread_barrierattr_t>);

impl Attributes {
    fn new(sharing: Sharing) -> Result<Self, Errno> {
        let mut attributes = MaybeUninit::uninit();
        // SAFETY: writes the attributes, which are ours.
        ret::code(unsafe { c::pthread_barrierattr_init(attributes.as_mut_ptr()) })?;
        // From here on they are destroyed by `drop`, whatever fails.
        let mut this = Self(attributes);
        // SAFETY: attributes made above.
        ret::code(unsafe {
            c::pthread_barrierattr_setpshared(this.0.as_mut_ptr(), pshared(sharing))
        })?;
        Ok(this)
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: made in `new`, and destroyed only here.
        unsafe { c::pthread_barrierattr_destroy(self.0.as_mut_ptr()) };
    }
}
