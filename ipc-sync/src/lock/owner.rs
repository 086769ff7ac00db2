//! The record of the process whose thread may access the data of a lock.
//!
//! The kernel releases a robust mutex when the *thread* that holds it ends, and reports this to the
//! next owner. Other threads of the dying process may have a reference to the data, and can write
//! to it for a second and more, while a system call finishes. So the owner stores its process
//! beside the data before it gives access to the data, and clears the word before it unlocks. A
//! thread that acquires the lock and finds a process in the word waits until this process provably
//! writes no more.
//!
//! | word | meaning to a thread that acquired the lock |
//! |---|---|
//! | 0 | no thread may access the data |
//! | an instance, perhaps with `UNREPAIRED` | that process may still write; its owner died |
//! | `UNREPAIRED` | an owner died, provably, and the data is not repaired |
//! | `NOT_RECOVERABLE` | the same, and an owner gave up |
//!
//! If a thread has to give up the proof for now, the word keeps its value, so that the next thread
//! continues with it.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::{Deadline, ProcessInstance};
use ipc_mem::{Field, Kind, Schema};

const UNREPAIRED: u64 = 1 << ProcessInstance::BITS;
const NOT_RECOVERABLE: u64 = UNREPAIRED | 1;

/// The record beside the data of a lock: an [`OwnerWord`], or [`NoOwner`] for a kind of lock that
/// needs no record.
pub trait Owner: fmt::Debug + Sync + 'static {
    /// Returns the word, if the record has one.
    fn word(&self) -> Option<&OwnerWord>;
}

/// Names the process whose thread may access the data of a lock.
#[derive(Debug)]
#[repr(transparent)]
pub struct OwnerWord(AtomicU64);

/// An empty record, for kinds of locks that need none: those that themselves wait until no thread
/// of a dead owner's process can write, and those that stay locked when their owner dies.
#[derive(Debug)]
pub struct NoOwner;

impl Owner for OwnerWord {
    #[inline]
    fn word(&self) -> Option<&Self> {
        Some(self)
    }
}

impl Owner for NoOwner {
    #[inline]
    fn word(&self) -> Option<&OwnerWord> {
        None
    }
}

/// The state of the data of a lock that a thread has acquired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// No process has it.
    Free,
    /// Its owner died and writes no more.
    OwnerDied,
    /// Its owner may still write.
    NotYet,
    /// Its owner is this process: a thread has ended with the guard.
    Here,
    NotRecoverable,
}

impl OwnerWord {
    pub(crate) const SCHEMA: &'static Schema = &Schema::with_fields::<Self>(
        Kind::ATOMIC,
        &[Field { name: "", offset: 0, schema: &Schema::of::<u64>(Kind::U64) }],
    );

    /// Stores this process if no process has the data; returns `false` if one has, or if it is not
    /// known yet which process this is. Called with the lock held.
    #[inline]
    pub(crate) fn enter(&self) -> bool {
        match ProcessInstance::known() {
            Some(here) if self.0.load(Ordering::Relaxed) == 0 => {
                // Another thread that gets the data from this one gets it by something that
                // releases.
                self.0.store(here.raw(), Ordering::Relaxed);
                true
            }
            _ => false,
        }
    }

    /// Clears the word if this process is there and has nothing left to repair; returns `false`
    /// otherwise. Called before the lock is released.
    #[inline]
    pub(crate) fn leave(&self) -> bool {
        // It is known if this process has entered, and not in a child that has a copy of its
        // parent's guard.
        let is_here = self.0.load(Ordering::Relaxed)
            == ProcessInstance::known().map_or(0, ProcessInstance::raw);
        if is_here {
            self.0.store(0, Ordering::Relaxed);
        }
        is_here
    }

    /// Finds out whether the data may be handed out. Called with the lock held.
    #[cold]
    pub(crate) fn judge(&self, deadline: Deadline) -> Verdict {
        let word = self.0.load(Ordering::Relaxed);
        let Some(owner) = ProcessInstance::from_raw(word & !UNREPAIRED) else {
            return match word {
                0 => Verdict::Free,
                NOT_RECOVERABLE => Verdict::NotRecoverable,
                _ => Verdict::OwnerDied,
            };
        };
        if owner == ProcessInstance::here() {
            Verdict::Here
        } else if owner.wait_until_dead(deadline) {
            Verdict::OwnerDied
        } else {
            Verdict::NotYet
        }
    }

    /// Stores this process as the owner of data that is to be repaired.
    pub(crate) fn enter_unrepaired(&self) {
        self.0.store(ProcessInstance::here().raw() | UNREPAIRED, Ordering::Relaxed);
    }

    /// Returns `true` if this process has data that is to be repaired.
    pub(crate) fn is_unrepaired_here(&self) -> bool {
        self.0.load(Ordering::Relaxed) == ProcessInstance::here().raw() | UNREPAIRED
    }

    pub(crate) fn set_repaired(&self) {
        self.0.store(ProcessInstance::here().raw(), Ordering::Relaxed);
    }

    pub(crate) fn leave_unrepaired(&self) {
        self.0.store(UNREPAIRED, Ordering::Relaxed);
    }

    pub(crate) fn give_up(&self) {
        self.0.store(NOT_RECOVERABLE, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: fn() -> Deadline = || Deadline::after(Duration::ZERO);

    #[test]
    fn a_word_of_any_bits_is_a_verdict() {
        let here = ProcessInstance::here().raw();
        for (bits, verdict) in [
            (0, Verdict::Free),
            (1, Verdict::OwnerDied), // no process has the id 0
            (here, Verdict::Here),
            (here | UNREPAIRED, Verdict::Here),
            (UNREPAIRED, Verdict::OwnerDied),
            (NOT_RECOVERABLE, Verdict::NotRecoverable),
            (here ^ 1, Verdict::OwnerDied), // started at another time
            (u64::MAX, Verdict::OwnerDied),
        ] {
            assert_eq!(OwnerWord(AtomicU64::new(bits)).judge(NOW()), verdict, "{bits:#x}");
        }
    }

    #[test]
    fn only_the_process_that_entered_leaves() {
        let word = OwnerWord(AtomicU64::new(0));
        let _ = ProcessInstance::here();
        assert!(word.enter() && !word.enter() && word.leave() && !word.leave());
        word.0.store(7, Ordering::Relaxed);
        assert!(!word.leave(), "the data of another process");
        assert_eq!(word.0.load(Ordering::Relaxed), 7);
    }
}
