//! Signal handlers as C has them.

#![expect(unsafe_code, reason = "installs functions of the caller as signal handlers")]

use std::ffi::{c_int, c_void};
use std::fmt;

use ipc_core::{Error, Result, Signal};

use crate::sys::{self, c};
use crate::{ActionFlags, SignalInfo, SignalSet};

/// The action of a process when a signal arrives: C's `struct sigaction`.
///
/// Installing an action is unsafe, and most programs do not need it. [`Signals`](crate::Signals)
/// receives signals. A [`Reaction`](crate::Reaction) sets a flag, counts or wakes a poll loop.
/// [`ignore`] and [`restore_default`] install actions that run no function.
///
/// # Examples
///
/// ```
/// use std::ffi::c_int;
/// use std::sync::atomic::{AtomicI32, Ordering};
///
/// use ipc_signal::{Action, ActionFlags, Signal, raise};
///
/// static LAST: AtomicI32 = AtomicI32::new(0);
///
/// extern "C" fn note(signal: c_int) {
///     LAST.store(signal, Ordering::Relaxed);
/// }
///
/// let action = Action::new(note).blocking(Signal::USR2).with_flags(ActionFlags::RESTART);
/// // SAFETY: `note` stores to an atomic and does nothing else; no function is replaced.
/// let before = unsafe { action.install(Signal::USR1) }?;
/// raise(Signal::USR1)?;
/// assert_eq!(LAST.load(Ordering::Relaxed), Signal::USR1.raw());
/// // SAFETY: `before` was installed before, and nobody relies on `note`.
/// unsafe { before.install(Signal::USR1) }?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sigaction.html>
#[doc(alias = "sigaction")]
#[derive(Clone, Copy)]
pub struct Action(c::sigaction);

/// The behaviour of an [`Action`]: the default action, to discard the signal, or to run a function.
///
/// # Examples
///
/// ```
/// use ipc_signal::{Action, Handler, Signal, ignore};
///
/// # ipc_signal::restore_default(Signal::HUP)?; // `nohup` ignores it
/// assert_eq!(Action::current(Signal::HUP)?.handler(), Handler::Default);
/// ignore(Signal::HUP)?;
/// assert_eq!(Action::current(Signal::HUP)?.handler(), Handler::Ignore);
/// # ipc_signal::restore_default(Signal::HUP)?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handler {
    /// The default action of the signal.
    #[doc(alias = "SIG_DFL")]
    Default,
    /// The signal is discarded.
    #[doc(alias = "SIG_IGN")]
    Ignore,
    /// The function at this address.
    Function(usize),
}

impl Action {
    /// Creates an action that runs a function with one argument: the number of the signal.
    ///
    /// The action has no flags. While the function runs, the handled signal is blocked in addition
    /// to the signals that the thread already blocks.
    #[must_use]
    pub fn new(handler: unsafe extern "C" fn(c_int)) -> Self {
        Self::of(handler as *const () as usize, 0)
    }

    /// Creates an action that runs a function with three arguments.
    ///
    /// The first argument is the number of the signal. The second argument is for
    /// [`SignalInfo::from_raw`]. The third argument points to a `ucontext_t`: the interrupted
    /// context of the thread.
    #[doc(alias = "SA_SIGINFO")]
    #[must_use]
    pub fn with_info(handler: unsafe extern "C" fn(c_int, *mut c::siginfo_t, *mut c_void)) -> Self {
        Self::of(handler as *const () as usize, c::SA_SIGINFO)
    }

    fn of(handler: usize, flags: c_int) -> Self {
        Self(c::sigaction::new(handler, sys::sigset(SignalSet::EMPTY), flags))
    }

    /// Sets the signals that are blocked, besides the handled one, while the function runs.
    #[doc(alias = "sa_mask")]
    #[must_use]
    pub fn blocking(mut self, signals: impl Into<SignalSet>) -> Self {
        self.0.sa_mask = sys::sigset(signals.into());
        self
    }

    /// Sets the flags, and clears all others.
    #[doc(alias = "sa_flags")]
    #[must_use]
    pub fn with_flags(mut self, flags: ActionFlags) -> Self {
        self.0.sa_flags = self.0.sa_flags & c::SA_SIGINFO | flags.raw();
        self
    }

    /// Returns the behaviour of the action.
    #[doc(alias = "sa_handler")]
    #[must_use]
    pub fn handler(&self) -> Handler {
        match self.0.handler() {
            c::SIG_DFL => Handler::Default,
            c::SIG_IGN => Handler::Ignore,
            address => Handler::Function(address),
        }
    }

    /// Returns the signals that the action blocks, besides the handled one.
    #[must_use]
    pub fn blocked(&self) -> SignalSet {
        sys::signals_of(&self.0.sa_mask)
    }

