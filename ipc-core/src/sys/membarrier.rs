//! The call of the kernel that makes all threads of other processes execute a memory barrier.
//!
//! <https://man7.org/linux/man-pages/man2/membarrier.2.html>

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ffi::c_int;

use crate::Errno;
use ipc_sys as c;

/// Makes the threads of this process execute a barrier when any process asks for one.
pub(crate) fn register() -> Result<(), Errno> {
    membarrier(c::MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED)
}

/// Executes a barrier on every processor that runs a thread of a registered process.
pub(crate) fn everywhere() -> Result<(), Errno> {
    membarrier(c::MEMBARRIER_CMD_GLOBAL_EXPEDITED)
}

fn membarrier(command: c_int) -> Result<(), Errno> {
    // SAFETY: takes numbers only.
    let done = unsafe { c::syscall(c::SYS_membarrier, command, 0, 0) };
    if done == -1 { Err(Errno::last()) } else { Ok(()) }
}
