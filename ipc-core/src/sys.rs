//! The one file of this crate that calls C.

#![expect(unsafe_code, reason = "the one file of this crate that calls C")]

use std::ffi::{CStr, CString, c_int};
use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::ptr::{self, NonNull};

pub(crate) use ipc_sys as c;

use crate::{Access, Errno, TimeSpec, ret};

/// The flag that makes a file without a name.
pub(crate) const UNNAMED: c_int = c::O_TMPFILE;

/// The flag that refuses a symbolic link.
pub(crate) const NO_FOLLOW: c_int = c::O_NOFOLLOW;

/// The flag that keeps `open` from waiting.
pub(crate) const NO_WAIT: c_int = c::O_NONBLOCK;

/// Ends this process as `kill -9` would.
#[cfg(feature = "crash-points")]
pub(crate) fn kill_self() {
    // SAFETY: takes numbers only.
    unsafe { c::kill(std::process::id().cast_signed(), c::SIGKILL) };
}

pub(crate) fn umask(mask: c::mode_t) -> c::mode_t {
    // SAFETY: takes and returns numbers only, and cannot fail.
    unsafe { c::umask(mask) }
}

pub(crate) fn real_uid() -> c::uid_t {
    // SAFETY: returns a number, and cannot fail.
    unsafe { c::getuid() }
}

pub(crate) fn effective_uid() -> c::uid_t {
    // SAFETY: returns a number, and cannot fail.
    unsafe { c::geteuid() }
}

pub(crate) fn real_gid() -> c::gid_t {
    // SAFETY: returns a number, and cannot fail.
    unsafe { c::getgid() }
}

pub(crate) fn effective_gid() -> c::gid_t {
    // SAFETY: returns a number, and cannot fail.
    unsafe { c::getegid() }
}

pub(crate) fn ftok(path: &CStr, project: u8) -> Result<c::key_t, Errno> {
    // SAFETY: `path` ends in a zero byte, which `CStr` keeps true.
    ret::check(unsafe { c::ftok(path.as_ptr(), project.into()) })
}

pub(crate) fn clock_gettime(clock: c::clockid_t) -> Result<TimeSpec, Errno> {
    let mut time = c::timespec::from(TimeSpec::ZERO);
    // SAFETY: the call writes a `timespec`, and `time` is one of ours.
    ret::check(unsafe { c::clock_gettime(clock, &mut time) }).map(|_| time.into())
}

pub(crate) fn clock_getres(clock: c::clockid_t) -> Result<TimeSpec, Errno> {
    let mut time = c::timespec::from(TimeSpec::ZERO);
    // SAFETY: the call writes a `timespec`, and `time` is one of ours.
    ret::check(unsafe { c::clock_getres(clock, &mut time) }).map(|_| time.into())
}

pub(crate) fn clock_settime(clock: c::clockid_t, time: TimeSpec) -> Result<(), Errno> {
    // SAFETY: the call reads a `timespec`, which this one is until it returns.
    ret::check(unsafe { c::clock_settime(clock, &time.into()) }).map(drop)
}

/// How the sleep ended, and what was left of it if `EINTR` ended it.
pub(crate) fn clock_nanosleep(clock: c::clockid_t, flags: c_int, time: TimeSpec) -> (Result<(), Errno>, TimeSpec) {
    let mut remaining = c::timespec::from(TimeSpec::ZERO);
    // SAFETY: the call reads the one `timespec` and writes the other, both alive until it returns.
    let ended = ret::code(unsafe { c::clock_nanosleep(clock, flags, &time.into(), &mut remaining) });
    (ended, remaining.into())
}

/// Makes a file `len` bytes long and takes the room for all of them.
pub(crate) fn reserve(file: &File, len: usize) -> Result<(), Errno> {
    let len = i64::try_from(len).map_err(|_| Errno::EFBIG)?;
    // SAFETY: takes and returns numbers only; the descriptor is open as long as `file`.
    let take = |from, len| ret::code(unsafe { c::posix_fallocate(file.as_raw_fd(), from, len) });
    match take(0, len) {
        // Linux may give back what it took so far when a signal comes. Where they come often, all at once never ends.
        Err(Errno::EINTR) => {
            (0..len).step_by(1 << 20).try_for_each(|from| ret::retry(|| take(from, (len - from).min(1 << 20))))
        }
        done => done,
    }
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

/// Maps the first `size` bytes of a file, at an address that the system chooses.
pub(crate) fn map(file: &File, size: usize, access: Access) -> Result<NonNull<u8>, Errno> {
    let protection = match access {
        Access::ReadOnly => c::PROT_READ,
        Access::ReadWrite => c::PROT_READ | c::PROT_WRITE,
    };
    // SAFETY: no address is asked for, so nothing that is mapped already changes.
    let base = unsafe { c::mmap(ptr::null_mut(), size, protection, c::MAP_SHARED, file.as_raw_fd(), 0) };
    if base == c::MAP_FAILED {
        return Err(Errno::last());
    }
    // A mapping at address 0 is not given to anybody who has not asked for that address.
    NonNull::new(base.cast()).ok_or(Errno::ENOMEM)
}

/// Takes a mapping back.
///
/// # Safety
///
/// `map` returned `base` for `size` bytes, and nobody uses them any more.
pub(crate) unsafe fn unmap(base: NonNull<u8>, size: usize) {
    // SAFETY: a mapping of ours that is used no more, as the caller vouches.
    let done = unsafe { c::munmap(base.as_ptr().cast(), size) };
    debug_assert_eq!(done, 0, "munmap of a mapping of ours: {}", Errno::last());
}
