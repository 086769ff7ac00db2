//! The attributes with which C initialises a lock, condition variable or barrier.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ffi::c_int;
use std::mem::MaybeUninit;

use ipc_core::{Errno, ret};
use ipc_sys::{self as c, Live};

use crate::pthread::Sharing;
use crate::sys::pshared;

/// Attributes that C has initialised; dropping them destroys them.
pub(super) struct Attributes<T: Kind>(pub(super) Live<T>);

/// A type of attributes.
///
/// # Safety
///
/// The functions are those of C for this type; `INIT` returns 0 only if it has initialised the
/// attributes.
pub(super) unsafe trait Kind: Sized {
    const INIT: extern "C" fn(&mut MaybeUninit<Live<Self>>) -> c_int;
    const SET_SHARING: extern "C" fn(&mut Live<Self>, c_int) -> c_int;
    const DESTROY: unsafe extern "C" fn(*mut Self) -> c_int;
}

impl<T: Kind> Attributes<T> {
    pub(super) fn new(sharing: Sharing) -> Result<Self, Errno> {
        let mut attributes = MaybeUninit::uninit();
        ret::code(T::INIT(&mut attributes))?;
        // From here on they are destroyed by `drop`, whatever fails.
        // SAFETY: initialised by the call above, which succeeded (contract of `Kind`).
        let mut this = Self(unsafe { attributes.assume_init() });
        ret::code(T::SET_SHARING(&mut this.0, pshared(sharing)))?;
        Ok(this)
    }
}

impl<T: Kind> Drop for Attributes<T> {
    fn drop(&mut self) {
        // SAFETY: initialised in `new`, destroyed only here, and not used after.
        unsafe { T::DESTROY(self.0.as_ptr()) };
    }
}

// SAFETY: POSIX specifies these functions for this type, and 0 only for success.
unsafe impl Kind for c::pthread_mutexattr_t {
    const INIT: extern "C" fn(&mut MaybeUninit<Live<Self>>) -> c_int = c::pthread_mutexattr_init;
    const SET_SHARING: extern "C" fn(&mut Live<Self>, c_int) -> c_int =
        c::pthread_mutexattr_setpshared;
    const DESTROY: unsafe extern "C" fn(*mut Self) -> c_int = c::pthread_mutexattr_destroy;
}

// SAFETY: POSIX specifies these functions for this type, and 0 only for success.
unsafe impl Kind for c::pthread_rwlockattr_t {
    const INIT: extern "C" fn(&mut MaybeUninit<Live<Self>>) -> c_int = c::pthread_rwlockattr_init;
    const SET_SHARING: extern "C" fn(&mut Live<Self>, c_int) -> c_int =
        c::pthread_rwlockattr_setpshared;
    const DESTROY: unsafe extern "C" fn(*mut Self) -> c_int = c::pthread_rwlockattr_destroy;
}

// SAFETY: POSIX specifies these functions for this type, and 0 only for success.
unsafe impl Kind for c::pthread_condattr_t {
    const INIT: extern "C" fn(&mut MaybeUninit<Live<Self>>) -> c_int = c::pthread_condattr_init;
    const SET_SHARING: extern "C" fn(&mut Live<Self>, c_int) -> c_int =
        c::pthread_condattr_setpshared;
    const DESTROY: unsafe extern "C" fn(*mut Self) -> c_int = c::pthread_condattr_destroy;
}

// SAFETY: POSIX specifies these functions for this type, and 0 only for success.
unsafe impl Kind for c::pthread_barrierattr_t {
    const INIT: extern "C" fn(&mut MaybeUninit<Live<Self>>) -> c_int = c::pthread_barrierattr_init;
    const SET_SHARING: extern "C" fn(&mut Live<Self>, c_int) -> c_int =
        c::pthread_barrierattr_setpshared;
    const DESTROY: unsafe extern "C" fn(*mut Self) -> c_int = c::pthread_barrierattr_destroy;
}
