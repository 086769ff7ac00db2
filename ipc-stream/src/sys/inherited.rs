//! Descriptors that the process which started this one left open for it.

#![expect(unsafe_code, reason = "asks the system for descriptors by number")]

use std::os::fd::OwnedFd;

use ipc_core::{Errno, ret};

use super::message::own;

/// The number of the first one, systemd's `SD_LISTEN_FDS_START`.
pub(crate) const FIRST: i32 = 3;
/// More than any process may have open by default; a greater number is nonsense.
pub(crate) const MOST: usize = 1 << 16;

/// Duplicates a descriptor, and keeps programs that this process starts from getting the original.
pub(crate) fn duplicate(number: i32) -> Result<OwnedFd, Errno> {
    // SAFETY: takes numbers only; of one that is not open the system says so.
    let copy = ret::check(unsafe { libc::fcntl(number, libc::F_DUPFD_CLOEXEC, FIRST) })?;
    // SAFETY: the call has just opened it.
    let copy = unsafe { own(copy) };
    // SAFETY: takes numbers only, and changes nothing that a copy has.
    ret::check(unsafe { libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC) })?;
    Ok(copy)
}
