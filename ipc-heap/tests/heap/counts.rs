//! Counted values, between handles and processes, some of which are killed or stopped.

use ipc_core::Result;
use ipc_heap::{ArcOffset, Heap, HeapArc, HeapOptions, HeapValue, HeapVec};
use ipc_testkit::{Child, Forked, Part, Rng, Role, fixture, rounds, watchdog};

use crate::basics::local;

pub(crate) const ROLES: &[(&str, Part)] = &[("sharers", sharers), ("holder", holder)];

#[test]
fn a_value_is_freed_with_its_last_reference_in_whatever_handle() {
    watchdog(|| {
        let heap = local(1 << 20);
        let other = heap.try_clone().unwrap();
        let arc = HeapArc::new(&heap, [7u16; 9]).unwrap();
        let again = HeapArc::from_offset(&other, arc.to_offset().unwrap()).unwrap();
        assert_eq!((arc.strong_count(), again.get()), (2, [7; 9]));
        assert!(arc.ptr_eq(&again) && !arc.ptr_eq(&HeapArc::new(&heap, [7; 9]).unwrap()));
        let clones = vec![again.clone(); 5];
        assert_eq!((arc.strong_count(), arc.weak_count()), (2, 0));
        let weak = clones[0].downgrade().unwrap();
        drop(clones);
        drop(arc);
        assert_eq!((again.strong_count(), again.weak_count()), (1, 1));
        let upgraded: HeapArc<'_, _> = weak.clone().upgrade().unwrap().unwrap();
        assert_eq!(again.strong_count(), 2);
        drop((again, upgraded));
        let kept = heap.statistics().kept_bytes;
        assert!(kept > 0 && weak.upgrade().unwrap().is_none());
        drop(weak);
        assert_eq!((heap.statistics().kept_bytes, heap.check().unwrap()), (0, 0));
        drop(heap);
        assert_eq!(other.statistics().participants, 1);
    });
}

#[test]
fn an_offset_is_refused_unless_the_heap_has_a_count_of_that_type() {
    let heap = local(1 << 20);
    let is_refused = |result: Result<HeapArc<'_, u64>>| result.unwrap_err().is_invalid_argument();
    let arc = HeapArc::new(&heap, 7u64).unwrap();
    let clone = arc.clone();
    let offset = arc.into_offset().unwrap();
    assert!(HeapArc::<i64>::open(&heap, ArcOffset::from_raw(offset.raw())).is_err());
    assert!(is_refused(HeapArc::open(&heap, ArcOffset::from_raw(offset.raw() + 16))));
    assert!(is_refused(HeapArc::open(&heap, ArcOffset::from_raw(u64::MAX))));
    let taken = HeapArc::from_offset(&heap, offset).unwrap();
    assert!(is_refused(HeapArc::from_offset(&heap, offset)), "a count is taken over once");
    drop((taken, clone));
    assert!(is_refused(HeapArc::open(&heap, offset)));
    let value = heap.create_anonymous::<HeapVec<u64>>(&[1, 2, 3]).unwrap();
    let inside = value.lock().unwrap().offset();
    assert!(is_refused(HeapArc::open(&heap, ArcOffset::from_raw(inside))));
}

#[test]
fn references_that_a_program_leaks_end_with_its_handle() {
    let heap = local(1 << 20);
    let other = heap.try_clone().unwrap();
    let offsets: Vec<_> = (0..200u64)
        .map(|number| {
            let arc = HeapArc::new(&other, number).unwrap();
            let offset = arc.to_offset().unwrap();
            std::mem::forget((arc.downgrade().unwrap(), arc));
            offset
        })
        .collect();
    drop(other);
    for (number, offset) in (0..).zip(offsets) {
        let arc = HeapArc::from_offset(&heap, offset).unwrap();
        assert_eq!((arc.get(), arc.strong_count(), arc.weak_count()), (number, 1, 0));
    }
    assert_eq!(heap.check().unwrap(), 0);
}

#[test]
fn a_forked_child_drops_no_count_of_its_parent() {
    watchdog(|| {
        let name = fixture::name();
        let heap = Heap::create(&*name, 1 << 20).unwrap();
        let arc = HeapArc::new(&heap, 7u64).unwrap();
        Forked::run(|| {
            assert!(arc.downgrade().unwrap_err().is_invalid_argument());
            assert!(arc.clone().into_offset().unwrap_err().is_invalid_argument());
            assert_eq!(arc.get(), 7);
            drop(arc.clone());
        })
        .finish();
        assert_eq!((arc.strong_count(), arc.get()), (1, 7));
    });
}

fn holder(role: &mut Role) {
    let heap = Heap::open(role.arg(0)).unwrap();
    let offset = heap.find::<HeapValue<ArcOffset<u64>>>("sent").unwrap().get().unwrap();
    let arc = HeapArc::from_offset(&heap, offset).unwrap();
    let weak = arc.downgrade().unwrap();
    let more: Vec<_> = (0..100).map(|_| weak.upgrade().unwrap().unwrap()).collect();
    role.say("holds");
    role.hear();
    drop(more);
}

