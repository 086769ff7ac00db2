//! All calls of the system that this crate makes, with `rustix`, and with C where that has no
//! function.

pub(crate) mod file;
pub(crate) mod inherited;
pub(crate) mod message;
pub(crate) mod ofd;
pub(crate) mod options;
pub(crate) mod pipe;
pub(crate) mod socket;

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use ipc_core::{Deadline, Errno};
pub(crate) use rustix::event::PollFlags;
use rustix::event::{PollFd, Timespec};
use rustix::io::{self, FdFlags};

/// Returns the number of an error of `rustix`.
#[inline]
pub(crate) fn errno(err: io::Errno) -> Errno {
    Errno::new(err.raw_os_error())
}

/// Moves a descriptor away from the numbers of standard input, output and error.
///
/// A process that was started with one of them closed gets its number for the next thing it opens,
/// and whatever prints there would write into that.
pub(crate) fn above_stdio(fd: OwnedFd) -> Result<OwnedFd, Errno> {
    if fd.as_raw_fd() > 2 {
        return Ok(fd);
    }
    io::fcntl_dupfd_cloexec(&fd, 3).map_err(errno)
}

/// Duplicates a descriptor.
pub(crate) fn duplicate(fd: impl AsFd) -> Result<OwnedFd, Errno> {
    io::fcntl_dupfd_cloexec(fd, 3).map_err(errno)
}

/// Sets whether the programs that this process starts inherit a descriptor.
pub(crate) fn set_inheritable(fd: impl AsFd, inheritable: bool) -> Result<(), Errno> {
    let flags = if inheritable { FdFlags::empty() } else { FdFlags::CLOEXEC };
    io::fcntl_setfd(fd, flags).map_err(errno)
}

/// Waits until one of `events` comes, or an error or the end of the other side; `false` if the
/// deadline came first.
///
/// A signal does not interrupt the wait.
pub(crate) fn poll(
    fd: BorrowedFd<'_>,
    events: PollFlags,
    deadline: Deadline,
) -> Result<bool, Errno> {
    Ok(!polled(fd, events, deadline)?.is_empty())
}

/// Returns which of `events` have come, once one has; none of them if the deadline came first.
pub(crate) fn polled(
    fd: BorrowedFd<'_>,
    events: PollFlags,
    deadline: Deadline,
) -> Result<PollFlags, Errno> {
    let mut fds = [PollFd::from_borrowed_fd(fd, events)];
    loop {
        let left = deadline.remaining();
        let timeout = left.map(timespec);
        match rustix::event::poll(&mut fds, timeout.as_ref()) {
            // A kernel may round the time down.
            Ok(0) if left.is_some_and(|left| !left.is_zero()) => {}
            Ok(_) => return Ok(fds[0].revents()),
            Err(io::Errno::INTR) => {}
            Err(err) => return Err(errno(err)),
        }
    }
}

/// Returns which of `events` there are now.
pub(crate) fn poll_now(fd: BorrowedFd<'_>, events: PollFlags) -> Result<PollFlags, Errno> {
    polled(fd, events, Deadline::after(Duration::ZERO))
}

fn timespec(time: Duration) -> Timespec {
    // `Deadline` holds no time beyond what the clock can show.
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    Timespec { tv_sec: seconds, tv_nsec: time.subsec_nanos().into() }
}
