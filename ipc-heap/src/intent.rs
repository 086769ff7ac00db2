//! Intents: operations of several stores that happen completely or not at all.
//!
//! A participant writes the operands of an operation, and then one word, its intent. After that
//! store the operation will happen: the participant, or the process that recovers it, carries it
//! out and clears the intent. Each store of an operation depends on the operands only, so it may be
//! repeated.
//!
//! | intent | stores, in order |
//! |---|---|
//! | replace the content of an object | content, third number, length; the new block kept; the old block detached |
//! | copy into the content of an object | the words; the length |
//! | create an object | both blocks kept; the next object in its bucket; the next free object; its bucket; its state |
//! | change the counts of a value | both counts; the entry of a participant; the block kept, or detached if no count is left |
//! | a group of operations | blocks kept; words of the directory; blocks detached: those of its journal (`journal.rs`) |
//! | destroy an object | its state; the object or bucket before it; its own next; the next free object; both blocks detached |
//!
//! Before the intent, new blocks belong to the participant, and are free when it dies. A block that
//! was detached belongs to the participant again, or waits for the owner of its slab to collect it.
//! The owner does not collect it while the intent stands: otherwise a repeated operation could free
//! a block that is in use again.
//!
//! The object whose content changes is locked, and so is the directory while objects are created
//! and destroyed. One lock guards the counts of all values. If the owner of such a lock dies, the next owner first completes the intents that
//! concern the object, the directory or the counts.

use std::sync::atomic::{Ordering, compiler_fence};

use ipc_core::crash_point;

use crate::allocator::local::Local;
use crate::layout::{Control, OPERANDS, Participant};

/// An operation, with the numbers of its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intent {
    Replace {
        object: u64,
        content: u64,
        len: u64,
        third: u64,
        old: u64,
    },
    Copy {
        object: u64,
        from: u64,
        to: u64,
        words: u64,
        len: u64,
    },
    Create {
        object: u64,
        state: u64,
        bucket: u64,
        next: u64,
        free: u64,
        content: u64,
        description: u64,
    },
    Destroy {
        object: u64,
        state: u64,
        before: u64,
        next: u64,
        free: u64,
        content: u64,
        description: u64,
    },
    Count {
        block: u64,
        strong: u64,
        weak: u64,
        slot: u64,
        entry: u64,
    },
    Group {
        journal: u64,
    },
}

/// Stands for the bucket of an object that is in no bucket, and for the object before it.
pub(crate) const NONE: u64 = u64::MAX;

/// The flag of `Destroy::before` if an object is before the destroyed one. Without the flag,
/// `before` is the number of a bucket.
pub(crate) const OBJECT: u64 = 1 << 32;

/// The length of a `Copy` that does not change the length.
pub(crate) const SAME_LEN: u64 = u64::MAX;

const REPLACE: u64 = 1;
const COPY: u64 = 2;
const CREATE: u64 = 3;
const DESTROY: u64 = 4;
const GROUP: u64 = 5;
const COUNT: u64 = 6;

impl Intent {
    fn encode(self) -> (u64, [u64; 7]) {
        match self {
            Self::Replace { object, content, len, third, old } => {
                (REPLACE, [object, content, len, third, old, 0, 0])
            }
            Self::Copy { object, from, to, words, len } => {
                (COPY, [object, from, to, words, len, 0, 0])
            }
            Self::Create { object, state, bucket, next, free, content, description } => {
                (CREATE, [object, state, bucket, next, free, content, description])
            }
            Self::Destroy { object, state, before, next, free, content, description } => {
                (DESTROY, [object, state, before, next, free, content, description])
            }
            Self::Count { block, strong, weak, slot, entry } => {
                (COUNT, [block, strong, weak, slot, entry, 0, 0])
            }
            Self::Group { journal } => (GROUP, [journal, 0, 0, 0, 0, 0, 0]),
        }
    }

    fn decode(code: u64, operands: [u64; 7]) -> Option<Self> {
        let [object, a, b, c, d, content, description] = operands;
        Some(match code {
            REPLACE => Self::Replace { object, content: a, len: b, third: c, old: d },
            COPY => Self::Copy { object, from: a, to: b, words: c, len: d },
            CREATE => {
                let (state, bucket, next, free) = (a, b, c, d);
                Self::Create { object, state, bucket, next, free, content, description }
            }
            DESTROY => {
                let (state, before, next, free) = (a, b, c, d);
                Self::Destroy { object, state, before, next, free, content, description }
            }
            COUNT => Self::Count { block: object, strong: a, weak: b, slot: c, entry: d },
            GROUP => Self::Group { journal: object },
            _ => return None,
        })
    }

