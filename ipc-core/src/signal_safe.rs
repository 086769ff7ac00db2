//! Objects that a signal handler may use.

#![expect(unsafe_code, reason = "promises that atomics may be used in signal handlers")]

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// An object with one operation that a signal handler may perform, such as setting a flag,
/// incrementing a counter or posting a semaphore.
///
/// `Reaction` of `ipc-signal` performs the operation whenever a signal arrives.
///
/// # Safety
///
/// 1. [`notify`](Self::notify) calls only functions that POSIX lists as async-signal-safe. It
///    allocates no memory, acquires no lock, initialises no thread-local variable, and does not
///    panic.
/// 2. [`notify`](Self::notify) is sound even if it interrupts another method of the same object, or
///    itself, at any instruction.
///
/// <https://man7.org/linux/man-pages/man7/signal-safety.7.html>
pub unsafe trait SignalSafe: Send + Sync {
    /// Performs the operation. Failures are ignored, because a handler cannot report them.
    fn notify(&self);
}

/// Sets the flag.
// SAFETY: a store to an atomic of one byte, which is lock-free on every target of `std`.
unsafe impl SignalSafe for AtomicBool {
    fn notify(&self) {
        self.store(true, Ordering::SeqCst);
    }
}

/// Adds 1 to the counter, which wraps around at its maximum.
// SAFETY: one atomic instruction or a lock-free loop; `AtomicU64` exists only on targets that have
// them.
unsafe impl SignalSafe for AtomicU64 {
    fn notify(&self) {
        self.fetch_add(1, Ordering::SeqCst);
    }
}
