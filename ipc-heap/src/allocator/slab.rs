//! Blocks of slabs.
//!
//! Only the participant that owns a slab changes its bitmaps `free` and `kept`, by plain stores. A
//! block that is neither free nor kept belongs to that participant, and is free when it dies. So
//! there is nothing to undo. A handle keeps up to 16 free blocks of each class in its own memory,
//! for its next allocations; the bitmaps show them as blocks of the participant.
//!
//! | operation | stores, in order | a death right after it leaves |
//! |---|---|---|
//! | allocate | bit of `free` cleared | a block of the dead, which is free after its recovery |
//! | | bit of `summary` cleared | the same |
//! | free, own slab | bit of `kept` cleared | a block of the dead, as above |
//! | | bit of `free` set | a free block |
//! | | bit of `summary` set | the same |
//! | free, another's slab | bit of `remote` set | a block that the owner of the slab, or the next one, collects |
//! | | `pending` set | the same |
//! | collect | `pending` cleared | bits of `remote` that the next full collection finds |
//! | | bits of `kept` cleared | blocks of the dead |
//! | | bits of `free` set | free blocks; their bits of `remote` are cleared by the recovery |
//! | | bits of `remote` cleared | free blocks |
//! | new slab | page word: free → claimed by this participant | a page that the recovery frees |
//! | | the bitmaps | the same |
//! | | page word: claimed → slab | a slab of the dead |
//! | adopt | page word: slab without an owner → its own | a slab of the dead |
//! | release | page word: own slab → free, if all its blocks are free | a free page |
//!
//! The recovery of a participant collects each of its slabs, and frees the blocks that are not
//! kept. The slab becomes a free page, or a slab without an owner. Each of these steps may be
//! repeated.

use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::{Refusal, crash_point, switched_on};

use crate::allocator::class::{Class, LARGEST, MAX_ALIGN};
use crate::allocator::local::{Local, NO_PAGE};
use crate::allocator::page::{self, CLAIMED, FREE, SLAB, SLAB_OF};
use crate::layout::{PAGE, Slab};

/// The number of own slabs that an allocation examines before it uses another page.
const LOOKS: usize = 8;

/// The result of an attempt to free a block of an own slab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freed {
    Now,
    /// The block was free already.
    Already,
    /// It is not a block of an own slab.
    NotOwn,
}

/// Bit `number` of a bitmap: the word and the mask.
#[inline]
pub(crate) fn bit(map: &[AtomicU64; 64], number: u64) -> (&AtomicU64, u64) {
    // Below 64.
    let at = usize::try_from(number / 64 % 64).unwrap_or(0);
    (&map[at], 1 << (number % 64))
}

impl Local {
    /// Allocates a block, which belongs to this participant until it is kept.
    #[inline]
    pub(crate) fn allocate(&self, size: u64, align: usize) -> Result<u64, Refusal> {
        self.allocate_of(self.class_of(size, align), size, align)
    }

    /// The class of a block of that size and alignment; `None` for an extent, or if the alignment
    /// is not valid.
    #[inline]
    pub(crate) fn class_of(&self, size: u64, align: usize) -> Option<Class> {
        if align <= 16 && size <= LARGEST {
            return Some(Class::of(size));
        }
        let is_valid = align.is_power_of_two() && align <= MAX_ALIGN;
        if is_valid { Class::fitting(size, align as u64) } else { None }
    }

    /// Allocates a block of a class, or an extent.
    #[inline]
    pub(crate) fn allocate_of(
        &self,
        class: Option<Class>,
        size: u64,
        align: usize,
    ) -> Result<u64, Refusal> {
        if let Some(offset) = class.and_then(|class| self.pop(class)) {
            return Ok(offset);
        }
        self.allocate_again(class, size, align)
    }

    #[inline(never)]
    fn allocate_again(
        &self,
        class: Option<Class>,
        size: u64,
        align: usize,
    ) -> Result<u64, Refusal> {
        match class {
            Some(class) => match self.take(class) {
                Some(offset) => Ok(offset),
                None => self.allocate_slowly(class),
            },
            None if align.is_power_of_two() && align <= MAX_ALIGN => {
                self.allocate_extent(size.div_ceil(PAGE))
            }
            None => {
                let why = format_args!(
                    "an alignment of {align}: powers of two up to {MAX_ALIGN} are possible"
                );
                Err(Refusal::invalid("allocate", why))
            }
        }
    }

    /// Frees a block of a class that belongs to this participant, and keeps it for the next
    /// allocation.
    #[inline]
    pub(crate) fn free_of(&self, class: Class, offset: u64) {
        if !self.push(class, offset) {
            self.empty(class, 8);
            self.free_loose(offset);
        }
    }

