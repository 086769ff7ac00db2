//! What a child process begins with.

#![expect(unsafe_code, reason = "has code run between fork and exec")]

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use ipc_core::{Result, Signal};

use crate::{SignalSet, sys};

/// The signals of a child: which are blocked and which are ignored. All others do what they do by default.
///
/// A program inherits both from whoever starts it, and few programs expect that: a child of a thread that made
/// [`Signals`](crate::Signals) cannot be ended by TERM, if that is among them. So start children with this.
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
    /// Blocks nothing and ignores nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what is blocked.
    #[must_use]
    pub fn blocked(mut self, signals: impl Into<SignalSet>) -> Self {
        self.blocked = signals.into();
        self
    }

    /// Sets what is ignored, as `nohup` does with HUP.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` for KILL and STOP, and faults.
    pub fn ignored(mut self, signals: impl Into<SignalSet>) -> Result<Self> {
        self.ignored = signals.into().ours("sigaction")?;
        Ok(self)
    }

    /// Has every process that `command` starts begin so.
    ///
    /// A command that is set up twice does what the last one says.
    pub fn set_up(self, command: &mut Command) {
        let blocked = sys::sigset(self.blocked);
        let catchable = Signal::all().filter(|signal| signal.is_catchable()).collect();
        let in_child = move || {
            let done = sys::set_up_child(&blocked, self.ignored, catchable);
            done.map_err(|errno| io::Error::from_raw_os_error(errno.raw()))
        };
        // SAFETY: between fork and exec it calls sigaction and pthread_sigmask, which POSIX lists, on what was made
        // before the fork; it neither allocates nor locks.
        unsafe { command.pre_exec(in_child) };
    }
}
