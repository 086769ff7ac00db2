//! Objects that a thread can wait for together with others.

use std::sync::atomic::AtomicU32;

use ipc_mem::WaitWord;

/// An object that a thread can wait for together with others: see [`wait_any`](super::wait_any).
///
/// It is *ready* if a call that receives would not wait: there is a message, a job, a call or a
/// frame, or the call would report that none will come.
pub trait Waitable: Sealed {}

impl<T: Sealed + ?Sized> Waitable for T {}

/// The part of [`Waitable`] that only this crate implements and calls.
pub trait Sealed {
    /// Announces that this thread may sleep, and returns the word to sleep on and its value.
    fn announce(&self) -> (&AtomicU32, u32);

    /// Returns `true` if the object is ready. If `proves`, processes may also be proved dead.
    fn is_ready(&self, proves: bool) -> bool;
}

/// Announces a sleep on a word.
pub(crate) fn on(word: &WaitWord) -> (&AtomicU32, u32) {
    let seen = word.announce();
    (word.futex(), seen)
}
