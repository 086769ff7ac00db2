//! The call of the kernel that makes all threads of other processes execute a memory barrier.
//!
//! <https://man7.org/linux/man-pages/man2/membarrier.2.html>

use crate::{Errno, ret};
use ipc_sys as c;

/// Makes the threads of this process execute a barrier when any process asks for one.
pub(crate) fn register() -> Result<(), Errno> {
    ret::check(c::membarrier(c::MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED)).map(drop)
}

/// Executes a barrier on every processor that runs a thread of a registered process.
pub(crate) fn everywhere() -> Result<(), Errno> {
    ret::check(c::membarrier(c::MEMBARRIER_CMD_GLOBAL_EXPEDITED)).map(drop)
}