    /// Frees at most `most` of the blocks that this handle keeps for the next allocations of a
    /// class.
    #[cold]
    fn empty(&self, class: Class, most: usize) {
        for _ in 0..most {
            match self.pop(class) {
                Some(offset) => self.free_loose(offset),
                None => break,
            }
        }
    }

    /// Frees all blocks that this handle keeps for its next allocations.
    pub(crate) fn empty_all(&self) {
        (0..).map_while(Class::new).for_each(|class| self.empty(class, usize::MAX));
    }

    /// Takes a free block of the current slab of a class.
    #[inline]
    fn take(&self, class: Class) -> Option<u64> {
        let page = self.current[class.number()].get();
        let slab = self.parts.slab(page)?;
        let summary = slab.summary.load(Ordering::Relaxed);
        if summary == 0 {
            return None;
        }
        let at = summary.trailing_zeros();
        let (word, _) = bit(&slab.free, u64::from(at) * 64);
        let free = word.load(Ordering::Relaxed);
        let number = u64::from(at) * 64 + u64::from(free.trailing_zeros());
        let left = free & free.wrapping_sub(1);
        if free == 0 || number >= class.count() {
            return None; // damaged: `allocate_slowly` computes it again
        }
        crash_point("heap: before a block is allocated");
        word.store(left, Ordering::Relaxed);
        crash_point("heap: a block is allocated");
        if left == 0 {
            slab.summary.store(summary & summary.wrapping_sub(1), Ordering::Relaxed);
            crash_point("heap: a summary is cleared");
        }
        Some(self.page_at(page) + number * class.size())
    }

    #[cold]
    fn allocate_slowly(&self, class: Class) -> Result<u64, Refusal> {
        let more = || {
            self.slab_with_room(class, LOOKS)
                .or_else(|| self.adopt(class, false))
                .or_else(|| self.new_slab(class))
        };
        let all = || {
            self.empty_all();
            self.recover();
            self.slab_with_room(class, usize::MAX)
                .or_else(|| self.adopt(class, true))
                .or_else(|| self.trim().then(|| self.new_slab(class)).flatten())
        };
        let mut growth = Ok(false);
        let page = more().or_else(|| {
            growth = self.grow(1);
            matches!(growth, Ok(true)).then(|| self.new_slab(class)).flatten()
        });
        let Some(page) = page.or_else(all) else {
            return self.take_larger(class).ok_or_else(|| self.full(class.size(), growth));
        };
        self.current[class.number()].set(page);
        self.take(class).ok_or_else(|| self.full(class.size(), growth))
    }

    /// Takes a block of an own slab of a larger class, because no page is left for another slab.
    /// The block has the alignment of the class, because later allocations of the class may get it.
    fn take_larger(&self, class: Class) -> Option<u64> {
        let larger = (class.number() as u64 + 1..).map_while(Class::new);
        let align = 1 << class.size().trailing_zeros();
        larger.filter(|class| class.size().is_multiple_of(align)).find_map(|class| {
            self.take(class).or_else(|| {
                let page = self.slab_with_room(class, usize::MAX)?;
                self.current[class.number()].set(page);
                self.take(class)
            })
        })
    }

    /// Returns an own slab with a free block. Examines all slabs in which a block was freed since
    /// they were full, and at most `looks` others.
    fn slab_with_room(&self, class: Class, looks: usize) -> Option<u64> {
        let mut owned = self.owned.borrow_mut();
        let owned = owned.get_mut(class.number())?;
        let is_own = |page: u64| self.page_word(page) == self.slab_word(class);
        while let Some(page) = owned.partial.pop() {
            if is_own(page) && self.collect(page, class, false) {
                return Some(page);
            }
        }
        for _ in 0..looks.min(owned.pages.len()) {
            if owned.pages.is_empty() {
                break;
            }
            owned.cursor = (owned.cursor + 1) % owned.pages.len();
            let page = owned.pages[owned.cursor];
            if !is_own(page) {
                owned.pages.swap_remove(owned.cursor);
            } else if self.collect(page, class, looks == usize::MAX) {
                return Some(page);
            }
        }
        None
    }

    /// The page word of an own slab.
    fn slab_word(&self, class: Class) -> u64 {
        page::word(SLAB, self.tag(), class.number() as u64)
    }

    fn note(&self, page: u64, class: Class) -> u64 {
        if let Some(owned) = self.owned.borrow_mut().get_mut(class.number()) {
            owned.pages.push(page);
        }
        page
    }

