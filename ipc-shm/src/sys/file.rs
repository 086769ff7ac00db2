//! System calls on open files that `std` does not have.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ffi::{CStr, c_int};
use std::fs::File;
use std::os::fd::{BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::path::Path;

use ipc_core::fcntl::{Command, fcntl};
use ipc_core::{Errno, above_standard_streams, ret};
use ipc_sys as c;

/// The flags that keep `open` from blocking on a FIFO, and from following a symbolic link that
/// another user may have put there. A descriptor's entry in `/proc` is not such a link.
pub(crate) fn open_flags(path: &Path) -> c_int {
    let mut parts = path.components().rev().map(|part| part.as_os_str());
    let (number, table) = (parts.next(), parts.next());
    let is_descriptor = number.and_then(|number| number.to_str()?.parse::<RawFd>().ok()).is_some()
        && table.is_some_and(|table| table == "fd")
        && path.starts_with("/proc")
        && path.components().count() == 5;
    if is_descriptor { c::O_NONBLOCK } else { c::O_NOFOLLOW | c::O_NONBLOCK }
}

/// The file cannot shrink.
pub(crate) const SEAL_SHRINK: c_int = c::F_SEAL_SHRINK;

/// The file cannot grow.
pub(crate) const SEAL_GROW: c_int = c::F_SEAL_GROW;

/// No process can begin to write it; existing writable mappings stay writable.
pub(crate) const SEAL_WRITE: c_int = c::F_SEAL_FUTURE_WRITE;

/// No process can write it.
pub(crate) const SEAL_ALL_WRITE: c_int = c::F_SEAL_WRITE;

/// No seal can be added.
pub(crate) const SEAL_SEAL: c_int = c::F_SEAL_SEAL;

/// Creates an empty file without a name, shown as `name` in `/proc`, that can be sealed.
pub(crate) fn anonymous(name: &CStr) -> Result<File, Errno> {
    // SAFETY: a string that ends in zero and outlives the call, and a number.
    let fd = ret::check(unsafe {
        c::memfd_create(name.as_ptr(), c::MFD_ALLOW_SEALING | c::MFD_CLOEXEC)
    })?;
    // SAFETY: the call above returned the descriptor, and no other code owns it.
    above_standard_streams(unsafe { OwnedFd::from_raw_fd(fd) }).map(File::from)
}

pub(crate) fn seal(file: &File, seals: c_int) -> Result<(), Errno> {
    fcntl(file, Command::AddSeals(seals)).map(drop)
}

pub(crate) fn seals(file: &File) -> Result<c_int, Errno> {
    fcntl(file, Command::Seals)
}

/// Returns the descriptor with this number; `EBADF` if it is not open.
///
/// # Safety
///
/// If the number is an open descriptor, it stays open for the lifetime `'a`.
pub(crate) unsafe fn inherited<'a>(number: RawFd) -> Result<BorrowedFd<'a>, Errno> {
    if !c::is_open(number) {
        return Err(Errno::EBADF);
    }
    // SAFETY: it is open, so it is not -1, and the caller guarantees that it stays open for `'a`.
    Ok(unsafe { BorrowedFd::borrow_raw(number) })
}

/// Sets whether a program that this process executes inherits the descriptor.
pub(crate) fn set_inherited(fd: BorrowedFd<'_>, inherited: bool) -> Result<(), Errno> {
    let flags = if inherited { 0 } else { c::FD_CLOEXEC };
    fcntl(fd, Command::SetDescriptorFlags(flags)).map(drop)
}