    pub(crate) fn is_of_directory(self) -> bool {
        matches!(self, Self::Create { .. } | Self::Destroy { .. } | Self::Group { .. })
    }

    pub(crate) fn is_of_counts(self) -> bool {
        matches!(self, Self::Count { .. })
    }

    /// Returns `true` if the operation may change an object with this number.
    pub(crate) fn concerns(self, number: u64) -> bool {
        match self {
            Self::Replace { object, .. }
            | Self::Copy { object, .. }
            | Self::Create { object, .. }
            | Self::Destroy { object, .. } => object == number,
            Self::Group { .. } => true,
            Self::Count { .. } => false,
        }
    }
}

impl Local {
    /// Carries out an operation. If this process dies meanwhile, another process completes it.
    pub(crate) fn carry_out(&self, intent: Intent) {
        self.carry_out_as(self.number, intent);
        self.freed_by_intent(intent, |block| self.free_loose(block));
    }

    /// Carries out an operation of this participant, or of one that this process recovers. The
    /// blocks that the operation frees belong to that participant then.
    pub(crate) fn carry_out_as(&self, number: u64, intent: Intent) {
        let Some(participant) = self.parts.participant(number) else { return };
        let (code, operands) = intent.encode();
        const { assert!(OPERANDS >= 7) };
        for (place, operand) in participant.operands.iter().zip(operands) {
            place.store(operand, Ordering::Relaxed);
            crash_point("heap: an operand is written");
        }
        participant.intent.store(code, Ordering::Release);
        crash_point("heap: an intent stands");
        self.redo(intent, number.wrapping_add(1));
        participant.intent.store(0, Ordering::Release);
        // The operands of the next intent must be written after this store.
        compiler_fence(Ordering::SeqCst);
        crash_point("heap: an intent is cleared");
    }

    /// The intent of a participant.
    pub(crate) fn intent_of(&self, number: u64) -> Option<Intent> {
        let Participant { intent, operands, .. } = self.parts.participant(number)?;
        let code = intent.load(Ordering::Acquire);
        let operand = |at: usize| operands[at].load(Ordering::Relaxed);
        if code == 0 { None } else { Intent::decode(code, std::array::from_fn(operand)) }
    }

    /// Calls `found` with each block that an operation frees.
    fn freed_by_intent(&self, intent: Intent, mut found: impl FnMut(u64)) {
        let freed = match intent {
            Intent::Replace { old, .. } => [old, 0],
            Intent::Destroy { content, description, .. } => [content, description],
            Intent::Count { block, strong: 0, weak: 0, .. } => [block, 0],
            Intent::Copy { .. } | Intent::Create { .. } | Intent::Count { .. } => [0, 0],
            Intent::Group { journal } => return self.freed_by(journal).for_each(found),
        };
        freed.into_iter().filter(|block| *block != 0).for_each(&mut found);
    }

    /// Calls `found` with each block that an operation in flight frees.
    pub(crate) fn freed_in_flight(&self, mut found: impl FnMut(u64)) {
        for number in 0..self.participants() {
            if let Some(intent) = self.intent_of(number) {
                self.freed_by_intent(intent, &mut found);
            }
        }
    }

    /// Carries out an operation of the participant with this tag. May be repeated.
    pub(crate) fn redo(&self, intent: Intent, tag: u64) {
        if intent.is_of_directory() {
            let version = &self.parts.control().version;
            version.begin();
            self.store_all(intent, tag);
            version.end();
        } else {
            self.store_all(intent, tag);
        }
    }

