//! C's locks, initialised as shared between processes, in memory of this one.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::mem::MaybeUninit;

use ipc_core::{Errno, ret};
use ipc_sys::{self as c, Live};

/// The behaviour of a mutex when its owner dies, or locks it again.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Normal,
    Recursive,
    Robust,
    RobustErrorChecking,
}

/// A `pthread_mutex_t`.
pub(crate) struct Mutex(Box<Live<c::pthread_mutex_t>>);

impl Mutex {
    pub(crate) fn new(kind: Kind) -> Result<Self, Errno> {
        let (kind, robust) = match kind {
            Kind::Normal => (c::PTHREAD_MUTEX_NORMAL, c::PTHREAD_MUTEX_STALLED),
            Kind::Recursive => (c::PTHREAD_MUTEX_RECURSIVE, c::PTHREAD_MUTEX_STALLED),
            Kind::Robust => (c::PTHREAD_MUTEX_NORMAL, c::PTHREAD_MUTEX_ROBUST),
            Kind::RobustErrorChecking => (c::PTHREAD_MUTEX_ERRORCHECK, c::PTHREAD_MUTEX_ROBUST),
        };
        let mut attributes = MaybeUninit::uninit();
        ret::code(c::pthread_mutexattr_init(&mut attributes))?;
        // SAFETY: initialised by the call above, which succeeded.
        let mut attributes = unsafe { attributes.assume_init() };
        ret::code(c::pthread_mutexattr_setpshared(&mut attributes, c::PTHREAD_PROCESS_SHARED))?;
        ret::code(c::pthread_mutexattr_settype(&mut attributes, kind))?;
        ret::code(c::pthread_mutexattr_setrobust(&mut attributes, robust))?;
        let mut mutex = Box::new(MaybeUninit::zeroed());
        ret::code(c::pthread_mutex_init(&mut mutex, Some(&attributes)))?;
        // SAFETY: zeroed, and initialised by the call above, which succeeded.
        Ok(Self(unsafe { mutex.assume_init() }))
    }

    pub(crate) fn as_ptr(&self) -> *mut c::pthread_mutex_t {
        self.0.as_ptr()
    }

    #[inline]
    pub(crate) fn lock_and_unlock(&self) -> Result<(), Errno> {
        ret::code(c::pthread_mutex_lock(&self.0))?;
        // SAFETY: locked just now, by this thread.
        ret::code(unsafe { c::pthread_mutex_unlock(self.0.as_ptr()) })
    }
}

/// A `pthread_rwlock_t`.
pub(crate) struct RwLock(Box<Live<c::pthread_rwlock_t>>);

impl RwLock {
    pub(crate) fn new() -> Result<Self, Errno> {
        let mut attributes = MaybeUninit::uninit();
        ret::code(c::pthread_rwlockattr_init(&mut attributes))?;
        // SAFETY: initialised by the call above, which succeeded.
        let mut attributes = unsafe { attributes.assume_init() };
        ret::code(c::pthread_rwlockattr_setpshared(&mut attributes, c::PTHREAD_PROCESS_SHARED))?;
        let mut lock = Box::new(MaybeUninit::zeroed());
        ret::code(c::pthread_rwlock_init(&mut lock, Some(&attributes)))?;
        // SAFETY: zeroed, and initialised by the call above, which succeeded.
        Ok(Self(unsafe { lock.assume_init() }))
    }

    pub(crate) fn as_ptr(&self) -> *mut c::pthread_rwlock_t {
        self.0.as_ptr()
    }

    #[inline]
    pub(crate) fn read_and_unlock(&self) -> Result<(), Errno> {
        ret::code(c::pthread_rwlock_rdlock(&self.0))?;
        self.unlock()
    }

    #[inline]
    pub(crate) fn write_and_unlock(&self) -> Result<(), Errno> {
        ret::code(c::pthread_rwlock_wrlock(&self.0))?;
        self.unlock()
    }

    #[inline]
    fn unlock(&self) -> Result<(), Errno> {
        // SAFETY: locked by the caller, in this thread.
        ret::code(unsafe { c::pthread_rwlock_unlock(self.0.as_ptr()) })
    }
}

/// A `pthread_cond_t`.
pub(crate) struct Condvar(Box<Live<c::pthread_cond_t>>);

impl Condvar {
    pub(crate) fn new() -> Result<Self, Errno> {
        let mut attributes = MaybeUninit::uninit();
        ret::code(c::pthread_condattr_init(&mut attributes))?;
        // SAFETY: initialised by the call above, which succeeded.
        let mut attributes = unsafe { attributes.assume_init() };
        ret::code(c::pthread_condattr_setpshared(&mut attributes, c::PTHREAD_PROCESS_SHARED))?;
        ret::code(c::pthread_condattr_setclock(&mut attributes, c::CLOCK_MONOTONIC))?;
        let mut condvar = Box::new(MaybeUninit::zeroed());
        ret::code(c::pthread_cond_init(&mut condvar, Some(&attributes)))?;
        // SAFETY: zeroed, and initialised by the call above, which succeeded.
        Ok(Self(unsafe { condvar.assume_init() }))
    }

    pub(crate) fn as_ptr(&self) -> *mut c::pthread_cond_t {
        self.0.as_ptr()
    }

    #[inline]
    pub(crate) fn signal(&self) -> Result<(), Errno> {
        ret::code(c::pthread_cond_signal(&self.0))
    }
}
