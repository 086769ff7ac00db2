//! The operations in the middle of which processes are killed.

use std::alloc::Layout;
use std::fmt::Write;

use ipc_core::Result;
use ipc_heap::{
    ArcOffset, Heap, HeapArc, HeapBox, HeapDeque, HeapHashMap, HeapMap, HeapReadMap, HeapString,
    HeapValue, HeapVec, Offset,
};

pub(crate) type Step = fn(&Heap) -> Result<()>;

type Wide = [u64; 5];

/// The operations by name: how the heap is prepared, and the steps of the process that is killed.
pub(crate) const OPERATIONS: &[(&str, Step, &[Step])] = &[
    (
        "allocate",
        nothing,
        &[|heap| {
            for size in [1, 64, 64, 70_000, 200_000] {
                drop(heap.allocate(Layout::from_size_align(size, 16).unwrap())?);
            }
            // The last block of a slab, and the first of the next one.
            let blocks: Result<Vec<_>> = (0..3)
                .map(|_| heap.allocate(Layout::from_size_align(32_768, 8).unwrap()))
                .collect();
            drop(blocks?);
            heap.trim();
            Ok(())
        }],
    ),
    ("free", put, &[|heap| free(heap, 0), |heap| free(heap, 1)]),
    ("pass on", slots, &[|heap| pass_on(heap, 0), |heap| pass_on(heap, 1)]),
    (
        "create",
        nothing,
        &[
            |heap| heap.create_object::<HeapVec<u64>>("vec", &[1, 2]).map(|_| ()),
            |heap| heap.create_object::<HeapValue<Wide>>("value", [1; 5]).map(|_| ()),
            |heap| heap.create_object::<HeapString>("large", &"x".repeat(70_000)).map(|_| ()),
            |heap| heap.unique_object::<HeapValue<u8>>(1).map(|_| ()),
            |heap| heap.create_anonymous::<HeapString>("text").map(|_| ()),
        ],
    ),
    (
        "destroy",
        some,
        &[
            |heap| heap.destroy_named("vec").map(|_| ()),
            |heap| heap.destroy(&heap.unique_object::<HeapValue<u8>>(1)?),
            |heap| heap.destroy_named("large").map(|_| ()),
            |heap| heap.destroy_named("map").map(|_| ()),
        ],
    ),
    ("group", some, &[first_group, second_group]),
    (
        "create and destroy",
        nothing,
        &[
            |heap| heap.create_object::<HeapString>("large", &"x".repeat(70_000)).map(|_| ()),
            |heap| heap.destroy_named("large").map(|_| ()),
            |heap| heap.create_object::<HeapVec<u64>>("vec", &[1, 2]).map(|_| ()),
            |heap| heap.destroy_named("vec").map(|_| ()),
        ],
    ),
    (
        "vec",
        some,
        &[
            |heap| vec(heap, "vec")?.lock()?.push(3),
            |heap| vec(heap, "vec")?.lock()?.extend_from_slice(&[4; 20]),
            |heap| vec(heap, "vec")?.lock()?.insert(1, 5),
            |heap| vec(heap, "vec")?.lock()?.remove(0).map(|_| ()),
            |heap| vec(heap, "vec")?.lock()?.swap_remove(0).map(|_| ()),
            |heap| vec(heap, "vec")?.lock()?.set(0, 6),
            |heap| vec(heap, "vec")?.lock()?.assign(&[7, 8]),
            |heap| vec(heap, "vec").and_then(|vec| vec.lock()).map(|mut vec| vec.truncate(1)),
            |heap| vec(heap, "vec")?.lock()?.extend_from_slice(&[9; 40_000]),
            |heap| vec(heap, "vec")?.lock()?.assign(&[]),
        ],
    ),
    (
        "bytes",
        some,
        &[
            |heap| bytes(heap)?.lock()?.insert(1, *b"new"),
            |heap| bytes(heap)?.lock()?.set(2, *b"set"),
            |heap| bytes(heap)?.lock()?.remove(0).map(|_| ()),
            |heap| bytes(heap)?.lock()?.swap_remove(0).map(|_| ()),
        ],
    ),
    (
        "deque",
        deque,
        &[
            |heap| numbers(heap)?.lock()?.push_back([4; 3]),
            |heap| numbers(heap)?.lock()?.push_front([5; 3]),
            |heap| numbers(heap)?.lock()?.set(1, [6; 3]),
            |heap| {
                numbers(heap)?.lock()?.pop_front();
                Ok(())
            },
            |heap| {
                numbers(heap)?.lock()?.pop_back();
                Ok(())
            },
            |heap| numbers(heap)?.lock()?.push_back([7; 3]),
            |heap| numbers(heap)?.lock()?.push_back([8; 3]),
            |heap| numbers(heap)?.lock()?.push_back([9; 3]),
            |heap| numbers(heap).and_then(|deque| deque.lock()).map(|mut deque| deque.clear()),
        ],
    ),
    (
        "string",
        some,
        &[
            |heap| heap.find::<HeapString>("large")?.lock()?.push_str("more"),
            |heap| heap.find::<HeapString>("large")?.lock()?.set("less"),
        ],
    ),
    (
        "value",
        some,
        &[
            |heap| heap.find::<HeapValue<Wide>>("value")?.update(|value| value[4] = 9),
            |heap| heap.unique_object::<HeapValue<u8>>(1)?.set(2),
        ],
    ),
    (
        "map",
        some,
        &[
            |heap| map(heap)?.lock()?.insert(1, [2; 5]).map(|_| ()),
            |heap| map(heap)?.lock()?.insert(100, [1; 5]).map(|_| ()),
            |heap| {
                map(heap).and_then(|map| map.lock()).map(|mut map| {
                    map.remove(&1).unwrap();
                })
            },
            |heap| map(heap)?.lock()?.insert(101, [1; 5]).map(|_| ()),
            |heap| map(heap)?.lock()?.insert(102, [1; 5]).map(|_| ()),
            |heap| map(heap).and_then(|map| map.lock()).map(|mut map| map.clear()),
            |heap| map(heap)?.lock()?.insert(1, [1; 5]).map(|_| ()),
        ],
    ),
    (
        "ordered map",
        ordered,
        &[
            |heap| sorted(heap)?.lock()?.insert(1, [9; 5]).map(|_| ()),
            |heap| sorted(heap)?.lock()?.insert(10, [9; 5]).map(|_| ()),
            |heap| sorted(heap)?.lock()?.insert(11, [9; 5]).map(|_| ()),
            |heap| sorted(heap)?.lock()?.pop_last().map(|_| ()),
            |heap| sorted(heap)?.lock()?.remove(&7).map(|_| ()),
            |heap| sorted(heap)?.lock()?.remove(&20).map(|_| ()),
            |heap| sorted(heap)?.lock()?.remove(&15).map(|_| ()),
            |heap| sorted(heap)?.lock()?.remove(&17).map(|_| ()),
            |heap| sorted(heap)?.lock()?.remove(&19).map(|_| ()),
            |heap| sorted(heap).and_then(|map| map.lock()).map(|mut map| map.clear()),
            |heap| sorted(heap)?.lock()?.insert(1, [1; 5]).map(|_| ()),
            |heap| sorted(heap)?.lock()?.pop_first().map(|_| ()),
            |heap| sorted(heap)?.lock()?.insert(2, [2; 5]).map(|_| ()),
        ],
    ),
    (
        "read map",
        rows,
        &[
            |heap| row(heap)?.lock()?.insert(1, 9).map(|_| ()),
            |heap| row(heap)?.lock()?.insert(100, 9).map(|_| ()),
            |heap| row(heap)?.lock()?.remove(&7).map(|_| ()),
            |heap| row(heap)?.lock()?.pop_last().map(|_| ()),
            |heap| row(heap).and_then(|map| map.lock()).map(|mut map| map.clear()),
            |heap| row(heap)?.lock()?.insert(1, 1).map(|_| ()),
            |heap| row(heap)?.lock()?.pop_first().map(|_| ()),
            |heap| row(heap)?.lock()?.insert(2, 2).map(|_| ()),
        ],
    ),
    (
        "counted",
        counted,
        &[
            |heap| HeapArc::open(heap, passed(heap, 0)?).map(|arc| drop((arc.clone(), arc))),
            |heap| HeapArc::new(heap, [9u64; 5]).map(drop),
            |heap| HeapArc::new(heap, [9u64; 5])?.into_offset().map(drop),
            |heap| HeapArc::open(heap, passed(heap, 0)?)?.to_offset().map(drop),
            |heap| HeapArc::from_offset(heap, passed(heap, 0)?).map(drop),
            |heap| {
                let weak = HeapArc::open(heap, passed(heap, 0)?)?.downgrade()?;
                assert_eq!(weak.upgrade()?.unwrap().strong_count(), 2);
                Ok(())
            },
            |heap| {
                let arc = HeapArc::from_offset(heap, passed(heap, 0)?)?;
                let weak = arc.downgrade()?;
                drop(arc);
                assert!(weak.upgrade()?.is_none());
                Ok(())
            },
            // A process that is killed before it passes the value on frees it, as the next step.
            |heap| HeapArc::from_offset(heap, passed(heap, 1)?)?.into_offset().map(drop),
            |heap| HeapArc::from_offset(heap, passed(heap, 1)?).map(drop),
        ],
    ),
    (
        "owned",
        owned,
        &[
            |heap| heap.destroy_named("inner").map(|_| ()),
            |heap| heap.destroy(&heap.find::<HeapVec<u64>>("outer")?),
            |heap| heap.create_object::<HeapVec<u64>>("outer", &[]).map(|_| ()),
            |heap| {
                let outer = heap.find::<HeapVec<u64>>("outer")?;
                heap.create_owned::<HeapString>(&outer, "text").map(|_| ())
            },
        ],
    ),
];

