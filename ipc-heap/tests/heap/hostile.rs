//! Heaps in which any byte may be damaged, except those of locks: the result is an error or some
//! content, and never a fault or an endless loop.

use std::alloc::Layout;
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;

use ipc_core::{Removal, Result};
use ipc_heap::{
    ArcOffset, Heap, HeapArc, HeapBox, HeapDeque, HeapHashMap, HeapInfo, HeapMap, HeapOptions,
    HeapReadMap, HeapString, HeapValue, HeapVec, Offset,
};
use ipc_mem::MemoryOptions;
use ipc_testkit::{Rng, figures, fixture, rounds, watchdog};

const OBJECTS: u64 = 16;
const PARTICIPANTS: u64 = 4;
const PAGES: u64 = 16;

/// The mutexes and versions of the directory and of the objects, and the mutex of the counts: damaged
/// locks may block, as `ipc_sync` documents, and a view waits a second for an odd version.
fn is_of_a_lock(at: u64) -> bool {
    let records = 384 + 128 * PARTICIPANTS + 8 * OBJECTS;
    let within = at.wrapping_sub(records);
    let of_record = |at| (16..40).contains(&at) || at == 88;
    let of_control = (128..152).contains(&at) || (184..208).contains(&at) || at == 216;
    of_control || within < 256 * OBJECTS && of_record(within % 256)
}

fn fill(heap: &Heap) -> Result<()> {
    heap.create_object::<HeapVec<u64>>("vec", &[1, 2, 3])?;
    heap.create_object::<HeapString>("string", &"text ".repeat(30_000))?;
    heap.create_object::<HeapValue<[u64; 5]>>("value", [7; 5])?;
    let map = heap.create_object::<HeapHashMap<u64, [u64; 2]>>("map", ())?;
    for key in 0..20 {
        map.lock()?.insert(key, [key; 2])?;
    }
    heap.create_object::<HeapDeque<u32>>("deque", &[1, 2, 3])?.lock()?.push_front(0)?;
    let map = heap.create_object::<HeapMap<u64, u64>>("sorted", ())?;
    let rows = heap.create_object::<HeapReadMap<u64, u64>>("rows", ())?;
    for key in 0..40 {
        map.lock()?.insert(key, key)?;
        rows.lock()?.insert(key, key)?;
    }
    let owner = heap.create_object::<HeapVec<u64>>("owner", &[])?;
    for _ in 0..2 {
        let owned = heap.create_owned::<HeapVec<u64>>(&owner, &[])?;
        heap.create_owned::<HeapString>(&owned, "text")?;
    }
    let first = HeapArc::new(heap, [1u64; 3])?.into_offset()?;
    heap.create_object::<HeapVec<ArcOffset<[u64; 3]>>>("counted", &[first])?;
    // A handle that has not ended leaves counts, as a dead process does.
    std::mem::forget((HeapArc::open(heap, first)?, HeapArc::open(heap, first)?.downgrade()?));
    HeapBox::new(heap, 7u64)?.into_offset()?;
    Ok(())
}

