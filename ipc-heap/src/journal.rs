//! Journals: what a group of operations stores, in a block of the participant.
//!
//! | words of the block | meaning |
//! |---|---|
//! | 0 | the number of stores |
//! | 1 | the number of blocks that pass to the heap |
//! | 2 | the number of blocks that are freed |
//! | 3.. | for each store, the slot and the value; then the offsets of the blocks |
//!
//! A slot is a word of the directory: a bucket, a word of an object, or the number of the first free
//! object. The intent of a group is one word, the offset of its journal. Each store depends on the
//! journal only, so all of them may be repeated.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::{Refusal, crash_point};

use crate::allocator::local::Local;
use crate::layout::{Parts, Record};

/// The number of words before the first store.
const HEAD: usize = 3;

const NUMBER: u64 = (1 << 32) - 1;
const FIELD_SHIFT: u32 = 32;
const BUCKET: u64 = 1 << 62;
const RECORD: u64 = 1 << 63;

/// A word of the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Slot(u64);

impl Slot {
    pub(crate) const FREE_OBJECT: Self = Self(0);

    pub(crate) fn bucket(number: u64) -> Self {
        Self(BUCKET | number & NUMBER)
    }

    /// A word of an object, in the order of [`Record::words`].
    pub(crate) fn record(number: u64, field: usize) -> Self {
        Self(RECORD | (field as u64) << FIELD_SHIFT | number & NUMBER)
    }
}

/// The fields of an object, in the order of [`Record::words`].
pub(crate) mod field {
    pub(crate) const STATE: usize = 0;
    pub(crate) const NEXT: usize = 1;
    pub(crate) const CONTENT: usize = 2;
    pub(crate) const LEN: usize = 3;
    pub(crate) const THIRD: usize = 4;
    pub(crate) const TYPE_HASH: usize = 5;
    pub(crate) const DESCRIPTION: usize = 6;
    pub(crate) const KEY: usize = 7;
    pub(crate) const NAME: usize = 8;
}

impl Record {
    /// All words but the mutex and the version.
    pub(crate) fn words(&self) -> impl Iterator<Item = &AtomicU64> {
        let Self { state, next, content, len, third, type_hash, description, key, .. } = self;
        [state, next, content, len, third, type_hash, description, key]
            .into_iter()
            .chain(&self.name)
    }
}

impl Parts {
    /// The word that a slot names, which may be damaged.
    fn slot(&self, Slot(slot): Slot) -> Option<&AtomicU64> {
        let number = slot & NUMBER;
        match slot {
            0 => Some(&self.control().free_object),
            _ if slot & RECORD != 0 => {
                let field = usize::try_from((slot ^ RECORD) >> FIELD_SHIFT).ok()?;
                self.record(number)?.words().nth(field)
            }
            _ if slot >> FIELD_SHIFT == BUCKET >> FIELD_SHIFT => self.bucket(number),
            _ => None,
        }
    }
}

/// The directory as it will be when a group of operations has happened.
pub(crate) struct Draft<'h> {
    local: &'h Local,
    stores: BTreeMap<Slot, u64>,
    pub(crate) kept: Vec<u64>,
    pub(crate) freed: Vec<u64>,
}

impl<'h> Draft<'h> {
    pub(crate) fn new(local: &'h Local) -> Self {
        Self { local, stores: BTreeMap::new(), kept: Vec::new(), freed: Vec::new() }
    }

    pub(crate) fn get(&self, slot: Slot) -> u64 {
        let load = || self.local.parts.slot(slot).map_or(0, |word| word.load(Ordering::Acquire));
        self.stores.get(&slot).copied().unwrap_or_else(load)
    }

    pub(crate) fn set(&mut self, slot: Slot, value: u64) {
        self.stores.insert(slot, value);
    }

    /// Writes the journal to a block of this participant.
    pub(crate) fn write(&self) -> Result<u64, Refusal> {
        let counts = [self.stores.len(), self.kept.len(), self.freed.len()].map(|len| len as u64);
        let stores = self.stores.iter().flat_map(|(Slot(slot), value)| [*slot, *value]);
        let blocks = self.kept.iter().chain(&self.freed).copied();
        let all: Vec<u64> = counts.into_iter().chain(stores).chain(blocks).collect();
        let block = self.local.allocate(all.len() as u64 * 8, 8)?;
        let words = self.local.words(block, all.len() as u64).unwrap_or_default();
        words.iter().zip(all).for_each(|(place, word)| place.store(word, Ordering::Relaxed));
        crash_point("heap: a journal is written");
        Ok(block)
    }
}

/// A journal in a block, which may be damaged.
struct Journal<'h> {
    stores: &'h [AtomicU64],
    kept: &'h [AtomicU64],
    freed: &'h [AtomicU64],
}

impl<'h> Journal<'h> {
    fn of(local: &'h Local, block: u64) -> Option<Self> {
        let words = local.words(block, local.block(block)?.size / 8)?;
        let (head, rest) = words.split_at_checked(HEAD)?;
        let count = |at: usize| usize::try_from(head[at].load(Ordering::Relaxed)).ok();
        let (stores, rest) = rest.split_at_checked(count(0)?.checked_mul(2)?)?;
        let (kept, rest) = rest.split_at_checked(count(1)?)?;
        Some(Self { stores, kept, freed: rest.get(..count(2)?)? })
    }
}

impl Local {
    /// The blocks that a journal frees.
    pub(crate) fn freed_by(&self, journal: u64) -> impl Iterator<Item = u64> {
        let journal = Journal::of(self, journal);
        let freed = journal.map(|journal| journal.freed).unwrap_or_default();
        freed.iter().map(|offset| offset.load(Ordering::Relaxed))
    }

    /// Carries out a journal of the participant with this tag. May be repeated.
    pub(crate) fn redo_journal(&self, journal: u64, tag: u64) {
        let Some(Journal { stores, kept, freed }) = Journal::of(self, journal) else { return };
        let load = |word: &AtomicU64| word.load(Ordering::Relaxed);
        kept.iter().for_each(|offset| self.keep(load(offset), tag));
        for store in stores.chunks_exact(2) {
            if let Some(word) = self.parts.slot(Slot(load(&store[0]))) {
                word.store(load(&store[1]), Ordering::Release);
                crash_point("heap: a word of a group is stored");
            }
        }
        freed.iter().for_each(|offset| self.detach(load(offset), tag));
    }
}
