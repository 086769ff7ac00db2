//! The signal state with which a child process starts.

#![expect(unsafe_code, reason = "runs code between fork and exec")]

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use ipc_core::{Result, Signal};

use crate::{SignalSet, sys};

/// The blocked and ignored signals of a new child process.
///
/// A program inherits the blocked and ignored signals of the process that starts it, and few
/// programs expect that. For example, after a thread has created [`Signals`](crate::Signals) with
/// `TERM`, a child that it starts blocks `TERM`, and `kill` does not end the child. Use this type
/// to start child processes whose signals are in a defined state. All signals that are not ignored
/// get their default action.
///
/// # Examples
///
/// ```
/// use std::os::unix::process::ExitStatusExt;
/// use std::process::Command;
///
/// use ipc_signal::{ChildSignals, Signal, Signals};
///
/// let _signals = Signals::block(Signal::TERM)?;
/// let mut command = Command::new("sh");
/// command.args(["-c", "kill -TERM $$; exit 0"]);
/// assert!(command.status()?.success()); // inherits the mask
///
/// ChildSignals::new().set_up(&mut command);
/// assert_eq!(command.status()?.signal(), Some(Signal::TERM.raw()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/exec.html>
#[derive(Clone, Copy, Debug, Default)]
pub struct ChildSignals {
    blocked: SignalSet,
    ignored: SignalSet,
}

impl ChildSignals {
    /// Creates a state in which no signal is blocked or ignored.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the signals that the child blocks.
    #[must_use]
    pub fn blocked(mut self, signals: impl Into<SignalSet>) -> Self {
        self.blocked = signals.into();
        self
    }

    /// Sets the signals that the child ignores, as `nohup` does with `HUP`.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) for `KILL`, `STOP` and
    /// [faults](Signal::is_fault).
    pub fn ignored(mut self, signals: impl Into<SignalSet>) -> Result<Self> {
        self.ignored = signals.into().receivable("sigaction")?;
        Ok(self)
    }

    /// Gives this state to every process that `command` starts.
    ///
    /// If this is called several times for one command, the last call decides.
    pub fn set_up(self, command: &mut Command) {
        let blocked = sys::sigset(self.blocked);
        let catchable = Signal::all().filter(|signal| signal.is_catchable()).collect();
        let in_child = move || {
            let done = sys::set_up_child(&blocked, self.ignored, catchable);
            done.map_err(|errno| io::Error::from_raw_os_error(errno.raw()))
        };
        // SAFETY: between fork and exec it calls sigaction, sigemptyset and pthread_sigmask, which
        // POSIX lists as async-signal-safe, on values made before the fork. It neither allocates
        // nor acquires a lock.
        unsafe { command.pre_exec(in_child) };
    }
}
