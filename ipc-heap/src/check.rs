//! Statistics, and the check of a whole heap.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::{Refusal, Result};
use ipc_mem::{Memory, ReadWrite};

use crate::allocator::class::Class;
use crate::allocator::local::Local;
use crate::allocator::page::{self, CLAIMED, EXTENT, FREE, KEPT, SLAB};
use crate::objects::directory::{ANONYMOUS, Key};
use crate::objects::object::kind_of;
use crate::{Heap, Offset};

/// The contents of a heap in numbers, as [`Heap::statistics`] returns them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// The number of pages of 64 KiB.
    pub pages: u64,
    /// The number of pages that no handle uses.
    pub free_pages: u64,
    /// The number of pages that handles are about to use or to free.
    pub claimed_pages: u64,
    /// The number of bytes of all blocks that belong to the heap.
    pub kept_bytes: u64,
    /// The number of bytes of all blocks that belong to handles. It includes the free blocks that
    /// the other handles keep for their next allocations, but not those that this handle keeps.
    pub loose_bytes: u64,
    /// The part of `kept_bytes` that belongs to objects.
    pub object_bytes: u64,
    /// The number of objects.
    pub objects: u64,
    /// The number of handles that may write. Handles of a dead process count until another process
    /// recovers them.
    pub participants: u64,
}

/// The blocks of one size, as [`Heap::class_statistics`] returns them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClassStatistics {
    /// The size of each block, in bytes.
    pub size: u64,
    /// The number of slabs: pages of 64 KiB with blocks of this size.
    pub slabs: u64,
    /// The number of blocks that the slabs have.
    pub blocks: u64,
    /// The number of kept blocks: those that belong to the heap.
    pub kept: u64,
    /// The number of blocks that are free. Blocks that are neither kept nor free belong to handles.
    pub free: u64,
}

impl ClassStatistics {
    fn of(class: Class) -> Self {
        Self { size: class.size(), slabs: 0, blocks: 0, kept: 0, free: 0 }
    }
}

/// The result of [`Heap::repair`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repaired {
    /// The number of participants of dead processes that were recovered.
    pub participants: u64,
    /// The number of blocks that were freed.
    pub blocks: u64,
    /// The number of their bytes.
    pub bytes: u64,
}

impl<M: Memory> Heap<M> {
    /// Counts what the heap contains. The numbers are exact if no process uses the heap meanwhile.
    /// A freed block counts as free, even before the handle that allocated it collects it.
    /// Exceptions are the few free blocks that handles other than this one keep for their next
    /// allocations: they count in `loose_bytes`.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let local = &self.local;
        if local.check("statistics").is_ok() {
            local.empty_all();
        }
        local.refresh();
        let mut found = Statistics { pages: local.pages(), ..Statistics::default() };
        blocks(local, &mut found, |_, _| {});
        for number in 0..local.participants() {
            let word = local.parts.participant(number);
            let is_used = word.is_some_and(|one| one.word.load(Ordering::Acquire) != 0);
            found.participants += u64::from(is_used);
        }
        for number in 0..local.parts.place.objects {
            let Some(record) = local.parts.record(number) else { break };
            if kind_of(record.state.load(Ordering::Acquire)) != 0 {
                found.objects += 1;
                let places = [&record.content, &record.description];
                found.object_bytes += places
                    .into_iter()
                    .filter_map(|place| local.block(place.load(Ordering::Relaxed)))
                    .map(|block| block.size)
                    .sum::<u64>();
            }
        }
        found
    }

    /// Counts the blocks of slabs by their sizes. The numbers are exact if no process uses the heap
    /// meanwhile. The result contains only sizes that have a slab.
    #[must_use]
    pub fn class_statistics(&self) -> Vec<ClassStatistics> {
        let local = &self.local;
        if local.check("statistics").is_ok() {
            local.empty_all();
        }
        local.refresh();
        let mut found: Vec<_> = (0..).map_while(Class::new).map(ClassStatistics::of).collect();
        for page in 0..local.pages() {
            let word = local.page_word(page);
            let class = page::class(word).filter(|_| page::kind(word) == SLAB);
            let Some((class, slab)) = class.zip(local.parts.slab(page)) else { continue };
            let Some(found) = found.get_mut(class.number()) else { continue };
            found.slabs += 1;
            found.blocks += class.count();
            for at in 0..class.words() {
                let load = |map: &[AtomicU64; 64]| map[at].load(Ordering::Relaxed) & class.mask(at);
                let (free, kept, remote) = (load(&slab.free), load(&slab.kept), load(&slab.remote));
                found.free += u64::from((free | remote).count_ones());
                found.kept += u64::from((kept & !remote).count_ones());
            }
        }
        found.retain(|class| class.slabs > 0);
        found
    }
}

