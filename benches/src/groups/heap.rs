//! Blocks and containers of a heap.

use std::alloc::Layout;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::hint::black_box;

use ipc_core::Result;
use ipc_heap::{Heap, HeapHashMap, HeapOptions, HeapVec};
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
            held all the time; the maps have 1024 entries and the same hash.",
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
    let (scene, two) = (("heap", 0), (Other::Process, Cores::Two));
    partners::visit(visit, "allocate and free, beside another process", scene, two, Some(1.18))?;
    visit(push()?.target(1.5))?;
    visit(get()?.target(1.5))
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
