//! Processes that are killed at any instruction while they use all kinds of objects of a heap.

use std::alloc::Layout;

use ipc_core::Result;
use ipc_heap::{Heap, HeapHashMap, HeapMap, HeapOptions, HeapString, HeapValue, HeapVec, Offset};
use ipc_testkit::{Child, Forked, Part, Rng, Role, fixture, rounds};

pub(crate) const ROLES: &[(&str, Part)] = &[("farm", farm), ("stopper", stopper)];

const WORKERS: usize = 3;

/// The size of the blocks that workers pass to the heap.
const PASSED: usize = 96;

/// A value that a reader finds complete: either the old or the new one.
type Wide = [u64; 6];

fn start(name: &str, worker: usize, seed: u64) -> Forked {
    Forked::run(|| {
        let heap = Heap::open(name).unwrap();
        let rng = &mut Rng::from_seed(seed);
        let turns = heap.find::<HeapVec<u64>>("turns").unwrap();
        let mut own = Vec::new();
        for turn in 1.. {
            work(&heap, rng).unwrap();
            let size = usize::try_from(rng.below(3000)).unwrap();
            own.push(heap.allocate(Layout::from_size_align(size, 16).unwrap()).unwrap());
            while own.len() as u64 > rng.below(30) {
                drop(own.swap_remove(rng.index(own.len())));
            }
            turns.lock().unwrap().set(worker, turn).unwrap();
        }
    })
}

fn work(heap: &Heap, rng: &mut Rng) -> Result<()> {
    let vec = heap.find::<HeapVec<Wide>>("vec")?;
    let mut vec = vec.lock()?;
    let number = rng.next_u64();
    match rng.below(6) {
        0..2 if vec.len() < 300 => vec.push([number; 6])?,
        2 if vec.len() < 300 => vec.insert(rng.index(vec.len() + 1), [number; 6])?,
        3 if !vec.is_empty() => drop(vec.remove(rng.index(vec.len()))?.to_vec()),
        4 if !vec.is_empty() => vec.set(rng.index(vec.len()), [number; 6])?,
        5 if rng.below(20) == 0 => vec.assign(&[[number; 6]])?,
        _ => drop(vec.pop().map(|last| last.to_vec())),
    }
    drop(vec);
    let map = heap.find::<HeapHashMap<u64, Wide>>("map")?;
    let mut map = map.lock()?;
    let key = rng.below(100);
    if rng.below(2) == 0 {
        map.insert(key, [key; 6])?;
    } else {
        map.remove(&key);
    }
    drop(map);
    let sorted = heap.find::<HeapMap<u64, Wide>>("sorted")?;
    let mut sorted = sorted.lock()?;
    // Mostly insertions for some time, then mostly removals.
    for _ in 0..rng.below(5) {
        let key = rng.below(1000);
        if rng.below(10) < 3 + number % 2 * 4 {
            sorted.insert(key, [key; 6])?;
        } else {
            sorted.remove(&key)?;
        }
    }
    drop(sorted);
    let string = heap.find::<HeapString>("string")?;
    let letter = ["a", "b", "c"][rng.index(3)];
    string.lock()?.set(&letter.repeat(rng.index(200)))?;
    heap.find::<HeapValue<Wide>>("value")?.set([number; 6])?;
    let offsets = heap.find::<HeapVec<u64>>("offsets")?;
    let mut offsets = offsets.lock()?;
    if offsets.len() < 50 && rng.below(2) == 0 {
        let block = heap.allocate(Layout::from_size_align(PASSED, 8).unwrap())?;
        offsets.push(block.into_offset()?.raw())?;
    } else if let Some(offset) = offsets.pop() {
        heap.free(Offset::<u8>::from_raw(offset))?;
    }
    drop(offsets);
    // Other workers may have created or destroyed it.
    let temporary = format!("temporary {}", rng.below(4));
    match heap.find_or_create::<HeapVec<u64>>(&temporary, &[number; 20]) {
        Ok(object) if rng.below(2) == 0 => match heap.destroy(&object) {
            Err(err) if !err.is_removed() => return Err(err),
            _ => {}
        },
        Ok(_) => {}
        Err(err) => return Err(err),
    }
    Ok(())
}

/// Checks that every value is from one write.
fn look(heap: &Heap) {
    let is_one = |wide: &Wide| wide.iter().all(|number| number == &wide[0]);
    let vec = heap.find::<HeapVec<Wide>>("vec").unwrap();
    assert!(vec.lock().unwrap().iter().all(|wide| is_one(&wide)));
    let map = heap.find::<HeapHashMap<u64, Wide>>("map").unwrap();
    let map = map.lock().unwrap();
    assert!(map.iter().all(|(key, wide)| is_one(&wide) && wide[0] == key));
    assert_eq!(map.iter().count(), map.len());
    let sorted = heap.find::<HeapMap<u64, Wide>>("sorted").unwrap();
    let sorted = sorted.lock().unwrap();
    assert!(sorted.iter().all(|(key, wide)| is_one(&wide) && wide[0] == key));
    assert!(sorted.iter().map(|(key, _)| key).is_sorted_by(|a, b| a < b));
    assert_eq!(sorted.iter().count(), sorted.len());
    let string = heap.find::<HeapString>("string").unwrap();
    let string = string.lock().unwrap().get().unwrap();
    assert!(string.bytes().all(|byte| byte == string.as_bytes()[0]));
    assert!(is_one(&heap.find::<HeapValue<Wide>>("value").unwrap().get().unwrap()));
}

