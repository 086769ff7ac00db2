//! Calls to C's semaphore.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ffi::c_int;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use ipc_core::{Deadline, Errno, ret};
use ipc_sys::{self as c, Live};

use crate::clib;

/// C's semaphore, made by `sem_init` for several processes or found as such.
#[repr(transparent)]
pub(crate) struct Sem(Live<c::sem_t>);

impl Sem {
    pub(crate) const MAX_VALUE: u32 = c::SEM_VALUE_MAX;

    pub(crate) fn init(place: &mut MaybeUninit<Live<c::sem_t>>, value: u32) -> Result<(), Errno> {
        const FOR_SEVERAL_PROCESSES: c_int = 1;
        ret::check(c::sem_init(place, FOR_SEVERAL_PROCESSES, value)).map(drop)
    }

    /// # Safety
    ///
    /// `init` initialised the one at `place`, and it is not used any more.
    pub(crate) unsafe fn destroy(place: NonNull<Self>) {
        // SAFETY: the caller guarantees it (contract of this function).
        let done = unsafe { c::sem_destroy(place.as_ptr().cast()) };
        debug_assert_eq!(done, 0, "sem_destroy of a semaphore of ours: {}", Errno::last());
    }

    #[inline]
    pub(crate) fn post(&self) -> Result<(), Errno> {
        if c::sem_post(&self.0) == 0 { Ok(()) } else { Err(Errno::last()) }
    }

    /// Acquires a permit if there is one.
    #[inline]
    fn take(&self) -> bool {
        c::sem_trywait(&self.0) == 0
    }

    #[inline]
    pub(crate) fn try_wait(&self) -> Result<bool, Errno> {
        match ret::retry(|| ret::check(c::sem_trywait(&self.0))) {
            Ok(_) => Ok(true),
            Err(Errno::EAGAIN) => Ok(false),
            Err(other) => Err(other),
        }
    }

    #[inline]
    pub(crate) fn wait(&self) -> Result<(), Errno> {
        if self.take() { Ok(()) } else { self.wait_slowly(Deadline::NEVER).map(drop) }
    }

    /// Waits until the moment that `deadline` gives, if there is something to wait for.
    #[inline]
    pub(crate) fn wait_until(&self, deadline: impl FnOnce() -> Deadline) -> Result<bool, Errno> {
        if self.take() { Ok(true) } else { self.wait_slowly(deadline()) }
    }

    #[cold]
    fn wait_slowly(&self, deadline: Deadline) -> Result<bool, Errno> {
        match clib::sem_wait_until(&self.0, deadline) {
            Ok(()) => Ok(true),
            Err(Errno::ETIMEDOUT) => Ok(false),
            Err(other) => Err(other),
        }
    }

    pub(crate) fn value(&self) -> Result<u32, Errno> {
        let mut value = 0;
        ret::check(c::sem_getvalue(&self.0, &mut value))?;
        // POSIX lets a system count those who wait below 0.
        Ok(u32::try_from(value).unwrap_or(0))
    }
}
