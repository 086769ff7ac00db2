//! Options of actions.

use std::ffi::c_int;
use std::ops::BitOr;

use crate::sys::c;

/// Options of an [`Action`](crate::Action).
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
    /// The kernel sends no [`CHLD`](crate::Signal::CHLD) when a child stops or continues.
    #[doc(alias = "SA_NOCLDSTOP")]
    pub const NO_CHILD_STOP: Self = Self(c::SA_NOCLDSTOP);
    /// Children that exit cannot be waited for.
    #[doc(alias = "SA_NOCLDWAIT")]
    pub const NO_CHILD_WAIT: Self = Self(c::SA_NOCLDWAIT);
    /// The function runs on the alternate signal stack of the thread, if it has one.
    #[doc(alias = "SA_ONSTACK")]
    pub const ON_STACK: Self = Self(c::SA_ONSTACK);
    /// A system call that the signal interrupts is restarted, if the system can restart it.
    #[doc(alias = "SA_RESTART")]
    pub const RESTART: Self = Self(c::SA_RESTART);
    /// The signal is not blocked while its function runs.
    #[doc(alias = "SA_NODEFER")]
    pub const NO_DEFER: Self = Self(c::SA_NODEFER);
    /// The default action is restored before the function runs for the first time.
    #[doc(alias = "SA_RESETHAND")]
    pub const RESET: Self = Self(c::SA_RESETHAND);

    const ALL: c_int = Self::NO_CHILD_STOP.0
        | Self::NO_CHILD_WAIT.0
        | Self::ON_STACK.0
        | Self::RESTART.0
        | Self::NO_DEFER.0
        | Self::RESET.0;

    /// Extracts the options from C's flags.
    pub(crate) const fn from_raw(flags: c_int) -> Self {
        Self(flags & Self::ALL)
    }

    /// Returns C's flags.
    pub(crate) const fn raw(self) -> c_int {
        self.0
    }

    /// Returns `true` if all flags of `others` are set in these flags.
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
