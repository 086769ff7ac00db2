//! POSIX's message queues. On Linux they are file descriptors.

#![expect(unsafe_code, reason = "calls C")]

use std::ffi::{CStr, c_int, c_long};
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr;
use std::time::Duration;

use ipc_core::{Deadline, Errno, Permissions, Signal, TimeSpec, ret};
use ipc_sys as c;

/// The greatest priority of a message.
pub(crate) const MAX_PRIORITY: u32 = c::MQ_PRIO_MAX - 1;

/// What a queue is opened for.
pub(crate) const BOTH: c_int = c::O_RDWR;
pub(crate) const SEND: c_int = c::O_WRONLY;
pub(crate) const RECEIVE: c_int = c::O_RDONLY;

/// The capacity of a queue, the bytes of its messages and how many it holds.
pub(crate) type Numbers = (usize, usize, usize);

pub(crate) fn create(name: &CStr, mode: Permissions, capacity: c_long, size: c_long) -> Result<OwnedFd, Errno> {
    let flags = c::O_CREAT | c::O_EXCL | c::O_RDWR | c::O_CLOEXEC;
    let mut attributes = no_attributes();
    (attributes.mq_maxmsg, attributes.mq_msgsize) = (capacity, size);
    // SAFETY: a string that ends in zero, numbers, and attributes that live until the call returns, as the flags want.
    let fd = ret::check(unsafe { c::mq_open(name.as_ptr(), flags, mode.mode(), &raw mut attributes) })?;
    // SAFETY: opened just now and nobody else's; on Linux it is a file descriptor, closed by `close`.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

pub(crate) fn open(name: &CStr, direction: c_int) -> Result<OwnedFd, Errno> {
    // SAFETY: a string that ends in zero and flags that want no more arguments.
    let fd = ret::check(unsafe { c::mq_open(name.as_ptr(), direction | c::O_CLOEXEC) })?;
    // SAFETY: opened just now and nobody else's; on Linux it is a file descriptor, closed by `close`.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

pub(crate) fn unlink(name: &CStr) -> Result<(), Errno> {
    // SAFETY: a string that ends in zero.
    ret::check(unsafe { c::mq_unlink(name.as_ptr()) }).map(drop)
}

pub(crate) fn numbers(queue: BorrowedFd<'_>) -> Result<Numbers, Errno> {
    let mut attributes = no_attributes();
    // SAFETY: the descriptor is open as long as it is borrowed, and the attributes are written to.
    ret::check(unsafe { c::mq_getattr(queue.as_raw_fd(), &raw mut attributes) })?;
    let number = |number| usize::try_from(number).unwrap_or(0);
    Ok((number(attributes.mq_maxmsg), number(attributes.mq_msgsize), number(attributes.mq_curmsgs)))
}

/// Waits for room.
#[inline]
pub(crate) fn send(queue: BorrowedFd<'_>, message: &[u8], priority: u32) -> Result<(), Errno> {
    let (fd, len) = (queue.as_raw_fd(), message.len());
    // SAFETY: the descriptor is open as long as it is borrowed; `len` bytes are readable.
    ret::retry(|| ret::check(unsafe { c::mq_send(fd, message.as_ptr().cast(), len, priority) })).map(drop)
}

/// Waits for a message.
#[inline]
pub(crate) fn receive(queue: BorrowedFd<'_>, into: &mut [u8]) -> Result<(usize, u32), Errno> {
    let (fd, len, mut priority) = (queue.as_raw_fd(), into.len(), 0);
    // SAFETY: the descriptor is open as long as it is borrowed; `len` bytes and the priority are writable.
    let got =
        ret::retry(|| ret::check(unsafe { c::mq_receive(fd, into.as_mut_ptr().cast(), len, &raw mut priority) }))?;
    Ok((got.cast_unsigned(), priority))
}

/// Sends if there is room: a timed send whose time is long past.
pub(crate) fn try_send(queue: BorrowedFd<'_>, message: &[u8], priority: u32) -> Result<bool, Errno> {
    let (fd, len, past) = (queue.as_raw_fd(), message.len(), c::timespec::from(TimeSpec::ZERO));
    let sent = ret::retry(|| {
        // SAFETY: as in `send`, and the time lives until the call returns.
        ret::check(unsafe { c::mq_timedsend(fd, message.as_ptr().cast(), len, priority, &raw const past) })
    });
    match sent {
        Ok(_) => Ok(true),
        Err(Errno::ETIMEDOUT) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// Receives if there is a message: a timed receive whose time is long past.
pub(crate) fn try_receive(queue: BorrowedFd<'_>, into: &mut [u8]) -> Result<Option<(usize, u32)>, Errno> {
    let (fd, len, past) = (queue.as_raw_fd(), into.len(), c::timespec::from(TimeSpec::ZERO));
    let mut priority = 0;
    let got = ret::retry(|| {
        let bytes = into.as_mut_ptr().cast();
        // SAFETY: as in `receive`, and the time lives until the call returns.
        ret::check(unsafe { c::mq_timedreceive(fd, bytes, len, &raw mut priority, &raw const past) })
    });
    match got {
        Ok(got) => Ok(Some((got.cast_unsigned(), priority))),
        Err(Errno::ETIMEDOUT) => Ok(None),
        Err(errno) => Err(errno),
    }
}

/// What to wait for: room, or a message.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ready {
    ToSend,
    ToReceive,
}

/// Waits until the queue is ready or the deadline has come. The kernel's own timed calls go by the
/// wall clock, which may be set.
pub(crate) fn wait(queue: BorrowedFd<'_>, ready: Ready, deadline: Deadline) -> Result<(), Errno> {
    let events = match ready {
        Ready::ToSend => c::POLLOUT,
        Ready::ToReceive => c::POLLIN,
    };
    let polled = ret::retry(|| {
        let mut poll = c::pollfd { fd: queue.as_raw_fd(), events, revents: 0 };
        let left = deadline.remaining().map(timespec);
        let left = left.as_ref().map_or(ptr::null(), ptr::from_ref);
        // SAFETY: one `pollfd`, and a time or none, all living until the call returns; no signal mask.
        ret::check(unsafe { c::ppoll(&raw mut poll, 1, left, ptr::null()) })
    });
    polled.map(drop)
}

/// Has a message in the empty queue announced by that signal, once; or no longer.
pub(crate) fn notify(queue: BorrowedFd<'_>, order: Option<(Signal, i32)>) -> Result<(), Errno> {
    let event = order.map(|(signal, value)| {
        // SAFETY: integers, pointers and an `Option` of a function, for which all zeros are a value.
        let mut event: c::sigevent = unsafe { MaybeUninit::zeroed().assume_init() };
        (event.sigev_notify, event.sigev_signo) = (c::SIGEV_SIGNAL, signal.raw());
        event.sigev_value.sival_int = value;
        event
    });
    let event = event.as_ref().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: the descriptor is open as long as it is borrowed; an event that lives until the call returns, or none.
    ret::check(unsafe { c::mq_notify(queue.as_raw_fd(), event) }).map(drop)
}

/// How many bytes all queues of this user may have together.
pub(crate) fn bytes_limit() -> Option<u64> {
    let mut limit = c::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the limit is written to.
    ret::check(unsafe { c::getrlimit(c::RLIMIT_MSGQUEUE, &raw mut limit) }).ok()?;
    Some(limit.rlim_cur)
}

fn timespec(time: Duration) -> c::timespec {
    TimeSpec::try_from(time).unwrap_or(TimeSpec::MAX).into()
}

fn no_attributes() -> c::mq_attr {
    // SAFETY: a struct of integers only, for which all zeros are a value.
    unsafe { MaybeUninit::zeroed().assume_init() }
}