fn create(name: &str) -> Heap {
    let heap = Heap::create(name, HeapOptions::new(8 << 20).objects(64).participants(8)).unwrap();
    heap.create_object::<HeapVec<u64>>("turns", &[0; WORKERS]).unwrap();
    heap.create_object::<HeapVec<Wide>>("vec", &[]).unwrap();
    heap.create_object::<HeapHashMap<u64, Wide>>("map", ()).unwrap();
    heap.create_object::<HeapMap<u64, Wide>>("sorted", ()).unwrap();
    heap.create_object::<HeapString>("string", "").unwrap();
    heap.create_object::<HeapValue<Wide>>("value", [0; 6]).unwrap();
    heap.create_object::<HeapVec<u64>>("offsets", &[]).unwrap();
    heap
}

fn farm(role: &mut Role) {
    let (name, kills) = (role.arg(0).to_owned(), role.arg(1).parse::<u64>().unwrap());
    let heap = create(&name);
    let offsets = heap.find::<HeapVec<u64>>("offsets").unwrap();
    let rng = &mut Rng::new();
    let mut workers: Vec<_> =
        (0..WORKERS).map(|worker| start(&name, worker, rng.next_u64())).collect();
    let turns = heap.find::<HeapVec<u64>>("turns").unwrap();
    for kill in 0..kills {
        let victim = rng.index(WORKERS);
        let before = turns.lock().unwrap().to_vec();
        workers[victim].kill();
        look(&heap);
        // All other workers continue.
        while (0..WORKERS)
            .any(|other| other != victim && turns.lock().unwrap().get(other) == Some(before[other]))
        {
            std::thread::yield_now();
        }
        turns.lock().unwrap().set(victim, 0).unwrap();
        workers[victim] = start(&name, victim, rng.next_u64());
        while turns.lock().unwrap().get(victim).unwrap() < rng.below(20) {
            std::thread::yield_now();
        }
        if kill % 4 == 0 {
            role.say("going on");
        }
    }
    workers.iter_mut().for_each(Forked::kill);
    look(&heap);
    let kept = heap.check().unwrap();
    let found = heap.statistics();
    assert_eq!((found.loose_bytes, found.claimed_pages, found.participants), (0, 0, 1));
    let listed = offsets.lock().unwrap().to_vec();
    // A worker may have been killed between passing a block to the heap and listing it, or between
    // removing it from the list and freeing it.
    let lost = kept - listed.len() as u64 * PASSED as u64;
    assert!(lost <= kills * PASSED as u64, "{lost} bytes");
    for object in heap.objects().unwrap() {
        assert!(heap.destroy_named(&object.name).unwrap());
    }
    let found = heap.statistics();
    assert_eq!((found.kept_bytes, found.objects, found.object_bytes), (kept, 0, 0));
    role.say(&format!(
        "done: {kills} processes killed, all others went on, no value half changed, 0 bytes lost \
         but {lost} that a killed process was passing on itself"
    ));
}

#[test]
fn processes_killed_anywhere_leave_whole_objects_and_no_lost_bytes() {
    let name = fixture::name();
    let kills = rounds(60, 100_000).to_string();
    Child::run("farm", &[&name, &kills]).figures();
}

/// Stops a worker at any instruction. If it holds a lock, the others wait for it; otherwise they
/// continue. It keeps everything: later it continues in the middle of its operation.
fn stopper(role: &mut Role) {
    let (name, stops) = (role.arg(0).to_owned(), role.arg(1).parse::<u64>().unwrap());
    let heap = create(&name);
    let rng = &mut Rng::new();
    let mut workers: Vec<_> =
        (0..WORKERS).map(|worker| start(&name, worker, rng.next_u64())).collect();
    while heap.statistics().participants <= WORKERS as u64 {
        std::thread::yield_now();
    }
    for stop in 0..stops {
        let victim = rng.index(WORKERS);
        workers[victim].stop();
        // Its death is not proved, so nothing is recovered.
        assert_eq!(heap.recover(), 0);
        assert_eq!(heap.statistics().participants, 1 + WORKERS as u64);
        workers[victim].cont();
        let turns = heap.find::<HeapVec<u64>>("turns").unwrap();
        let before = turns.lock().unwrap().to_vec();
        while turns.lock().unwrap().iter().zip(&before).any(|(now, before)| now == *before) {
            std::thread::yield_now();
        }
        look(&heap);
        if stop % 4 == 0 {
            role.say("going on");
        }
    }
    workers.iter_mut().for_each(Forked::kill);
    look(&heap);
    heap.check().unwrap();
    role.say(&format!("done: {stops} stops, nothing was taken from the stopped process"));
}

#[test]
fn a_process_that_is_stopped_anywhere_keeps_what_it_has() {
    let name = fixture::name();
    Child::run("stopper", &[&name, &rounds(40, 1_000).to_string()]).figures();
}
