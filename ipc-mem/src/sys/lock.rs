//! Locks on the bytes of a file that belong to a description of it.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::fs::File;
use std::ops::Range;
use std::os::fd::AsRawFd;

use ipc_core::{Errno, ret};

use super::c;

/// What a description of a file does with some of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    None,
    Shared,
    Exclusive,
}

fn flock(lock: Lock, bytes: &Range<i64>) -> c::flock {
    let kind = match lock {
        Lock::None => c::F_UNLCK,
        Lock::Shared => c::F_RDLCK,
        Lock::Exclusive => c::F_WRLCK,
    };
    // From the beginning of the file: that is 0.
    c::flock { l_type: kind, l_whence: 0, l_start: bytes.start, l_len: bytes.end - bytes.start, l_pid: 0 }
}

/// Locks bytes, which the file need not have, for this description of it.
pub(crate) fn set(file: &File, lock: Lock, bytes: Range<i64>, wait: bool) -> Result<(), Errno> {
    let command = if wait { c::F_OFD_SETLKW } else { c::F_OFD_SETLK };
    let lock = flock(lock, &bytes);
    // SAFETY: the call reads a `flock`, which lives until it returns; the descriptor is open as long as `file`.
    ret::retry(|| ret::check(unsafe { c::fcntl(file.as_raw_fd(), command, &raw const lock) })).map(drop)
}

/// A lock that another description has on some of the bytes: of which kind, and on which.
pub(crate) fn query(file: &File, bytes: Range<i64>) -> Result<Option<(Lock, Range<i64>)>, Errno> {
    let mut found = flock(Lock::Exclusive, &bytes);
    // SAFETY: the call reads and writes a `flock`, which lives until it returns.
    ret::check(unsafe { c::fcntl(file.as_raw_fd(), c::F_OFD_GETLK, &raw mut found) })?;
    let kind = match found.l_type {
        c::F_UNLCK => return Ok(None),
        c::F_RDLCK => Lock::Shared,
        _ => Lock::Exclusive,
    };
    // A length of 0 is all there is.
    let end = if found.l_len == 0 { i64::MAX } else { found.l_start + found.l_len };
    Ok(Some((kind, found.l_start..end)))
}
