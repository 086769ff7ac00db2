//! What the system does with an open file, beyond what `std` knows.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ffi::{CStr, c_int, c_short};
use std::fs::File;
use std::ops::Range;
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

/// Takes the room for a range of a file, which does not become longer by that.
pub(crate) fn reserve(file: &File, range: Range<u64>) -> Result<(), Errno> {
    allocate(file, c::FALLOC_FL_KEEP_SIZE, range)
}

/// Takes the room for a range of a file, which is at least so long then.
pub(crate) fn lengthen(file: &File, range: Range<u64>) -> Result<(), Errno> {
    allocate(file, 0, range)
}

fn allocate(file: &File, mode: c_int, range: Range<u64>) -> Result<(), Errno> {
    let (from, end) = (signed(range.start)?, signed(range.end)?);
    // SAFETY: takes and returns numbers only; the descriptor is open as long as `file`.
    let take = |from, len| ret::check(unsafe { c::fallocate(file.as_raw_fd(), mode, from, len) }).map(drop);
    match take(from, end - from) {
        // The system may give back what one call took so far when a signal comes: where they come often, all never ends.
        Err(Errno::EINTR) => {
            let mut pieces = (from..end).step_by(1 << 20);
            pieces.try_for_each(|from| ret::retry(|| take(from, (end - from).min(1 << 20))))
        }
        done => done,
    }
}

/// Waits until nobody else has this byte of the file locked, and locks it.
pub(crate) fn lock_byte(file: &File, byte: u64) -> Result<(), Errno> {
    set_lock(file, byte, c::F_WRLCK)
}

/// Lets others lock it, also if a forked child has the description of the file too.
pub(crate) fn unlock_byte(file: &File, byte: u64) -> Result<(), Errno> {
    set_lock(file, byte, c::F_UNLCK)
}

fn set_lock(file: &File, byte: u64, kind: c_short) -> Result<(), Errno> {
    let lock = c::flock {
        l_type: kind,
        l_whence: 0, // from the beginning
        l_start: signed(byte)?,
        l_len: 1,
        l_pid: 0,
    };
    // SAFETY: the call reads a `flock`, which is there until it returns; the descriptor is open as long as `file`.
    ret::retry(|| ret::check(unsafe { c::fcntl(file.as_raw_fd(), c::F_OFD_SETLKW, &raw const lock) })).map(drop)
}

fn signed(number: u64) -> Result<i64, Errno> {
    i64::try_from(number).map_err(|_| Errno::EFBIG)
}
