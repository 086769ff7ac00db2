//! Blocks of slabs and extents: their owners, and how they pass to the heap and back.

use std::sync::atomic::Ordering;

use ipc_core::{Refusal, crash_point};

use crate::allocator::class::Class;
use crate::allocator::local::Local;
use crate::allocator::page::{self, EXTENT, KEPT, SLAB};
use crate::allocator::slab::{Freed, bit};
use crate::layout::PAGE;

/// A block as the page words describe it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) size: u64,
    page: u64,
    word: u64,
    place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Slab(Class, u64),
    Extent(u64),
}

impl Local {
    /// The block that begins at an offset, whether it is allocated or not.
    pub(crate) fn block(&self, offset: u64) -> Option<Block> {
        let page = self.page_of(offset);
        let word = self.parts.page_word(page)?.load(Ordering::Acquire);
        let within = offset.wrapping_sub(self.page_at(page));
        let block = |size, place| Some(Block { size, page, word, place });
        match page::kind(word) {
            SLAB => {
                let class = page::class(word)?;
                block(class.size(), Place::Slab(class, class.block_at(within)?))
            }
            EXTENT => {
                let (pages, all) = (page::len(word), self.parts.place.pages);
                let fits = within == 0 && pages > 0 && page.checked_add(pages)? <= all;
                fits.then(|| block(pages * PAGE, Place::Extent(pages))).flatten()
            }
            _ => None,
        }
    }

    /// Returns `true` if the block is an extent, or the bitmap of its slab says that it is
    /// allocated. Blocks that a handle keeps for its next allocations count as allocated.
    pub(crate) fn is_allocated(&self, block: &Block) -> bool {
        match (block.place, self.parts.slab(block.page)) {
            (Place::Slab(_, number), Some(slab)) => {
                let (free, mask) = bit(&slab.free, number);
                free.load(Ordering::Relaxed) & mask == 0
            }
            _ => true,
        }
    }

    /// Returns `true` if the block belongs to the heap.
    pub(crate) fn is_kept(&self, block: &Block) -> bool {
        match (block.place, self.parts.slab(block.page)) {
            (Place::Slab(_, number), Some(slab)) => {
                let ((kept, mask), (remote, _)) =
                    (bit(&slab.kept, number), bit(&slab.remote, number));
                kept.load(Ordering::Relaxed) & !remote.load(Ordering::Relaxed) & mask != 0
            }
            _ => block.word & KEPT != 0,
        }
    }

    /// Returns `true` if the block was freed by another participant, and the owner of its slab will
    /// collect it.
    pub(crate) fn is_collectable(&self, block: &Block) -> bool {
        match (block.place, self.parts.slab(block.page)) {
            (Place::Slab(_, number), Some(slab)) => {
                let (remote, mask) = bit(&slab.remote, number);
                remote.load(Ordering::Relaxed) & mask != 0
            }
            _ => false,
        }
    }

    /// Passes a block from the participant with this tag to the heap.
    pub(crate) fn keep(&self, offset: u64, tag: u64) {
        let Some(block) = self.block(offset).filter(|block| page::owner(block.word) == tag) else {
            return;
        };
        match (block.place, self.parts.slab(block.page), self.parts.page_word(block.page)) {
            (Place::Slab(_, number), Some(slab), _) => {
                let (kept, mask) = bit(&slab.kept, number);
                kept.store(kept.load(Ordering::Relaxed) | mask, Ordering::Release);
            }
            (Place::Extent(_), _, Some(word)) => word.store(block.word | KEPT, Ordering::Release),
            _ => {}
        }
        crash_point("heap: a block is kept");
    }

