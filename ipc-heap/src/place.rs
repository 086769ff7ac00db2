//! The positions of the tables of a heap, which follow from their sizes.

use crate::layout::{
    Control, FIXED, MAX_OBJECTS, MAX_PAGES, MAX_PARTICIPANTS, PAGE, Participant, Record, Slab,
};

/// Where the tables of a heap are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) participants: u64,
    pub(crate) objects: u64,
    pub(crate) pages: u64,
    pub(crate) buckets_at: u64,
    pub(crate) records_at: u64,
    pub(crate) words_at: u64,
    pub(crate) slabs_at: u64,
    pub(crate) pages_at: u64,
}

pub(crate) const CONTROL_AT: u64 = FIXED as u64;
pub(crate) const PARTICIPANTS_AT: u64 = CONTROL_AT + size_of::<Control>() as u64;

impl Place {
    /// Returns `None` if a number is beyond the limits of `layout.rs`. Within them, nothing
    /// overflows.
    pub(crate) fn new(participants: u64, objects: u64, pages: u64) -> Option<Self> {
        let fits = (1..=MAX_PARTICIPANTS).contains(&participants)
            && (1..=MAX_OBJECTS).contains(&objects)
            && (1..=MAX_PAGES).contains(&pages);
        let buckets_at = PARTICIPANTS_AT + size_of::<Participant>() as u64 * participants;
        fits.then(|| {
            let records_at = (buckets_at + 8 * objects).next_multiple_of(64);
            let words_at = records_at + size_of::<Record>() as u64 * objects;
            let slabs_at = (words_at + 8 * pages).next_multiple_of(64);
            let pages_at = (slabs_at + size_of::<Slab>() as u64 * pages).next_multiple_of(PAGE);
            Self {
                participants,
                objects,
                pages,
                buckets_at,
                records_at,
                words_at,
                slabs_at,
                pages_at,
            }
        })
    }

    /// The offset of the word of a participant.
    pub(crate) fn participant_at(&self, number: u64) -> u64 {
        PARTICIPANTS_AT + size_of::<Participant>() as u64 * number
    }

    /// The offset of an object.
    pub(crate) fn record_at(&self, number: u64) -> u64 {
        self.records_at + size_of::<Record>() as u64 * number
    }

    /// The offset of a page word.
    pub(crate) fn word_at(&self, page: u64) -> u64 {
        self.words_at + 8 * page
    }

    /// The size of a memory object with that number of pages.
    pub(crate) fn size(&self, pages: u64) -> u64 {
        self.pages_at + pages * PAGE
    }
}