impl<M: Memory<Access = ReadWrite>> Heap<M> {
    /// Recovers what dead processes left, and then checks the whole heap: the table of pages, the
    /// lists of objects, and that each block of an object belongs to the heap and to that object
    /// only. Returns the number of bytes of blocks that belong to the heap and to no object: those
    /// of all counted values ([`HeapArc`](crate::HeapArc)), and those that programs passed to the
    /// heap themselves.
    ///
    /// The result is exact if no process uses the heap meanwhile.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](ipc_core::Error::is_mismatch) if the heap is damaged: the message says
    /// where; [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) in a forked child.
    pub fn check(&self) -> Result<u64> {
        let local = &self.local;
        let check = || {
            local.check("check")?;
            local.recover();
            local.destroy_ownerless();
            local.refresh();
            let _directory = local.directory()?;
            Ok(lost_blocks(local)?.into_values().sum())
        };
        check().map_err(|refusal| local.name(refusal))
    }
}

impl<M: Memory<Access = ReadWrite>> Heap<M> {
    /// Checks the heap like [`check`](Self::check), and then frees the blocks that belong to the
    /// heap and to no object. It frees neither counted values ([`HeapArc`](crate::HeapArc)) of
    /// which a handle has a reference, nor blocks for which `is_used` returns `true`. `is_used`
    /// gets the offset of the block and its size. Returns what was freed.
    ///
    /// A process that was killed between passing a block to the heap and storing its offset, or
    /// between removing the offset and freeing the block, leaves such a block. Two kinds of blocks
    /// look the same, but are in use: a block whose offset a program has stored or sent, and a
    /// counted value of which there is only an [`ArcOffset`](crate::ArcOffset). The caller must
    /// know which blocks are in use: a process that keeps the offset of a freed block gets errors,
    /// or the values of another block, but never undefined behaviour.
    ///
    /// No object changes meanwhile: the call waits for the locks of all objects, and holds them. A
    /// thread that holds the lock of an object and calls this waits for ever.
    ///
    /// ```
    /// use ipc_heap::{Heap, HeapBox};
    ///
    /// # let name = format!("/heap-repair-{}", std::process::id());
    /// let heap = Heap::create(&name, 1 << 20)?;
    /// let used = HeapBox::new(&heap, 1u64)?.into_offset()?;
    /// let lost = HeapBox::new(&heap, 2u64)?.into_offset()?;
    /// let freed = heap.repair(|offset, _size| offset.raw() == used.raw())?;
    /// assert_eq!((freed.blocks, freed.bytes), (1, 16));
    /// assert!(heap.read(lost).is_err() && heap.read(used).is_ok());
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check); then nothing is freed.
    pub fn repair(&self, mut is_used: impl FnMut(Offset<u8>, u64) -> bool) -> Result<Repaired> {
        let local = &self.local;
        local.check("repair").map_err(|refusal| local.name(refusal))?;
        let mut found = Repaired { participants: local.recover(), ..Repaired::default() };
        let _all = local.lock_all()?;
        local.refresh();
        let lost = lost_blocks(local).map_err(|refusal| local.name(refusal))?;
        let counted = local.counted_by_handles();
        for (offset, size) in lost {
            let is_used = counted.contains(&offset) || is_used(Offset::from_raw(offset), size);
            // It fails if a program has freed the block meanwhile.
            if !is_used && local.free_kept(offset).is_ok() {
                found.blocks += 1;
                found.bytes += size;
            }
        }
        Ok(found)
    }
}

/// Checks the heap, and returns the offsets and sizes of the blocks that belong to no object. No
/// object is created or destroyed meanwhile.
fn lost_blocks(local: &Local) -> Result<HashMap<u64, u64>, Refusal> {
    check_pages(local)?;
    let mut kept = HashMap::new();
    blocks(local, &mut Statistics::default(), |offset, size| {
        kept.insert(offset, size);
    });
    check_objects(local, &mut kept)?;
    Ok(kept)
}

fn damaged(why: impl std::fmt::Display) -> Refusal {
    Refusal::mismatch("check", why)
}

