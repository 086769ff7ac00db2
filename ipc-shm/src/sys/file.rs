//! What the system does with an open file, beyond what `std` knows.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ffi::{CStr, c_int};
use std::fs::File;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use ipc_core::{Errno, ret};
use ipc_sys as c;

/// The flag that keeps `open` from waiting.
pub(crate) const NO_WAIT: c_int = c::O_NONBLOCK;

/// The file cannot become shorter.
pub(crate) const SEAL_SHRINK: c_int = c::F_SEAL_SHRINK;

/// Nor longer.
pub(crate) const SEAL_GROW: c_int = c::F_SEAL_GROW;

/// Nobody can begin to write it.
pub(crate) const SEAL_WRITE: c_int = c::F_SEAL_FUTURE_WRITE;

/// Nobody can write it at all.
pub(crate) const SEAL_ALL_WRITE: c_int = c::F_SEAL_WRITE;

/// No seal can be added.
pub(crate) const SEAL_SEAL: c_int = c::F_SEAL_SEAL;

/// An empty file without a name, to be shown as `name`, that can be sealed.
pub(crate) fn anonymous(name: &CStr) -> Result<File, Errno> {
    // SAFETY: a string that ends in zero and outlives the call, and a number.
    let fd = ret::check(unsafe { c::memfd_create(name.as_ptr(), c::MFD_ALLOW_SEALING | c::MFD_CLOEXEC) })?;
    // SAFETY: the descriptor was made by the call above and nobody else has it.
    Ok(unsafe { File::from_raw_fd(fd) })
}

pub(crate) fn seal(file: &File, seals: c_int) -> Result<(), Errno> {
    // SAFETY: takes and returns numbers only; the descriptor is open as long as `file`.
    ret::check(unsafe { c::fcntl(file.as_raw_fd(), c::F_ADD_SEALS, seals) }).map(drop)
}

pub(crate) fn seals(file: &File) -> Result<c_int, Errno> {
    // SAFETY: takes and returns numbers only; the descriptor is open as long as `file`.
    ret::check(unsafe { c::fcntl(file.as_raw_fd(), c::F_GET_SEALS) })
}

/// A descriptor of our own for the file that `fd` stands for, whoever has that one.
pub(crate) fn duplicate(fd: RawFd) -> Result<OwnedFd, Errno> {
    // SAFETY: takes and returns numbers only, and says so if `fd` is not open.
    let own = ret::check(unsafe { c::fcntl(fd, c::F_DUPFD_CLOEXEC, 3) })?;
    // SAFETY: the descriptor was made by the call above and nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(own) })
}

/// Says whether a program that replaces this one has the descriptor too.
pub(crate) fn set_inherited(fd: RawFd, inherited: bool) -> Result<(), Errno> {
    let flags = if inherited { 0 } else { c::FD_CLOEXEC };
    // SAFETY: takes and returns numbers only, and says so if `fd` is not open.
    ret::check(unsafe { c::fcntl(fd, c::F_SETFD, flags) }).map(drop)
}
