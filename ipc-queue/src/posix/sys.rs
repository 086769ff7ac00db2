//! The calls of C for POSIX message queues, as safe functions. On Linux a queue is a descriptor.

#![expect(unsafe_code, reason = "calls C")]

use std::cell::Cell;
use std::ffi::{CStr, c_int, c_long, c_short};
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::{ptr, slice};

use ipc_core::fcntl::{Command, fcntl};
use ipc_core::{
    Deadline, Errno, Permissions, PollFd, Signal, TimeSpec, above_standard_streams, poll, ret,
};
use ipc_sys as c;

use crate::Wait;

/// The highest priority of a message.
pub(crate) const MAX_PRIORITY: u32 = c::MQ_PRIO_MAX - 1;

/// The flags that open a queue for both directions, or for one.
pub(crate) const BOTH: c_int = c::O_RDWR;
pub(crate) const SEND: c_int = c::O_WRONLY;
pub(crate) const RECEIVE: c_int = c::O_RDONLY;

/// The largest message that is received through a buffer on the stack: the default of
/// `/proc/sys/fs/mqueue/msgsize_max`.
const STACK: usize = 8192;

/// What `mq_getattr` reports.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attributes {
    pub(crate) capacity: usize,
    pub(crate) message_size: usize,
    pub(crate) messages: usize,
    pub(crate) is_nonblocking: bool,
}

pub(crate) fn create(
    name: &CStr,
    mode: Permissions,
    capacity: c_long,
    size: c_long,
) -> Result<OwnedFd, Errno> {
    let flags = c::O_CREAT | c::O_EXCL | c::O_RDWR | c::O_CLOEXEC;
    let mut attributes: c::mq_attr = c::zeroed();
    (attributes.mq_maxmsg, attributes.mq_msgsize) = (capacity, size);
    mq_open(name, flags, mode.mode(), Some(&attributes))
}

pub(crate) fn open(name: &CStr, direction: c_int) -> Result<OwnedFd, Errno> {
    mq_open(name, direction | c::O_CLOEXEC, 0, None)
}

