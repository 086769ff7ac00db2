//! Handlers as C has them.

#![expect(unsafe_code, reason = "installs functions of the caller as signal handlers")]

use std::ffi::{c_int, c_void};
use std::fmt;
use std::ops::BitOr;

use ipc_core::{Error, Result, Signal};

use crate::sys::{self, c};
use crate::{SignalInfo, SignalSet};

/// What a process does when a signal comes, with all that C can say about it.
///
/// For most purposes there is something safe: [`Signals`](crate::Signals), [`Reaction`](crate::Reaction), and
/// for what needs no function, [`ignore`] and [`restore_default`].
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
/// // SAFETY: `note` touches an atomic only.
/// let before = unsafe { action.install(Signal::USR1) }?;
/// raise(Signal::USR1)?;
/// assert_eq!(LAST.load(Ordering::Relaxed), Signal::USR1.raw());
/// // SAFETY: it was installed before.
/// unsafe { before.install(Signal::USR1) }?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sigaction.html>
#[doc(alias = "sigaction")]
#[derive(Clone, Copy)]
pub struct Action(c::sigaction);

/// What an [`Action`] runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handler {
    /// What the signal does by default.
    #[doc(alias = "SIG_DFL")]
    Default,
    /// Nothing; the signal is dropped.
    #[doc(alias = "SIG_IGN")]
    Ignore,
    /// The function at this address.
    Function(usize),
}

impl Action {
    /// Runs a function, with no other signal blocked than the one handled, and no flag.
    #[must_use]
    pub fn new(handler: unsafe extern "C" fn(c_int)) -> Self {
        Self::of(handler as *const () as usize, 0)
    }

    /// As [`new`](Self::new), for a function that is told more: see [`SignalInfo::from_raw`]. The third argument is
    /// where the thread was, a `ucontext_t`.
    #[doc(alias = "SA_SIGINFO")]
    #[must_use]
    pub fn with_info(handler: unsafe extern "C" fn(c_int, *mut c::siginfo_t, *mut c_void)) -> Self {
        Self::of(handler as *const () as usize, c::SA_SIGINFO)
    }

    fn of(handler: usize, flags: c_int) -> Self {
        Self(c::sigaction::new(handler, sys::sigset(SignalSet::EMPTY), flags))
    }

    /// Sets which signals are blocked, besides the one handled, while the function runs.
    #[doc(alias = "sa_mask")]
    #[must_use]
    pub fn blocking(mut self, signals: impl Into<SignalSet>) -> Self {
        self.0.sa_mask = sys::sigset(signals.into());
        self
    }

    /// Sets the flags.
    #[doc(alias = "sa_flags")]
    #[must_use]
    pub fn with_flags(mut self, flags: ActionFlags) -> Self {
        self.0.sa_flags = self.0.sa_flags & c::SA_SIGINFO | flags.0;
        self
    }

    /// What it runs.
    #[doc(alias = "sa_handler")]
    #[must_use]
    pub fn handler(&self) -> Handler {
        match self.0.handler() {
            c::SIG_DFL => Handler::Default,
            c::SIG_IGN => Handler::Ignore,
            address => Handler::Function(address),
        }
    }

    /// Which signals it blocks besides the one handled.
    #[must_use]
    pub fn blocked(&self) -> SignalSet {
        sys::signals_of(&self.0.sa_mask)
    }

    /// Its flags, but for the one that tells the form of the function.
    #[must_use]
    pub fn flags(&self) -> ActionFlags {
        ActionFlags(self.0.sa_flags & ActionFlags::ALL)
    }

    /// Whether its function is one of those that are told more.
    #[must_use]
    pub fn has_info(&self) -> bool {
        self.0.sa_flags & c::SA_SIGINFO != 0
    }

    /// What the process does when this signal comes.
    ///
    /// # Errors
    ///
    /// None that is known.
    pub fn current(signal: Signal) -> Result<Self> {
        sys::action(signal).map(Self).map_err(|errno| Error::os("sigaction", signal, errno))
    }

