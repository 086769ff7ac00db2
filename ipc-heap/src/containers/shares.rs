//! The counts of counted values, and which participant has which of them.
//!
//! | words of the block of a value | meaning |
//! |---|---|
//! | 0 | the hash of its type |
//! | 1 | bits 0..32: the strong counts of participants; bits 32..64: those of the heap |
//! | 2 | the weak counts of participants |
//! | 3.. | the value |
//!
//! A participant lists its counts in blocks of its own, each of which begins with the offset of the
//! next one. An entry is the offset of a value, plus 1 if the count is weak. All changes of counts
//! are intents (`intent.rs`) under one lock: the counts and the entry change together or not at
//! all. So the process that recovers a participant finds its counts in the list, and drops them by
//! intents of that participant.
//!
//! | operation | stores, in order | a death right after it leaves |
//! |---|---|---|
//! | list in a new block | the block; the first block of the participant | a block of the dead |
//! | create | the type and the value, in a block of this participant | a block of the dead |
//! | create, clone, drop, pass on | the intent to change the counts | the counts after it, without those of the dead |

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ipc_core::{Errno, Refusal, crash_point, switched_on};

use crate::allocator::local::Local;
use crate::intent::Intent;
use crate::layout::{PAGE, Participant};

/// The size of a block of a list.
const LIST: u64 = 512;

/// The number of bytes before the value.
pub(crate) const HEAD: u64 = 24;

/// The flag of an entry whose count is weak.
const WEAK: u64 = 1;

/// The strong counts of a value, and the weak ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Of participants.
    pub(crate) held: u32,
    /// Of the heap.
    pub(crate) passed: u32,
    pub(crate) weak: u32,
}

/// A change of the counts by one participant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// A new value.
    Create,
    /// A further strong count of the participant.
    Open,
    /// A further weak count of the participant.
    Downgrade,
    /// A strong count of the participant, if there is any strong count.
    Upgrade,
    /// A further count of the heap.
    Pass,
    /// A count of the participant becomes one of the heap.
    PassOwn,
    /// A count of the heap becomes one of the participant.
    Take,
    /// A count of the participant ends.
    Drop,
    DropWeak,
}

impl Counts {
    /// The counts after a change; `None` if it is not possible.
    fn after(self, change: Change) -> Option<Self> {
        let Self { held, passed, weak } = self;
        let is_alive = held > 0 || passed > 0;
        let next = match change {
            Change::Create => Self { held: 1, passed: 0, weak: 0 },
            Change::Open | Change::Upgrade => {
                Self { held: held.checked_add(1).filter(|_| is_alive)?, ..self }
            }
            Change::Downgrade => Self { weak: weak.checked_add(1)?, ..self },
            Change::Pass => Self { passed: passed.checked_add(1)?, ..self },
            Change::PassOwn => {
                Self { held: held.checked_sub(1)?, passed: passed.checked_add(1)?, ..self }
            }
            Change::Take => {
                Self { held: held.checked_add(1)?, passed: passed.checked_sub(1)?, ..self }
            }
            Change::Drop => Self { held: held.checked_sub(1)?, ..self },
            Change::DropWeak => Self { weak: weak.checked_sub(1)?, ..self },
        };
        Some(next)
    }
}

impl Change {
    /// The entry of the participant after the change; `None` if it does not change.
    fn entry(self, block: u64) -> Option<u64> {
        match self {
            Self::Create | Self::Open | Self::Upgrade | Self::Take => Some(block),
            Self::Downgrade => Some(block | WEAK),
            Self::Pass => None,
            Self::PassOwn | Self::Drop | Self::DropWeak => Some(0),
        }
    }
}

impl Local {
    /// The words of a counted value of that type and size; `None` if the block is another one.
    pub(crate) fn counted(&self, offset: u64, hash: u64, size: u64) -> Option<&[AtomicU64]> {
        let block = self.block(offset).filter(|block| block.size >= HEAD + size);
        let block = block.filter(|block| self.is_allocated(block) && self.is_kept(block))?;
        let words = self.words(offset, block.size / 8)?;
        (words.first()?.load(Ordering::Relaxed) == hash).then_some(words)
    }

    /// The counts in the block of a counted value.
    #[expect(clippy::cast_possible_truncation, reason = "each half of a word")]
    pub(crate) fn counts(&self, block: u64) -> Counts {
        let size = self.block(block).map_or(0, |block| block.size);
        let words = self.words(block, 3).filter(|_| size >= HEAD).unwrap_or_default();
        let load = |at: usize| words.get(at).map_or(0, |word| word.load(Ordering::Relaxed));
        Counts { held: load(1) as u32, passed: (load(1) >> 32) as u32, weak: load(2) as u32 }
    }