    fn store_all(&self, intent: Intent, tag: u64) {
        let Control { free_object, .. } = self.parts.control();
        match intent {
            Intent::Replace { object, content, len, third, old } => {
                let Some(record) = self.parts.record(object) else { return };
                record.content.store(content, Ordering::Release);
                crash_point("heap: a content is replaced");
                record.third.store(third, Ordering::Release);
                record.len.store(len, Ordering::Release);
                crash_point("heap: a length is stored");
                self.keep(content, tag);
                self.detach(old, tag);
            }
            Intent::Copy { object, from, to, words, len } => {
                let Some(record) = self.parts.record(object) else { return };
                self.copy_content(record.content.load(Ordering::Relaxed), from, to, words);
                if len != SAME_LEN {
                    record.len.store(len, Ordering::Release);
                    crash_point("heap: a length is stored");
                }
            }
            Intent::Create { object, state, bucket, next, free, content, description } => {
                let Some(record) = self.parts.record(object) else { return };
                self.keep(content, tag);
                self.keep(description, tag);
                record.next.store(next, Ordering::Release);
                crash_point("heap: an object has a successor");
                free_object.store(free, Ordering::Release);
                crash_point("heap: an object is not free");
                if let Some(bucket) = self.parts.bucket(bucket) {
                    bucket.store(object + 1, Ordering::Release);
                    crash_point("heap: an object is in its bucket");
                }
                record.state.store(state, Ordering::Release);
                crash_point("heap: an object has its state");
            }
            Intent::Destroy { object, state, before, next, free, content, description } => {
                let Some(record) = self.parts.record(object) else { return };
                record.state.store(state, Ordering::Release);
                crash_point("heap: an object has no state");
                let before = match before {
                    NONE => None,
                    object if object & OBJECT != 0 => {
                        self.parts.record(object ^ OBJECT).map(|record| &record.next)
                    }
                    bucket => self.parts.bucket(bucket),
                };
                if let Some(before) = before {
                    before.store(next, Ordering::Release);
                    crash_point("heap: an object is in no bucket");
                }
                record.next.store(free, Ordering::Release);
                crash_point("heap: an object has a free successor");
                free_object.store(object + 1, Ordering::Release);
                crash_point("heap: an object is free");
                self.detach(content, tag);
                self.detach(description, tag);
            }
            Intent::Group { journal } => self.redo_journal(journal, tag),
            Intent::Count { block, strong, weak, slot, entry } => {
                self.redo_count(block, [strong, weak], (slot, entry), tag);
            }
        }
    }

    fn redo_count(&self, block: u64, counts: [u64; 2], (slot, entry): (u64, u64), tag: u64) {
        // The block is the one that the operation checked, unless the heap is damaged.
        let size = self.block(block).map_or(0, |block| block.size);
        if let Some(words) = self.words(block, 3).filter(|_| size >= 24) {
            for (word, count) in words.iter().skip(1).zip(counts) {
                word.store(count, Ordering::Release);
                crash_point("heap: a count is stored");
            }
        }
        if let Some([word]) = self.words(slot, 1) {
            word.store(entry, Ordering::Release);
            crash_point("heap: a share is listed or not");
        }
        if counts == [0, 0] {
            self.detach(block, tag);
        } else {
            self.keep(block, tag);
        }
    }

    /// Copies words from a block into the content of an object.
    fn copy_content(&self, content: u64, from: u64, to: u64, words: u64) {
        let Some(block) = self.block(content) else { return };
        let (at, len) = (to.wrapping_sub(content), words.saturating_mul(8));
        if at > block.size || len > block.size - at {
            return;
        }
        if let (Some(from), Some(to)) = (self.words(from, words), self.words(to, words)) {
            for (at, (from, to)) in from.iter().zip(to).enumerate() {
                to.store(from.load(Ordering::Relaxed), Ordering::Relaxed);
                if at == 0 {
                    crash_point("heap: the first word is copied");
                }
            }
            crash_point("heap: all words are copied");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_intent_is_read_as_it_was_written() {
        let [object, state, next, free, content, description] = [1, 2, 3, 4, 5, 6];
        for intent in [
            Intent::Replace { object, content, len: 7, third: 8, old: 9 },
            Intent::Copy { object, from: 7, to: 8, words: 9, len: 10 },
            Intent::Create { object, state, bucket: 7, next, free, content, description },
            Intent::Destroy { object, state, before: NONE, next, free, content, description },
            Intent::Count { block: 7, strong: 8, weak: 9, slot: 10, entry: 11 },
            Intent::Group { journal: object },
        ] {
            let (code, operands) = intent.encode();
            assert_eq!(Intent::decode(code, operands), Some(intent));
        }
        assert_eq!(Intent::decode(7, [0; 7]), None);
    }
}
