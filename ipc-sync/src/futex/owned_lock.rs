//! The lock that mutexes and read/write locks are made of: a word that names its owner.
//!
//! | word | state |
//! |---|---|
//! | 0 | free |
//! | `STARVED` | free, but only for threads that have slept or waited for long |
//! | `INCONSISTENT` | free, and the next thread that acquires it gets `OwnerDied` |
//! | a process | held for itself alone; with `SHARED` beside readers |
//! | `NOT_RECOVERABLE` | cannot be acquired any more |
//!
//! | flag | meaning |
//! |---|---|
//! | `WAITERS` | threads may sleep: whoever releases it wakes them |
//! | `INCONSISTENT` | an owner died, and the data has not been repaired |
//! | `LEFT` | its owner releases it without having repaired the data, for another thread to do so |
//! | `STARVED` | a thread has waited for a millisecond: newcomers let it through |
//!
//! Every change is one compare-and-exchange. A thread that has slept acquires the lock with
//! `WAITERS`, since it does not know whether others still sleep; so a wake-up that a killed thread
//! was woken by is not the last one.

use std::mem::offset_of;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::{Deadline, Errno};

use ipc_core::owner::{NOBODY, PROCESS, flag, here, is_dead, replace};
use ipc_core::{Patience, Woken};
use ipc_mem::WaitWord;

pub(crate) const WAITERS: u64 = flag(0);
pub(crate) const INCONSISTENT: u64 = flag(1);
pub(crate) const STARVED: u64 = flag(2);
pub(crate) const SHARED: u64 = flag(3);
const LEFT: u64 = flag(4);
pub(crate) const NOT_RECOVERABLE: u64 = NOBODY;

/// A lock whose word names the process that holds it.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct OwnedLock {
    wait: WaitWord,
    owner: AtomicU64,
    /// Where a kernel list of held locks could have its entry; 0 so far.
    entry: AtomicU64,
}

/// The offset of the word that names the owner.
pub(super) const OWNER_AT: usize = offset_of!(OwnedLock, owner);

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Locked,
    /// Acquired, after an owner died that may have left the data half changed.
    OwnerDied,
    /// Not acquired in time.
    Late,
    NotRecoverable,
    /// Not acquired: `passes` returned `true`.
    Passed,
}

/// Which threads a release has to wake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    One,
    All,
}

impl OwnedLock {
    /// To be called once, before any other thread reaches the lock, whose bytes are zero.
    pub(crate) fn begin(&self) {
        self.wait.begin();
    }

    pub(crate) fn wait_word(&self) -> &WaitWord {
        &self.wait
    }

    /// The word as it is.
    #[inline]
    pub(crate) fn word(&self) -> u64 {
        self.owner.load(Ordering::SeqCst)
    }

    /// Acquires a lock that is free, and that no thread waits for. `held` is this process, perhaps
    /// with `SHARED`.
    #[inline]
    pub(crate) fn try_acquire(&self, held: u64) -> bool {
        replace(&self.owner, 0, held)
    }

    /// Acquires the lock if it is free, and says why not otherwise.
    #[cold]
    pub(crate) fn try_acquire_again(&self, held: u64) -> Outcome {
        loop {
            let word = self.word();
            match word & PROCESS {
                // Also if it is reserved for threads that have waited: they may be dead.
                0 => match self.acquire_from(word, held, word & STARVED) {
                    Some(outcome) => return outcome,
                    None => continue,
                },
                NOT_RECOVERABLE => return Outcome::NotRecoverable,
                _ => return Outcome::Late,
            }
        }
    }

    /// Acquires the lock that is free as `word` says, with more flags.
    fn acquire_from(&self, word: u64, held: u64, flags: u64) -> Option<Outcome> {
        let acquired = replace(&self.owner, word, held | word & (WAITERS | INCONSISTENT) | flags);
        let outcome = if word & INCONSISTENT == 0 { Outcome::Locked } else { Outcome::OwnerDied };
        acquired.then_some(outcome)
    }

