//! Files behind names: opening, reserving space, and linking.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ffi::{CStr, CString, c_int};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use ipc_core::{Errno, above_standard_streams, ret};

use super::{c, signal};
use crate::Access;

/// The flag that creates a file without a name.
pub(crate) const UNNAMED: c_int = c::O_TMPFILE;

/// Opens a file without following symbolic links. It never blocks, even if the name is a FIFO, for
/// which `open` would wait for the other end.
pub(crate) fn open(path: &Path, access: Access) -> io::Result<File> {
    let (flags, write) = (c::O_NOFOLLOW | c::O_NONBLOCK, access == Access::ReadWrite);
    raised(File::options().read(true).write(write).custom_flags(flags).open(path)?)
}

/// Opens an open file again, with a new open file description that no other process has.
pub(crate) fn reopen(file: &File, access: Access) -> io::Result<File> {
    // Of this thread: after `unshare(CLONE_FILES)` the process's own table is another, and it ends
    // with the first thread.
    let path = format!("/proc/thread-self/fd/{}", file.as_raw_fd());
    let write = access == Access::ReadWrite;
    raised(File::options().read(true).write(write).custom_flags(c::O_NONBLOCK).open(path)?)
}

/// Does the same as [`above_standard_streams`], for a file.
pub(crate) fn raised(file: File) -> io::Result<File> {
    above_standard_streams(file)
        .map(File::from)
        .map_err(|errno| io::Error::from_raw_os_error(errno.raw()))
}

/// Reserves space for a range of a file, without making the file longer.
pub(crate) fn reserve(file: &File, range: Range<u64>) -> Result<(), Errno> {
    allocate(file, c::FALLOC_FL_KEEP_SIZE, range)
}

/// Reserves space for a range of a file, and extends the file to the end of the range if it is
/// shorter.
pub(crate) fn lengthen(file: &File, range: Range<u64>) -> Result<(), Errno> {
    allocate(file, 0, range)
}

fn allocate(file: &File, mode: c_int, range: Range<u64>) -> Result<(), Errno> {
    let (from, end) = (signed(range.start)?, signed(range.end)?);
    let take = |from, len| ret::check(c::fallocate(file.as_fd(), mode, from, len)).map(drop);
    signal::without_size_signal(|| match take(from, end - from) {
        // A signal makes the system release what one call has reserved: where signals come often,
        // all at once never ends.
        Err(Errno::EINTR) => {
            let mut pieces = (from..end).step_by(1 << 20);
            pieces.try_for_each(|from| ret::retry(|| take(from, (end - from).min(1 << 20))))
        }
        done => done,
    })
}

fn signed(number: u64) -> Result<i64, Errno> {
    i64::try_from(number).map_err(|_| Errno::EFBIG)
}

/// Writes all of the bytes at that offset.
pub(crate) fn write_at(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    limited(|| file.write_all_at(bytes, at))
}

/// Sets the length of a file.
pub(crate) fn set_len(file: &File, len: u64) -> io::Result<()> {
    limited(|| file.set_len(len))
}

/// Runs `call` without `SIGXFSZ`, like [`without_size_signal`].
fn limited(call: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    let mut done = Ok(());
    let number = |err: &io::Error| err.raw_os_error().map_or(Errno::EIO, Errno::new);
    let _ = signal::without_size_signal(|| {
        done = call();
        done.as_ref().copied().map_err(number)
    });
    done
}

/// Links a file without a name to this path, unless the path exists.
///
/// Linking by descriptor needs Linux 6.10 or a privilege; elsewhere `/proc` has a path for the
/// descriptor.
pub(crate) fn link(file: &File, path: &Path) -> Result<(), Errno> {
    let fd = file.as_raw_fd();
    let path = CString::new(path.as_os_str().as_encoded_bytes()).map_err(|_| Errno::EINVAL)?;
    let linked = link_at(fd, c"", &path, c::AT_EMPTY_PATH);
    if linked != Err(Errno::ENOENT) {
        return linked;
    }
    let by_path = CString::new(format!("/proc/thread-self/fd/{fd}")).map_err(|_| Errno::EINVAL)?;
    link_at(c::AT_FDCWD, &by_path, &path, c::AT_SYMLINK_FOLLOW)
}

fn link_at(fd: c_int, from: &CStr, to: &CStr, flags: c_int) -> Result<(), Errno> {
    // SAFETY: two strings that end in zero and outlive the call, and numbers.
    ret::check(unsafe { c::linkat(fd, from.as_ptr(), c::AT_FDCWD, to.as_ptr(), flags) }).map(drop)
}
