//! Calls to C's condition variable.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use ipc_core::{Errno, TimeSpec, ret};
use ipc_sys as c;

use crate::clib;
use crate::pthread::CondvarOptions;
use crate::sys::mutex::Mutex;
use crate::sys::pshared;

/// C's condition variable, made by `pthread_cond_init` or found as such.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct Condvar(UnsafeCell<c::pthread_cond_t>);

// SAFETY: POSIX lets any thread, of any process if it was made so, call the functions below on one
// of them.
unsafe impl Sync for Condvar {}

impl Condvar {
    /// # Safety
    ///
    /// `place` is aligned and may be written, and no other thread or process uses its bytes until
    /// this returns.
    pub(crate) unsafe fn init(place: NonNull<Self>, options: CondvarOptions) -> Result<(), Errno> {
        let attributes = Attributes::new(options)?;
        // SAFETY: the caller gives us the place; a `Condvar` is a `pthread_cond_t`; the attributes
        // are made.
        ret::code(unsafe { c::pthread_cond_init(place.as_ptr().cast(), attributes.0.as_ptr()) })
    }

    #[inline]
    pub(crate) fn notify_one(&self) -> Result<(), Errno> {
        // SAFETY: `self` is a condition variable, which lives as long as it is borrowed.
        ret::code(unsafe { c::pthread_cond_signal(self.0.get()) })
    }

    #[inline]
    pub(crate) fn notify_all(&self) -> Result<(), Errno> {
        // SAFETY: `self` is a condition variable, which lives as long as it is borrowed.
        ret::code(unsafe { c::pthread_cond_broadcast(self.0.get()) })
    }

    /// To be called by the thread that holds `mutex`.
    pub(crate) fn wait(&self, mutex: &Mutex) -> Result<(), Errno> {
        // SAFETY: both live as long as they are borrowed. No C library we know keeps the address of
        // the mutex, so that one which differs from that of other waiters costs no more than a
        // wake-up.
        ret::code(unsafe { c::pthread_cond_wait(self.0.get(), mutex.as_ptr()) })
    }

    /// To be called by the thread that holds `mutex`; `ETIMEDOUT` when the deadline has come.
    pub(crate) fn wait_until(&self, mutex: &Mutex, end: TimeSpec) -> Result<(), Errno> {
        // SAFETY: both live as long as they are borrowed; the time outlives the call.
        unsafe { clib::cond_wait_until(self.0.get(), mutex.as_ptr(), end) }
    }
}

struct Attributes(MaybeUninit<c::pthread_condattr_t>);

impl Attributes {
    fn new(options: CondvarOptions) -> Result<Self, Errno> {
        let mut attributes = MaybeUninit::uninit();
        // SAFETY: writes the attributes, which are ours.
        ret::code(unsafe { c::pthread_condattr_init(attributes.as_mut_ptr()) })?;
        // From here on they are destroyed by `drop`, whatever fails.
        let mut this = Self(attributes);
        // SAFETY: attributes made above.
        ret::code(unsafe {
            c::pthread_condattr_setpshared(this.0.as_mut_ptr(), pshared(options.sharing))
        })?;
        let clock = clib::cond_clock(options.clock)?;
        // SAFETY: attributes made above.
        ret::code(unsafe { c::pthread_condattr_setclock(this.0.as_mut_ptr(), clock) })?;
        Ok(this)
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: made in `new`, and destroyed only here.
        unsafe { c::pthread_condattr_destroy(self.0.as_mut_ptr()) };
    }
}