/// The mode and the attributes are those of a new queue.
fn mq_open(
    name: &CStr,
    flags: c_int,
    mode: c::mode_t,
    attributes: Option<&c::mq_attr>,
) -> Result<OwnedFd, Errno> {
    let attributes = attributes.map_or(ptr::null(), ptr::from_ref);
    // SAFETY: `name` ends in zero; the call reads the attributes, which are null or borrowed until
    // it returns. Without `O_CREAT` it ignores the mode.
    let fd = ret::check(unsafe { c::mq_open(name.as_ptr(), flags, mode, attributes) })?;
    // SAFETY: the call above opened it and nothing else owns it; on Linux a queue is a file
    // descriptor, which `close` closes.
    above_standard_streams(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Returns `true` if this IPC namespace has a queue of this name.
///
/// It does not open the queue: closing it would end a notification of this process. The kernel
/// refuses this mode of access after it has found the name, and never opens anything.
pub(crate) fn exists(name: &CStr) -> bool {
    let no_such_access = c::O_RDWR | c::O_WRONLY;
    !matches!(mq_open(name, no_such_access, 0, None), Err(Errno::ENOENT))
}

pub(crate) fn unlink(name: &CStr) -> Result<(), Errno> {
    // SAFETY: `name` ends in zero.
    ret::check(unsafe { c::mq_unlink(name.as_ptr()) }).map(drop)
}

pub(crate) fn attributes(queue: BorrowedFd<'_>) -> Result<Attributes, Errno> {
    let mut found: c::mq_attr = c::zeroed();
    ret::check(c::mq_getattr(queue, &mut found))?;
    let number = |number| usize::try_from(number).unwrap_or(0);
    Ok(Attributes {
        capacity: number(found.mq_maxmsg),
        message_size: number(found.mq_msgsize),
        messages: number(found.mq_curmsgs),
        is_nonblocking: found.mq_flags & c_long::from(c::O_NONBLOCK) != 0,
    })
}

pub(crate) fn set_nonblocking(queue: BorrowedFd<'_>, nonblocking: bool) -> Result<(), Errno> {
    let mut wanted: c::mq_attr = c::zeroed();
    wanted.mq_flags = if nonblocking { c::O_NONBLOCK.into() } else { 0 };
    ret::check(c::mq_setattr(queue, &wanted, None)).map(drop)
}

/// Sends a message, and returns whether the queue had room in time.
#[inline]
pub(crate) fn send(
    queue: BorrowedFd<'_>,
    message: &[u8],
    priority: u32,
    wait: Wait,
) -> Result<bool, Errno> {
    let (fd, len, bytes) = (queue.as_raw_fd(), message.len(), message.as_ptr().cast());
    let sent = blocking(
        wait,
        || PollFd::writable(queue),
        |moment| match moment {
            // SAFETY: the descriptor is open while it is borrowed; `len` bytes are readable.
            None => ret::check(unsafe { c::mq_send(fd, bytes, len, priority) }),
            Some(moment) => {
                // SAFETY: the descriptor is open while it is borrowed; `len` bytes are readable;
                // the time is borrowed until the call returns.
                ret::check(unsafe { c::mq_timedsend(fd, bytes, len, priority, moment) })
            }
        },
    );
    sent.map(|sent| sent.is_some())
}

/// Receives a message into a buffer, and returns its length and priority; `None` if none arrived in
/// time.
#[inline]
pub(crate) fn receive(
    queue: BorrowedFd<'_>,
    into: &mut [u8],
    wait: Wait,
) -> Result<Option<(usize, u32)>, Errno> {
    let (first, len) = (into.as_mut_ptr(), into.len());
    // SAFETY: `len` bytes from `first` on are writable and borrowed mutably until this returns.
    unsafe { receive_raw(queue, first, len, wait) }
}

/// Receives a message of up to `size` bytes, and passes its bytes to `take`; nothing is allocated
/// for messages of up to 8 KiB.
#[inline]
pub(crate) fn receive_with<R>(
    queue: BorrowedFd<'_>,
    size: usize,
    wait: Wait,
    take: impl FnOnce(&[u8]) -> R,
) -> Result<Option<(R, u32)>, Errno> {
    if size <= STACK {
        let mut buffer = [const { MaybeUninit::<u8>::uninit() }; STACK];
        receive_uninit(queue, &mut buffer[..size], wait, take)
    } else {
        receive_uninit(queue, &mut vec![MaybeUninit::uninit(); size], wait, take)
    }
}

fn receive_uninit<R>(
    queue: BorrowedFd<'_>,
    into: &mut [MaybeUninit<u8>],
    wait: Wait,
    take: impl FnOnce(&[u8]) -> R,
) -> Result<Option<(R, u32)>, Errno> {
    let (first, len) = (into.as_mut_ptr().cast::<u8>(), into.len());
    // SAFETY: `len` bytes from `first` on are writable and borrowed mutably until this returns.
    let Some((got, priority)) = (unsafe { receive_raw(queue, first, len, wait) })? else {
        return Ok(None);
    };
    // SAFETY: the kernel has written the first `got` bytes of the buffer, whose size it respects.
    let bytes = unsafe { slice::from_raw_parts(first, got) };
    Ok(Some((take(bytes), priority)))
}

/// Receives a message, and returns its length, at most `len`, and its priority.
///
/// # Safety
///
/// `len` bytes from `into` on are writable.
#[inline]
unsafe fn receive_raw(
    queue: BorrowedFd<'_>,
    into: *mut u8,
    len: usize,
    wait: Wait,
) -> Result<Option<(usize, u32)>, Errno> {
    let (fd, into, priority) = (queue.as_raw_fd(), into.cast(), Cell::new(0));
    let got = blocking(
        wait,
        || PollFd::readable(queue),
        |moment| match moment {
            // SAFETY: the descriptor is open while it is borrowed; the caller guarantees that `len`
            // bytes are writable; the priority is a local.
            None => ret::check(unsafe { c::mq_receive(fd, into, len, priority.as_ptr()) }),
            Some(moment) => {
                // SAFETY: the descriptor is open while it is borrowed; the caller guarantees that
                // `len` bytes are writable; the priority is a local; the time is borrowed until the
                // call returns.
                ret::check(unsafe { c::mq_timedreceive(fd, into, len, priority.as_ptr(), moment) })
            }
        },
    );
    Ok(got?.map(|got| (got.cast_unsigned(), priority.get())))
}

/// Calls one of C's timed or untimed functions until it succeeds. Returns `None` if the time has
/// passed.
///
/// `call` gets the moment of the wall clock at which to stop, or `None` to block for ever. The
/// first attempt with a deadline does not block, so that a queue that is ready costs no look at a
/// clock. A thread that blocks in the kernel keeps its place in the order of waiters. This function
/// polls only if another holder of the description made the queue non-blocking.
#[inline]
fn blocking<'fd, T>(
    wait: Wait,
    event: impl Fn() -> PollFd<'fd>,
    mut call: impl FnMut(Option<&c::timespec>) -> Result<T, Errno>,
) -> Result<Option<T>, Errno> {
    const PAST: c::timespec = c::timespec { tv_sec: 0, tv_nsec: 0 };

    let first = if wait == Wait::FOREVER { call(None) } else { call(Some(&PAST)) };
    match first {
        Ok(done) => Ok(Some(done)),
        Err(errno) => blocking_again(wait, errno, event, call),
    }
}

/// Continues [`blocking`] after a first attempt that failed.
#[cold]
fn blocking_again<'fd, T>(
    wait: Wait,
    first: Errno,
    event: impl Fn() -> PollFd<'fd>,
    mut call: impl FnMut(Option<&c::timespec>) -> Result<T, Errno>,
) -> Result<Option<T>, Errno> {
    let mut errno = first;
    loop {
        match (errno, wait) {
            (Errno::ETIMEDOUT | Errno::EAGAIN, Wait::Not) => return Ok(None),
            // The first attempt ended at once, or the wall clock was set forward since.
            (Errno::ETIMEDOUT, Wait::Until(deadline)) => {
                if deadline.is_past() {
                    return Ok(None);
                }
            }
            (Errno::EAGAIN, Wait::Until(deadline)) => {
                if poll(&mut [event()], deadline)? == 0 {
                    return Ok(None);
                }
            }
            (Errno::EINTR, _) => {}
            (errno, _) => return Err(errno),
        }
        match ret::retry(|| call(moment(wait).as_ref())) {
            Ok(done) => return Ok(Some(done)),
            Err(failed) => errno = failed,
        }
    }
}

