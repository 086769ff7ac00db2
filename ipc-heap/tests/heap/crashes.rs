//! Processes that are killed at each step of each operation.

use std::alloc::Layout;
use std::fmt::Write;

use ipc_core::Result;
use ipc_heap::{
    Heap, HeapBox, HeapDeque, HeapHashMap, HeapOptions, HeapString, HeapValue, HeapVec, Offset,
};
use ipc_testkit::{Child, Fixture, Part, Role, crash_points, fixture, watchdog};

pub(crate) const ROLES: &[(&str, Part)] =
    &[("actor", actor), ("heir", heir), ("recoverer", recoverer), ("assigner", assigner)];

type Step = fn(&Heap) -> Result<()>;

type Wide = [u64; 5];

/// The operations by name: how the heap is prepared, and the steps of the process that is killed.
const OPERATIONS: &[(&str, Step, &[Step])] = &[
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
    ("group", some, &[first_group, second_group]),
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

fn vec<'h>(heap: &'h Heap, name: &str) -> Result<HeapVec<'h, u64>> {
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
fn state(heap: &Heap) -> String {
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

fn options() -> HeapOptions {
    HeapOptions::new(32 << 16).objects(16).participants(4)
}

fn prepared(operation: &str) -> (Fixture, Heap) {
    let name = fixture::name();
    let heap = Heap::create(&*name, options()).unwrap();
    let (_, prepare, _) = OPERATIONS.iter().find(|(name, ..)| *name == operation).unwrap();
    prepare(&heap).unwrap();
    (name, heap)
}

fn actor(role: &mut Role) {
    let heap = Heap::open(role.arg(0)).unwrap();
    let operation = role.arg(1).to_owned();
    let (.., steps) = OPERATIONS.iter().find(|(name, ..)| *name == operation).unwrap();
    for step in *steps {
        step(&heap).unwrap();
    }
}

/// The states before the first step and after each step.
fn states(operation: &str) -> Vec<String> {
    let (_name, heap) = prepared(operation);
    let (.., steps) = OPERATIONS.iter().find(|(name, ..)| *name == operation).unwrap();
    let mut states = vec![state(&heap)];
    for step in *steps {
        // A handle of its own, as in the process that is killed: it does not allocate in the slabs
        // of the first.
        step(&heap.try_clone().unwrap()).unwrap();
        states.push(state(&heap));
    }
    states
}

/// Checks the heap that a killed process left: it is in a state between two steps, and no byte is
/// lost.
fn survey(heap: &Heap, states: &[String], label: &str) -> usize {
    let found = state(heap);
    let at = states.iter().position(|state| *state == found);
    let at = at.unwrap_or_else(|| panic!("{label}: {found}"));
    let kept_by_programs = heap.check().unwrap();
    let found = heap.statistics();
    assert_eq!((found.loose_bytes, found.claimed_pages), (0, 0), "{label}");
    assert_eq!(found.kept_bytes, found.object_bytes + kept_by_programs, "{label}");
    assert_eq!(found.participants, 1, "{label}");
    at
}

fn kill_at_every_step(operations: &[&str]) {
    operations.iter().for_each(|operation| kill_in(operation));
}

fn kill_in(operation: &str) {
    let states = states(operation);
    let (name, _heap) = prepared(operation);
    let points = crash_points("actor", &[&name, operation]);
    let mut seen = vec![false; states.len()];
    for (point, hits) in points {
        // The first and the last time, and some in between.
        let step = (hits / 5).max(1);
        for hit in (1..=hits).filter(|hit| hit % step == 0 || *hit == 1 || *hit == hits) {
            watchdog(|| {
                let label = format!("{operation}, {point}:{hit}");
                let (name, heap) = prepared(operation);
                Child::run_crashing("actor", &[&name, operation], &point, hit).crash();
                if hit % 2 == 0 {
                    heap.recover();
                }
                seen[survey(&heap, &states, &label)] = true;
                // Other processes can continue, and use all of the space.
                Child::run("heir", &[&name]).finish();
            });
        }
    }
    assert!(seen[0], "{operation}: no kill came before the first step");
}

/// Uses everything that a killed process may have changed incompletely.
fn heir(role: &mut Role) {
    let heap = Heap::open(role.arg(0)).unwrap();
    for object in heap.objects().unwrap() {
        if object.name != "offsets" && !object.name.is_empty() {
            assert!(heap.destroy_named(&object.name).unwrap());
        }
    }
    let fresh = heap.create_object::<HeapVec<u64>>("fresh", &[1]).unwrap();
    fresh.lock().unwrap().extend_from_slice(&[2; 10_000]).unwrap();
    heap.destroy(&fresh).unwrap();
    heap.check().unwrap();
}

#[test]
fn blocks_are_freed_or_passed_on_wherever_a_process_is_killed() {
    kill_at_every_step(&["allocate", "free", "pass on"]);
}

#[test]
fn an_object_exists_or_not_wherever_its_creator_is_killed() {
    kill_at_every_step(&["create", "destroy", "create and destroy"]);
}

#[test]
fn all_operations_of_a_group_happen_or_none_wherever_a_process_is_killed() {
    kill_at_every_step(&["group"]);
}

#[test]
fn a_vector_changes_completely_or_not_wherever_a_process_is_killed() {
    kill_at_every_step(&["vec", "bytes", "deque"]);
}

#[test]
fn values_and_maps_change_completely_or_not_wherever_a_process_is_killed() {
    kill_at_every_step(&["string", "value", "map"]);
}

/// Leaves a heap whose recovery has much to do.
fn with_a_dead_process(operation: &str) -> (Fixture, Heap) {
    let (name, heap) = prepared(operation);
    let crash = Child::run_crashing("actor", &[&name, operation], "heap: an intent stands", 2);
    crash.crash();
    (name, heap)
}

#[test]
fn a_recovery_is_repeated_wherever_the_recovering_process_is_killed() {
    ["vec", "create", "destroy", "group"].into_iter().for_each(kill_in_recovery_of);
}

fn kill_in_recovery_of(operation: &str) {
    let states = states(operation);
    let (name, _heap) = with_a_dead_process(operation);
    let points = crash_points("recoverer", &[&name]);
    let (_name, heap) = with_a_dead_process(operation);
    let wanted = survey(&heap, &states, operation);
    assert!(wanted > 0, "the recovery completes an operation");
    for (point, hits) in points {
        for hit in 1..=hits.min(3) {
            watchdog(|| {
                let (name, heap) = with_a_dead_process(operation);
                let label = format!("{operation}, {point}:{hit}");
                Child::run_crashing("recoverer", &[&name], &point, hit).crash();
                assert_eq!(survey(&heap, &states, &label), wanted, "{label}");
            });
        }
    }
}

/// Recovers what another process left, and does nothing else.
fn recoverer(role: &mut Role) {
    drop(Heap::open(role.arg(0)).unwrap());
}

/// The vector gets another block, and the one that it has belongs to a slab of the parent.
fn assigner(role: &mut Role) {
    let heap = Heap::open(role.arg(0)).unwrap();
    vec(&heap, "vec").unwrap().lock().unwrap().assign(&[9; 8]).unwrap();
}

#[test]
fn a_block_is_not_used_again_before_the_operation_that_frees_it_is_over() {
    watchdog(|| {
        let name = fixture::name();
        let heap = Heap::create(&*name, options()).unwrap();
        let users = heap.create_object::<HeapVec<u64>>("vec", &[1; 8]).unwrap();
        let old = users.lock().unwrap().offset();
        let point = "heap: a block is detached";
        Child::run_crashing("assigner", &[&name], point, 1).crash();
        let allocate = || heap.allocate(Layout::from_size_align(64, 8).unwrap()).unwrap();
        let blocks: Vec<_> = (0..1024).map(|_| allocate()).collect();
        assert!(blocks.iter().all(|block| block.offset() != old));
        assert_eq!(heap.recover(), 1);
        let more: Vec<_> = (0..1024).map(|_| allocate()).collect();
        assert_eq!(more.iter().filter(|block| block.offset() == old).count(), 1);
        assert_eq!(users.lock().unwrap().to_vec(), [9; 8]);
    });
}
