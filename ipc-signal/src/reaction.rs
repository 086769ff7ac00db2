//! What may safely be done the moment a signal comes.
//!
//! All reactions of a program, ours and those of tokio and signal-hook, stand in the table of `signal-hook-registry`: its one
//! handler runs a handler that was there before, then the reactions in the order of registration, and keeps `errno`.

#![expect(unsafe_code, reason = "registers code that runs in signal handlers")]

use ipc_core::{Errno, Error, Result, Signal};
use signal_hook_registry::{SigId, register_signal_unchecked, unregister};

use crate::{SignalSet, sys};

/// Something that is done whenever a signal comes, until this is dropped.
///
/// A signal may have many; they are done in the order in which they were made. System calls that the signal interrupts
/// go on (`SA_RESTART`). Signals of one number that come while they are being handled merge, unless they are real-time
/// signals: a count of others is a count of what was handled, not of what was sent.
///
/// # After it
///
/// When the last reaction to a signal is dropped, the signal does nothing: the handler stays, because nobody can know
/// who else, tokio perhaps, needs it by now. Who knows that nobody does says [`restore_default`](crate::restore_default);
/// no reaction to that signal can be made from then on.
///
/// # Examples
///
/// The first Ctrl-C asks the program to end, the second ends it:
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicBool, Ordering};
///
/// use ipc_signal::{Reaction, Signal, raise};
///
/// let ending = Arc::new(AtomicBool::new(false));
/// let _second = Reaction::die_if(Signal::INT, ending.clone())?;
/// let _first = Reaction::set_flag(Signal::INT, ending.clone())?;
///
/// raise(Signal::INT)?;
/// assert!(ending.load(Ordering::Relaxed));
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[must_use = "dropping it ends it at once"]
#[derive(Debug)]
pub struct Reaction(SigId);

impl Reaction {
    /// Has `run` run whenever the signal comes.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` for KILL, STOP and faults; `is_mismatch` if the table's handler has been replaced by
    /// the default or by ignoring; by another function, installed in `unsafe`, is not seen.
    ///
    /// # Safety
    ///
    /// `run` does only what POSIX calls async-signal-safe, and does not panic.
    pub(crate) unsafe fn register(signal: Signal, run: impl Fn() + Send + Sync + 'static) -> Result<Self> {
        SignalSet::from(signal).ours("sigaction")?;
        // SAFETY: the caller vouches for `run`.
        let registered = unsafe { register_signal_unchecked(signal.raw(), run) };
        let failed = |errno| Error::os("sigaction", signal, errno);
        let id = registered.map_err(|err| failed(Errno::new(err.raw_os_error().unwrap_or_default())))?;
        let reaction = Self(id);
        // The table installs its handler once for each signal, and does not look whether it is still there.
        match sys::action(signal).map_err(failed)?.handler() {
            sys::c::SIG_DFL | sys::c::SIG_IGN => {
                Err(Error::mismatch("sigaction", signal, "somebody took away the handler that runs reactions"))
            }
            _ => Ok(reaction),
        }
    }

    /// Lets it go on as long as the process lives.
    pub fn keep(self) {
        std::mem::forget(self);
    }
}

impl Drop for Reaction {
    fn drop(&mut self) {
        // It waits for handlers that are running it, and is not called by one.
        unregister(self.0);
    }
}