/// Replaces two objects, and changes the names of two others.
fn first_group(heap: &Heap) -> Result<()> {
    let mut group = heap.group();
    group.create::<HeapVec<u64>>("new", &[3; 10])?;
    group.destroy("vec")?;
    group.rename("new", "vec")?;
    group.destroy("large")?;
    group.rename("map", "old map")?;
    group.create::<HeapHashMap<u64, Wide>>("map", ())?;
    group.commit()
}

/// Uses the places of objects that the first group has destroyed.
fn second_group(heap: &Heap) -> Result<()> {
    let mut group = heap.group();
    group.create::<HeapString>("large", &"y".repeat(70_000))?;
    group.destroy("old map")?;
    group.create::<HeapString>("temporary", "text")?;
    group.destroy("temporary")?;
    group.commit()
}

fn nothing(_: &Heap) -> Result<()> {
    Ok(())
}

pub(crate) fn vec<'h>(heap: &'h Heap, name: &str) -> Result<HeapVec<'h, u64>> {
    heap.find(name)
}

fn bytes(heap: &Heap) -> Result<HeapVec<'_, [u8; 3]>> {
    heap.find("bytes")
}

fn map(heap: &Heap) -> Result<HeapHashMap<'_, u64, Wide>> {
    heap.find("map")
}