/// The moment of the wall clock that is a deadline now; `None` is never.
///
/// C's timed calls use that clock. If it is set back during a wait, the wait becomes longer by the
/// same time.
fn moment(wait: Wait) -> Option<c::timespec> {
    let deadline = match wait {
        Wait::Not => return Some(TimeSpec::ZERO.into()),
        Wait::Until(deadline) => deadline,
    };
    Some(wall_clock(deadline, TimeSpec::now())?.into())
}

fn wall_clock(deadline: Deadline, now: TimeSpec) -> Option<TimeSpec> {
    let left = TimeSpec::try_from(deadline.remaining()?).unwrap_or(TimeSpec::MAX);
    Some(now.checked_add(left).unwrap_or(TimeSpec::MAX))
}

/// Registers this process for a signal when a message arrives at the empty queue, once; or ends its
/// registration.
pub(crate) fn notify(queue: BorrowedFd<'_>, order: Option<(Signal, i64)>) -> Result<(), Errno> {
    let event = order.map(|(signal, value)| {
        let mut event: c::sigevent = c::zeroed();
        (event.sigev_notify, event.sigev_signo) = (c::SIGEV_SIGNAL, signal.raw());
        // All bytes of the union: the integer is the low half on a little-endian machine, and a
        // receiver that reads the pointer finds a negative integer sign-extended.
        #[expect(clippy::cast_possible_truncation, reason = "a pointer has 64 bits, as the value")]
        let address = value.cast_unsigned() as usize;
        event.sigev_value.sival_ptr = ptr::without_provenance_mut(address);
        event
    });
    let event = event.as_ref().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: the descriptor is open while it is borrowed; the call reads an event, a local, or
    // gets null.
    ret::check(unsafe { c::mq_notify(queue.as_raw_fd(), event) }).map(drop)
}

