//! Arbitrary bytes as a heap: the work of a fuzz target and of tests.

use std::alloc::Layout;
use std::sync::LazyLock;

use ipc_core::{Error, Result};
use ipc_heap::{
    Heap, HeapDeque, HeapHashMap, HeapInfo, HeapOptions, HeapString, HeapValue, HeapVec, Offset,
};
use ipc_mem::{LocalMemory, Memory, ReadWrite};

use crate::memory;

/// The number of pages of the heaps here.
pub const PAGES: usize = 8;
/// The maximum number of their objects.
pub const OBJECTS: usize = 6;
/// The maximum number of their participants.
pub const PARTICIPANTS: usize = 2;

const PAGE: usize = 1 << 16;

/// The space that the input of [`run`] has for the tables of such a heap.
pub const TABLES: usize = 16_384;

/// The options of the heaps here.
pub fn options() -> HeapOptions {
    HeapOptions::new(PAGES * PAGE).objects(OBJECTS).participants(PARTICIPANTS)
}

/// Creates objects of all kinds, which programs find by name, and one of which was created in a
/// group.
pub fn fill<M: Memory<Access = ReadWrite>>(heap: &Heap<M>) -> Result<()> {
    heap.create_object::<HeapVec<u64>>("vec", &[1, 2, 3])?;
    heap.create_object::<HeapString>("string", &"text ".repeat(20))?;
    heap.unique_object::<HeapValue<[u64; 5]>>([7; 5])?;
    let map = heap.create_object::<HeapHashMap<u64, [u64; 2]>>("map", ())?;
    (0..5).try_for_each(|key| map.lock()?.insert(key, [key; 2]).map(|_| ()))?;
    let mut group = heap.group();
    group.create::<HeapDeque<u32>>("deque", &[1, 2, 3])?;
    group.commit()
}

/// The bytes of a heap, filled, without a word on where it was created.
pub fn image() -> Vec<u8> {
    let memory = LocalMemory::new(options().memory_size().unwrap()).unwrap();
    let heap = Heap::create_in(memory, options()).unwrap();
    fill(&heap).unwrap();
    let mut bytes = memory::bytes(heap.memory());
    drop(heap);
    bytes[32..56].fill(0);
    bytes
}

/// The bytes of each page that an input of [`run`] contains: blocks are allocated from the beginning
/// of a page.
const START: usize = 1024;

/// The input of [`run`] for the bytes of a heap: the tables, and then the beginning of each page.
pub fn input(image: &[u8]) -> Vec<u8> {
    let pages = image[PAGE..].chunks(PAGE).map(|page| &page[..START]);
    [&image[..TABLES]].into_iter().chain(pages).collect::<Vec<_>>().concat()
}

/// Uses a heap whose tables and pages begin with these bytes.
/// Returns whether it was found in order.
pub fn run(input: &[u8]) -> bool {
    let mut bytes = vec![0; (1 + PAGES) * PAGE];
    let (tables, pages) = input.split_at(input.len().min(TABLES));
    bytes[..tables.len()].copy_from_slice(tables);
    for (page, start) in bytes[PAGE..].chunks_mut(PAGE).zip(pages.chunks(START)) {
        page[..start.len()].copy_from_slice(start);
    }
    run_image(&bytes)
}

/// Uses bytes as a heap: first through a handle that only reads, and then in all ways. The heap
/// lies inside them, or there is an error. Returns whether it was found in order.
pub fn run_image(bytes: &[u8]) -> bool {
    let mut bytes = memory::created_here(bytes);
    release_locks(&mut bytes);
    let memory = memory::memory(&bytes);
    let looked = Heap::open_read_only_in(memory.clone()).and_then(|heap| look(&heap));
    let worked = Heap::open_in(memory).and_then(|heap| work(&heap));
    [looked, worked].into_iter().map(in_order).fold(true, |all, one| all & one)
}

/// A lock that a living process seems to hold makes others wait, and views fail.
fn release_locks(bytes: &mut [u8]) {
    static FREE: LazyLock<Vec<u8>> = LazyLock::new(|| image()[128..152].to_vec());
    let Ok(info) = HeapInfo::of_bytes(bytes, bytes.len()) else { return };
    let [objects, participants] = [info.max_objects, info.max_participants]
        .map(|number| usize::try_from(number).unwrap_or(usize::MAX));
    let records = (384 + 128 * participants + 8 * objects).next_multiple_of(64);
    let places = (0..objects).map(|number| records + 256 * number);
    let locks = places.map(|record| (record + 16, record + 88)).chain([(128, 216), (184, 216)]);
    for (mutex, version) in locks {
        bytes[mutex..mutex + 24].copy_from_slice(&FREE);
        bytes[version] &= !1;
    }
}