/// Uses all parts of a heap, as far as the damage allows.
fn use_all(name: &str, rng: &mut Rng) -> Result<u64> {
    let heap = Heap::open(name)?;
    let mut errors = 0;
    let mut note = |result: Result<()>| errors += u64::from(result.is_err());
    note(heap.check().map(|_| ()));
    let _ = heap.statistics();
    for object in heap.objects()? {
        let _ = heap.get::<HeapVec<u64>>(object.id);
    }
    let vec = || -> Result<()> {
        let vec = heap.find::<HeapVec<u64>>("vec")?;
        let mut vec = vec.lock()?;
        vec.push(4)?;
        vec.insert(0, 5)?;
        vec.extend_from_slice(&[6; 100])?;
        drop(vec.to_vec());
        vec.remove(1)?;
        vec.shrink_to_fit()
    };
    note(vec());
    let views = || -> Result<()> {
        let viewer = Heap::open_read_only(name)?;
        let objects = viewer.objects()?;
        assert!(objects.len() as u64 <= OBJECTS);
        let _ = viewer.statistics();
        viewer.view::<HeapVec<u64>>("vec")?.to_vec()?;
        viewer.view::<HeapString>("string")?.get()?;
        viewer.view::<HeapValue<[u64; 5]>>("value")?.get()?;
        viewer.view::<HeapHashMap<u64, [u64; 2]>>("map")?.to_vec()?;
        viewer.view::<HeapDeque<u32>>("deque")?.to_vec().map(|_| ())
    };
    note(views());
    let string = || -> Result<()> {
        let string = heap.find::<HeapString>("string")?;
        let mut string = string.lock()?;
        string.push_str("more")?;
        string.get()?;
        string.set("less")
    };
    note(string());
    let value = || heap.find::<HeapValue<[u64; 5]>>("value")?.update(|value| value[0] = 1);
    note(value());
    let map = || -> Result<()> {
        let map = heap.find::<HeapHashMap<u64, [u64; 2]>>("map")?;
        let mut map = map.lock()?;
        for key in 15..40 {
            map.insert(key, [1; 2])?;
        }
        let _ = (map.get(&1), map.remove(&2));
        assert!(map.iter().count() <= 1 << 16);
        Ok(())
    };
    note(map());
    let counted = || -> Result<()> {
        let offsets = heap.find::<HeapVec<ArcOffset<[u64; 3]>>>("counted")?;
        let offset = offsets.lock()?.get(0).unwrap_or(ArcOffset::from_raw(8));
        let arc = HeapArc::open(&heap, offset)?;
        let _ = (arc.get(), arc.strong_count(), arc.downgrade()?.upgrade()?);
        HeapArc::new(&heap, 7u64)?.into_offset()?;
        drop(HeapArc::from_offset(&heap, arc.into_offset()?)?);
        Ok(())
    };
    note(counted());
    let sorted = |is_read: bool| -> Result<()> {
        let mut map = if is_read {
            let rows = heap.find::<HeapReadMap<u64, u64>>("rows")?;
            let _ = (rows.get(&7)?, rows.range(3..)?, rows.last()?, rows.len()?);
            rows.lock()?
        } else {
            heap.find::<HeapMap<u64, u64>>("sorted")?.lock()?
        };
        let _ = (map.first(), map.last(), map.get(&20), map.range(..20).rev().count());
        for key in 30..60 {
            map.insert(key, 1)?;
        }
        (10..40).try_for_each(|key| map.remove(&key).map(|_| ()))?;
        assert!(map.iter().count() <= 1 << 17);
        Ok(())
    };
    note(sorted(false));
    note(sorted(true));
    let mut blocks = || -> Result<()> {
        let size = usize::try_from(rng.below(100_000)).unwrap();
        let block = heap.allocate(Layout::from_size_align(size, 64).unwrap())?;
        let offset = block.into_offset()?;
        let _ = heap.free(Offset::<u8>::from_raw(rng.next_u64() % (PAGES << 17)));
        heap.read(Offset::<u64>::from_raw(offset.raw()))?;
        heap.free(offset)
    };
    note(blocks());
    let deque = || -> Result<()> {
        let deque = heap.find::<HeapDeque<u32>>("deque")?;
        let mut deque = deque.lock()?;
        (0..10).try_for_each(|number| deque.push_back(number))?;
        (0..10).try_for_each(|number| deque.push_front(number))?;
        drop(deque.iter().collect::<Vec<_>>());
        let _ = (deque.pop_back(), deque.pop_front());
        deque.set(0, 1)
    };
    note(deque());
    note(heap.create_object::<HeapString>("new", "new").map(|_| ()));
    for name in ["vec", "string", "map", "owner"] {
        note(heap.destroy_named(name).map(|_| ()));
    }
    Ok(errors)
}

#[test]
fn damaged_heaps_are_errors_or_some_content_and_never_faults() {
    let rng = &mut Rng::new();
    let (mut refused, mut failed, mut used) = (0, 0, 0);
    for round in 0..rounds(600, 50_000) {
        watchdog(|| {
            let name = fixture::name();
            let size = usize::try_from(PAGES << 16).unwrap();
            let options = HeapOptions::new(size)
                .objects(usize::try_from(OBJECTS).unwrap())
                .participants(usize::try_from(PARTICIPANTS).unwrap())
                .memory(MemoryOptions::new(0).removal(Removal::Never));
            let heap = Heap::create(&*name, options).unwrap();
            fill(&heap).unwrap();
            drop(heap);
            let path = format!("/dev/shm{}", &*name);
            let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
            let tables = 384 + 128 * PARTICIPANTS + (8 + 256) * OBJECTS + (8 + 1600) * PAGES;
            // The header, all tables, or the tables and the first pages.
            let end = [128, tables, 4 << 16][usize::try_from(round % 3).unwrap()];
            for _ in 0..1 + rng.below(20) {
                let at = rng.below(end / 8) * 8;
                if is_of_a_lock(at) {
                    continue;
                }
                let mut old = [0; 8];
                file.read_exact_at(&mut old, at).unwrap();
                let old = u64::from_ne_bytes(old);
                let new = match rng.below(6) {
                    0 => old ^ 1 << rng.below(64),
                    1 => rng.next_u64(),
                    2 => rng.below(1 << 20),
                    3 => {
                        rng.below(64) << 32 | rng.below(4) << 16 | rng.below(5) | rng.below(2) << 8
                    }
                    4 => u64::MAX,
                    _ => old.wrapping_add(8),
                };
                file.write_all_at(&new.to_ne_bytes(), at).unwrap();
            }
            let mut head = vec![0; usize::try_from(rng.below(tables)).unwrap()];
            file.read_exact_at(&mut head, 0).unwrap();
            if let Ok(info) = HeapInfo::of_bytes(&head, 1 << 40) {
                assert!(info.objects.len() as u64 <= info.max_objects);
            }
            match use_all(&name, rng) {
                Err(_) => refused += 1,
                Ok(0) => used += 1,
                Ok(_) => failed += 1,
            }
        });
    }
    assert!(refused > 20 && failed > 20 && used > 20, "{refused} {failed} {used}");
    figures(format_args!(
        "{refused} damaged heaps refused, {failed} used with errors, {used} without, no fault"
    ));
}
