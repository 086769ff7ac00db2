//! Files behind names: their room, and how they get their name.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ffi::{CStr, CString, c_int};
use std::fs::File;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::path::Path;

use ipc_core::{Errno, ret};

use super::c;

/// The flag that makes a file without a name.
pub(crate) const UNNAMED: c_int = c::O_TMPFILE;

/// The flag that refuses a symbolic link.
pub(crate) const NO_FOLLOW: c_int = c::O_NOFOLLOW;

/// The flag that keeps `open` from waiting.
pub(crate) const NO_WAIT: c_int = c::O_NONBLOCK;

/// Takes the room for a range of a file, which does not become longer by that.
pub fn reserve(file: &File, range: Range<u64>) -> Result<(), Errno> {
    allocate(file, c::FALLOC_FL_KEEP_SIZE, range)
}

/// Takes the room for a range of a file, which is at least so long then.
pub fn lengthen(file: &File, range: Range<u64>) -> Result<(), Errno> {
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

fn signed(number: u64) -> Result<i64, Errno> {
    i64::try_from(number).map_err(|_| Errno::EFBIG)
}

/// Gives a file without a name one, unless that is taken.
///
/// Linking by descriptor needs Linux 6.10 or a privilege; elsewhere `/proc` knows the descriptor by a path.
pub(crate) fn link(file: &File, path: &Path) -> Result<(), Errno> {
    let fd = file.as_raw_fd();
    let path = CString::new(path.as_os_str().as_encoded_bytes()).map_err(|_| Errno::EINVAL)?;
    let linked = link_at(fd, c"", &path, c::AT_EMPTY_PATH);
    if linked != Err(Errno::ENOENT) {
        return linked;
    }
    let by_path = CString::new(format!("/proc/self/fd/{fd}")).map_err(|_| Errno::EINVAL)?;
    link_at(c::AT_FDCWD, &by_path, &path, c::AT_SYMLINK_FOLLOW)
}

fn link_at(fd: c_int, from: &CStr, to: &CStr, flags: c_int) -> Result<(), Errno> {
    // SAFETY: two strings that end in zero and outlive the call, and numbers.
    ret::check(unsafe { c::linkat(fd, from.as_ptr(), c::AT_FDCWD, to.as_ptr(), flags) }).map(drop)
}