    /// Acquires the lock before the deadline, or returns as soon as `passes` says that the caller
    /// can do without.
    #[cold]
    pub(crate) fn acquire(
        &self,
        held: u64,
        deadline: Deadline,
        passes: impl Fn(u64) -> bool,
    ) -> Outcome {
        let mut patience = Patience::new(deadline);
        loop {
            let seen = self.wait.seen();
            let word = self.word();
            if passes(word) {
                return Outcome::Passed;
            }
            match word & PROCESS {
                NOT_RECOVERABLE => return Outcome::NotRecoverable,
                0 if word & STARVED == 0 || patience.has_slept() || patience.is_starved() => {
                    let waiters = if patience.has_slept() { WAITERS } else { 0 };
                    match self.acquire_from(word, held, waiters) {
                        Some(outcome) => return outcome,
                        None => continue,
                    }
                }
                _ => {}
            }
            if patience.backs_off() {
                continue;
            }
            let starved = if patience.is_starved() { STARVED } else { 0 };
            let asked = word | WAITERS | starved;
            if asked != word && !replace(&self.owner, word, asked) {
                continue;
            }
            match self.wait.sleep(seen, &mut patience) {
                Woken::Changed => patience.start_again(),
                woken => match (self.take_over(held), woken) {
                    (Some(outcome), _) => return outcome,
                    (None, Woken::Late) => return Outcome::Late,
                    (None, _) => {}
                },
            }
        }
    }

    /// Acquires the lock from an owner that is proved dead.
    fn take_over(&self, held: u64) -> Option<Outcome> {
        let word = self.word();
        if word & PROCESS == held & PROCESS || !is_dead(word) {
            return None;
        }
        // An owner beside readers has written nothing, unless it took over from one that had.
        let unharmed = word & (SHARED | INCONSISTENT) == SHARED;
        let inconsistent = if unharmed { 0 } else { INCONSISTENT };
        let outcome = if unharmed { Outcome::Locked } else { Outcome::OwnerDied };
        replace(&self.owner, word, held | WAITERS | inconsistent).then_some(outcome)
    }

    /// Releases the lock if `held` is what holds it: this process, perhaps with `SHARED`. A forked
    /// child holds nothing.
    #[inline]
    pub(crate) fn release(&self, held: u64, wake: Wake) {
        if self.owner.compare_exchange(held, 0, Ordering::SeqCst, Ordering::Relaxed).is_err() {
            self.release_again(held, wake);
        }
    }

    #[cold]
    fn release_again(&self, held: u64, wake: Wake) {
        loop {
            let word = self.word();
            if word & (PROCESS | SHARED) != held {
                return;
            }
            let is_lost = word & (INCONSISTENT | LEFT) == INCONSISTENT;
            let next = if is_lost { NOT_RECOVERABLE } else { word & (STARVED | INCONSISTENT) };
            if replace(&self.owner, word, next) {
                match wake {
                    _ if word & WAITERS == 0 => {}
                    Wake::One if !is_lost => self.wait.wake_one(),
                    Wake::One | Wake::All => self.wait.wake_all(),
                }
                return;
            }
        }
    }

    /// Changes how this process holds the lock: from exclusively to beside readers, or back.
    /// Returns `false` if it does not hold the lock as `from` says.
    pub(crate) fn change(&self, from: u64, to: u64) -> bool {
        loop {
            let word = self.word();
            if word & (PROCESS | SHARED) != from {
                return false;
            }
            let flags = word & (WAITERS | INCONSISTENT | STARVED);
            if replace(&self.owner, word, to | flags) {
                return true;
            }
        }
    }

    /// Marks the data as repaired; `EINVAL` if this process holds no lock whose owner died.
    pub(crate) fn mark_consistent(&self) -> Result<(), Errno> {
        self.change_inconsistent(|word| word & !(INCONSISTENT | LEFT))
            .then_some(())
            .ok_or(Errno::EINVAL)
    }

    /// Notes that this process will release the lock for another thread to repair the data.
    pub(crate) fn leave_unrepaired(&self) {
        self.change_inconsistent(|word| word | LEFT);
    }

    /// Returns `false` if this process holds no lock whose owner died.
    fn change_inconsistent(&self, change: impl Fn(u64) -> u64) -> bool {
        let mine = |word: u64| word & PROCESS == here() && word & INCONSISTENT != 0;
        let change = |word| mine(word).then(|| change(word));
        self.owner.fetch_update(Ordering::SeqCst, Ordering::SeqCst, change).is_ok()
    }
}