    /// Returns the flags, except `SA_SIGINFO`, which [`has_info`](Self::has_info) returns.
    #[must_use]
    pub fn flags(&self) -> ActionFlags {
        ActionFlags::from_raw(self.0.sa_flags)
    }

    /// Returns `true` if the function has three arguments.
    #[must_use]
    pub fn has_info(&self) -> bool {
        self.0.sa_flags & c::SA_SIGINFO != 0
    }

    /// Returns the action of the process for a signal.
    ///
    /// # Errors
    ///
    /// This call is not known to fail.
    pub fn current(signal: Signal) -> Result<Self> {
        sys::action(signal).map(Self).map_err(|errno| Error::os("sigaction", signal, errno))
    }

    /// Installs the action for the whole process, and returns the previous one.
    ///
    /// The new action replaces the previous one, even if a [`Reaction`](crate::Reaction) or another
    /// library installed it.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) for `KILL` and `STOP`.
    ///
    /// # Safety
    ///
    /// The caller must ensure that:
    ///
    /// - the function, if there is one, stays loaded while it is installed;
    /// - the function calls only async-signal-safe functions (no allocation, no lock, no first use
    ///   of a thread-local), leaves `errno` as it was, and does not unwind;
    /// - if the signal is a [fault](Signal::is_fault) that the processor raised, the function
    ///   returns only after it has removed the cause of the fault;
    /// - if the action replaces another function, no code relies on the replaced function for
    ///   soundness. (For example, the code of a language runtime may rely on its handler of
    ///   [`SEGV`](Signal::SEGV).)
    ///
    /// <https://man7.org/linux/man-pages/man7/signal-safety.7.html>
    pub unsafe fn install(&self, signal: Signal) -> Result<Self> {
        if !signal.is_catchable() {
            return Err(Error::invalid(
                "sigaction",
                signal,
                "this signal cannot be blocked, caught or ignored",
            ));
        }
        // SAFETY: the caller guarantees that the function may run as a handler of this signal.
        let before = unsafe { sys::install(signal, &self.0) };
        before.map(Self).map_err(|errno| Error::os("sigaction", signal, errno))
    }
}

/// Makes the whole process discard a signal, and returns the previous action.
///
/// Installed handlers of the signal, including those of other libraries, no longer run. Child
/// processes inherit the ignored signal, even across `exec`. While [`CHLD`](Signal::CHLD) is
/// ignored, the kernel does not send it, and a child that exits cannot be waited for.
///
/// # Errors
///
/// [`is_invalid_argument`](Error::is_invalid_argument) for `KILL`, `STOP` and
/// [faults](Signal::is_fault).
#[doc(alias = "SIG_IGN")]
pub fn ignore(signal: Signal) -> Result<Action> {
    without_function(signal, c::SIG_IGN)
}

/// Restores the default action of a signal for the whole process, and returns the previous action.
///
/// Installed handlers of the signal, including those of other libraries, no longer run. Creating a
/// [`Reaction`](crate::Reaction) to the signal later installs the handler of this crate again.
///
/// # Errors
///
/// [`is_invalid_argument`](Error::is_invalid_argument) for `KILL`, `STOP` and
/// [faults](Signal::is_fault).
#[doc(alias = "SIG_DFL")]
pub fn restore_default(signal: Signal) -> Result<Action> {
    without_function(signal, c::SIG_DFL)
}

fn without_function(signal: Signal, handler: usize) -> Result<Action> {
    SignalSet::from(signal).receivable("sigaction")?;
    // SAFETY: the action runs no function, and programs rely for soundness only on handlers of
    // faults, which the line above refuses.
    unsafe { Action::of(handler, 0).install(signal) }
}

impl SignalInfo {
    /// Converts the second argument of a handler.
    ///
    /// A signal handler may call this function: for an `info` that the system passed, it neither
    /// allocates memory nor acquires a lock.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if `si_signo` is not the number of a
    /// signal. The system never passes such a `siginfo_t`. Creating this error allocates memory, so
    /// a handler must not pass a `siginfo_t` that it has zeroed itself.
    ///
    /// # Safety
    ///
    /// The caller must ensure one of these:
    ///
    /// - `info` is the second argument of a handler of [`Action::with_info`], and that handler is
    ///   running;
    /// - `info` points to a `siginfo_t` whose bytes are all initialised, and no code changes it
    ///   during the call.
    pub unsafe fn from_raw(info: *const c::siginfo_t) -> Result<Self> {
        // SAFETY: the caller guarantees that it points to an info that nothing changes meanwhile.
        let info = unsafe { &*info };
        // SAFETY: the caller guarantees that all its bytes are initialised.
        Self::new(unsafe { sys::raw_info(info) })
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = f.debug_struct("Action");
        all.field("handler", &self.handler()).field("has_info", &self.has_info());
        all.field("blocked", &self.blocked()).field("flags", &self.flags()).finish()
    }
}
