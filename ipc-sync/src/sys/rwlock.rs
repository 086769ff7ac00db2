//! Calls to C's read/write lock.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::mem::MaybeUninit;
use std::ptr::NonNull;

use ipc_core::{Deadline, Errno, ret};
use ipc_sys::{self as c, Live};

use crate::clib;
use crate::pthread::RwLockOptions;
use crate::sys::attributes::Attributes;

/// C's read/write lock, made by `pthread_rwlock_init` or found as such.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct RwLock(Live<c::pthread_rwlock_t>);

impl RwLock {
    pub(crate) fn init(
        place: &mut MaybeUninit<Live<c::pthread_rwlock_t>>,
        options: &RwLockOptions,
    ) -> Result<(), Errno> {
        let mut attributes = Attributes::new(options.sharing)?;
        clib::set_preference(&mut attributes.0, options.preference)?;
        ret::code(c::pthread_rwlock_init(place, Some(&attributes.0)))
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
        ret::code(c::pthread_rwlock_rdlock(&self.0))
    }

    #[inline]
    pub(crate) fn try_read(&self) -> Result<(), Errno> {
        ret::code(c::pthread_rwlock_tryrdlock(&self.0))
    }

    /// Waits until the moment that `deadline` gives, if there is something to wait for.
    #[inline]
    pub(crate) fn read_until(&self, deadline: impl FnOnce() -> Deadline) -> Result<(), Errno> {
        match self.try_read() {
            Err(Errno::EBUSY) => clib::read_until(&self.0, deadline()),
            ended => ended,
        }
    }

    #[inline]
    pub(crate) fn write(&self) -> Result<(), Errno> {
        ret::code(c::pthread_rwlock_wrlock(&self.0))
    }

    #[inline]
    pub(crate) fn try_write(&self) -> Result<(), Errno> {
        ret::code(c::pthread_rwlock_trywrlock(&self.0))
    }

    /// Waits until the moment that `deadline` gives, if there is something to wait for.
    #[inline]
    pub(crate) fn write_until(&self, deadline: impl FnOnce() -> Deadline) -> Result<(), Errno> {
        match self.try_write() {
            Err(Errno::EBUSY) => clib::write_until(&self.0, deadline()),
            ended => ended,
        }
    }

    /// # Safety
    ///
    /// The calling thread locked it, and calls this once for each time that it did.
    #[inline]
    pub(crate) unsafe fn unlock(&self) {
        // SAFETY: `self` is a lock, which lives as long as it is borrowed; this thread holds it
        // (contract).
        unsafe { c::pthread_rwlock_unlock(self.0.as_ptr()) };
    }
}
