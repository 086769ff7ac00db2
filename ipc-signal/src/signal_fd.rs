//! The descriptor that signals are read from, which Linux alone has.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use ipc_core::{Deadline, Errno, Error, Result};

use crate::{SignalInfo, SignalSet, sys};

/// Two descriptors for the same signals: one that waits and one that does not.
///
/// Whether a read waits is a property of the descriptor, and with one that does not, waiting would take three system
/// calls (to read in vain, to wait, to read) instead of one.
#[derive(Debug)]
pub(crate) struct SignalFd {
    waiting: OwnedFd,
    polled: OwnedFd,
}

impl SignalFd {
    pub(crate) fn new(signals: SignalSet) -> Result<Self> {
        let open = |flags| sys::signalfd(signals, flags).map_err(|errno| Error::os("signalfd", signals, errno));
        Ok(Self { waiting: open(0)?, polled: open(sys::c::SFD_NONBLOCK)? })
    }

    /// Has other signals read from it than before.
    pub(crate) fn change(&self, signals: SignalSet) -> Result<()> {
        let change = |fd: &OwnedFd| sys::change_signalfd(fd.as_fd(), signals);
        change(&self.waiting).and_then(|()| change(&self.polled)).map_err(|errno| Error::os("signalfd", signals, errno))
    }

    #[inline]
    pub(crate) fn read(&self) -> Result<SignalInfo> {
        match sys::read_signal(self.waiting.as_fd()) {
            Ok(Some(raw)) => SignalInfo::new(raw),
            // Somebody who has a copy of the descriptor made it one that does not wait.
            Ok(None) => Err(failed(Errno::EAGAIN)),
            Err(errno) => Err(failed(errno)),
        }
    }

    #[inline]
    pub(crate) fn try_read(&self) -> Result<Option<SignalInfo>> {
        sys::read_signal(self.polled.as_fd()).map_err(failed)?.map(SignalInfo::new).transpose()
    }

    pub(crate) fn read_until(&self, deadline: Deadline) -> Result<Option<SignalInfo>> {
        loop {
            // It is read again after each wait, because another thread may have been faster.
            if let Some(info) = self.try_read()? {
                return Ok(Some(info));
            }
            if !sys::wait_readable(self.polled.as_fd(), deadline).map_err(failed)? {
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
