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

/// Receives signals as values: in order, each with its [`SignalInfo`], and none lost except those
/// that the kernel merges.
///
/// Create it first thing in `main`: it blocks its signals in the calling thread and in threads that
/// are started later. A thread that exists already does not block them, and a signal that the
/// kernel delivers there is not received here. (Inside `#[tokio::main]` it is too late: the runtime
/// has started its threads by then.) No handler runs for a received signal: see [the
/// crate](crate#received-or-reacted-to).
///
/// Real-time signals arrive in the order of their numbers, and those of one number in the order in
/// which they were sent. Of any other signal, one is kept until it is received. A signal that was
/// sent to a thread and not to the process is received by that thread only.
///
/// If `CHLD` is among the signals and is ignored, as a program inherits from a shell or supervisor
/// that ignores it, its default action is restored: the kernel does not send it otherwise, and
/// child processes could not be waited for.
///
/// Dropping it closes its descriptors but leaves its signals blocked: once unblocked, a late signal
/// would end the process. Child processes inherit the mask: see
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
    /// Blocks signals in this thread and those it starts, and receives them from now on.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) for `KILL`, `STOP` and faults, which
    /// cannot be received; [`is_no_space`](Error::is_no_space) if the process has no descriptor
    /// left. Nothing is blocked then.
    pub fn block(signals: impl Into<SignalSet>) -> Result<Self> {
        let set = signals.into().receivable("signalfd")?;
        let fd = SignalFd::new(set)?;
        set.make_sendable("sigaction")?;
        SignalMask::block(set)?.keep();
        Ok(Self { set, fd, closing: None })
    }

    /// Blocks and receives more signals.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) for `KILL`, `STOP` and faults. Nothing
    /// changes then.
    pub fn add(&mut self, signals: impl Into<SignalSet>) -> Result<()> {
        let set = self.set | signals.into().receivable("signalfd")?;
        self.fd.change(set)?;
        set.make_sendable("sigaction")?;
        SignalMask::block(set)?.keep();
        self.set = set;
        Ok(())
    }

    /// Returns the signals that are received.
    #[must_use]
    pub fn set(&self) -> SignalSet {
        self.set
    }

    /// Receives the next signal, and blocks until there is one.
    ///
    /// # Errors
    ///
    /// [`errno`](Error::errno) is `ECANCELED` if a [`Closer`] closed the receiver. No other failure
    /// is known, unless other code changes the descriptor.
    #[inline]
    pub fn recv(&self) -> Result<SignalInfo> {
        if self.closing.is_none() { self.fd.read() } else { self.recv_unless_closed() }
    }

    fn recv_unless_closed(&self) -> Result<SignalInfo> {
        let got = self.recv_until(Deadline::NEVER)?;
        got.ok_or_else(|| Error::os("read", "signalfd, closed by a `Closer`", Errno::ECANCELED))
    }

    /// Receives the next signal, or returns `None` if none is pending.
    ///
    /// # Errors
    ///
    /// None is known, unless other code changes the descriptor.
    #[inline]
    pub fn try_recv(&self) -> Result<Option<SignalInfo>> {
        if self.is_closed() { Ok(None) } else { self.fd.try_read() }
    }

    /// Receives the next signal, or returns `None` if none arrives within `timeout`.
    ///
    /// # Errors
    ///
    /// None is known, unless other code changes the descriptor.
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Option<SignalInfo>> {
        self.recv_until(Deadline::after(timeout))
    }

    /// Receives the next signal, or returns `None` if none arrives before `deadline`, an `Instant`
    /// or a `SystemTime`.
    ///
    /// A pending signal is received even after the deadline.
    ///
    /// # Errors
    ///
    /// None is known, unless other code changes the descriptor.
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

/// A descriptor for `poll` and its like, readable while a signal is pending. It does not block;
/// read with [`try_recv`](Signals::try_recv).
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