#[test]
fn the_counts_of_a_killed_process_are_dropped_when_it_is_recovered() {
    watchdog(|| {
        let name = fixture::name();
        let heap = Heap::create(&*name, 1 << 20).unwrap();
        let arc = HeapArc::new(&heap, 7u64).unwrap();
        let sent = arc.to_offset().unwrap();
        heap.create_object::<HeapValue<ArcOffset<u64>>>("sent", sent).unwrap();
        let mut child = Child::run("holder", &[&name]);
        child.wait_for("holds");
        assert_eq!((arc.strong_count(), arc.weak_count()), (102, 1));
        child.stop();
        assert_eq!((heap.recover(), arc.strong_count()), (0, 102));
        child.kill();
        assert_eq!(heap.recover(), 1);
        assert_eq!((arc.strong_count(), arc.weak_count()), (1, 0));
        drop(arc);
        assert_eq!(heap.check().unwrap(), 0);
    });
}

const WORKERS: usize = 3;
const SHARED: usize = 6;

type Wide = [u64; 6];

fn sharers(role: &mut Role) {
    let (name, kills) = (role.arg(0).to_owned(), role.arg(1).parse::<u64>().unwrap());
    let heap = Heap::create(&*name, HeapOptions::new(8 << 20).objects(16).participants(8)).unwrap();
    let first: Vec<_> = (0..SHARED as u64)
        .map(|number| HeapArc::new(&heap, [number; 6]).unwrap().into_offset().unwrap())
        .collect();
    let shared = heap.create_object::<HeapVec<ArcOffset<Wide>>>("shared", &first).unwrap();
    let turns = heap.create_object::<HeapVec<u64>>("turns", &[0; WORKERS]).unwrap();
    let start = |worker: usize, seed: u64| {
        Forked::run(|| {
            let heap = Heap::open(&*name).unwrap();
            let rng = &mut Rng::from_seed(seed);
            let shared = heap.find::<HeapVec<ArcOffset<Wide>>>("shared").unwrap();
            let turns = heap.find::<HeapVec<u64>>("turns").unwrap();
            let mut own = Vec::new();
            for turn in 1.. {
                let (mut all, at) = (shared.lock().unwrap(), rng.index(SHARED));
                let offset = all.get(at).unwrap();
                let arc = if rng.below(3) == 0 {
                    let new = HeapArc::new(&heap, [turn; 6]).unwrap();
                    all.set(at, new.to_offset().unwrap()).unwrap();
                    HeapArc::from_offset(&heap, offset).unwrap()
                } else {
                    HeapArc::open(&heap, offset).unwrap()
                };
                drop(all);
                assert!(arc.get().iter().all(|number| *number == arc.get()[0]));
                own.push((arc.clone(), arc.downgrade().unwrap()));
                while own.len() as u64 > rng.below(100) {
                    let (arc, weak) = own.swap_remove(rng.index(own.len()));
                    let value = arc.get();
                    drop(arc);
                    if let Some(again) = weak.upgrade().unwrap() {
                        assert_eq!(again.get(), value);
                    }
                }
                turns.lock().unwrap().set(worker, turn).unwrap();
            }
        })
    };
    let rng = &mut Rng::new();
    let mut workers: Vec<_> = (0..WORKERS).map(|worker| start(worker, rng.next_u64())).collect();
    for kill in 0..kills {
        let victim = rng.index(WORKERS);
        while turns.lock().unwrap().get(victim).unwrap() < rng.below(20) {
            std::thread::yield_now();
        }
        if kill % 5 == 0 {
            // Wherever it is stopped, a recovery ends.
            workers[victim].stop();
            heap.recover();
            workers[victim].cont();
        }
        let before = turns.lock().unwrap().to_vec();
        workers[victim].kill();
        heap.recover();
        let others = (0..WORKERS).filter(|other| *other != victim);
        for other in others {
            while turns.lock().unwrap().get(other) == Some(before[other]) {
                std::thread::yield_now();
            }
        }
        turns.lock().unwrap().set(victim, 0).unwrap();
        workers[victim] = start(victim, rng.next_u64());
        if kill % 4 == 0 {
            role.say("going on");
        }
    }
    workers.iter_mut().for_each(Forked::kill);
    drop(turns.lock().unwrap());
    let kept = heap.check().unwrap();
    let mut size = 0;
    for offset in shared.lock().unwrap().iter() {
        let before = heap.statistics().kept_bytes;
        let arc = HeapArc::from_offset(&heap, offset).unwrap();
        assert_eq!((arc.strong_count(), arc.weak_count()), (1, 0), "the heap has the only count");
        drop(arc);
        size = before - heap.statistics().kept_bytes;
    }
    // A worker may have been killed after it passed a value on and before it stored the offset, or
    // before it took over the count of the one that it replaced.
    let lost = (kept - SHARED as u64 * size) / size;
    assert!(lost <= kills + WORKERS as u64, "{lost} of {kills}");
    role.say(&format!(
        "done: {kills} processes killed, all of their counts dropped, {lost} values lost that a \
         killed process was passing on"
    ));
}

#[test]
fn processes_killed_anywhere_leave_no_count_of_their_own() {
    let name = fixture::name();
    Child::run("sharers", &[&name, &rounds(60, 10_000).to_string()]).figures();
}
