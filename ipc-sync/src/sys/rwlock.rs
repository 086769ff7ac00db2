//! Calls to C's read/write lock.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use ipc_core::{Deadline, Errno, ret};
use ipc_sys as c;

use crate::clib;
use crate::pthread::RwLockOptions;
use crate::sys::pshared;

/// C's read/write lock, made by `pthread_rwlock_init` or found as such.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct RwLock(UnsafeCell<c::pthread_rwlock_t>);

// SAFETY: POSIX lets any thread, of any process if it was made so, call the functions below on one
// lock.
unsafe impl Sync for RwLock {}

impl RwLock {
    /// # Safety
    ///
    /// `place` is aligned and may be written, and no other thread or process uses its bytes until
    /// this returns.
    pub(crate) unsafe fn init(place: NonNull<Self>, options: &RwLockOptions) -> Result<(), Errno> {
        let attributes = Attributes::new(options)?;
        // SAFETY: the caller gives us the place; a `RwLock` is a `pthread_rwlock_t`; the attributes
        // are made.
        ret::code(unsafe { c::pthread_rwlock_init(place.as_ptr().cast(), attributes.0.as_ptr()) })
    }

    /// # Safety
    ///
    /// `init` initialised the one at `place`, and it is not used any more.
    pub(crate) unsafe fn destroy(place: NonNull<Self>) {
        // SAFETY: the caller guarantees it (contract of this function).
        unsafe { c::pthread_rwlock_destroy(place.as_ptr().cast()) };
    }

    #[inline]
    pub(crate) fn read(&self) -> Result<(), Errno> {
        // SAFETY: `self` is a lock, which lives as long as it is borrowed.
        ret::code(unsafe { c::pthread_rwlock_rdlock(self.0.get()) })
    }

    #[inline]
    pub(crate) fn try_read(&self) -> Result<(), Errno> {
        // SAFETY: `self` is a lock, which lives as long as it is borrowed.
        ret::code(unsafe { c::pthread_rwlock_tryrdlock(self.0.get()) })
    }

    /// Waits until the moment that `deadline` gives, if there is something to wait for.
    #[inline]
    pub(crate) fn read_until(&self, deadline: impl FnOnce() -> Deadline) -> Result<(), Errno> {
        match self.try_read() {
            // SAFETY: `self` is a lock, which lives as long as it is borrowed.
            Err(Errno::EBUSY) => unsafe { clib::read_until(self.0.get(), deadline()) },
            ended => ended,
        }
    }

    #[inline]
    pub(crate) fn write(&self) -> Result<(), Errno> {
        // SAFETY: `self` is a lock, which lives as long as it is borrowed.
        ret::code(unsafe { c::pthread_rwlock_wrlock(self.0.get()) })
    }

    #[inline]
    pub(crate) fn try_write(&self) -> Result<(), Errno> {
        // SAFETY: `self` is a lock, which lives as long as it is borrowed.
        ret::code(unsafe { c::pthread_rwlock_trywrlock(self.0.get()) })
    }

    /// Waits until the moment that `deadline` gives, if there is something to wait for.
    #[inline]
    pub(crate) fn write_until(&self, deadline: impl FnOnce() -> Deadline) -> Result<(), Errno> {
        match self.try_write() {
            // SAFETY: `self` is a lock, which lives as long as it is borrowed.
            Err(Errno::EBUSY) => unsafe { clib::write_until(self.0.get(), deadline()) },
            ended => ended,
        }
    }

    /// To be called by a thread that has locked it, once for each time.
    #[inline]
    pub(crate) fn unlock(&self) {
        // SAFETY: `self` is a lock, which lives as long as it is borrowed; the caller holds a guard
        // of it.
        unsafe { c::pthread_rwlock_unlock(self.0.get()) };
    }
}

struct Attributes(MaybeUninit<c::pthread_rwlockattr_t>);

impl Attributes {
    fn new(options: &RwLockOptions) -> Result<Self, Errno> {
        let mut attributes = MaybeUninit::uninit();
        // SAFETY: writes the attributes, which are ours.
        ret::code(unsafe { c::pthread_rwlockattr_init(attributes.as_mut_ptr()) })?;
        // From here on they are destroyed by `drop`, whatever fails.
        let mut this = Self(attributes);
        // SAFETY: attributes made above.
        ret::code(unsafe {
            c::pthread_rwlockattr_setpshared(this.0.as_mut_ptr(), pshared(options.sharing))
        })?;
        // SAFETY: attributes made above.
        unsafe { clib::set_preference(this.0.as_mut_ptr(), options.preference) }?;
        Ok(this)
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: made in `new`, and destroyed only here.
        unsafe { c::pthread_rwlockattr_destroy(self.0.as_mut_ptr()) };
    }
}
