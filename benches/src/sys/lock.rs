//! C's locks, initialised as shared between processes, in memory of this one.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::cell::UnsafeCell;
use std::mem::MaybeUninit;

use ipc_core::{Errno, ret};
use ipc_sys as c;

/// The behaviour of a mutex when its owner dies, or locks it again.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Normal,
    Recursive,
    Robust,
    RobustErrorChecking,
}

/// A `pthread_mutex_t`.
pub(crate) struct Mutex(Box<UnsafeCell<c::pthread_mutex_t>>);

impl Mutex {
    pub(crate) fn new(kind: Kind) -> Result<Self, Errno> {
        let (kind, robust) = match kind {
            Kind::Normal => (c::PTHREAD_MUTEX_NORMAL, c::PTHREAD_MUTEX_STALLED),
            Kind::Recursive => (c::PTHREAD_MUTEX_RECURSIVE, c::PTHREAD_MUTEX_STALLED),
            Kind::Robust => (c::PTHREAD_MUTEX_NORMAL, c::PTHREAD_MUTEX_ROBUST),
            Kind::RobustErrorChecking => (c::PTHREAD_MUTEX_ERRORCHECK, c::PTHREAD_MUTEX_ROBUST),
        };
        let mut attributes = MaybeUninit::uninit();
        let place = attributes.as_mut_ptr();
        // SAFETY: initialises the attributes, in a buffer of their type.
        ret::code(unsafe { c::pthread_mutexattr_init(place) })?;
        // SAFETY: attributes initialised above.
        ret::code(unsafe { c::pthread_mutexattr_setpshared(place, c::PTHREAD_PROCESS_SHARED) })?;
        // SAFETY: attributes initialised above.
        ret::code(unsafe { c::pthread_mutexattr_settype(place, kind) })?;
        // SAFETY: attributes initialised above.
        ret::code(unsafe { c::pthread_mutexattr_setrobust(place, robust) })?;
        // SAFETY: integers and pointers, for which all-zero bytes are valid.
        let mutex = Self(Box::new(unsafe { MaybeUninit::zeroed().assume_init() }));
        // SAFETY: memory owned by this value, and attributes initialised above.
        ret::code(unsafe { c::pthread_mutex_init(mutex.0.get(), place) })?;
        Ok(mutex)
    }

    pub(crate) fn as_ptr(&self) -> *mut c::pthread_mutex_t {
        self.0.get()
    }

    #[inline]
    pub(crate) fn lock_and_unlock(&self) -> Result<(), Errno> {
        // SAFETY: initialised in `new`, and alive while it is borrowed.
        ret::code(unsafe { c::pthread_mutex_lock(self.0.get()) })?;
        // SAFETY: locked just now, by this thread.
        ret::code(unsafe { c::pthread_mutex_unlock(self.0.get()) })
    }
}

/// A `pthread_rwlock_t`.
pub(crate) struct RwLock(Box<UnsafeCell<c::pthread_rwlock_t>>);

impl RwLock {
    pub(crate) fn new() -> Result<Self, Errno> {
        let mut attributes = MaybeUninit::uninit();
        let place = attributes.as_mut_ptr();
        // SAFETY: initialises the attributes, in a buffer of their type.
        ret::code(unsafe { c::pthread_rwlockattr_init(place) })?;
        // SAFETY: attributes initialised above.
        ret::code(unsafe { c::pthread_rwlockattr_setpshared(place, c::PTHREAD_PROCESS_SHARED) })?;
        // SAFETY: integers, for which all-zero bytes are valid.
        let lock = Self(Box::new(unsafe { MaybeUninit::zeroed().assume_init() }));
        // SAFETY: memory owned by this value, and attributes initialised above.
        ret::code(unsafe { c::pthread_rwlock_init(lock.0.get(), place) })?;
        Ok(lock)
    }

    pub(crate) fn as_ptr(&self) -> *mut c::pthread_rwlock_t {
        self.0.get()
    }

    #[inline]
    pub(crate) fn read_and_unlock(&self) -> Result<(), Errno> {
        // SAFETY: initialised in `new`, and alive while it is borrowed.
        ret::code(unsafe { c::pthread_rwlock_rdlock(self.0.get()) })?;
        self.unlock()
    }

    #[inline]
    pub(crate) fn write_and_unlock(&self) -> Result<(), Errno> {
        // SAFETY: initialised in `new`, and alive while it is borrowed.
        ret::code(unsafe { c::pthread_rwlock_wrlock(self.0.get()) })?;
        self.unlock()
    }

    #[inline]
    fn unlock(&self) -> Result<(), Errno> {
        // SAFETY: locked by the caller, in this thread.
        ret::code(unsafe { c::pthread_rwlock_unlock(self.0.get()) })
    }
}

/// A `pthread_cond_t`.
pub(crate) struct Condvar(Box<UnsafeCell<c::pthread_cond_t>>);

impl Condvar {
    pub(crate) fn new() -> Result<Self, Errno> {
        let mut attributes = MaybeUninit::uninit();
        let place = attributes.as_mut_ptr();
        // SAFETY: initialises the attributes, in a buffer of their type.
        ret::code(unsafe { c::pthread_condattr_init(place) })?;
        // SAFETY: attributes initialised above.
        ret::code(unsafe { c::pthread_condattr_setpshared(place, c::PTHREAD_PROCESS_SHARED) })?;
        // SAFETY: attributes initialised above.
        ret::code(unsafe { c::pthread_condattr_setclock(place, c::CLOCK_MONOTONIC) })?;
        // SAFETY: integers, for which all-zero bytes are valid.
        let condvar = Self(Box::new(unsafe { MaybeUninit::zeroed().assume_init() }));
        // SAFETY: memory owned by this value, and attributes initialised above.
        ret::code(unsafe { c::pthread_cond_init(condvar.0.get(), place) })?;
        Ok(condvar)
    }

    pub(crate) fn as_ptr(&self) -> *mut c::pthread_cond_t {
        self.0.get()
    }

    #[inline]
    pub(crate) fn signal(&self) -> Result<(), Errno> {
        // SAFETY: initialised in `new`, and alive while it is borrowed.
        ret::code(unsafe { c::pthread_cond_signal(self.0.get()) })
    }
}
