//! Extents: blocks of whole pages.
//!
//! | operation | stores, in order | a death right after it leaves |
//! |---|---|---|
//! | allocate | each page word: free → claimed by this participant | pages that the recovery frees |
//! | | first page word: claimed → extent | an extent of the dead, which the recovery frees |
//! | keep | first page word: its flag | an extent of the heap |
//! | free | first page word: kept → own | an extent of the dead |
//! | | the other page words: claimed by this participant | the same |
//! | | first page word: extent → claimed by this participant | pages that the recovery frees |
//! | | each page word: free | the same |
//!
//! The page words behind the first page of an extent have no meaning: a process that reads page
//! words in order skips them.

use std::sync::atomic::Ordering;

use ipc_core::{Refusal, crash_point};

use crate::allocator::local::Local;
use crate::allocator::page::{self, CLAIMED, EXTENT, FREE};
use crate::layout::PAGE;

impl Local {
    #[cold]
    pub(crate) fn allocate_extent(&self, pages: u64) -> Result<u64, Refusal> {
        let size = pages.saturating_mul(PAGE);
        if pages > self.parts.place.pages {
            return Err(self.full(size, Ok(false)));
        }
        let run = || self.claim_run(pages);
        let mut growth = Ok(false);
        let found = run().or_else(|| {
            growth = self.grow(pages);
            matches!(growth, Ok(true)).then(run).flatten()
        });
        let found = found.or_else(|| {
            self.recover();
            self.trim();
            run()
        });
        let Some((page, word)) = found.and_then(|page| Some((page, self.parts.page_word(page)?)))
        else {
            return Err(self.full(size, growth));
        };
        word.store(page::word(EXTENT, self.tag(), pages), Ordering::Release);
        crash_point("heap: an extent is allocated");
        Ok(self.page_at(page))
    }

    /// Claims consecutive pages, and returns the number of the first one.
    fn claim_run(&self, pages: u64) -> Option<u64> {
        let (mut first, mut next) = (0, 0);
        while next < self.pages() {
            next += 1;
            if self.page_word(next - 1) != FREE {
                first = next;
            } else if next - first == pages {
                match (first..next).find(|page| !self.claim_this(*page)) {
                    None => return Some(first),
                    Some(taken) => {
                        (first..taken).for_each(|page| self.free_page(page));
                        (first, next) = (taken, taken);
                    }
                }
            }
        }
        None
    }

    pub(crate) fn free_page(&self, page: u64) {
        if let Some(word) = self.parts.page_word(page) {
            word.store(FREE, Ordering::Release);
            crash_point("heap: a page is free");
        }
    }

    /// Frees an extent that belongs to the participant with this tag: this participant, or one
    /// whose process is dead.
    pub(crate) fn release_extent(&self, first: u64, pages: u64, tag: u64) {
        let end = first.saturating_add(pages).min(self.pages());
        let claimed = page::word(CLAIMED, tag, 0);
        for page in (first + 1..end).chain([first]) {
            if let Some(word) = self.parts.page_word(page) {
                word.store(claimed, Ordering::Release);
                crash_point("heap: a page of an extent is claimed");
            }
        }
        (first..end).for_each(|page| self.free_page(page));
    }
}
