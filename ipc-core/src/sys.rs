//! The one file of this crate that calls C.

#![expect(unsafe_code, reason = "the one file of this crate that calls C")]

use std::ffi::{CStr, c_int};
use std::ptr::{self, NonNull};
use std::sync::atomic::AtomicU64;

pub(crate) use ipc_sys as c;

use crate::{Errno, TimeSpec, ret};

/// Ends this process as `kill -9` would.
#[cfg(all(ipc_test_hooks, debug_assertions))]
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

/// A number that is 0 at first, and again in every child that this process forks.
pub(crate) fn wiped_in_a_forked_child() -> Result<&'static AtomicU64, Errno> {
    let (protection, flags) = (c::PROT_READ | c::PROT_WRITE, c::MAP_PRIVATE | c::MAP_ANONYMOUS);
    // SAFETY: no address is asked for, so no existing mapping changes.
    let page = unsafe { c::mmap(ptr::null_mut(), size_of::<AtomicU64>(), protection, flags, -1, 0) };
    if page == c::MAP_FAILED {
        return Err(Errno::last());
    }
    // A page without the advice stays mapped, unused: this is asked once in a process.
    // SAFETY: the page mapped above, which no other code knows of.
    ret::check(unsafe { c::madvise(page, size_of::<AtomicU64>(), c::MADV_WIPEONFORK) })?;
    let page = NonNull::new(page.cast::<AtomicU64>()).ok_or(Errno::ENOMEM)?;
    // SAFETY: the beginning of a page of zeros that stays mapped until the process ends.
    Ok(unsafe { page.as_ref() })
}
