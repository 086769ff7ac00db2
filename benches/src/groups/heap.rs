//! Blocks and containers of a heap.

use std::alloc::Layout;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::hint::black_box;
use std::sync::Arc;

use ipc_core::Result;
use ipc_heap::{
    Heap, HeapArc, HeapHashMap, HeapMap, HeapMapGuard, HeapOptions, HeapReadMap, HeapVec,
};
use ipc_mem::LocalMemory;

use crate::partners::{self, Cores, Other, Stage, Work};
use crate::sys::block::Block;
use crate::{Group, Pair, Ratio, Side};

/// The group.
pub const GROUP: Group = Group {
    name: "heap",
    about: "Blocks of 64 bytes of an `ipc_heap::Heap` beside those of C's `malloc` and `free`; in\n\
            *512 live*, each turn frees a random one of 512 blocks and allocates another. In\n\
            *freed by another handle*, a block is passed to the heap, and another handle of the\n\
            same process frees it. *Beside another process*: two processes, each on its own core,\n\
            allocate and free batches of 64 blocks in one heap; the reference is one process\n\
            alone, so 1.00 is linear. Containers stand beside those of `std`, under a lock that is\n\
            held all the time; the hash maps have 1024 entries and the same hash, the ordered\n\
            maps 100,000 entries. *Replace one* removes a random entry and inserts another.",
    ratio: Ratio::Time,
    pairs,
};

const SIZE: usize = 64;
const LIVE: usize = 512;
const ENTRIES: u64 = 1024;
const BATCH: u64 = 64;

fn heap() -> Result<Heap<LocalMemory>> {
    let options = HeapOptions::new(32 << 20).objects(16).participants(4);
    Heap::create_in(LocalMemory::new(options.memory_size()?)?, options)
}

/// Heaps live to the end of the program, because blocks and guards borrow them.
fn leaked() -> Result<&'static Heap<LocalMemory>> {
    Ok(Box::leak(Box::new(heap()?)))
}

fn layout() -> Layout {
    black_box(Layout::new::<[u64; SIZE / 8]>())
}

fn pairs(visit: &mut dyn FnMut(Pair) -> Result<()>) -> Result<()> {
    visit(one_after_the_other()?.target(1.0))?;
    visit(live()?.target(1.1))?;
    visit(freed_by_another_handle()?)?;
    visit(push()?.target(1.5))?;
    visit(get()?.target(1.5))?;
    visit(clone_counted()?.target(1.0))?;
    visit(create_counted()?)?;
    visit(get_in_order()?.target(2.5))?;
    visit(get_without_a_lock()?.target(2.5))?;
    let map = leaked()?.create_anonymous::<HeapMap<u64, u64>>(())?;
    visit(replace_one("ordered map, replace one", map.lock()?)?.target(2.0))?;
    let map = leaked()?.create_anonymous::<HeapReadMap<u64, u64>>(())?;
    visit(replace_one("read-mostly map, replace one", map.lock()?)?)?;
    let (scene, two) = (("heap", 0), (Other::Process, Cores::Two));
    partners::visit(visit, "allocate and free, beside another process", scene, two, Some(1.18))
}

fn one_after_the_other() -> Result<Pair> {
    let ours = leaked()?;
    Ok(Pair::new("allocate and free", move |side, times| {
        for _ in 0..times {
            match side {
                Side::Ours => {
                    black_box(ours.allocate(layout())?.offset());
                }
                Side::Reference => {
                    black_box(Block::new(layout().size()).address());
                }
            }
        }
        Ok(())
    }))
}

/// A generator that costs little beside an allocation.
fn next(random: &mut u32) -> usize {
    *random ^= *random << 13;
    *random ^= *random >> 17;
    *random ^= *random << 5;
    *random as usize % LIVE
}

fn live() -> Result<Pair> {
    let heap = leaked()?;
    let mut ours = (0..LIVE).map(|_| heap.allocate(layout())).collect::<Result<Vec<_>>>()?;
    let mut reference: Vec<_> = (0..LIVE).map(|_| Block::new(SIZE)).collect();
    let mut random = 1;
    Ok(Pair::new("allocate and free, 512 live", move |side, times| {
        for _ in 0..times {
            let at = next(&mut random);
            match side {
                Side::Ours => ours[at] = heap.allocate(layout())?,
                Side::Reference => reference[at] = Block::new(layout().size()),
            }
        }
        Ok(())
    }))
}

pub(crate) fn scene(stage: &mut Stage, _: usize) -> Result<Work> {
    let (name, leads) = (format!("{}-heap", stage.name), stage.leads);
    let heap = if leads { Heap::create(name, 4 << 20)? } else { Heap::open(name)? };
    Ok(Box::new(move |side, times| {
        if leads || side == Side::Ours {
            for _ in 0..=times / BATCH {
                let blocks = (0..BATCH).map(|_| heap.allocate(layout()));
                black_box(blocks.collect::<Result<Vec<_>>>()?);
            }
        }
        Ok(None)
    }))
}

fn freed_by_another_handle() -> Result<Pair> {
    let ours = leaked()?;
    let other = ours.try_clone()?;
    Ok(Pair::new("allocate, freed by another handle", move |side, times| {
        for _ in 0..times {
            match side {
                Side::Ours => other.free(ours.allocate(layout())?.into_offset()?)?,
                Side::Reference => {
                    black_box(Block::new(layout().size()).address());
                }
            }
        }
        Ok(())
    }))
}

