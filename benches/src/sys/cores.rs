//! The available cores, and pinning to one.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ffi::c_int;

use ipc_core::{Errno, Result, ret};

use super::failed;

unsafe extern "C" {
    fn calls_cores(first: *mut c_int) -> c_int;
    fn calls_pin(core: c_int) -> c_int;
}

/// Returns two cores that this process may use; the same one twice if it has only one.
pub(crate) fn two() -> Option<(usize, usize)> {
    let mut first = [0; 2];
    // SAFETY: writes two numbers into a buffer of two. It keeps its result in a variable of its
    // own, which only the first thread of a process writes, in its first call.
    let count = unsafe { calls_cores(first.as_mut_ptr()) };
    let [one, other] = first.map(|core| usize::try_from(core).unwrap_or_default());
    match count {
        0 => None,
        1 => Some((one, one)),
        _ => Some((one, other)),
    }
}

/// Pins this thread to a core, or unpins it.
pub(crate) fn pin(core: Option<usize>) -> Result<()> {
    let core = core.map_or(-1, |core| c_int::try_from(core).unwrap_or(c_int::MAX));
    // SAFETY: takes a number; the variable it reads was written by `two` before, if at all.
    ret::code(unsafe { calls_pin(core) }).map_err(|errno: Errno| failed(errno))
}
