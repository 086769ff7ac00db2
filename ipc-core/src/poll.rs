//! Waiting for file descriptors until a deadline.

use std::fmt;
use std::marker::PhantomData;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};

use crate::sys::{self, c};
use crate::{Deadline, Errno};

/// A file descriptor and the event to wait for.
///
/// # Examples
///
/// ```
/// use std::io::{Write, pipe};
/// use std::os::fd::AsFd;
/// use std::time::Duration;
///
/// use ipc_core::{Deadline, PollFd, poll};
///
/// let (reader, mut writer) = pipe()?;
/// let mut fds = [PollFd::readable(reader.as_fd()), PollFd::writable(writer.as_fd())];
/// assert_eq!(poll(&mut fds, Deadline::after(Duration::ZERO)), Ok(1));
/// assert!(!fds[0].is_ready() && fds[1].is_ready());
///
/// writer.write_all(b"x")?;
/// assert_eq!(poll(&mut [PollFd::readable(reader.as_fd())], Deadline::NEVER), Ok(1));
/// # Ok::<(), std::io::Error>(())
/// ```
#[doc(alias = "pollfd")]
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct PollFd<'fd> {
    raw: c::pollfd,
    fd: PhantomData<BorrowedFd<'fd>>,
}

impl<'fd> PollFd<'fd> {
    fn new(fd: BorrowedFd<'fd>, events: i16) -> Self {
        Self { raw: c::pollfd { fd: fd.as_raw_fd(), events, revents: 0 }, fd: PhantomData }
    }

    /// Creates an entry for [`poll`]: the event is that a read from `fd` would not block.
    #[doc(alias = "POLLIN")]
    #[must_use]
    pub fn readable(fd: BorrowedFd<'fd>) -> Self {
        Self::new(fd, c::POLLIN)
    }

    /// Creates an entry for [`poll`]: the event is that a write to `fd` would not block.
    #[doc(alias = "POLLOUT")]
    #[must_use]
    pub fn writable(fd: BorrowedFd<'fd>) -> Self {
        Self::new(fd, c::POLLOUT)
    }

    /// Returns the events to wait for, as C's `poll` takes them.
    #[must_use]
    pub fn events(&self) -> i16 {
        self.raw.events
    }

    /// Returns `true` if the last [`poll`] reported the event, an error or a hang-up for this
    /// descriptor.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.raw.revents != 0
    }
}

impl AsRawFd for PollFd<'_> {
    fn as_raw_fd(&self) -> RawFd {
        self.raw.fd
    }
}

impl fmt::Debug for PollFd<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let c::pollfd { fd, events, revents } = self.raw;
        let mut fields = f.debug_struct("PollFd");
        fields.field("fd", &fd).field("events", &events).field("revents", &revents).finish()
    }
}

/// Waits until at least one descriptor is ready or the deadline has passed, and returns how many
/// are ready.
///
/// Each descriptor is checked at least once, even if the deadline has passed. A signal does not
/// interrupt the wait.
///
/// # Errors
///
/// `EINVAL` if there are more entries than descriptors that the process may have open; `ENOMEM` if
/// the kernel lacks memory.
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/poll.html>
#[doc(alias = "ppoll")]
pub fn poll(fds: &mut [PollFd<'_>], deadline: Deadline) -> Result<usize, Errno> {
    sys::poll(fds, deadline)
}
