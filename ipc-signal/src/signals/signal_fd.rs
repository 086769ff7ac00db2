//! The descriptor from which signals are read, which only Linux has.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use ipc_core::{Deadline, Errno, Error, PollFd, Result, poll};

use super::closer::Closing;
use crate::{SignalInfo, SignalSet, sys};

/// Two descriptors for the same signals: one that blocks and one that does not.
///
/// Blocking is a property of the description. With a non-blocking one alone, waiting would take
/// three system calls (a failing read, a poll, a read) instead of one.
#[derive(Debug)]
pub(crate) struct SignalFd {
    blocking: OwnedFd,
    polled: OwnedFd,
}

impl SignalFd {
    pub(crate) fn new(signals: SignalSet) -> Result<Self> {
        let open = |nonblocking| {
            sys::signalfd(signals, nonblocking)
                .map_err(|errno| Error::os("signalfd", signals, errno))
        };
        Ok(Self { blocking: open(false)?, polled: open(true)? })
    }

    /// Replaces the set of signals that are read.
    pub(crate) fn change(&self, signals: SignalSet) -> Result<()> {
        let change = |fd: &OwnedFd| sys::change_signalfd(fd.as_fd(), signals);
        let changed = change(&self.blocking).and_then(|()| change(&self.polled));
        changed.map_err(|errno| Error::os("signalfd", signals, errno))
    }

    /// Reads a signal, blocking until there is one.
    #[inline]
    pub(crate) fn read(&self) -> Result<SignalInfo> {
        match sys::read_signal(self.blocking.as_fd()) {
            Ok(Some(raw)) => SignalInfo::new(raw),
            // Another holder of the description made it non-blocking.
            Ok(None) => Err(failed(Errno::EAGAIN)),
            Err(errno) => Err(failed(errno)),
        }
    }

    #[inline]
    pub(crate) fn try_read(&self) -> Result<Option<SignalInfo>> {
        sys::read_signal(self.polled.as_fd()).map_err(failed)?.map(SignalInfo::new).transpose()
    }

    /// Reads a signal; `None` if the deadline passes or `closing` happens first.
    pub(crate) fn read_until(
        &self,
        deadline: Deadline,
        closing: Option<&Closing>,
    ) -> Result<Option<SignalInfo>> {
        let polled = PollFd::readable(self.polled.as_fd());
        let mut fds = [polled, closing.map_or(polled, |closing| PollFd::readable(closing.as_fd()))];
        let count = 1 + usize::from(closing.is_some());
        loop {
            if closing.is_some_and(Closing::is_closed) {
                return Ok(None);
            }
            // It is read again after each wait, because another thread may have been faster.
            if let Some(info) = self.try_read()? {
                return Ok(Some(info));
            }
            let ready = poll(&mut fds[..count], deadline)
                .map_err(|errno| Error::os("ppoll", "signalfd", errno))?;
            if ready == 0 {
                return Ok(None);
            }
        }
    }
}

fn failed(errno: Errno) -> Error {
    Error::os("read", "signalfd", errno)
}

impl AsFd for SignalFd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.polled.as_fd()
    }
}