fn deque(heap: &Heap) -> Result<()> {
    let deque = heap.create_object::<HeapDeque<[u64; 3]>>("deque", &[[1; 3], [2; 3]])?;
    deque.lock()?.push_front([0; 3])
}

fn numbers(heap: &Heap) -> Result<HeapDeque<'_, [u64; 3]>> {
    heap.find("deque")
}

/// A root with two full leaves.
fn ordered(heap: &Heap) -> Result<()> {
    let map = heap.create_object::<HeapMap<u64, Wide>>("sorted", ())?;
    let mut map = map.lock()?;
    (0..16).chain(17..23).try_for_each(|key| map.insert(key, [key; 5]).map(|_| ()))
}

fn sorted(heap: &Heap) -> Result<HeapMap<'_, u64, Wide>> {
    heap.find("sorted")
}

fn rows(heap: &Heap) -> Result<()> {
    let map = heap.create_object::<HeapReadMap<u64, u64>>("rows", ())?;
    let mut map = map.lock()?;
    (0..14).try_for_each(|key| map.insert(key, key).map(|_| ()))
}

fn row(heap: &Heap) -> Result<HeapReadMap<'_, u64, u64>> {
    heap.find("rows")
}

/// The offsets of two counted values that the heap has.
fn counted(heap: &Heap) -> Result<()> {
    // A handle of its own, because a handle keeps a list of counts.
    let other = heap.try_clone()?;
    let first = HeapArc::new(&other, [1u64; 5])?.into_offset()?;
    let second = HeapArc::new(&other, [2u64; 5])?.into_offset()?;
    heap.create_object::<HeapVec<ArcOffset<Wide>>>("counted", &[first, second]).map(|_| ())
}

fn passed(heap: &Heap, at: usize) -> Result<ArcOffset<Wide>> {
    Ok(heap.find::<HeapVec<ArcOffset<Wide>>>("counted")?.lock()?.get(at).unwrap())
}

/// A vector that owns two strings and a vector, which owns a string.
fn owned(heap: &Heap) -> Result<()> {
    let outer = heap.create_object::<HeapVec<u64>>("outer", &[])?;
    heap.create_owned::<HeapString>(&outer, "first")?;
    let middle = heap.create_owned::<HeapVec<u8>>(&outer, &[1])?;
    heap.create_owned::<HeapString>(&middle, "second")?;
    heap.create_owned::<HeapString>(&outer, "third")?;
    heap.create_object::<HeapString>("inner", "no owned objects").map(|_| ())
}