fn look<M: Memory>(heap: &Heap<M>) -> Result<()> {
    assert!(heap.objects()?.len() < 1 << 24);
    let found = heap.statistics();
    assert!(found.free_pages + found.claimed_pages <= found.pages);
    assert!(heap.class_statistics().iter().all(|class| class.kept <= class.blocks));
    let vec = heap.view::<HeapVec<u64>>("vec")?;
    assert!(vec.to_vec()?.len() <= PAGES * PAGE / 8);
    heap.view::<HeapString>("string")?.get()?;
    heap.view_unique::<HeapValue<[u64; 5]>>()?.get()?;
    let map = heap.view::<HeapHashMap<u64, [u64; 2]>>("map")?;
    assert!(map.to_vec()?.len() <= PAGES * PAGE / 24);
    map.get(&3)?;
    let deque = heap.view::<HeapDeque<u32>>("deque")?;
    assert!(deque.to_vec()?.len() <= PAGES * PAGE / 4);
    Ok(())
}

fn work<M: Memory<Access = ReadWrite> + 'static>(heap: &Heap<M>) -> Result<()> {
    for object in heap.objects()? {
        _ = heap.get::<HeapVec<u64>>(object.id);
        _ = heap.read::<u64>(Offset::from_raw(object.bytes));
    }
    let block = heap.allocate(Layout::from_size_align(100, 64).unwrap())?;
    heap.free(block.into_offset()?)?;
    // The damage may be anywhere: each part is used, whatever the others did.
    let parts = [containers(heap), group(heap), heap.repair(|_, _| false).map(|_| ())];
    let copied = heap.to_local().map(|_| ());
    for name in ["vec", "string", "map", "deque", "new"] {
        heap.destroy_named(name)?;
    }
    parts.into_iter().collect::<Result<()>>()?;
    copied
}

fn containers<M: Memory<Access = ReadWrite>>(heap: &Heap<M>) -> Result<()> {
    let vec = || {
        let vec = heap.find::<HeapVec<u64>>("vec")?;
        let mut vec = vec.lock()?;
        vec.push(4)?;
        vec.insert(0, 5)?;
        vec.extend_from_slice(&[6; 20])?;
        vec.remove(1)?;
        vec.shrink_to_fit()
    };
    let string = || {
        let string = heap.find::<HeapString>("string")?;
        let mut string = string.lock()?;
        string.push_str("more")?;
        string.get()?;
        string.set("less")
    };
    let value = || heap.unique_object::<HeapValue<[u64; 5]>>([0; 5])?.update(|value| value[0] = 1);
    let map = || {
        let map = heap.find::<HeapHashMap<u64, [u64; 2]>>("map")?;
        let mut map = map.lock()?;
        (3..20).try_for_each(|key| map.insert(key, [1; 2]).map(|_| ()))?;
        map.remove(&2);
        assert!(map.iter().count() <= PAGES * PAGE / 24);
        Ok(())
    };
    let deque = || {
        let deque = heap.find::<HeapDeque<u32>>("deque")?;
        let mut deque = deque.lock()?;
        (0..10).try_for_each(|number| deque.push_back(number))?;
        (0..10).try_for_each(|number| deque.push_front(number))?;
        _ = (deque.pop_back(), deque.pop_front());
        deque.set(0, 1)
    };
    let parts: [Result<()>; 5] = [vec(), string(), value(), map(), deque()];
    parts.into_iter().collect()
}

fn group<M: Memory<Access = ReadWrite>>(heap: &Heap<M>) -> Result<()> {
    let mut group = heap.group();
    group.create::<HeapString>("new", "new")?;
    group.rename("vec", "old")?;
    group.rename("new", "vec")?;
    group.destroy("vec")?;
    group.rename("old", "vec")?;
    group.commit()
}

/// A heap of so few pages may be full.
fn in_order(result: Result<()>) -> bool {
    let is_expected = |err: &Error| {
        err.is_mismatch()
            || err.is_not_found()
            || err.is_exists()
            || err.is_removed()
            || err.is_invalid_argument()
    };
    match result {
        Err(err) if !err.is_no_space() => {
            assert!(is_expected(&err), "{err}");
            false
        }
        _ => true,
    }
}
