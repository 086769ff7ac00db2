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

    /// Waits for a notification; `ETIMEDOUT` when `end` has come, if there is one.
    ///
    /// # Safety
    ///
    /// This thread holds `mutex`.
    pub(crate) unsafe fn wait(&self, mutex: &Mutex, end: Option<TimeSpec>) -> Result<(), Errno> {
        let (condvar, mutex) = (self.0.as_ptr(), mutex.as_ptr());
        match end {
            // SAFETY: both live as long as they are borrowed, and this thread holds the mutex
            // (contract).
            Some(end) => unsafe { clib::cond_wait_until(condvar, mutex, end) },
            // SAFETY: both live as long as they are borrowed, and this thread holds the mutex
            // (contract). Neither glibc nor musl keeps the address of the mutex, so one that
            // differs from that of other waiters costs no more than a wake-up.
            None => ret::code(unsafe { c::pthread_cond_wait(condvar, mutex) }),
        }
    }
}
