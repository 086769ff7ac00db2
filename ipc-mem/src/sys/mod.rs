//! The code of this crate that calls C.

#![expect(unsafe_code, reason = "a folder that calls C")]

pub(crate) mod clib;
pub(crate) mod file;
pub(crate) mod limit;
pub(crate) mod lock;
pub(crate) mod map;
pub(crate) mod signal;

pub(crate) use ipc_sys as c;

use ipc_core::{Errno, ret};

/// Registers three functions that run at every `fork` of this process: before it, after it in the
/// parent, and after it in the child.
pub(crate) fn at_fork(
    before: extern "C" fn(),
    parent: extern "C" fn(),
    child: extern "C" fn(),
) -> Result<(), Errno> {
    // SAFETY: functions of this program, there until its end.
    ret::code(unsafe { c::pthread_atfork(Some(before), Some(parent), Some(child)) })
}
