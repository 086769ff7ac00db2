//! Ordered maps, compared with `BTreeMap`, and read while other processes write.

#![expect(clippy::cast_possible_truncation, reason = "any bits of a number are a test value")]

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::ops::Bound;

use ipc_core::Result;
use ipc_heap::{Heap, HeapMap, HeapMapGuard, HeapOptions, HeapReadMap, HeapValue};
use ipc_mem::{LocalMemory, Plain};
use ipc_testkit::{Child, Forked, Part, Rng, Role, fixture, rounds, watchdog};

use crate::basics::local;

pub(crate) const ROLES: &[(&str, Part)] = &[("read farm", read_farm), ("halter", halter)];

type Locked<'h, K, V> = Result<HeapMapGuard<'h, K, V>>;

/// Compares a map with `BTreeMap` after each of many random operations.
fn compare<K: Plain + Ord + Debug, V: Plain + PartialEq + Debug>(
    heap: &Heap<LocalMemory>,
    lock: &dyn Fn() -> Locked<'static, K, V>,
    keys: u64,
    key: fn(u64) -> K,
    value: fn(u64) -> V,
) {
    let rng = &mut Rng::new();
    let mut model = BTreeMap::new();
    for step in 0..6_000 {
        let mut map = lock().unwrap();
        // Mostly insertions, then mostly removals.
        let inserts = if step / 1500 % 2 == 0 { 7 } else { 3 };
        let (number, other) = (key(rng.below(keys)), key(rng.below(keys)));
        match rng.below(10) {
            below if below < inserts => {
                let value = value(step);
                assert_eq!(map.insert(number, value).unwrap(), model.insert(number, value));
            }
            9 if step % 97 == 0 => assert_eq!(map.pop_first().unwrap(), model.pop_first()),
            9 if step % 89 == 0 => assert_eq!(map.pop_last().unwrap(), model.pop_last()),
            9 if step % 1499 == 0 => {
                map.clear();
                model.clear();
            }
            _ => assert_eq!(map.remove(&number).unwrap(), model.remove(&number), "step {step}"),
        }
        assert_eq!(map.get(&number), model.get(&number).copied(), "step {step}");
        assert_eq!(map.contains_key(&other), model.contains_key(&other));
        assert_eq!((map.len(), map.is_empty()), (model.len(), model.is_empty()));
        let copy = |entry: (&K, &V)| (*entry.0, *entry.1);
        assert_eq!(map.first(), model.first_key_value().map(copy));
        assert_eq!(map.last(), model.last_key_value().map(copy));
        let (low, high) = (number.min(other), number.max(other));
        let bounds = [Bound::Included(low), Bound::Excluded(low), Bound::Unbounded];
        let lower = bounds[rng.index(3)];
        let bounds = [Bound::Included(high), Bound::Excluded(high), Bound::Unbounded];
        let upper = bounds[rng.index(3)];
        if low < high && step % 5 == 0 {
            let (mut ours, mut theirs) =
                (map.range((lower, upper)), model.range((lower, upper)).map(copy));
            loop {
                let (found, wanted) = match rng.below(2) {
                    0 => (ours.next(), theirs.next()),
                    _ => (ours.next_back(), theirs.next_back()),
                };
                assert_eq!(found, wanted, "step {step}");
                if wanted.is_none() {
                    break;
                }
            }
        }
        assert!(low == high || map.range(high..low).next().is_none());
        if step % 100 == 0 {
            assert!(map.iter().eq(model.iter().map(copy)), "step {step}");
            assert!(map.iter().rev().eq(model.iter().rev().map(copy)), "step {step}");
        }
    }
    assert_eq!(heap.check().unwrap(), 0);
}

fn compare_both<K: Plain + Ord + Debug, V: Plain + PartialEq + Debug>(
    keys: u64,
    key: fn(u64) -> K,
    value: fn(u64) -> V,
) {
    watchdog(|| {
        let heap: &'static _ = Box::leak(Box::new(local(16 << 20)));
        let map = heap.create_object::<HeapMap<K, V>>("map", ()).unwrap();
        compare(heap, &|| map.lock(), keys, key, value);
        heap.destroy(&map).unwrap();
        let map = heap.create_object::<HeapReadMap<K, V>>("map", ()).unwrap();
        compare(heap, &|| map.lock(), keys, key, value);
        let all: Vec<_> = map.lock().unwrap().iter().collect();
        assert_eq!((map.range(..).unwrap(), map.len().unwrap()), (all.clone(), all.len()));
        assert_eq!(
            (map.first().unwrap(), map.last().unwrap()),
            (all.first().copied(), all.last().copied())
        );
        for (key, value) in all {
            assert_eq!(map.get(&key).unwrap(), Some(value));
            assert_eq!(map.last_in(..=key).unwrap(), Some((key, value)));
            assert_eq!(map.first_in(key..).unwrap(), Some((key, value)));
        }
        heap.destroy(&map).unwrap();
        assert!(map.get(&key(1)).unwrap_err().is_removed());
        assert_eq!((heap.statistics().kept_bytes, heap.statistics().loose_bytes), (0, 0));
    });
}

#[test]
fn an_ordered_map_is_a_btree_map_for_entries_of_any_size() {
    compare_both(300, |key| key, |value| value);
    compare_both(3000, |key| key as i16, |value| [value as u8; 3]);
    compare_both(20, |key| [key as u8; 13], |value| [value; 5]);
}

