//! Processes that are held by a descriptor.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use ipc_core::{Errno, Error, ProcessId, Result, Signal};

use crate::send::{not_sent, one};
use crate::sys;

/// A process that is referred to by a descriptor instead of its id.
///
/// The id of a process may be reused once the process has exited and its parent has waited for it.
/// A `PidFd` never refers to a process that reuses the id. Open a child before you wait for it:
/// until then its id is not reused. The descriptor becomes readable (`poll`) when the process
/// exits.
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
/// process.probe()?;
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
    /// Opens the process that currently has the id `process`.
    ///
    /// # Errors
    ///
    /// [`is_no_such_process`](Error::is_no_such_process) if no process has the id;
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the id is 0 or negative, or the id of
    /// a thread that is not the first thread of its process;
    /// [`is_unsupported`](Error::is_unsupported) before Linux 5.3.
    #[doc(alias = "pidfd_open")]
    pub fn open(process: impl Into<ProcessId>) -> Result<Self> {
        let pid = one(process.into(), "pidfd_open")?;
        sys::pidfd_open(pid).map(Self).map_err(|errno| match errno {
            // Kernels before 6.15 say EINVAL.
            Errno::ENOENT | Errno::EINVAL => {
                let why = "this is the id of a thread, wanted that of a process";
                Error::invalid("pidfd_open", pid, why)
            }
            _ => Error::os("pidfd_open", pid, errno),
        })
    }

    /// Sends a signal to the process, as [`send`](crate::send()) does.
    ///
    /// # Errors
    ///
    /// [`is_no_such_process`](Error::is_no_such_process) if the process has exited and was waited
    /// for; [`is_permission_denied`](Error::is_permission_denied) if the process belongs to another
    /// user.
    ///
    /// <https://man7.org/linux/man-pages/man2/pidfd_send_signal.2.html>
    #[doc(alias = "pidfd_send_signal")]
    pub fn send(&self, signal: Signal) -> Result<()> {
        self.sent(Some(signal), sys::pidfd_send(self.as_fd(), Some(signal), None))
    }

    /// Checks that a signal could be sent to the process, without sending one.
    ///
    /// # Errors
    ///
    /// [`is_no_such_process`](Error::is_no_such_process) if the process has exited and was waited
    /// for; [`is_permission_denied`](Error::is_permission_denied) if the process belongs to another
    /// user.
    #[doc(alias = "pidfd_send_signal")]
    pub fn probe(&self) -> Result<()> {
        self.sent(None, sys::pidfd_send(self.as_fd(), None, None))
    }

    /// Queues a signal with a value for the process, as [`send_value`](crate::send_value) does.
    ///
    /// # Errors
    ///
    /// [`is_queue_full`](Error::is_queue_full), as for [`send_value`](crate::send_value); otherwise
    /// those of [`send`](Self::send).
    #[doc(alias = "pidfd_send_signal")]
    #[doc(alias = "sigqueue")]
    pub fn send_value(&self, signal: Signal, value: impl Into<i64>) -> Result<()> {
        let sent = sys::pidfd_send(self.as_fd(), Some(signal), Some(value.into()));
        self.sent(Some(signal), sent)
    }

    fn sent(&self, signal: Option<Signal>, result: Result<(), Errno>) -> Result<()> {
        let name = || signal.map_or_else(|| String::from("signal 0"), |signal| signal.to_string());
        result.map_err(|errno| not_sent("pidfd_send_signal", name(), errno))
    }
}

/// Wraps an existing descriptor. If the descriptor does not refer to a process, sending fails.
impl From<OwnedFd> for PidFd {
    fn from(fd: OwnedFd) -> Self {
        Self(fd)
    }
}

impl From<PidFd> for OwnedFd {
    fn from(process: PidFd) -> Self {
        process.0
    }
}

impl AsFd for PidFd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl AsRawFd for PidFd {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}
