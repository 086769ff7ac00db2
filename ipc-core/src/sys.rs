//! The calls of C of this crate; those on futexes are in `sys/futex.rs`.

#![expect(unsafe_code, reason = "the one file of this crate that calls C")]

use std::ffi::{CStr, c_int, c_void};
use std::os::fd::{BorrowedFd, FromRawFd, OwnedFd};
use std::ptr::{self, NonNull};
use std::sync::atomic::AtomicU64;

pub(crate) use ipc_sys as c;

pub mod fcntl;
pub mod futex;
pub(crate) mod membarrier;

use crate::{Deadline, Errno, PollFd, TimeSpec, ret};

/// Ends this process as `kill -9` would.
#[cfg(all(ipc_test_hooks, debug_assertions))]
pub(crate) fn kill_self() {
    c::kill(std::process::id().cast_signed(), c::SIGKILL);
}

pub(crate) fn umask(mask: c::mode_t) -> c::mode_t {
    c::umask(mask)
}

pub(crate) fn real_uid() -> c::uid_t {
    c::getuid()
}

pub(crate) fn effective_uid() -> c::uid_t {
    c::geteuid()
}

pub(crate) fn real_gid() -> c::gid_t {
    c::getgid()
}

pub(crate) fn effective_gid() -> c::gid_t {
    c::getegid()
}

pub(crate) fn ftok(path: &CStr, project: u8) -> Result<c::key_t, Errno> {
    // SAFETY: `path` ends in a zero byte, which `CStr` keeps true.
    ret::check(unsafe { c::ftok(path.as_ptr(), project.into()) })
}

pub(crate) fn clock_gettime(clock: c::clockid_t) -> Result<TimeSpec, Errno> {
    let mut time = c::timespec::from(TimeSpec::ZERO);
    ret::check(c::clock_gettime(clock, &mut time)).map(|_| time.into())
}

pub(crate) fn clock_getres(clock: c::clockid_t) -> Result<TimeSpec, Errno> {
    let mut time = c::timespec::from(TimeSpec::ZERO);
    ret::check(c::clock_getres(clock, &mut time)).map(|_| time.into())
}

pub(crate) fn clock_settime(clock: c::clockid_t, time: TimeSpec) -> Result<(), Errno> {
    ret::check(c::clock_settime(clock, &time.into())).map(drop)
}

/// Sleeps, and returns how the sleep ended and the remaining time if it was interrupted (`EINTR`).
pub(crate) fn clock_nanosleep(
    clock: c::clockid_t,
    flags: c_int,
    time: TimeSpec,
) -> (Result<(), Errno>, TimeSpec) {
    let mut remaining = c::timespec::from(TimeSpec::ZERO);
    let ended = ret::code(c::clock_nanosleep(clock, flags, &time.into(), &mut remaining));
    (ended, remaining.into())
}

/// A number that is 0 at first, and again in every child that this process forks.
pub(crate) fn wiped_in_a_forked_child() -> Result<&'static AtomicU64, Errno> {
    let (protection, flags) = (c::PROT_READ | c::PROT_WRITE, c::MAP_PRIVATE | c::MAP_ANONYMOUS);
    // SAFETY: no address is asked for, so no existing mapping changes.
    let page =
        unsafe { c::mmap(ptr::null_mut(), size_of::<AtomicU64>(), protection, flags, -1, 0) };
    if page == c::MAP_FAILED {
        return Err(Errno::last());
    }
    // A page without the advice stays mapped, unused: this is asked once in a process.
    // SAFETY: the page mapped above, whose address no other code has.
    ret::check(unsafe { c::madvise(page, size_of::<AtomicU64>(), c::MADV_WIPEONFORK) })?;
    let page = NonNull::new(page.cast::<AtomicU64>()).ok_or(Errno::ENOMEM)?;
    // SAFETY: the beginning of a page of zeros that stays mapped until the process ends.
    Ok(unsafe { page.as_ref() })
}

/// Waits until a descriptor is ready or the deadline has passed, and returns how many are ready.
pub(crate) fn poll(fds: &mut [PollFd<'_>], deadline: Deadline) -> Result<usize, Errno> {
    let (first, count) = (fds.as_mut_ptr().cast::<c::pollfd>(), fds.len() as c::nfds_t);
    let spec = |left| TimeSpec::try_from(left).unwrap_or(TimeSpec::MAX).into();
    let ready = ret::retry(|| {
        let left = deadline.remaining().map(spec);
        let left = left.as_ref().map_or(ptr::null(), ptr::from_ref::<c::timespec>);
        // SAFETY: `PollFd` is a transparent wrapper of `pollfd`, so `first` points to `count` of
        // them, borrowed mutably until this function returns; `left` is null or points to a local;
        // no signal mask is passed.
        ret::check(unsafe { c::ppoll(first, count, left, ptr::null()) })
    });
    ready.map(|ready| usize::try_from(ready).unwrap_or(0))
}

/// Duplicates a descriptor to a number above those of the standard streams, with close-on-exec set.
pub(crate) fn duplicate(fd: BorrowedFd<'_>) -> Result<OwnedFd, Errno> {
    let fd = fcntl::fcntl(fd, fcntl::Command::Duplicate(c::STDERR_FILENO + 1))?;
    // SAFETY: the call above created the descriptor, and nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Keeps the library that contains `address` loaded until the process ends.
pub(crate) fn pin_library_of(address: *const c_void) {
    let null = ptr::null_mut::<c_void>();
    let mut info = c::Dl_info {
        dli_fname: null.cast(),
        dli_fbase: null,
        dli_sname: null.cast(),
        dli_saddr: null,
    };
    // SAFETY: the call compares the address with those of the loaded libraries without following
    // it, and writes `info`, a local.
    let found = unsafe { c::dladdr(address, &raw mut info) } != 0;
    if found && !info.dli_fname.is_null() {
        // The handle is never closed, so the library stays. The call finds a loaded library by the
        // name under which it was loaded, and so fails for the program alone, which stays anyway.
        let flags = c::RTLD_LAZY | c::RTLD_NOLOAD | c::RTLD_NODELETE;
        // SAFETY: the name belongs to the dynamic linker and lives as long as the library, whose
        // code is the caller's; `RTLD_NOLOAD` runs no initialisers.
        unsafe { c::dlopen(info.dli_fname, flags) };
    }
}

/// Returns `true` if a process or thread with this id exists in this PID namespace, even as a
/// zombie.
pub(crate) fn process_exists(pid: i32) -> bool {
    const NO_SIGNAL: c_int = 0;
    ret::check(c::kill(pid, NO_SIGNAL)) != Err(Errno::ESRCH)
}

/// Opens a descriptor for a process, which becomes readable when the process has ended.
///
/// # Errors
///
/// `ESRCH` if there is no such process; `EINVAL` if the id is not that of a process; `EMFILE` or
/// `ENFILE` if there are too many descriptors.
///
/// <https://man7.org/linux/man-pages/man2/pidfd_open.2.html>
pub fn pidfd_open(pid: i32) -> Result<OwnedFd, Errno> {
    c::pidfd_open(pid, 0).ok_or_else(Errno::last)
}
