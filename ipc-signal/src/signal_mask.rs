//! The signals that a thread blocks.

use std::cell::RefCell;
use std::marker::PhantomData;

use ipc_core::{Error, Result};

use crate::{SignalSet, sys};

/// A change of the calling thread's signal mask. Dropping this value undoes the change.
///
/// A thread may create several of these values, and drop them in any order. If several values
/// change the same signal, the newest of them determines whether it is blocked. When all values are
/// dropped, all their changes are undone. Changes that [`keep`](Self::keep) made permanent stay. A
/// signal that is sent while it is blocked stays pending. [`KILL`](crate::Signal::KILL),
/// [`STOP`](crate::Signal::STOP) and [faults](crate::Signal::is_fault) that the processor raises
/// cannot be blocked. A new thread inherits the mask of the thread that starts it.
///
/// Dropping a value changes nothing for signals that a newer value also changed: for these, the
/// newer value still decides. If other code changes the mask for a signal that no `SignalMask`
/// changed, that change stays.
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
///     raise(Signal::USR1)?; // stays pending; without the mask, it would end the process
///     assert!(pending()?.contains(Signal::USR1));
///     assert!(try_wait(Signal::USR1)?.is_some());
/// }
/// assert_eq!(SignalMask::current()?, before);
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// A `SignalMask` cannot be sent to another thread, because each thread has its own mask:
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
    id: u64,
    /// It changes the mask of the thread that created it.
    _not_send: PhantomData<*const ()>,
}

/// The signals that one [`SignalMask`] decides about.
#[derive(Debug)]
struct Layer {
    id: u64,
    blocked: SignalSet,
    unblocked: SignalSet,
    /// `keep` was called on its value.
    kept: bool,
}

/// The layers of a thread, oldest first, upon the mask that it had before.
#[derive(Debug)]
struct Layers {
    base: SignalSet,
    layers: Vec<Layer>,
    next_id: u64,
}

thread_local! {
    static LAYERS: RefCell<Layers> =
        const { RefCell::new(Layers { base: SignalSet::EMPTY, layers: Vec::new(), next_id: 0 }) };
}

impl Layers {
    fn mask(&self) -> SignalSet {
        self.layers.iter().fold(self.base, |mask, layer| (mask - layer.unblocked) | layer.blocked)
    }

    /// Merges layers that stay for good into the base, once nothing below them can change.
    fn settle(&mut self) {
        let kept = self.layers.iter().take_while(|layer| layer.kept).count();
        for layer in self.layers.drain(..kept) {
            self.base = (self.base - layer.unblocked) | layer.blocked;
        }
    }
}

impl SignalMask {
    /// Blocks signals. Signals that are already blocked stay blocked. [`KILL`](crate::Signal::KILL)
    /// and [`STOP`](crate::Signal::STOP) are never blocked: the call has no effect on them, so that
    /// [`SignalSet::all`] can be passed.
    ///
    /// # Errors
    ///
    /// This call is not known to fail.
    #[doc(alias = "SIG_BLOCK")]
    pub fn block(signals: impl Into<SignalSet>) -> Result<Self> {
        Self::push(signals.into(), SignalSet::EMPTY)
    }

    /// Unblocks signals. Other blocked signals stay blocked.
    ///
    /// # Errors
    ///
    /// This call is not known to fail.
    #[doc(alias = "SIG_UNBLOCK")]
    pub fn unblock(signals: impl Into<SignalSet>) -> Result<Self> {
        Self::push(SignalSet::EMPTY, signals.into())
    }

    /// Blocks exactly these signals, and unblocks all others.
    ///
    /// # Errors
    ///
    /// This call is not known to fail.
    #[doc(alias = "SIG_SETMASK")]
    pub fn set(signals: impl Into<SignalSet>) -> Result<Self> {
        let signals = signals.into();
        Self::push(signals, SignalSet::all() - signals)
    }

    fn push(blocked: SignalSet, unblocked: SignalSet) -> Result<Self> {
        let before = change(blocked, unblocked)?;
        let id = LAYERS.with_borrow_mut(|layers| {
            if layers.layers.is_empty() {
                layers.base = before;
            }
            layers.next_id += 1;
            let id = layers.next_id;
            layers.layers.push(Layer { id, blocked, unblocked, kept: false });
            id
        });
        Ok(Self { before, id, _not_send: PhantomData })
    }

    /// Returns the signals that the calling thread blocks now.
    ///
    /// # Errors
    ///
    /// This call is not known to fail.
    pub fn current() -> Result<SignalSet> {
        change(SignalSet::EMPTY, SignalSet::EMPTY)
    }

    /// Returns the signals that were blocked before this value was created.
    #[must_use]
    pub fn before(&self) -> SignalSet {
        self.before
    }

    /// Makes the change permanent.
    pub fn keep(self) {
        let id = self.id;
        std::mem::forget(self);
        LAYERS.with_borrow_mut(|layers| {
            for layer in layers.layers.iter_mut().filter(|layer| layer.id == id) {
                layer.kept = true;
            }
            layers.settle();
        });
    }
}

/// Changes the mask of the thread, and returns the previous one. No layer is borrowed meanwhile: a
/// signal that is unblocked runs its handler here.
fn change(blocked: SignalSet, unblocked: SignalSet) -> Result<SignalSet> {
    let failed = |errno| Error::os("pthread_sigmask", "", errno);
    // Blocking comes first, lest a signal arrive in between.
    let before = sys::change_mask(sys::Change::Block, blocked).map_err(failed)?;
    if !unblocked.is_empty() {
        sys::change_mask(sys::Change::Unblock, unblocked).map_err(failed)?;
    }
    Ok(before)
}

impl Drop for SignalMask {
    fn drop(&mut self) {
        // A value that lives in another thread-local may be dropped after the layers, when the
        // thread ends and its mask with it.
        let masks = LAYERS.try_with(|layers| {
            let mut layers = layers.borrow_mut();
            let before = layers.mask();
            layers.layers.retain(|layer| layer.id != self.id);
            let after = layers.mask();
            layers.settle();
            (before, after)
        });
        if let Ok((before, after)) = masks {
            // The call fails only for an unknown command.
            let _ = change(after - before, before - after);
        }
    }
}
