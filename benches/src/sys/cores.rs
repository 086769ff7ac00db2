//! Which cores there are, and staying on one.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ffi::c_int;

use ipc_core::{Errno, Result, ret};

use super::failed;

unsafe extern "C" {
    fn calls_cores(first: *mut c_int) -> c_int;
    fn calls_pin(core: c_int) -> c_int;
}

/// Two cores that this process may use; twice the same if it has one.
pub(crate) fn two() -> Option<(usize, usize)> {
    let mut first = [0; 2];
    // SAFETY: writes two numbers, for which there is room. It keeps what it finds in a variable of its own, which
    // only the first thread of a process writes, at its first call.
    let count = unsafe { calls_cores(first.as_mut_ptr()) };
    let [one, other] = first.map(|core| usize::try_from(core).unwrap_or_default());
    match count {
        0 => None,
        1 => Some((one, one)),
        _ => Some((one, other)),
    }
}

/// Keeps this thread on a core, or frees it again.
pub(crate) fn pin(core: Option<usize>) -> Result<()> {
    let core = core.map_or(-1, |core| c_int::try_from(core).unwrap_or(c_int::MAX));
    // SAFETY: takes a number; the variable it reads was written by `two` before, if at all.
    ret::code(unsafe { calls_pin(core) }).map_err(|errno: Errno| failed(errno))
}
