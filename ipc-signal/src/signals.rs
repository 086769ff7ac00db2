//! Receiving signals, one after the other.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Result};

use crate::signal_fd::SignalFd;
use crate::{SignalInfo, SignalMask, SignalSet};

/// Receives signals as values: in order, each with its [`SignalInfo`], and none lost but those that the kernel merges.
///
/// Make it first thing in `main`: it blocks its signals in this thread and in those that are started later. A
/// thread that is there already lets them through, and they do there what they did before. (Inside of
/// `#[tokio::main]` it is too late, since the runtime has its threads by then.) What is received
/// is nobody else's, and no handler runs for it: see [the crate](crate#received-or-reacted-to).
///
/// Real-time signals come in the order of their numbers, and those of one number as they were sent. Of any other
/// signal one is kept until it is received. What was sent to a thread and not to the process is received by that
/// thread only.
///
/// Dropping it closes its descriptors and does not unblock: a signal that came late would end the process. Children
/// inherit what is blocked: see [`ChildSignals`](crate::ChildSignals).
///
/// # Examples
///
/// ```
/// use ipc_core::ProcessId;
/// use ipc_signal::{Signal, Signals, send, send_value};
///
/// let job = Signal::realtime(0)?;
/// let mut signals = Signals::block([Signal::TERM, job])?; // first thing in main
///
/// let me = ProcessId::current(); // usually another process
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
}

impl Signals {
    /// Blocks these signals, in this thread and those it starts, and receives them from now on.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` for KILL, STOP and faults, which do not wait to be received. Nothing is blocked then.
    pub fn block(signals: impl Into<SignalSet>) -> Result<Self> {
        let set = signals.into().ours("signalfd")?;
        let fd = SignalFd::new(set)?;
        SignalMask::block(set)?.keep();
        Ok(Self { set, fd })
    }

    /// Blocks and receives these too.
    ///
    /// # Errors
    ///
    /// As [`block`](Self::block).
    pub fn add(&mut self, signals: impl Into<SignalSet>) -> Result<()> {
        let set = self.set | signals.into().ours("signalfd")?;
        self.fd.change(set)?;
        SignalMask::block(set)?.keep();
        self.set = set;
        Ok(())
    }

    /// Which signals it receives.
    #[must_use]
    pub fn set(&self) -> SignalSet {
        self.set
    }

    /// Takes the next signal, and waits as long as there is none.
    ///
    /// # Errors
    ///
    /// What the system refuses; nothing that happens to a descriptor that is left alone.
    #[inline]
    pub fn recv(&self) -> Result<SignalInfo> {
        self.fd.read()
    }

    /// Takes the next signal if there is one.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv); that there is none is `Ok(None)`.
    #[inline]
    pub fn try_recv(&self) -> Result<Option<SignalInfo>> {
        self.fd.try_read()
    }

    /// Takes the next signal if there is one within that time.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv); that it took too long is `Ok(None)`.
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Option<SignalInfo>> {
        self.fd.read_until(Deadline::after(timeout))
    }

    /// Takes the next signal if there is one before that moment.
    ///
    /// If there is one it is taken, also when the moment is past.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv); that it took too long is `Ok(None)`.
    pub fn recv_deadline(&self, deadline: Instant) -> Result<Option<SignalInfo>> {
        self.fd.read_until(Deadline::at(deadline))
    }
}

/// Waits for the next signal, without end.
impl Iterator for Signals {
    type Item = Result<SignalInfo>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.recv())
    }
}

/// A descriptor for `poll` and its like, readable while there is a signal. It does not wait; read with
/// [`try_recv`](Signals::try_recv).
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