    /// Has the whole process do this when the signal comes, and returns what it did before.
    ///
    /// It takes the place of whatever was installed, reactions of other libraries included.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` for KILL and STOP.
    ///
    /// # Safety
    ///
    /// If it runs a function: this stays where it is as long as it is installed; it does only what POSIX calls async-signal-safe
    /// (no allocation, no lock, nothing thread-local that needs to be made), leaves `errno` as it found it, and does not unwind. For
    /// a fault that was not sent, it does not return unless it has mended the cause.
    /// If it replaces a function: nobody relies on that one to be run.
    ///
    /// <https://man7.org/linux/man-pages/man7/signal-safety.7.html>
    pub unsafe fn install(&self, signal: Signal) -> Result<Self> {
        if !signal.is_catchable() {
            return Err(Error::invalid("sigaction", signal, "nobody can block, catch or ignore it"));
        }
        // SAFETY: as the caller vouches.
        let before = unsafe { sys::install(signal, &self.0) };
        before.map(Self).map_err(|errno| Error::os("sigaction", signal, errno))
    }
}

/// Has the whole process drop this signal, and returns what it did before.
///
/// Handlers that were installed, those of other libraries included, no longer run. Children inherit
/// it, also over `exec`. When [`CHLD`](Signal::CHLD) is ignored, children that end leave nothing to wait for.
///
/// # Errors
///
/// `is_invalid_argument` for KILL, STOP and faults.
#[doc(alias = "SIG_IGN")]
pub fn ignore(signal: Signal) -> Result<Action> {
    without_function(signal, c::SIG_IGN)
}

/// Has this signal do again what it does by default, in the whole process, and returns what it did before.
///
/// Handlers that were installed, those of other libraries included, no longer run.
///
/// # Errors
///
/// `is_invalid_argument` for KILL, STOP and faults.
#[doc(alias = "SIG_DFL")]
pub fn restore_default(signal: Signal) -> Result<Action> {
    without_function(signal, c::SIG_DFL)
}

fn without_function(signal: Signal, handler: usize) -> Result<Action> {
    SignalSet::from(signal).ours("sigaction")?;
    // SAFETY: no function is run, and none that is relied on for soundness handles these signals.
    unsafe { Action::of(handler, 0).install(signal) }
}

impl SignalInfo {
    /// Reads what the system told a handler.
    ///
    /// It may be called in the handler: for what the system told it neither allocates nor locks.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the number is not that of a signal, which the system does not do. To make that error it
    /// allocates, which a handler must not: there, do not call it for what was only zeroed.
    ///
    /// # Safety
    ///
    /// `info` is what a handler of [`Action::with_info`] got, and that handler has not returned; or it points to a
    /// `siginfo_t` that the system filled, or that was zeroed before it was filled.
    pub unsafe fn from_raw(info: *const c::siginfo_t) -> Result<Self> {
        // SAFETY: the caller vouches that it points to one that nobody changes meanwhile.
        let info = unsafe { &*info };
        // SAFETY: the caller vouches that all of it is set.
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

/// How an [`Action`] is done.
///
/// # Examples
///
/// ```
/// use ipc_signal::ActionFlags;
///
/// let flags = ActionFlags::RESTART | ActionFlags::NO_CHILD_STOP;
/// assert!(flags.contains(ActionFlags::RESTART) && !flags.contains(ActionFlags::RESET));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ActionFlags(c_int);

impl ActionFlags {
    /// Children that stop or go on send no [`CHLD`](Signal::CHLD).
    #[doc(alias = "SA_NOCLDSTOP")]
    pub const NO_CHILD_STOP: Self = Self(c::SA_NOCLDSTOP);
    /// Children that end leave nothing to wait for.
    #[doc(alias = "SA_NOCLDWAIT")]
    pub const NO_CHILD_WAIT: Self = Self(c::SA_NOCLDWAIT);
    /// The function runs on the thread's stack for signals, if it has one.
    #[doc(alias = "SA_ONSTACK")]
    pub const ON_STACK: Self = Self(c::SA_ONSTACK);
    /// System calls that are interrupted go on, where the system can do that.
    #[doc(alias = "SA_RESTART")]
    pub const RESTART: Self = Self(c::SA_RESTART);
    /// The signal is not blocked while it is handled.
    #[doc(alias = "SA_NODEFER")]
    pub const NO_DEFER: Self = Self(c::SA_NODEFER);
    /// The default action is restored when it is first done.
    #[doc(alias = "SA_RESETHAND")]
    pub const RESET: Self = Self(c::SA_RESETHAND);

    const ALL: c_int = Self::NO_CHILD_STOP.0
        | Self::NO_CHILD_WAIT.0
        | Self::ON_STACK.0
        | Self::RESTART.0
        | Self::NO_DEFER.0
        | Self::RESET.0;

    /// Whether these have all of the others.
    #[must_use]
    pub const fn contains(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }
}

impl BitOr for ActionFlags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
