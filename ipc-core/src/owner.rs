//! Integers of 64 bits in shared memory (*words*), each of which records the process that owns an
//! object.
//!
//! | bits | meaning |
//! |---|---|
//! | 0 to 58 | the [`ProcessInstance`] of the owner; 0 or [`NOBODY`] if no process owns the object |
//! | 59 to 63 | flags, whose meaning each kind of object defines |
//!
//! One atomic operation changes the owner and the flags together. So if a process is killed, at any
//! instruction, the word shows exactly whether the process owned the object. To prove that the
//! owner is dead, another process needs only the word and `/proc`.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::ProcessInstance;

/// The mask of the bits that contain the [`ProcessInstance`].
pub const PROCESS: u64 = (1 << ProcessInstance::BITS) - 1;

/// Returns the bit of a flag. The flags are numbered from 0 to 4.
///
/// # Panics
///
/// If `number` is above 4.
#[must_use]
pub const fn flag(number: u32) -> u64 {
    assert!(ProcessInstance::BITS + number < 64, "there are five flags");
    1 << (ProcessInstance::BITS + number)
}

/// The owner bits of an object that is in use but that no process owns, such as a job that waits.
/// They name no process, because they contain process id 0.
pub const NOBODY: u64 = 1;

/// Returns the word that names this process, without flags.
#[inline]
#[must_use]
pub fn here() -> u64 {
    ProcessInstance::here().raw()
}

/// Returns `true` if the word names a process that is [proved to be
/// dead](ProcessInstance::is_dead). A result of `true` is final.
#[cold]
#[must_use]
pub fn is_dead(word: u64) -> bool {
    ProcessInstance::from_raw(word & PROCESS).is_some_and(ProcessInstance::is_dead)
}

/// Stores `to` in the word at `place` if the word is `from`. Returns `true` if it stored `to`.
#[inline]
pub fn replace(place: &AtomicU64, from: u64, to: u64) -> bool {
    place.compare_exchange(from, to, Ordering::SeqCst, Ordering::Relaxed).is_ok()
}
