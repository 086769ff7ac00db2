//! The call `fcntl`, whose commands take different arguments.
//!
//! <https://pubs.opengroup.org/onlinepubs/9799919799/functions/fcntl.html>

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ffi::{c_int, c_void};
use std::os::fd::{AsFd, AsRawFd};
use std::ptr;

use crate::{Errno, ret};
use ipc_sys as c;

/// A command with its argument.
#[derive(Debug)]
pub enum Command<'a> {
    /// Duplicates the descriptor to this number or a higher one, with close-on-exec set.
    Duplicate(c_int),
    /// Sets the flags of the descriptor.
    SetDescriptorFlags(c_int),
    /// Returns the flags of the open file description.
    StatusFlags,
    /// Sets the flags of the open file description.
    SetStatusFlags(c_int),
    /// Returns the seals of the file.
    Seals,
    /// Adds seals to the file.
    AddSeals(c_int),
    /// Sets a lock of the open file description.
    SetLock(&'a c::flock),
    /// Finds a lock that conflicts with the given one, and writes it into the argument.
    FindLock(&'a mut c::flock),
}

/// Executes a command on a descriptor.
///
/// # Errors
///
/// The error of `fcntl`.
pub fn fcntl(fd: impl AsFd, command: Command<'_>) -> Result<c_int, Errno> {
    let number = |number: c_int| ptr::without_provenance_mut(number.cast_unsigned() as usize);
    let (command, argument): (_, *mut c_void) = match command {
        Command::Duplicate(lowest) => (c::F_DUPFD_CLOEXEC, number(lowest)),
        Command::SetDescriptorFlags(flags) => (c::F_SETFD, number(flags)),
        Command::StatusFlags => (c::F_GETFL, number(0)),
        Command::SetStatusFlags(flags) => (c::F_SETFL, number(flags)),
        Command::Seals => (c::F_GET_SEALS, number(0)),
        Command::AddSeals(seals) => (c::F_ADD_SEALS, number(seals)),
        Command::SetLock(lock) => (c::F_OFD_SETLK, ptr::from_ref(lock).cast_mut().cast()),
        Command::FindLock(lock) => (c::F_OFD_GETLK, ptr::from_mut(lock).cast()),
    };
    // SAFETY: each command has the argument that it takes: the kernel reads a number, or reads or
    // writes a `flock` that is borrowed until the call returns. Both C libraries read the argument
    // as one word, as the kernel does, whatever its type.
    ret::check(unsafe { c::fcntl(fd.as_fd().as_raw_fd(), command, argument) })
}
