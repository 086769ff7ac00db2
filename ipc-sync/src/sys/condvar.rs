//! Calls to C's condition variable.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::mem::MaybeUninit;

use ipc_core::{Errno, TimeSpec, ret};
use ipc_sys::{self as c, Live};

use crate::clib;
use crate::pthread::CondvarOptions;
use crate::sys::mutex::Mutex;
use crate::sys::pshared;

/// C's condition variable, made by `pthread_cond_init` or found as such.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct Condvar(Live<c::pthread_cond_t>);

impl Condvar {
    pub(crate) fn init(
        place: &mut MaybeUninit<Live<c::pthread_cond_t>>,
        options: CondvarOptions,
    ) -> Result<(), Errno> {
        let attributes = Attributes::new(options)?;
        ret::code(c::pthread_cond_init(place, Some(&attributes.0)))
    }

    #[inline]
    pub(crate) fn notify_one(&self) -> Result<(), Errno> {
        ret::code(c::pthread_cond_signal(&self.0))
    }

    #[inline]
    pub(crate) fn notify_all(&self) -> Result<(), Errno> {
        ret::code(c::pthread_cond_broadcast(&self.0))
    }

    /// To be called by the thread that holds `mutex`.
    pub(crate) fn wait(&self, mutex: &Mutex) -> Result<(), Errno> {
        // SAFETY: both live as long as they are borrowed. No C library we know keeps the address of
        // the mutex, so that one which differs from that of other waiters costs no more than a
        // wake-up.
        ret::code(unsafe { c::pthread_cond_wait(self.0.as_ptr(), mutex.as_ptr()) })
    }

    /// To be called by the thread that holds `mutex`; `ETIMEDOUT` when the deadline has come.
    pub(crate) fn wait_until(&self, mutex: &Mutex, end: TimeSpec) -> Result<(), Errno> {
        // SAFETY: both live as long as they are borrowed; the time outlives the call.
        unsafe { clib::cond_wait_until(self.0.as_ptr(), mutex.as_ptr(), end) }
    }
}

struct Attributes(Live<c::pthread_condattr_t>);

impl Attributes {
    fn new(options: CondvarOptions) -> Result<Self, Errno> {
        let mut attributes = MaybeUninit::uninit();
        ret::code(c::pthread_condattr_init(&mut attributes))?;
        // From here on they are destroyed by `drop`, whatever fails.
        // SAFETY: initialised by the call above, which succeeded.
        let mut this = Self(unsafe { attributes.assume_init() });
        ret::code(c::pthread_condattr_setpshared(&mut this.0, pshared(options.sharing)))?;
        ret::code(c::pthread_condattr_setclock(&mut this.0, clib::cond_clock(options.clock)?))?;
        Ok(this)
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: made in `new`, and destroyed only here.
        unsafe { c::pthread_condattr_destroy(self.0.as_ptr()) };
    }
}