/// Objects of all kinds.
fn some(heap: &Heap) -> Result<()> {
    heap.create_object::<HeapVec<u64>>("vec", &[1, 2])?;
    heap.create_object::<HeapVec<[u8; 3]>>("bytes", &[*b"abc", *b"def", *b"ghi", *b"jkl"])?;
    heap.create_object::<HeapString>("large", &"x".repeat(70_000))?;
    heap.create_object::<HeapValue<Wide>>("value", [0; 5])?;
    heap.unique_object::<HeapValue<u8>>(1)?;
    let map = heap.create_object::<HeapHashMap<u64, Wide>>("map", ())?;
    for key in 0..11 {
        map.lock()?.insert(key, [key; 5])?;
    }
    Ok(())
}

/// A vector of offsets, of a small value and a large block.
fn put(heap: &Heap) -> Result<()> {
    let small = HeapBox::new(heap, 7u64)?.into_offset()?.raw();
    let large = heap.allocate(Layout::from_size_align(200_000, 8).unwrap())?.into_offset()?.raw();
    heap.create_object::<HeapVec<u64>>("offsets", &[small, large]).map(|_| ())
}

fn slots(heap: &Heap) -> Result<()> {
    heap.create_object::<HeapVec<u64>>("offsets", &[0, 0]).map(|_| ())
}

fn free(heap: &Heap, at: usize) -> Result<()> {
    let offset = vec(heap, "offsets")?.lock()?.get(at).unwrap();
    heap.free(Offset::<u8>::from_raw(offset))
}

fn pass_on(heap: &Heap, at: usize) -> Result<()> {
    let size = [8, 200_000][at];
    let block = heap.allocate(Layout::from_size_align(size, 8).unwrap())?;
    block.into_offset().map(|_| ())
}

/// The contents of a heap as text, and the number of kept bytes that belong to no object.
pub(crate) fn state(heap: &Heap) -> String {
    let mut text = String::new();
    let mut objects = heap.objects().unwrap();
    objects.sort_by(|a, b| (&a.name, a.kind as u8).cmp(&(&b.name, b.kind as u8)));
    for object in objects {
        write!(text, "{:?} {}: ", object.kind, object.name).unwrap();
        match object.name.as_str() {
            "vec" => write!(text, "{:?}", vec(heap, "vec").unwrap().lock().unwrap()),
            "bytes" => write!(text, "{:?}", bytes(heap).unwrap().lock().unwrap()),
            "deque" => write!(text, "{:?}", numbers(heap).unwrap().lock().unwrap()),
            "value" => {
                let value = heap.find::<HeapValue<Wide>>("value").unwrap();
                write!(text, "{:?}", value.get().unwrap())
            }
            "large" => {
                let string = heap.find::<HeapString>("large").unwrap();
                let string = string.lock().unwrap().get().unwrap();
                write!(text, "{} {}", string.len(), &string[string.len() - 4..])
            }
            "map" => {
                let map = map(heap).unwrap();
                let map = map.lock().unwrap();
                let mut entries: Vec<_> = map.iter().collect();
                entries.sort_unstable();
                write!(text, "{} {entries:?}", map.len())
            }
            "sorted" => {
                let map = sorted(heap).unwrap();
                let map = map.lock().unwrap();
                assert_eq!(map.iter().count(), map.len());
                write!(text, "{map:?}")
            }
            "rows" => {
                // The number of entries belongs to the version, whatever the object says.
                let map = row(heap).unwrap();
                let (seen, len) = (map.range(..).unwrap(), map.len().unwrap());
                let locked = map.lock().unwrap();
                assert!(locked.iter().eq(seen.iter().copied()) && locked.len() == seen.len());
                assert_eq!(len, seen.len());
                write!(text, "{seen:?}")
            }
            "counted" => {
                // The counts of a dead process count until it is recovered.
                heap.recover();
                let heap = &heap.try_clone().unwrap();
                (0..2).try_for_each(|at| match HeapArc::open(heap, passed(heap, at).unwrap()) {
                    Ok(arc) => {
                        let [strong, weak] = [arc.strong_count() - 1, arc.weak_count()];
                        write!(text, "{arc:?} {strong} {weak}; ")
                    }
                    Err(err) if err.is_invalid_argument() => write!(text, "gone; "),
                    Err(err) => panic!("{err}"),
                })
            }
            _ => match object.kind {
                ipc_heap::ObjectKind::Value => {
                    let value = heap.get::<HeapValue<u8>>(object.id).unwrap();
                    write!(text, "{}", value.get().unwrap())
                }
                _ => Ok(()),
            },
        }
        .unwrap();
        text.push('\n');
    }
    write!(text, "{} bytes", heap.check().unwrap()).unwrap();
    text
}
