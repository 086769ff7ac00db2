//! Descriptors: of signals, of events, and the caller's own.

#![expect(unsafe_code, reason = "calls C")]

use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use ipc_core::fcntl::{Command, fcntl};
use ipc_core::{Errno, above_standard_streams, ret};
use ipc_sys as c;

use super::sigset;
use crate::SignalSet;
use crate::signal_info::RawInfo;

/// Creates a descriptor from which signals are read.
pub(crate) fn signalfd(signals: SignalSet, nonblocking: bool) -> Result<OwnedFd, Errno> {
    let flags = c::SFD_CLOEXEC | if nonblocking { c::SFD_NONBLOCK } else { 0 };
    let fd = ret::check(c::signalfd(None, &sigset(signals), flags))?;
    // SAFETY: the call above created the descriptor, and nothing else owns it.
    above_standard_streams(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Replaces the set of a descriptor created by [`signalfd`].
pub(crate) fn change_signalfd(fd: BorrowedFd<'_>, signals: SignalSet) -> Result<(), Errno> {
    ret::check(c::signalfd(Some(fd), &sigset(signals), 0)).map(drop)
}

/// Reads one signal; `None` if none is pending and the descriptor does not block.
#[inline]
pub(crate) fn read_signal(fd: BorrowedFd<'_>) -> Result<Option<RawInfo>, Errno> {
    const SIZE: usize = size_of::<c::signalfd_siginfo>();

    let mut info: c::signalfd_siginfo = c::zeroed();
    loop {
        // SAFETY: the call writes at most `SIZE` bytes, the size of `info`.
        match ret::check(unsafe { c::read(fd.as_raw_fd(), (&raw mut info).cast(), SIZE) }) {
            Ok(read) if read.cast_unsigned() == SIZE => break,
            // The kernel writes whole records only.
            Ok(_) => return Err(Errno::EIO),
            Err(Errno::EINTR) => {}
            Err(Errno::EAGAIN) => return Ok(None),
            Err(other) => return Err(other),
        }
    }
    Ok(Some(RawInfo {
        signo: info.ssi_signo.cast_signed(),
        code: info.ssi_code,
        errno: info.ssi_errno,
        pid: info.ssi_pid.cast_signed(),
        uid: info.ssi_uid,
        value: info.ssi_ptr.cast_signed(),
        status: info.ssi_status,
        overrun: info.ssi_overrun.cast_signed(),
        address: usize::try_from(info.ssi_addr).unwrap_or(usize::MAX),
        band: info.ssi_band.into(),
        fd: info.ssi_fd,
    }))
}

/// Creates a counter that is readable once something was added to it.
pub(crate) fn eventfd() -> Result<OwnedFd, Errno> {
    let fd = ret::check(c::eventfd(0, c::EFD_CLOEXEC | c::EFD_NONBLOCK))?;
    // SAFETY: the call above created the descriptor, and nothing else owns it.
    above_standard_streams(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Makes a descriptor of [`eventfd`] readable.
pub(crate) fn add_one(eventfd: BorrowedFd<'_>) {
    write_ignoring_errors(eventfd, &1_u64.to_ne_bytes());
}

/// Writes without reporting failures, and may be called in a signal handler.
pub(crate) fn write_ignoring_errors(fd: BorrowedFd<'_>, bytes: &[u8]) {
    // SAFETY: the call reads the bytes of `bytes`, no more.
    unsafe { c::write(fd.as_raw_fd(), bytes.as_ptr().cast(), bytes.len()) };
}

/// Makes reads and writes fail where they would block, for all who share the description. Fails
/// with `EBADF` for a descriptor that is only for reading.
pub(crate) fn set_nonblocking(fd: BorrowedFd<'_>) -> Result<(), Errno> {
    let flags = fcntl(fd, Command::StatusFlags)?;
    if flags & c::O_ACCMODE == c::O_RDONLY {
        return Err(Errno::EBADF);
    }
    fcntl(fd, Command::SetStatusFlags(flags | c::O_NONBLOCK)).map(drop)
}
