//! Objects for which a thread can wait together with others.

use std::sync::atomic::AtomicU32;

use ipc_mem::WaitWord;

/// An object for which [`wait_any`](super::wait_any) can wait together with others.
///
/// An object is *ready* if a method that receives from it, or waits for it, would return at once:
/// with a message, job, call, frame, reply or receipt, with an error, or because nothing more will
/// come.
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
