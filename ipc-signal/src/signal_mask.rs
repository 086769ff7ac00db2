//! Which signals a thread keeps waiting.

use std::marker::PhantomData;

use ipc_core::{Error, Result};

use crate::{SignalSet, sys};

/// While it lives, this thread blocks other signals than before: what is sent meanwhile waits.
///
/// Dropping it takes back exactly what it changed, so that several may be dropped in any order. It stays on its thread.
/// Threads that are started meanwhile begin with the thread's mask. [`KILL`](crate::Signal::KILL),
/// [`STOP`](crate::Signal::STOP) and faults that are not sent come through whatever is blocked.
///
/// # Examples
///
/// ```
/// use ipc_signal::{Signal, SignalMask, pending, raise, try_wait};
///
/// let before = SignalMask::current()?;
/// {
///     let mask = SignalMask::block(Signal::USR1)?;
///     assert_eq!(mask.before(), before);
///     raise(Signal::USR1)?; // would end the process
///     assert!(pending()?.contains(Signal::USR1));
///     assert!(try_wait(Signal::USR1)?.is_some());
/// }
/// assert_eq!(SignalMask::current()?, before);
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// It cannot be sent to another thread, which has its own mask:
///
/// ```compile_fail,E0277
/// let mask = ipc_signal::SignalMask::block(ipc_signal::Signal::USR1)?;
/// std::thread::spawn(move || drop(mask));
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_sigmask.html>
#[doc(alias = "sigprocmask")]
#[doc(alias = "pthread_sigmask")]
#[must_use = "dropping it restores the mask at once"]
#[derive(Debug)]
pub struct SignalMask {
    before: SignalSet,
    after: SignalSet,
    /// The mask is this thread's.
    _here: PhantomData<*const ()>,
}

impl SignalMask {
    /// Blocks these too.
    ///
    /// # Errors
    ///
    /// None that is known.
    #[doc(alias = "SIG_BLOCK")]
    pub fn block(signals: impl Into<SignalSet>) -> Result<Self> {
        let signals = signals.into();
        Self::change(sys::Change::Block, signals, |before| before | signals)
    }

    /// Lets these through, whether they were blocked or not.
    ///
    /// # Errors
    ///
    /// None that is known.
    #[doc(alias = "SIG_UNBLOCK")]
    pub fn unblock(signals: impl Into<SignalSet>) -> Result<Self> {
        let signals = signals.into();
        Self::change(sys::Change::Unblock, signals, |before| before - signals)
    }

    /// Blocks these and no other.
    ///
    /// # Errors
    ///
    /// None that is known.
    #[doc(alias = "SIG_SETMASK")]
    pub fn set(signals: impl Into<SignalSet>) -> Result<Self> {
        let signals = signals.into();
        Self::change(sys::Change::Set, signals, |_| signals)
    }

    fn change(how: sys::Change, signals: SignalSet, after: impl Fn(SignalSet) -> SignalSet) -> Result<Self> {
        let before = sys::change_mask(how, signals).map_err(failed)?;
        Ok(Self { before, after: after(before), _here: PhantomData })
    }

    /// What this thread blocks now.
    ///
    /// # Errors
    ///
    /// None that is known.
    pub fn current() -> Result<SignalSet> {
        sys::change_mask(sys::Change::Block, SignalSet::EMPTY).map_err(failed)
    }

    /// What was blocked before this was made.
    #[must_use]
    pub fn before(&self) -> SignalSet {
        self.before
    }

    /// Leaves the mask as it is.
    pub fn keep(self) {
        std::mem::forget(self);
    }
}

pub(crate) fn failed(errno: ipc_core::Errno) -> Error {
    Error::os("pthread_sigmask", "", errno)
}

impl Drop for SignalMask {
    fn drop(&mut self) {
        // Both can fail only by a wrong number of what to do. Blocking comes first, lest something slips through.
        let _ = sys::change_mask(sys::Change::Block, self.before - self.after);
        let _ = sys::change_mask(sys::Change::Unblock, self.after - self.before);
    }
}