#[test]
fn a_hundred_thousand_entries_need_little_more_than_their_size() {
    watchdog(|| {
        let heap = local(32 << 20);
        for stride in [1, 7919] {
            let map = heap.create_object::<HeapMap<u64, u64>>("map", ()).unwrap();
            let mut map_ = map.lock().unwrap();
            for number in 0..100_000u64 {
                assert_eq!(map_.insert(number * stride % 100_003, number).unwrap(), None);
            }
            assert_eq!((map_.len(), map_.iter().count()), (100_000, 100_000));
            assert!(heap.statistics().object_bytes < 6 << 20, "{:?}", heap.statistics());
            for number in 0..100_000u64 {
                assert_eq!(map_.remove(&(number * stride % 100_003)).unwrap(), Some(number));
            }
            assert!(map_.is_empty() && map_.first().is_none());
            drop(map_);
            heap.destroy(&map).unwrap();
        }
    });
}

#[test]
fn a_map_that_finds_no_space_is_unchanged_and_can_shrink() {
    watchdog(|| {
        let heap = local(1 << 20);
        let map = heap.create_object::<HeapMap<u64, [u64; 8]>>("map", ()).unwrap();
        let mut map = map.lock().unwrap();
        let full = (0..).find(|key| match map.insert(*key, [*key; 8]) {
            Ok(_) => false,
            Err(err) => err.is_no_space(),
        });
        let full = full.unwrap();
        assert!(map.iter().map(|(key, _)| key).eq(0..full));
        assert_eq!(map.insert(0, [1; 8]).unwrap(), Some([0; 8]));
        for key in 0..full {
            assert!(map.remove(&key).unwrap().is_some());
        }
        assert!(map.is_empty());
        assert_eq!(heap.check().unwrap(), 0);
    });
}

#[test]
fn a_read_needs_no_lock_and_sees_the_last_version_of_a_dead_writer() {
    watchdog(|| {
        let name = fixture::name();
        let heap = Heap::create(&*name, 1 << 20).unwrap();
        let map = heap.create_object::<HeapReadMap<u64, u64>>("map", ()).unwrap();
        map.lock().unwrap().insert(1, 10).unwrap();
        let mut child = Child::run("halter", &[&name]);
        child.wait_for("locked");
        // Neither a process that holds the lock nor one that is stopped delays a reader.
        assert_eq!(map.range(..).unwrap(), [(1, 10), (2, 20)]);
        child.stop();
        assert_eq!((map.get(&2).unwrap(), map.len().unwrap()), (Some(20), 2));
        child.kill();
        assert_eq!((map.get(&2).unwrap(), map.len().unwrap()), (Some(20), 2));
        assert_eq!(map.lock().unwrap().len(), 2);
    });
}

/// Holds the lock of a map until it is killed.
fn halter(role: &mut Role) {
    let heap = Heap::open(role.arg(0)).unwrap();
    let map = heap.find::<HeapReadMap<u64, u64>>("map").unwrap();
    let mut map = map.lock().unwrap();
    map.insert(2, 20).unwrap();
    role.say("locked");
    role.hear();
}

/// The maps that writers change together: each key has a value that is computed from it, and the
/// keys are always 10 numbers in a row.
const WINDOW: u64 = 10;

type Rows<'h> = HeapReadMap<'h, u64, [u64; 6]>;

fn read_farm(role: &mut Role) {
    let (name, kills) = (role.arg(0).to_owned(), role.arg(1).parse::<u64>().unwrap());
    let heap = Heap::create(&*name, HeapOptions::new(4 << 20).objects(16).participants(8)).unwrap();
    let rows = heap.create_object::<Rows<'_>>("rows", ()).unwrap();
    let writes = heap.create_object::<HeapValue<u64>>("writes", 0).unwrap();
    for key in 0..WINDOW {
        rows.lock().unwrap().insert(key, [key; 6]).unwrap();
    }
    let write = || {
        Forked::run(|| {
            let heap = Heap::open(&*name).unwrap();
            let rows = heap.find::<Rows<'_>>("rows").unwrap();
            let writes = heap.find::<HeapValue<u64>>("writes").unwrap();
            loop {
                let mut rows = rows.lock().unwrap();
                // A writer that was killed may have left one more.
                while rows.len() as u64 >= WINDOW {
                    rows.pop_first().unwrap();
                }
                let last = rows.last().map_or(0, |(key, _)| key);
                rows.insert(last + 1, [last + 1; 6]).unwrap();
                if last % 512 == 0 {
                    rows.clear();
                    rows.insert(last + 1, [last + 1; 6]).unwrap();
                }
                drop(rows);
                writes.update(|writes| *writes += 1).unwrap();
            }
        })
    };
    let mut writers = [write(), write()];
    let (mut reads, rng) = (0u64, &mut Rng::new());
    for kill in 0..kills {
        let before = writes.get().unwrap();
        while writes.get().unwrap() < before + 20 {
            let found = rows.range(..).unwrap();
            assert!(found.len() as u64 <= WINDOW);
            for (at, (key, value)) in found.iter().enumerate() {
                assert_eq!(*value, [*key; 6]);
                assert_eq!(*key, found[0].0 + at as u64, "one version, without a gap");
            }
            if let Some((key, _)) = found.last() {
                let value = rows.get(key).unwrap();
                assert!(value.is_none_or(|value| value == [*key; 6]));
            }
            reads += 1;
        }
        let victim = rng.index(2);
        writers[victim].kill();
        writers[victim] = write();
        if kill % 4 == 0 {
            role.say("going on");
        }
    }
    writers.iter_mut().for_each(Forked::kill);
    drop(rows.lock().unwrap());
    assert_eq!(heap.check().unwrap(), 0);
    role.say(&format!(
        "done: {kills} writers killed, {reads} reads without a lock, each of one version"
    ));
}

#[test]
fn readers_see_one_version_whatever_writers_do_and_wherever_they_die() {
    let name = fixture::name();
    Child::run("read farm", &[&name, &rounds(60, 10_000).to_string()]).figures();
}
