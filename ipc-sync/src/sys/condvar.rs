//! Calls to C's condition variable.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::mem::MaybeUninit;

use ipc_core::{Errno, TimeSpec, ret};
use ipc_sys::{self as c, Live};

use crate::clib;
use crate::pthread::CondvarOptions;
use crate::sys::attributes::Attributes;
use crate::sys::mutex::Mutex;

/// C's condition variable, made by `pthread_cond_init` or found as such.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct Condvar(Live<c::pthread_cond_t>);

impl Condvar {
    pub(crate) fn init(
        place: &mut MaybeUninit<Live<c::pthread_cond_t>>,
        options: CondvarOptions,
    ) -> Result<(), Errno> {
        let mut attributes = Attributes::new(options.sharing)?;
        ret::code(c::pthread_condattr_setclock(
            &mut attributes.0,
            clib::cond_clock(options.clock)?,
        ))?;
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