/// Counts all blocks, and calls `kept` with the offset and size of each kept block.
pub(crate) fn blocks(local: &Local, found: &mut Statistics, mut kept: impl FnMut(u64, u64)) {
    let mut page = 0;
    while page < local.pages() {
        let word = local.page_word(page);
        let at = local.page_at(page);
        page += 1;
        match (page::kind(word), page::class(word)) {
            (FREE, _) => found.free_pages += 1,
            (CLAIMED, _) => found.claimed_pages += 1,
            (EXTENT, _) => {
                page += page::len(word).max(1) - 1;
                let size = local.block(at).map_or(0, |block| block.size);
                if word & KEPT == 0 {
                    found.loose_bytes += size;
                } else {
                    found.kept_bytes += size;
                    kept(at, size);
                }
            }
            (SLAB, Some(class)) => {
                for number in 0..class.count() {
                    let offset = at + number * class.size();
                    let Some(block) = local.block(offset) else { continue };
                    if local.is_kept(&block) {
                        found.kept_bytes += block.size;
                        kept(offset, block.size);
                    } else if local.is_allocated(&block) && !local.is_collectable(&block) {
                        found.loose_bytes += block.size;
                    }
                }
            }
            _ => {}
        }
    }
}

fn check_pages(local: &Local) -> Result<(), Refusal> {
    let (mut page, count) = (0, local.pages());
    while page < count {
        let word = local.page_word(page);
        let (kind, owner) = (page::kind(word), page::owner(word));
        if owner > local.parts.place.participants {
            return Err(damaged(format_args!("page {page} belongs to participant {owner}")));
        }
        match kind {
            FREE | CLAIMED => page += 1,
            SLAB => {
                let class = page::class(word);
                let class =
                    class.ok_or_else(|| damaged(format_args!("page {page} has no class")))?;
                check_slab(local, page, class)?;
                page += 1;
            }
            EXTENT if page::len(word) > 0 && page::len(word) <= count - page => {
                page += page::len(word);
            }
            _ => {
                let why = format_args!("page {page} has the word {word:#x}");
                return Err(damaged(why));
            }
        }
    }
    Ok(())
}

fn check_slab(local: &Local, page: u64, class: Class) -> Result<(), Refusal> {
    let Some(slab) = local.parts.slab(page) else { return Ok(()) };
    for at in 0..class.words() {
        let load = |map: &[AtomicU64; 64]| map[at].load(Ordering::Acquire);
        let (free, kept, remote) = (load(&slab.free), load(&slab.kept), load(&slab.remote));
        // While the owner of the slab collects a block, its bits of `free` and `remote` may both be
        // set.
        if free & kept != 0 && remote == 0 || (free | kept) & !class.mask(at) != 0 {
            let why = format_args!("page {page} has the bitmaps {free:#x} and {kept:#x} at {at}");
            return Err(damaged(why));
        }
    }
    Ok(())
}

/// Checks the lists, and removes the blocks of each object from the kept ones.
fn check_objects(local: &Local, kept: &mut HashMap<u64, u64>) -> Result<(), Refusal> {
    let count = usize::try_from(local.parts.place.objects).unwrap_or(usize::MAX);
    let mut seen = vec![false; count];
    let mut visit = |number: u64, is_free: bool| {
        let place = usize::try_from(number).ok().and_then(|at| seen.get_mut(at));
        let record = local.parts.record(number);
        let (Some(place), Some(record)) = (place, record) else {
            return Err(damaged(format_args!("a list leads to object {number}")));
        };
        let kind = kind_of(record.state.load(Ordering::Acquire));
        if std::mem::replace(place, true) || (kind == 0) != is_free {
            return Err(damaged(format_args!(
                "object {number} is in two lists, or in a wrong one"
            )));
        }
        Ok(())
    };
    let free = local.parts.control().free_object.load(Ordering::Acquire);
    local.list(free).try_for_each(|number| visit(number, true))?;
    for bucket in 0..local.parts.place.objects {
        let Some(first) = local.parts.bucket(bucket) else { break };
        local.list(first.load(Ordering::Acquire)).try_for_each(|number| visit(number, false))?;
    }
    for number in 0..local.parts.place.objects {
        let Some(record) = local.parts.record(number) else { break };
        let kind = kind_of(record.state.load(Ordering::Acquire));
        let is_listed = usize::try_from(number).is_ok_and(|at| seen.get(at) == Some(&true));
        if kind == 0 {
            if !is_listed {
                return Err(damaged(format_args!("object {number} is free and in no list")));
            }
            continue;
        }
        let is_anonymous = Key::of(record).family == ANONYMOUS;
        if is_listed == is_anonymous {
            return Err(damaged(format_args!("object {number} is in a wrong list")));
        }
        for place in [&record.content, &record.description] {
            let offset = place.load(Ordering::Acquire);
            if offset != 0 && kept.remove(&offset).is_none() {
                let why =
                    format_args!("object {number} has the block at {offset}, which is not its own");
                return Err(damaged(why));
            }
        }
    }
    Ok(())
}