    /// Calls `act` while this thread holds the lock of the counts. Returns `None` if it cannot be
    /// acquired in time.
    fn with_counts<R>(
        &self,
        timeout: Option<Duration>,
        act: impl FnOnce() -> R,
    ) -> Result<Option<R>, Refusal> {
        if self.holds_counts.get() {
            return Ok(Some(act()));
        }
        let complete = |local: &Self| {
            local.holds_counts.set(true);
            local.complete(Intent::is_of_counts);
            local.holds_counts.set(false);
        };
        let locked = self.lock(&self.parts.control().counts, timeout, complete)?;
        Ok(locked.map(|_guard| {
            self.holds_counts.set(true);
            let result = act();
            self.holds_counts.set(false);
            result
        }))
    }

    /// A free word of the list of this participant.
    pub(crate) fn slot(&self) -> Result<u64, Refusal> {
        if let Some(slot) = self.slots.borrow_mut().pop() {
            return Ok(slot);
        }
        let block = self.allocate(LIST, 8)?;
        let words = self.words(block, LIST / 8).unwrap_or_default();
        words.iter().for_each(|word| word.store(0, Ordering::Relaxed));
        if let (Some(next), Some(own)) = (words.first(), self.parts.participant(self.number)) {
            next.store(own.shares.load(Ordering::Relaxed), Ordering::Relaxed);
            crash_point("heap: a list of shares is written");
            own.shares.store(block, Ordering::Release);
            crash_point("heap: a list of shares begins");
        }
        let mut slots = self.slots.borrow_mut();
        slots.extend((2..LIST / 8).rev().map(|at| block + 8 * at));
        Ok(block + 8)
    }

    /// Changes the counts of a value, and the entry of this participant in a slot. Returns `false`
    /// if the counts do not allow that.
    pub(crate) fn change_counts(
        &self,
        block: u64,
        slot: u64,
        change: Change,
        is_valid: impl FnOnce() -> bool,
    ) -> Result<bool, Refusal> {
        let changed = self.with_counts(None, || {
            let intent = self.counting(block, slot, change).filter(|_| is_valid());
            intent.map(|intent| self.carry_out(intent)).is_some()
        })?;
        // Without a timeout there is a lock.
        changed.ok_or_else(|| Refusal::os("lock", Errno::EAGAIN))
    }

    fn counting(&self, block: u64, slot: u64, change: Change) -> Option<Intent> {
        let Counts { held, passed, weak } = self.counts(block).after(change)?;
        let (slot, entry) = change.entry(block).map_or((0, 0), |entry| (slot, entry));
        let strong = u64::from(held) | u64::from(passed) << 32;
        Some(Intent::Count { block, strong, weak: weak.into(), slot, entry })
    }

    /// The blocks of the counted values that any participant has in its list.
    pub(crate) fn counted_by_handles(&self) -> HashSet<u64> {
        let mut found = HashSet::new();
        for number in 0..self.participants() {
            let first =
                self.parts.participant(number).map(|one| one.shares.load(Ordering::Acquire));
            self.each_share(first.unwrap_or(0), |_, entry| {
                found.insert(entry & !WEAK);
            });
        }
        found
    }

    /// Calls `visit` with the slot and the value of each entry of a list, which may be damaged.
    fn each_share(&self, first: u64, mut visit: impl FnMut(u64, u64)) {
        let (mut list, most) = (first, self.pages() * (PAGE / LIST));
        for _ in 0..most {
            // A damaged list may have a loop.
            let Some(words) = self.words(list, LIST / 8).filter(|_| list != 0) else { break };
            for (at, word) in (0..).zip(words).skip(1) {
                let entry = word.load(Ordering::Relaxed);
                if entry != 0 {
                    visit(list + 8 * at, entry);
                }
            }
            list = words.first().map_or(0, |next| next.load(Ordering::Relaxed));
        }
    }

    /// Drops all counts of this participant, or of one that this process recovers. Returns `false`
    /// if the lock cannot be acquired in time.
    pub(crate) fn drop_shares(&self, number: u64, timeout: Option<Duration>) -> bool {
        let Some(Participant { shares, .. }) = self.parts.participant(number) else { return true };
        let first = shares.load(Ordering::Acquire);
        if first == 0 || !switched_on("shares") {
            return true;
        }
        // The list may be in pages by which the participant has grown the heap.
        self.refresh();
        let dropped = self.with_counts(timeout, || {
            self.each_share(first, |slot, entry| {
                let change = if entry & WEAK == 0 { Change::Drop } else { Change::DropWeak };
                if let Some(intent) = self.counting(entry & !WEAK, slot, change) {
                    self.carry_out_as(number, intent);
                }
            });
            shares.store(0, Ordering::Release);
            crash_point("heap: all shares are dropped");
        });
        matches!(dropped, Ok(Some(())))
    }
}
