//! Words in shared memory that record which process owns something.
//!
//! | bits | meaning |
//! |---|---|
//! | 0 to 58 | the [`ProcessInstance`]: id and start of the process; 0 stands for free |
//! | 59 to 63 | flags, whose meaning each kind of object defines |
//!
//! One store changes the owner and the state together, so that a process that is killed between any
//! two instructions leaves a word that says exactly what it owned. The proof of its death needs
//! nothing but this word and `/proc`.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::ProcessInstance;

/// The bits of a word that name a process.
pub const PROCESS: u64 = (1 << ProcessInstance::BITS) - 1;

/// The flag with this number, from 0 to 4.
///
/// # Panics
///
/// If there is no such flag.
#[must_use]
pub const fn flag(number: u32) -> u64 {
    assert!(ProcessInstance::BITS + number < 64, "there are five flags");
    1 << (ProcessInstance::BITS + number)
}

/// A word that names no process, and that no process can store as its own: process id 0 with a
/// start time.
pub const NOBODY: u64 = 1;

/// The word that names this process, without flags.
#[inline]
#[must_use]
pub fn here() -> u64 {
    ProcessInstance::here().raw()
}

/// Returns `true` if a word names a process that is proved to write no more. The answer stays true:
/// see [`ProcessInstance`].
#[cold]
#[must_use]
pub fn is_dead(word: u64) -> bool {
    ProcessInstance::from_raw(word & PROCESS).is_some_and(ProcessInstance::is_dead)
}

/// Replaces the word with `to` if it is `from`, and returns `true` if it was.
#[inline]
pub fn replace(place: &AtomicU64, from: u64, to: u64) -> bool {
    place.compare_exchange(from, to, Ordering::SeqCst, Ordering::Relaxed).is_ok()
}