/// A range of bytes of the queue's file that holders of one role lock, for as long as they have it
/// open. The kernel never stores anything there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Region(pub(crate) i64);

/// How many bytes a [`Region`] has.
const REGION: i64 = 1 << 61;

/// Locks a byte of the region for this description: `byte` of it, exclusively, or the first byte
/// together with others if the description may read. Returns `false` if another description has it.
pub(crate) fn lock(
    queue: BorrowedFd<'_>,
    region: Region,
    exclusive: Option<i64>,
) -> Result<bool, Errno> {
    let (kind, byte) = match exclusive {
        None => (c::F_RDLCK, 0),
        Some(byte) => (c::F_WRLCK, byte.rem_euclid(REGION)),
    };
    let lock = flock(kind, region.0 * REGION + byte, 1);
    match fcntl(queue, Command::SetLock(&lock)) {
        Ok(_) => Ok(true),
        Err(Errno::EAGAIN | Errno::EACCES) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// Returns `true` if another description has a byte of the region locked.
pub(crate) fn is_locked(queue: BorrowedFd<'_>, region: Region) -> Result<bool, Errno> {
    let mut lock = flock(c::F_WRLCK, region.0 * REGION, REGION);
    fcntl(queue, Command::FindLock(&mut lock))?;
    Ok(lock.l_type != c::F_UNLCK)
}

fn flock(kind: c_short, start: i64, len: i64) -> c::flock {
    let whence = c_short::try_from(c::SEEK_SET).unwrap_or_default();
    c::flock { l_type: kind, l_whence: whence, l_start: start, l_len: len, l_pid: 0 }
}

/// Returns `true` if the descriptor is that of a file or directory of the file system of queues.
pub(crate) fn is_mqueue(file: BorrowedFd<'_>) -> bool {
    let mut found: c::statfs = c::zeroed();
    let done = ret::check(c::fstatfs(file, &mut found));
    // The type of the field has a sign in one C library and none in the other.
    done.is_ok() && i128::from(found.f_type) == i128::from(c::MQUEUE_MAGIC)
}

/// Returns how many bytes all queues of this user may have together.
pub(crate) fn bytes_limit() -> Option<u64> {
    let mut limit = c::rlimit { rlim_cur: 0, rlim_max: 0 };
    ret::check(c::getrlimit(c::RLIMIT_MSGQUEUE, &mut limit)).ok()?;
    Some(limit.rlim_cur)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_deadline_is_a_moment_of_the_wall_clock_however_that_is_set() {
        let hour = Deadline::after(Duration::from_secs(3600));
        for now in [TimeSpec::ZERO, TimeSpec::now(), TimeSpec::new(1 << 40, 999_999_999)] {
            let left = wall_clock(hour, now).unwrap() - now;
            assert!(left > TimeSpec::new(3590, 0) && left <= TimeSpec::new(3600, 0), "{left}");
        }
        assert_eq!(wall_clock(Deadline::NEVER, TimeSpec::now()), None);
        assert_eq!(wall_clock(hour, TimeSpec::MAX), Some(TimeSpec::MAX));
        assert_eq!(
            wall_clock(Deadline::after(Duration::ZERO), TimeSpec::ZERO),
            Some(TimeSpec::ZERO)
        );
    }
}
