//! Processes that no other can be taken for.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use ipc_core::{Errno, Error, ProcessId, Result, Signal};

use crate::send::one;
use crate::sys;

/// A process, held by a descriptor: what is sent to it never reaches another that has got its number.
///
/// The number of a process is free for others once it has ended and its parent has waited for it. One's own child
/// that has not been waited for is a safe moment to open it. The descriptor is readable, for `poll`, when the process has ended.
///
/// # Examples
///
/// ```
/// use std::os::unix::process::ExitStatusExt;
/// use std::process::Command;
///
/// use ipc_signal::{PidFd, Signal};
///
/// let mut child = Command::new("sleep").arg("3600").spawn()?;
/// let process = PidFd::open(&child)?;
/// process.send(Signal::TERM)?;
/// assert_eq!(child.wait()?.signal(), Some(Signal::TERM.raw()));
/// assert!(process.send(Signal::TERM).is_err_and(|err| err.is_no_such_process()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// <https://man7.org/linux/man-pages/man2/pidfd_open.2.html>
#[doc(alias = "pidfd")]
#[derive(Debug)]
pub struct PidFd(OwnedFd);

impl PidFd {
    /// Takes hold of the process that has this number now.
    ///
    /// # Errors
    ///
    /// `is_no_such_process`; `is_unsupported` on Linux before 5.3; `is_invalid_argument` for what is not the number of
    /// one process, or on some systems that of a thread.
    #[doc(alias = "pidfd_open")]
    pub fn open(process: impl Into<ProcessId>) -> Result<Self> {
        let pid = one(process.into(), "pidfd_open")?;
        sys::pidfd_open(pid).map(Self).map_err(|errno| Error::os("pidfd_open", pid, errno))
    }

    /// Sends it a signal; see [`send`](crate::send()).
    ///
    /// # Errors
    ///
    /// `is_no_such_process` if it has ended and been waited for; `is_permission_denied` if it is another user's.
    ///
    /// <https://man7.org/linux/man-pages/man2/pidfd_send_signal.2.html>
    #[doc(alias = "pidfd_send_signal")]
    pub fn send(&self, signal: Signal) -> Result<()> {
        self.sent(signal, sys::pidfd_send(self.as_fd(), signal, None))
    }

    /// Queues a signal with a value for it; see [`send_value`](crate::send_value).
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), and `is_queue_full`.
    #[doc(alias = "pidfd_send_signal")]
    #[doc(alias = "sigqueue")]
    pub fn send_value(&self, signal: Signal, value: i32) -> Result<()> {
        self.sent(signal, sys::pidfd_send(self.as_fd(), signal, Some(value)))
    }

    fn sent(&self, signal: Signal, result: Result<(), Errno>) -> Result<()> {
        result.map_err(|errno| Error::os("pidfd_send_signal", signal, errno))
    }
}

/// Takes a descriptor that came from elsewhere; if it is none of a process, sending fails.
impl From<OwnedFd> for PidFd {
    fn from(fd: OwnedFd) -> Self {
        Self(fd)
    }
}

impl AsFd for PidFd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
