//! Sending signals. Signal 0, `None` here, only checks whether one could be sent.

#![expect(unsafe_code, reason = "calls C")]

use std::ffi::{c_int, c_long, c_uint};
use std::mem::offset_of;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::ptr;

use ipc_core::{Errno, ProcessId, Signal, UserId, above_standard_streams, ret};
use ipc_sys as c;

use super::info::with_members;

fn number(signal: Option<Signal>) -> c_int {
    signal.map_or(0, Signal::raw)
}

pub(crate) fn kill(pid: c_int, signal: Option<Signal>) -> Result<(), Errno> {
    ret::check(c::kill(pid, number(signal))).map(drop)
}

pub(crate) fn tgkill(process: c_int, thread: c_int, signal: Option<Signal>) -> Result<(), Errno> {
    ret::check(c::tgkill(process, thread, number(signal))).map(drop)
}

pub(crate) fn thread_id() -> c_int {
    c::gettid()
}

/// Stores a value in all bytes of C's union.
///
/// On a little-endian machine its integer member is then the low half, and a receiver that reads
/// the pointer member, as Julia does, finds a negative integer sign-extended.
fn sigval(value: i64) -> c::sigval {
    // A 32-bit machine has a union of 32 bits, which is what the low half fills.
    #[expect(clippy::cast_possible_truncation, reason = "a pointer has 64 bits where an i64 fits")]
    let address = value.cast_unsigned() as usize;
    c::sigval { sival_ptr: ptr::without_provenance_mut(address) }
}

pub(crate) fn sigqueue(pid: c_int, signal: Signal, value: i64) -> Result<(), Errno> {
    // SAFETY: takes numbers and a union of which `sigval` initialises all bytes.
    ret::check(unsafe { c::sigqueue(pid, signal.raw(), sigval(value)) }).map(drop)
}

/// Queues a signal for one thread: what glibc calls `pthread_sigqueue`, and musl has no name for.
pub(crate) fn tgsigqueue(
    process: c_int,
    thread: c_int,
    signal: Signal,
    value: i64,
) -> Result<(), Errno> {
    let (info, signal) = (queue_info(signal, value), signal.raw());
    let info = ptr::from_ref(&info);
    // SAFETY: the call takes numbers and reads an info, a local that lives until it returns.
    let sent: c_long =
        unsafe { c::syscall(c::SYS_rt_tgsigqueueinfo, process, thread, signal, info) };
    ret::check(sent).map(drop)
}

pub(crate) fn pidfd_open(pid: c_int) -> Result<OwnedFd, Errno> {
    above_standard_streams(ipc_core::pidfd_open(pid)?)
}

/// Sends a signal as `kill` does, or with a value as `sigqueue` does.
pub(crate) fn pidfd_send(
    pidfd: BorrowedFd<'_>,
    signal: Option<Signal>,
    value: Option<i64>,
) -> Result<(), Errno> {
    let info = signal.zip(value).map(|(signal, value)| queue_info(signal, value));
    let info = info.as_ref().map_or(ptr::null(), ptr::from_ref);
    let (fd, signal, no_flags): (c_int, c_int, c_uint) = (pidfd.as_raw_fd(), number(signal), 0);
    // SAFETY: the call takes numbers and reads an info, a local that lives until it returns, or
    // gets null.
    let sent: c_long = unsafe { c::syscall(c::SYS_pidfd_send_signal, fd, signal, info, no_flags) };
    ret::check(sent).map(drop)
}

/// Returns the info that `sigqueue` passes to the kernel.
fn queue_info(signal: Signal, value: i64) -> c::siginfo_t {
    let (pid, uid) = (ProcessId::current().raw(), UserId::real().raw());
    with_members(&[
        (offset_of!(c::siginfo_t, si_signo), &signal.raw().to_ne_bytes()),
        (offset_of!(c::siginfo_t, si_code), &c::SI_QUEUE.to_ne_bytes()),
        (c::OFFSET_OF_si_pid, &pid.to_ne_bytes()),
        (c::OFFSET_OF_si_uid, &uid.to_ne_bytes()),
        (c::OFFSET_OF_si_value, &value.to_ne_bytes()),
    ])
}

/// Returns how many signals this user may have queued.
pub(crate) fn queue_limit() -> Option<u64> {
    let mut limit = c::rlimit { rlim_cur: 0, rlim_max: 0 };
    ret::check(c::getrlimit(c::RLIMIT_SIGPENDING, &mut limit)).ok()?;
    Some(limit.rlim_cur)
}
