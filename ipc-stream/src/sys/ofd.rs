//! Locks that belong to a description of a file, on all of it or on a range.

#![expect(unsafe_code, reason = "calls `fcntl` of C: rustix has the locks of processes only")]

use std::ops::Range;
use std::os::fd::{AsRawFd, BorrowedFd};

use ipc_core::{Errno, ret};

/// The lock of an open file on some of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    None,
    Shared,
    Exclusive,
}

/// A lock of another open file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) exclusive: bool,
    pub(crate) range: Range<u64>,
    /// The process, if it is the old kind of lock, which belongs to one.
    pub(crate) process: Option<i32>,
}

#[inline]
fn flock(lock: Lock, range: &Range<u64>) -> Result<libc::flock, Errno> {
    let kind = match lock {
        Lock::None => libc::F_UNLCK,
        Lock::Shared => libc::F_RDLCK,
        Lock::Exclusive => libc::F_WRLCK,
    };
    let start = i64::try_from(range.start).map_err(|_| Errno::EOVERFLOW)?;
    // A length of 0 is up to the end, wherever that is.
    let end = i64::try_from(range.end).unwrap_or(i64::MAX);
    let length = if end == i64::MAX { 0 } else { end - start };
    #[expect(clippy::cast_possible_truncation, reason = "constants that fit")]
    Ok(libc::flock {
        l_type: kind as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: start,
        l_len: length,
        l_pid: 0,
    })
}

/// Locks a range, in place of what this description has locked of it; waits for others if asked to.
#[inline]
pub(crate) fn set(
    fd: BorrowedFd<'_>,
    lock: Lock,
    range: &Range<u64>,
    wait: bool,
) -> Result<(), Errno> {
    let command = if wait { libc::F_OFD_SETLKW } else { libc::F_OFD_SETLK };
    let lock = flock(lock, range)?;
    // SAFETY: the call reads a `flock`, which lives until it returns.
    ret::retry(|| ret::check(unsafe { libc::fcntl(fd.as_raw_fd(), command, &raw const lock) }))
        .map(drop)
}

/// Returns a lock of another description that would be in the way of this one.
pub(crate) fn find(
    fd: BorrowedFd<'_>,
    lock: Lock,
    range: &Range<u64>,
) -> Result<Option<Found>, Errno> {
    let mut found = flock(lock, range)?;
    // SAFETY: the call reads and writes a `flock`, which lives until it returns.
    ret::check(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_OFD_GETLK, &raw mut found) })?;
    if i32::from(found.l_type) == libc::F_UNLCK {
        return Ok(None);
    }
    let start = u64::try_from(found.l_start).unwrap_or(0);
    let end = match u64::try_from(found.l_len) {
        Ok(0) | Err(_) => u64::MAX,
        Ok(length) => start.saturating_add(length),
    };
    let exclusive = i32::from(found.l_type) == libc::F_WRLCK;
    Ok(Some(Found {
        exclusive,
        range: start..end,
        process: (found.l_pid > 0).then_some(found.l_pid),
    }))
}
