//! Calls to C's barrier.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::mem::MaybeUninit;

use ipc_core::{Errno, ret};
use ipc_sys::{self as c, Live};

use crate::pthread::Sharing;
use crate::sys::pshared;

/// C's barrier, made by `pthread_barrier_init` or found as such.
#[repr(transparent)]
pub(crate) struct Barrier(Live<c::pthread_barrier_t>);

impl Barrier {
    pub(crate) fn init(
        place: &mut MaybeUninit<Live<c::pthread_barrier_t>>,
        parties: u32,
        sharing: Sharing,
    ) -> Result<(), Errno> {
        let attributes = Attributes::new(sharing)?;
        ret::code(c::pthread_barrier_init(place, Some(&attributes.0), parties))
    }

    /// Returns `true` to one of the threads, `PTHREAD_BARRIER_SERIAL_THREAD`.
    #[inline]
    pub(crate) fn wait(&self) -> Result<bool, Errno> {
        match c::pthread_barrier_wait(&self.0) {
            c::PTHREAD_BARRIER_SERIAL_THREAD => Ok(true),
            other => ret::code(other).map(|()| false),
        }
    }
}

struct Attributes(Live<c::pthread_barrierattr_t>);

impl Attributes {
    fn new(sharing: Sharing) -> Result<Self, Errno> {
        let mut attributes = MaybeUninit::uninit();
        ret::code(c::pthread_barrierattr_init(&mut attributes))?;
        // From here on they are destroyed by `drop`, whatever fails.
        // SAFETY: initialised by the call above, which succeeded.
        let mut this = Self(unsafe { attributes.assume_init() });
        ret::code(c::pthread_barrierattr_setpshared(&mut this.0, pshared(sharing)))?;
        Ok(this)
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: made in `new`, and destroyed only here.
        unsafe { c::pthread_barrierattr_destroy(self.0.as_ptr()) };
    }
}