fn push() -> Result<Pair> {
    let vec = leaked()?.create_anonymous::<HeapVec<u64>>(&[])?;
    let mut ours = vec.lock()?;
    ours.reserve(1 << 16)?;
    let mut reference = Vec::with_capacity(1 << 16);
    Ok(Pair::new("vector, push of `u64`", move |side, times| {
        for number in 0..times {
            match side {
                Side::Ours => {
                    if ours.len() == 1 << 16 {
                        ours.clear();
                    }
                    ours.push(black_box(number))?;
                }
                Side::Reference => {
                    if reference.len() == 1 << 16 {
                        reference.clear();
                    }
                    black_box(&mut reference).push(black_box(number));
                }
            }
        }
        Ok(())
    }))
}

/// The hash of `HeapHashMap` for keys of one word.
#[derive(Default)]
struct Folded(u64);

impl Hasher for Folded {
    fn finish(&self) -> u64 {
        mix(self.0, 0x5851_f42d_4c95_7f2d)
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = mix(self.0, word).wrapping_add(0x0101_0101_0101_0101);
    }
}

fn mix(hash: u64, word: u64) -> u64 {
    let product = u128::from(hash ^ word) * u128::from(0x9e37_79b9_7f4a_7c15_u64);
    #[expect(clippy::cast_possible_truncation, reason = "both halves are used")]
    let folded = product as u64 ^ (product >> 64) as u64;
    folded
}

fn get() -> Result<Pair> {
    let map = leaked()?.create_anonymous::<HeapHashMap<u64, u64>>(())?;
    let mut ours = map.lock()?;
    let mut reference = HashMap::<u64, u64, BuildHasherDefault<Folded>>::default();
    for key in 0..ENTRIES {
        ours.insert(key * 7919, key)?;
        reference.insert(key * 7919, key);
    }
    let mut random = 1;
    Ok(Pair::new("map, get of `u64` by `u64`", move |side, times| {
        let mut sum = 0u64;
        for _ in 0..times {
            let key = next(&mut random) as u64 * 7919;
            let found = match side {
                Side::Ours => ours.get(&key),
                Side::Reference => reference.get(&key).copied(),
            };
            sum = sum.wrapping_add(found.unwrap_or(0));
        }
        black_box(sum);
        Ok(())
    }))
}

fn clone_counted() -> Result<Pair> {
    let ours = HeapArc::new(leaked()?, 7u64)?;
    let reference = Arc::new(7u64);
    Ok(Pair::new("counted value, clone and drop", move |side, times| {
        for _ in 0..times {
            match side {
                Side::Ours => drop(black_box(black_box(&ours).clone())),
                Side::Reference => drop(black_box(Arc::clone(black_box(&reference)))),
            }
        }
        Ok(())
    }))
}

fn create_counted() -> Result<Pair> {
    let heap = leaked()?;
    Ok(Pair::new("counted value, create and drop", move |side, times| {
        for number in 0..times {
            match side {
                Side::Ours => drop(black_box(HeapArc::new(heap, number)?)),
                Side::Reference => drop(black_box(Arc::new(number))),
            }
        }
        Ok(())
    }))
}

/// The number of entries of the ordered maps.
const SORTED: u64 = 100_000;

/// The key with a number. Different numbers have different keys in any order.
fn key(number: u64) -> u64 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// A number below `SORTED` that costs little.
fn any(random: &mut u32) -> u64 {
    (next(random) as u64 * LIVE as u64 + next(random) as u64) % SORTED
}

fn fill(ours: &mut HeapMapGuard<'_, u64, u64>) -> Result<BTreeMap<u64, u64>> {
    (0..SORTED).try_for_each(|number| ours.insert(key(number), number).map(|_| ()))?;
    Ok((0..SORTED).map(|number| (key(number), number)).collect())
}

fn get_in_order() -> Result<Pair> {
    let mut ours = leaked()?.create_anonymous::<HeapMap<u64, u64>>(())?.lock()?;
    let reference = fill(&mut ours)?;
    let mut random = 1;
    Ok(Pair::new("ordered map, get of `u64` by `u64`", move |side, times| {
        let mut sum = 0u64;
        for _ in 0..times {
            let key = key(any(&mut random));
            let found = match side {
                Side::Ours => ours.get(&key),
                Side::Reference => reference.get(&key).copied(),
            };
            sum = sum.wrapping_add(found.unwrap_or(0));
        }
        black_box(sum);
        Ok(())
    }))
}

fn get_without_a_lock() -> Result<Pair> {
    let ours = leaked()?.create_anonymous::<HeapReadMap<u64, u64>>(())?;
    let reference = fill(&mut ours.lock()?)?;
    let mut random = 1;
    Ok(Pair::new("read-mostly map, get of `u64` by `u64`", move |side, times| {
        let mut sum = 0u64;
        for _ in 0..times {
            let key = key(any(&mut random));
            let found = match side {
                Side::Ours => ours.get(&key)?,
                Side::Reference => reference.get(&key).copied(),
            };
            sum = sum.wrapping_add(found.unwrap_or(0));
        }
        black_box(sum);
        Ok(())
    }))
}

/// Each side removes one of its entries, and inserts one that it did not have.
fn replace_one(name: &str, mut ours: HeapMapGuard<'static, u64, u64>) -> Result<Pair> {
    let mut reference = fill(&mut ours)?;
    let mut counts = [[0, SORTED]; 2];
    Ok(Pair::new(name, move |side, times| {
        let [removed, inserted] = &mut counts[usize::from(side == Side::Ours)];
        for _ in 0..times {
            let (old, new) = (key(*removed), key(*inserted));
            match side {
                Side::Ours => {
                    black_box(ours.remove(&old)?);
                    ours.insert(new, 1)?;
                }
                Side::Reference => {
                    black_box(reference.remove(&old));
                    reference.insert(new, 1);
                }
            }
            (*removed, *inserted) = (*removed + 1, *inserted + 1);
        }
        Ok(())
    }))
}
