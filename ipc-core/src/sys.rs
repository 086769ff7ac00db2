//! The one file of this crate that calls C.

#![expect(unsafe_code, reason = "the one file of this crate that calls C")]

use std::ffi::{CStr, CString, c_int, c_void};
use std::fs::File;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::ptr::{self, NonNull};
use std::sync::atomic::AtomicU64;

pub(crate) use ipc_sys as c;

use crate::{Access, Errno, TimeSpec, ret};

/// The flag that makes a file without a name.
pub(crate) const UNNAMED: c_int = c::O_TMPFILE;

/// The flag that refuses a symbolic link.
pub(crate) const NO_FOLLOW: c_int = c::O_NOFOLLOW;

/// The flag that keeps `open` from waiting.
pub(crate) const NO_WAIT: c_int = c::O_NONBLOCK;

/// Ends this process as `kill -9` would.
#[cfg(feature = "test-hooks")]
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

/// Takes the room for the first `len` bytes of a file, and makes it as long or leaves it as it is.
pub(crate) fn reserve(file: &File, len: usize, makes_long: bool) -> Result<(), Errno> {
    let len = i64::try_from(len).map_err(|_| Errno::EFBIG)?;
    let (fd, keep) = (file.as_raw_fd(), c::FALLOC_FL_KEEP_SIZE);
    let take = |from, len| match makes_long {
        // SAFETY: takes and returns numbers only; the descriptor is open as long as `file`.
        true => ret::code(unsafe { c::posix_fallocate(fd, from, len) }),
        // SAFETY: as above.
        false => ret::check(unsafe { c::fallocate(fd, keep, from, len) }).map(drop),
    };
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

/// Maps `size` bytes of a file from `offset` on, or as many zeros, at an address that the system chooses.
///
/// `sharing` is `MAP_SHARED` or `MAP_PRIVATE`.
pub(crate) fn map(
    file: Option<&File>,
    offset: u64,
    size: usize,
    access: Access,
    sharing: c_int,
) -> Result<NonNull<u8>, Errno> {
    let protection = match access {
        Access::ReadOnly => c::PROT_READ,
        Access::ReadWrite => c::PROT_READ | c::PROT_WRITE,
    };
    let (fd, source) = file.map_or((-1, c::MAP_ANONYMOUS), |file| (file.as_raw_fd(), 0));
    let offset = i64::try_from(offset).map_err(|_| Errno::EOVERFLOW)?;
    // SAFETY: no address is asked for, so nothing that is mapped already changes.
    mapped(unsafe { c::mmap(ptr::null_mut(), size, protection, sharing | source, fd, offset) })
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

/// Takes a segment of System V back.
///
/// # Safety
///
/// `shmat` returned `base`, and nobody uses the segment there any more.
pub(crate) unsafe fn detach(base: NonNull<u8>) {
    // SAFETY: a segment of ours that is used no more, as the caller vouches.
    let done = unsafe { c::shmdt(base.as_ptr().cast()) };
    debug_assert_eq!(done, 0, "shmdt of a segment of ours: {}", Errno::last());
}

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
pub(crate) fn lock(file: &File, lock: Lock, bytes: Range<i64>, wait: bool) -> Result<(), Errno> {
    let command = if wait { c::F_OFD_SETLKW } else { c::F_OFD_SETLK };
    let lock = flock(lock, &bytes);
    // SAFETY: the call reads a `flock`, which lives until it returns; the descriptor is open as long as `file`.
    ret::retry(|| ret::check(unsafe { c::fcntl(file.as_raw_fd(), command, &raw const lock) })).map(drop)
}

/// A lock that another description has on some of the bytes: of which kind, and on which.
pub(crate) fn locked(file: &File, bytes: Range<i64>) -> Result<Option<(Lock, Range<i64>)>, Errno> {
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

/// Maps a page of a file that nobody can touch, and that a forked child does not have.
pub(crate) fn map_life_page(file: &File) -> Result<NonNull<u8>, Errno> {
    page(c::PROT_NONE, c::MAP_SHARED, file.as_raw_fd(), c::MADV_DONTFORK)
}

/// A number that is 0 at first, and again in every child that this process forks.
pub(crate) fn wiped_in_a_forked_child() -> Result<&'static AtomicU64, Errno> {
    let (protection, flags) = (c::PROT_READ | c::PROT_WRITE, c::MAP_PRIVATE | c::MAP_ANONYMOUS);
    let page = page(protection, flags, -1, c::MADV_WIPEONFORK)?;
    // SAFETY: the beginning of a page of zeros that stays mapped to the end of the process.
    Ok(unsafe { page.cast().as_ref() })
}

/// Maps one page, which `fork` treats as advised.
fn page(protection: c_int, flags: c_int, fd: c_int, advice: c_int) -> Result<NonNull<u8>, Errno> {
    // SAFETY: no address is asked for, so nothing that is mapped already changes.
    let page = mapped(unsafe { c::mmap(ptr::null_mut(), 1, protection, flags, fd, 0) })?;
    // SAFETY: the page mapped above, which nobody else knows of.
    if let Err(errno) = ret::check(unsafe { c::madvise(page.as_ptr().cast(), 1, advice) }) {
        // SAFETY: as above.
        unsafe { unmap(page, 1) };
        return Err(errno);
    }
    Ok(page)
}

fn mapped(base: *mut c_void) -> Result<NonNull<u8>, Errno> {
    if base == c::MAP_FAILED {
        return Err(Errno::last());
    }
    // A mapping at address 0 is not given to anybody who has not asked for that address.
    NonNull::new(base.cast()).ok_or(Errno::ENOMEM)
}

/// Lets three functions run around every `fork` of this process: before it, after it in the parent, and in the child.
pub(crate) fn at_fork(before: extern "C" fn(), parent: extern "C" fn(), child: extern "C" fn()) -> Result<(), Errno> {
    // SAFETY: functions of this program, there until its end.
    ret::code(unsafe { c::pthread_atfork(Some(before), Some(parent), Some(child)) })
}