    /// Adopts a slab without an owner in which a block is free.
    fn adopt(&self, class: Class, is_thorough: bool) -> Option<u64> {
        let orphans = &self.parts.control().orphans;
        if orphans.load(Ordering::Relaxed) == 0 && !is_thorough {
            return None;
        }
        let orphan = page::word(SLAB, 0, class.number() as u64);
        let mut is_any = false;
        for page in 0..self.pages() {
            let Some(word) = self.parts.page_word(page) else { break };
            let seen = word.load(Ordering::Acquire);
            is_any |= seen & SLAB_OF == SLAB;
            let own = self.slab_word(class);
            let (ok, err) = (Ordering::AcqRel, Ordering::Relaxed);
            if seen == orphan && word.compare_exchange(orphan, own, ok, err).is_ok() {
                crash_point("heap: a slab is adopted");
                self.note(page, class);
                if self.collect(page, class, true) {
                    return Some(page);
                }
            }
        }
        if !is_any {
            orphans.store(0, Ordering::Relaxed);
        }
        None
    }

    /// Turns a free page into a slab.
    fn new_slab(&self, class: Class) -> Option<u64> {
        let page = self.claim_page()?;
        let (word, slab) = (self.parts.page_word(page)?, self.parts.slab(page)?);
        let mut summary = 0;
        for at in 0..class.words() {
            slab.free[at].store(class.mask(at), Ordering::Relaxed);
            slab.kept[at].store(0, Ordering::Relaxed);
            slab.remote[at].store(0, Ordering::Relaxed);
            summary |= 1 << at;
        }
        slab.pending.store(0, Ordering::Relaxed);
        slab.summary.store(summary, Ordering::Relaxed);
        crash_point("heap: a slab is prepared");
        word.store(self.slab_word(class), Ordering::Release);
        crash_point("heap: a slab is created");
        Some(self.note(page, class))
    }

    fn claim_page(&self) -> Option<u64> {
        let (hint, count) = (&self.parts.control().free_page, self.pages());
        let from = hint.load(Ordering::Relaxed).checked_rem(count)?;
        let found = (from..count).chain(0..from).find(|page| self.claim_this(*page))?;
        hint.store(found + 1, Ordering::Relaxed);
        Some(found)
    }

    /// Claims a page if it is free.
    pub(crate) fn claim_this(&self, page: u64) -> bool {
        let Some(word) = self.parts.page_word(page) else { return false };
        let claimed = page::word(CLAIMED, self.tag(), 0);
        let (ok, err) = (Ordering::AcqRel, Ordering::Relaxed);
        let is_claimed = word.load(Ordering::Relaxed) == FREE
            && word.compare_exchange(FREE, claimed, ok, err).is_ok();
        if is_claimed {
            crash_point("heap: a page is claimed");
        }
        is_claimed
    }

    /// Frees a block of an own slab.
    #[inline]
    pub(crate) fn free_own(&self, offset: u64) -> Freed {
        let page = self.page_of(offset);
        let word = self.page_word(page);
        if word & SLAB_OF != page::word(SLAB, self.tag(), 0) {
            return Freed::NotOwn;
        }
        let found = page::class(word).zip(self.parts.slab(page));
        let Some((class, slab)) = found else { return Freed::NotOwn };
        let Some(number) = class.block_at(offset.wrapping_sub(self.page_at(page))) else {
            return Freed::NotOwn;
        };
        let (free, mask) = bit(&slab.free, number);
        let before = free.load(Ordering::Relaxed);
        if before & mask != 0 {
            return Freed::Already;
        }
        let (kept, _) = bit(&slab.kept, number);
        let was_kept = kept.load(Ordering::Relaxed);
        crash_point("heap: before a block is freed");
        if was_kept & mask != 0 {
            kept.store(was_kept & !mask, Ordering::Relaxed);
            crash_point("heap: a block is no longer kept");
        }
        let after = before | mask;
        free.store(after, Ordering::Release);
        crash_point("heap: a block is freed");
        if before == 0 {
            let summary = slab.summary.load(Ordering::Relaxed);
            slab.summary.store(summary | 1 << (number / 64 % 64), Ordering::Relaxed);
            crash_point("heap: a summary is set");
            self.has_room(page, class, summary);
        }
        if after == u64::MAX || class.count() < 64 {
            self.release_if_empty(page, class);
        }
        Freed::Now
    }

    /// Notes that a block of a slab that was full has become free.
    #[inline]
    fn has_room(&self, page: u64, class: Class, summary: u64) {
        if summary != 0 || self.current[class.number()].get() == page {
            return;
        }
        if let Some(owned) = self.owned.borrow_mut().get_mut(class.number()) {
            owned.partial.push(page);
        }
    }

    /// Turns an own slab into a free page, unless a block of it is allocated or it is the current
    /// slab.
    #[inline]
    fn release_if_empty(&self, page: u64, class: Class) {
        let is_released =
            self.current[class.number()].get() != page && self.release_empty(page, class);
        if is_released {
            if let Some(owned) = self.owned.borrow_mut().get_mut(class.number()) {
                owned.pages.retain(|other| *other != page);
            }
        }
    }