    /// Marks a block of another heap as a block of this one, at the same offset. This heap is a
    /// copy that no process uses yet.
    pub(crate) fn import(&self, block: &Block) {
        let (Some(word), Some(slab)) =
            (self.parts.page_word(block.page), self.parts.slab(block.page))
        else {
            return;
        };
        match block.place {
            Place::Slab(class, number) => {
                let own = page::word(SLAB, 0, class.number() as u64);
                match word.swap(own, Ordering::Relaxed) {
                    page::FREE => {
                        let masks = (0..class.words()).map(|at| (at, class.mask(at)));
                        masks.for_each(|(at, mask)| slab.free[at].store(mask, Ordering::Relaxed));
                    }
                    found if found == own => {}
                    // The page got another use meanwhile, so no object had a block there.
                    found => return word.store(found, Ordering::Relaxed),
                }
                let ((free, mask), (kept, _)) = (bit(&slab.free, number), bit(&slab.kept, number));
                free.store(free.load(Ordering::Relaxed) & !mask, Ordering::Relaxed);
                kept.store(kept.load(Ordering::Relaxed) | mask, Ordering::Relaxed);
            }
            Place::Extent(pages) => {
                word.store(page::word(EXTENT, 0, pages) | KEPT, Ordering::Relaxed);
            }
        }
    }

    /// Takes a block from the heap. A block of a slab of the participant with this tag, or an
    /// extent, then belongs to that participant, which frees it. The owner of any other slab
    /// collects the block. The call may be repeated as long as the operation is in flight.
    pub(crate) fn detach(&self, offset: u64, tag: u64) {
        let Some(block) = self.block(offset) else { return };
        match (block.place, self.parts.slab(block.page), self.parts.page_word(block.page)) {
            (Place::Slab(_, number), Some(slab), _) if page::owner(block.word) == tag => {
                let (kept, mask) = bit(&slab.kept, number);
                kept.store(kept.load(Ordering::Relaxed) & !mask, Ordering::Release);
            }
            (Place::Slab(_, number), Some(slab), _) => {
                let (remote, mask) = bit(&slab.remote, number);
                remote.fetch_or(mask, Ordering::AcqRel);
                crash_point("heap: a block of another slab is freed");
                slab.pending.store(1, Ordering::Release);
            }
            (Place::Extent(pages), _, Some(word)) if block.word & KEPT != 0 => {
                let own = page::word(EXTENT, tag, pages);
                // Fails only if another process frees the same block, which is a bug of a program.
                let _ = word.compare_exchange(block.word, own, Ordering::AcqRel, Ordering::Relaxed);
            }
            _ => {}
        }
        crash_point("heap: a block is detached");
    }

    /// Frees a block that belongs to this participant. Blocks of other participants stay allocated.
    #[inline]
    pub(crate) fn free_loose(&self, offset: u64) {
        if self.free_own(offset) == Freed::NotOwn {
            self.free_own_extent(offset);
        }
    }

    #[cold]
    fn free_own_extent(&self, offset: u64) {
        let tag = self.tag();
        let own = |block: &Block| page::owner(block.word) == tag && block.word & KEPT == 0;
        if let Some(Block { page, place: Place::Extent(pages), .. }) =
            self.block(offset).filter(own)
        {
            self.release_extent(page, pages, tag);
        }
    }

    /// Frees a block that belongs to the heap.
    pub(crate) fn free_kept(&self, offset: u64) -> Result<(), Refusal> {
        let block = self.block(offset).filter(|block| self.is_allocated(block));
        let block = block.ok_or_else(|| not_allocated(offset))?;
        if !self.is_kept(&block) {
            let why = format_args!("the block at offset {offset:#x} does not belong to the heap");
            return Err(Refusal::invalid("free", why));
        }
        match self.free_own(offset) {
            Freed::Now => Ok(()),
            Freed::Already => Err(not_allocated(offset)),
            Freed::NotOwn => {
                self.detach(offset, self.tag());
                self.free_loose(offset);
                Ok(())
            }
        }
    }
}

#[cold]
fn not_allocated(offset: u64) -> Refusal {
    Refusal::invalid("free", format_args!("no block is allocated at offset {offset:#x}"))
}
