//! Receiving signals, one after the other.

mod closer;
mod signal_fd;

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::Arc;
use std::time::Duration;

use ipc_core::{Deadline, Errno, Error, Result};

use crate::{SignalInfo, SignalMask, SignalSet};
pub use closer::Closer;
use closer::Closing;
use signal_fd::SignalFd;

/// A receiver of signals, which returns each signal as a [`SignalInfo`].
///
/// Create the receiver at the start of `main`, before the program starts threads.
/// [`block`](Self::block) blocks the signals in the calling thread, and the threads that it starts
/// later inherit the blocked signals. A thread that exists already does not block them: a signal
/// that the kernel delivers to such a thread is not received. With a multi-threaded
/// `#[tokio::main]`, the start of `main` is too late, because the runtime has already started its
/// threads. No handler runs for a received signal: see [Receive or react](crate#receive-or-react).
///
/// Real-time signals are received in ascending order of their numbers. Real-time signals of the
/// same number are received in the order of sending. Standard signals merge: if one is sent several
/// times before it is received, it is received once. A signal that was sent to one thread is
/// received only by that thread.
///
/// While a process ignores `CHLD`, the kernel does not send it, and child processes cannot be
/// waited for. A program may inherit an ignored `CHLD` from the process that started it. So if
/// `CHLD` is among the signals and is ignored, the receiver restores its default action.
///
/// Dropping the receiver closes its descriptors but does not unblock its signals, because a signal
/// that arrives late would then end the process. Child processes inherit the blocked signals: see
/// [`ChildSignals`](crate::ChildSignals).
///
/// # Examples
///
/// ```
/// use ipc_signal::{Signal, Signals, send, send_value};
///
/// let job = Signal::realtime(0)?;
/// let mut signals = Signals::block([Signal::TERM, job])?; // first thing in main
///
/// let me = std::process::id(); // usually another process
/// send_value(me, job, 42)?;
/// send_value(me, job, 43)?;
/// send(me, Signal::TERM)?;
///
/// let mut jobs = Vec::new();
/// for info in signals.by_ref().take(3) {
///     let info = info?;
///     println!("{} from {:?}", info.signal(), info.process());
///     jobs.extend(info.value());
/// }
/// assert_eq!(jobs, [42, 43]);
/// assert!(signals.try_recv()?.is_none());
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://man7.org/linux/man-pages/man2/signalfd.2.html>
#[doc(alias = "signalfd")]
#[derive(Debug)]
pub struct Signals {
    set: SignalSet,
    fd: SignalFd,
    closing: Option<Arc<Closing>>,
}

impl Signals {
    /// Blocks signals in the calling thread, and creates a receiver of these signals.
    ///
    /// Threads that the calling thread starts later block the signals as well.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) for `KILL`, `STOP` and
    /// [faults](crate::Signal::is_fault), which cannot be received;
    /// [`is_no_space`](Error::is_no_space) if the process has no descriptor left. If this fails, no
    /// signal is blocked.
    pub fn block(signals: impl Into<SignalSet>) -> Result<Self> {
        let set = signals.into().receivable("signalfd")?;
        let fd = SignalFd::new(set)?;
        set.make_sendable("sigaction")?;
        SignalMask::block(set)?.keep();
        Ok(Self { set, fd, closing: None })
    }

    /// Blocks more signals in the calling thread, and adds them to this receiver.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) for `KILL`, `STOP` and
    /// [faults](crate::Signal::is_fault). If this fails, nothing changes.
    pub fn add(&mut self, signals: impl Into<SignalSet>) -> Result<()> {
        let set = self.set | signals.into().receivable("signalfd")?;
        self.fd.change(set)?;
        set.make_sendable("sigaction")?;
        SignalMask::block(set)?.keep();
        self.set = set;
        Ok(())
    }

    /// Returns the set of signals that this receiver receives.
    #[must_use]
    pub fn set(&self) -> SignalSet {
        self.set
    }

    /// Waits for the next signal, and returns it.
    ///
    /// # Errors
    ///
    /// The call fails with `ECANCELED` ([`errno`](Error::errno)) if a [`Closer`] closed the
    /// receiver. Otherwise the call does not fail, unless other code of this process closes or
    /// replaces the descriptor.
    #[inline]
    pub fn recv(&self) -> Result<SignalInfo> {
        if self.closing.is_none() { self.fd.read() } else { self.recv_unless_closed() }
    }

    fn recv_unless_closed(&self) -> Result<SignalInfo> {
        let got = self.recv_until(Deadline::NEVER)?;
        got.ok_or_else(|| Error::os("read", "signalfd, closed by a `Closer`", Errno::ECANCELED))
    }

    /// Receives the next signal, or returns `None` if no signal is pending or the receiver is
    /// closed.
    ///
    /// # Errors
    ///
    /// Does not fail, unless other code of this process closes or replaces the descriptor.
    #[inline]
    pub fn try_recv(&self) -> Result<Option<SignalInfo>> {
        if self.is_closed() { Ok(None) } else { self.fd.try_read() }
    }

    /// Receives the next signal, or returns `None` if no signal arrives within `timeout` or the
    /// receiver is closed.
    ///
    /// # Errors
    ///
    /// Does not fail, unless other code of this process closes or replaces the descriptor.
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Option<SignalInfo>> {
        self.recv_until(Deadline::after(timeout))
    }

    /// Receives the next signal, or returns `None` if no signal arrives before `deadline` or the
    /// receiver is closed.
    ///
    /// The deadline is an `Instant` or a `SystemTime`. A pending signal is received even after the
    /// deadline.
    ///
    /// # Errors
    ///
    /// Does not fail, unless other code of this process closes or replaces the descriptor.
    pub fn recv_deadline(&self, deadline: impl Into<Deadline>) -> Result<Option<SignalInfo>> {
        self.recv_until(deadline.into())
    }

    fn recv_until(&self, deadline: Deadline) -> Result<Option<SignalInfo>> {
        if self.is_closed() {
            return Ok(None);
        }
        self.fd.read_until(deadline, self.watched())
    }
}

/// Waits for the next signal. The iterator ends only when a [`Closer`] closes the receiver.
impl Iterator for Signals {
    type Item = Result<SignalInfo>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.closing.is_none() {
            return Some(self.recv());
        }
        self.recv_until(Deadline::NEVER).transpose()
    }
}

/// Borrows a descriptor for calls such as `poll`. It is readable while a signal is pending.
///
/// The descriptor is non-blocking. To read a signal, call [`try_recv`](Signals::try_recv).
impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl AsRawFd for Signals {
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}