    #[cold]
    fn release_empty(&self, page: u64, class: Class) -> bool {
        let Some(slab) = self.parts.slab(page) else { return false };
        let is_empty = is_empty(slab, class);
        if is_empty {
            self.free_page(page);
        }
        is_empty
    }

    /// Frees the pages of all own slabs in which no block is allocated. Returns `true` if there was
    /// one.
    pub(crate) fn trim(&self) -> bool {
        self.empty_all();
        let mut is_any = false;
        for class in (0..).map_while(Class::new) {
            self.current[class.number()].set(NO_PAGE);
            let mut owned = self.owned.borrow_mut();
            let Some(owned) = owned.get_mut(class.number()) else { break };
            owned.partial.clear();
            owned.pages.retain(|page| {
                if self.page_word(*page) != self.slab_word(class) {
                    return false;
                }
                self.collect(*page, class, true);
                let is_released = self.release_empty(*page, class);
                is_any |= is_released;
                !is_released
            });
        }
        is_any
    }

    /// Collects the blocks of a slab that other participants freed. Returns `true` if a block of
    /// the slab is free. If `is_thorough`, it also collects blocks that are not announced in
    /// `pending`, and computes the summary again.
    pub(crate) fn collect(&self, page: u64, class: Class, is_thorough: bool) -> bool {
        let Some(slab) = self.parts.slab(page) else { return false };
        if !is_thorough && slab.pending.load(Ordering::Relaxed) == 0 {
            return slab.summary.load(Ordering::Relaxed) != 0;
        }
        slab.pending.swap(0, Ordering::AcqRel);
        crash_point("heap: a slab is not pending");
        let mut summary = 0;
        for at in 0..class.words() {
            let [free, kept, remote] = [&slab.free[at], &slab.kept[at], &slab.remote[at]];
            let seen = remote.load(Ordering::Acquire);
            if seen != 0 {
                // An operation in flight may be repeated, and then frees its block once more.
                let ready = seen & !self.in_flight(page, class, at);
                if ready != seen {
                    slab.pending.store(1, Ordering::Release);
                }
                kept.store(kept.load(Ordering::Relaxed) & !ready, Ordering::Relaxed);
                crash_point("heap: collected blocks are not kept");
                let all = (free.load(Ordering::Relaxed) | ready) & class.mask(at);
                free.store(all, Ordering::Release);
                crash_point("heap: collected blocks are free");
                remote.fetch_and(!ready, Ordering::AcqRel);
                crash_point("heap: blocks are collected");
            }
            if free.load(Ordering::Relaxed) & class.mask(at) != 0 {
                summary |= 1 << at;
            }
        }
        slab.summary.store(summary, Ordering::Relaxed);
        summary != 0
    }

    /// The blocks of one word of a bitmap that operations in flight free.
    fn in_flight(&self, page: u64, class: Class, at: usize) -> u64 {
        let mut blocks = 0;
        if !switched_on("in flight") {
            return blocks;
        }
        self.freed_in_flight(|offset| {
            if self.page_of(offset) == page {
                let number = class.block_at(offset.wrapping_sub(self.page_at(page)));
                let number = number.filter(|number| number / 64 == at as u64);
                blocks |= number.map_or(0, |number| 1 << (number % 64));
            }
        });
        blocks
    }

    /// Frees the blocks that a participant which has ended did not pass to the heap, in one of its
    /// slabs. Then the slab is a free page, or another participant can adopt it.
    pub(crate) fn sweep_slab(&self, page: u64, class: Class) {
        let (Some(word), Some(slab)) = (self.parts.page_word(page), self.parts.slab(page)) else {
            return;
        };
        self.collect(page, class, true);
        let mut summary = 0;
        for at in 0..class.words() {
            let free = class.mask(at) & !slab.kept[at].load(Ordering::Relaxed);
            slab.free[at].store(free, Ordering::Release);
            crash_point("heap: blocks of the dead are free");
            summary |= u64::from(free != 0) << at;
        }
        slab.summary.store(summary, Ordering::Relaxed);
        if is_empty(slab, class) {
            word.store(FREE, Ordering::Release);
        } else {
            word.store(page::word(SLAB, 0, class.number() as u64), Ordering::Release);
            self.parts.control().orphans.store(1, Ordering::Relaxed);
        }
        crash_point("heap: a slab of the dead is released");
    }
}

fn is_empty(slab: &Slab, class: Class) -> bool {
    (0..class.words()).all(|at| slab.free[at].load(Ordering::Relaxed) == class.mask(at))
}
