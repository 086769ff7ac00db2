//! Objects that are read without their locks, also by processes that may only read.

use std::thread;
use std::time::{Duration, Instant};

use ipc_core::Trust;
use ipc_heap::{
    Heap, HeapBox, HeapDeque, HeapHashMap, HeapOptions, HeapString, HeapValue, HeapVec,
};
use ipc_mem::{MemoryOptions, OpenOptions};
use ipc_testkit::{Child, ChildOptions, Forked, Part, Rng, Role, Root, fixture, rounds, watchdog};

use crate::basics::local;

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("guest", guest),
    ("churner", churner),
    ("copying writer", copier),
    ("holder of a lock", holder),
];

type Wide = [u64; 6];

/// Reads everything through a handle that is read-only.
fn guest(role: &mut Role) {
    let name = role.arg(0).to_owned();
    let trusting = OpenOptions::new().trust(Trust::Anyone);
    if role.arg(1) == "nobody" {
        let err = Heap::open_with(&*name, trusting).unwrap_err();
        assert!(err.is_permission_denied(), "{err}");
    }
    let heap = Heap::open_read_only_with(&*name, trusting).unwrap();
    let value = heap.view::<HeapValue<Wide>>("value").unwrap();
    assert_eq!(value.get().unwrap(), [7; 6]);
    let vec = heap.view::<HeapVec<u64>>("vec").unwrap();
    assert_eq!((vec.len().unwrap(), vec.get(1).unwrap(), vec.get(2).unwrap()), (2, Some(9), None));
    assert!(!vec.is_empty().unwrap() && vec.to_vec().unwrap() == [8, 9]);
    assert_eq!(heap.view::<HeapString>("string").unwrap().get().unwrap(), "text");
    let map = heap.view::<HeapHashMap<u64, Wide>>("map").unwrap();
    assert_eq!((map.get(&3).unwrap(), map.get(&4).unwrap()), (Some([3; 6]), None));
    assert_eq!((map.len().unwrap(), map.to_vec().unwrap()), (1, vec![(3, [3; 6])]));
    let deque = heap.view::<HeapDeque<u32>>("deque").unwrap();
    assert_eq!((deque.get(0).unwrap(), deque.to_vec().unwrap()), (Some(1), vec![1, 2, 3]));
    assert_eq!(heap.view_unique::<HeapValue<u8>>().unwrap().get().unwrap(), 5);
    let again = heap.view_id::<HeapVec<u64>>(vec.id()).unwrap();
    assert_eq!(again.to_vec().unwrap(), [8, 9]);
    let err = heap.view::<HeapVec<i64>>("vec").unwrap_err();
    assert!(err.is_mismatch() && err.to_string().contains("found u64"), "{err}");
    let err = heap.view::<HeapVec<u64>>("nothing").unwrap_err();
    assert!(err.is_not_found() && err.to_string().contains("nothing"), "{err}");
    assert_eq!(heap.objects().unwrap().len(), 6);
    // Neither this handle nor a view is a participant.
    assert_eq!(heap.statistics().participants, 1);
    role.say("seen");
}

fn filled(name: &str, permissions: u32) -> Heap {
    let memory = MemoryOptions::new(0).permissions(permissions);
    let heap = Heap::create(name, HeapOptions::new(1 << 20).memory(memory)).unwrap();
    heap.create_object::<HeapValue<Wide>>("value", [7; 6]).unwrap();
    heap.create_object::<HeapVec<u64>>("vec", &[8, 9]).unwrap();
    heap.create_object::<HeapString>("string", "text").unwrap();
    let map = heap.create_object::<HeapHashMap<u64, Wide>>("map", ()).unwrap();
    map.lock().unwrap().insert(3, [3; 6]).unwrap();
    let deque = heap.create_object::<HeapDeque<u32>>("deque", &[2, 3]).unwrap();
    deque.lock().unwrap().push_front(1).unwrap();
    heap.unique_object::<HeapValue<u8>>(5).unwrap();
    heap
}

#[test]
fn a_process_that_may_only_read_sees_all_kinds_of_objects() {
    watchdog(|| {
        let name = fixture::name();
        let _heap = filled(&name, 0o644);
        let mut child = Child::run("guest", &[&name, "owner"]);
        child.wait_for("seen");
        child.finish();
        let Some(root) = Root::or_skip("needs a second user") else { return };
        let nobody = ChildOptions::role("guest").as_user(root, Root::NOBODY);
        let mut child = Child::run(nobody, &[&name, "nobody"]);
        child.wait_for("seen");
        child.finish();
    });
}

#[test]
fn a_view_of_a_handle_with_write_access_sees_each_change() {
    let heap = local(1 << 20);
    let vec = heap.create_anonymous::<HeapVec<u64>>(&[1]).unwrap();
    let view = heap.view_id::<HeapVec<u64>>(heap.id_of(&vec)).unwrap();
    vec.lock().unwrap().extend_from_slice(&[2; 10_000]).unwrap();
    assert_eq!(view.len().unwrap(), 10_001);
    let guard = vec.lock().unwrap();
    let begun = Instant::now();
    let err = view.to_vec().unwrap_err();
    assert!(err.is_busy() && err.to_string().contains("is locked"), "{err}");
    assert!(begun.elapsed().as_secs() < 60);
    drop(guard);
    heap.destroy(&vec).unwrap();
    assert!(view.len().unwrap_err().is_removed());
    assert!(heap.view_id::<HeapVec<u64>>(view.id()).unwrap_err().is_removed());
}

#[test]
fn a_read_only_handle_sees_what_the_heap_has_grown_by() {
    let name = fixture::name();
    let heap = Heap::create(&*name, HeapOptions::new(1 << 16).max_size(4 << 20)).unwrap();
    let viewer = Heap::open_read_only(&*name).unwrap();
    let text = "x".repeat(1 << 20);
    heap.create_object::<HeapString>("large", &text).unwrap();
    assert_eq!(viewer.view::<HeapString>("large").unwrap().get().unwrap(), text);
    let offset = HeapBox::new(&heap, 42u64).unwrap().into_offset().unwrap();
    assert_eq!(viewer.read(offset).unwrap(), 42);
    assert!(Heap::open_read_only("/no-such-heap").unwrap_err().is_not_found());
}

/// Creates and destroys objects around one that stays, for ever.
fn churner(role: &mut Role) {
    let heap = Heap::open(role.arg(0)).unwrap();
    role.say("begun");
    for turn in 0u64.. {
        let name = format!("temporary {}", turn % 5);
        let object = heap.create_object::<HeapVec<u64>>(&name, &[turn; 9]).unwrap();
        heap.destroy(&object).unwrap();
    }
}

#[test]
fn an_object_is_found_whatever_is_created_and_destroyed_meanwhile() {
    watchdog(|| {
        let name = fixture::name();
        // All objects are in one of two buckets.
        let heap = Heap::create(&*name, HeapOptions::new(1 << 20).objects(2)).unwrap();
        heap.create_object::<HeapValue<u64>>("stays", 7).unwrap();
        let viewer = Heap::open_read_only(&*name).unwrap();
        let mut child = Child::run("churner", &[&name]);
        child.wait_for("begun");
        for _ in 0..rounds(100_000, 2_000_000) {
            match viewer.view::<HeapValue<u64>>("stays") {
                Ok(view) => assert_eq!(view.get().unwrap(), 7),
                // The churner did not run for a second.
                Err(err) => assert!(err.is_busy(), "{err}"),
            }
            let objects = viewer.objects().unwrap_or_default();
            let vec = objects.iter().find(|object| object.name != "stays");
            assert!(vec.is_none_or(|vec| vec.name.starts_with("temporary") && vec.len == 9));
        }
        child.kill();
    });
}

/// Writers that change several words under one lock, one of which is killed now and then, beside
/// viewers that never lock.
fn copier(role: &mut Role) {
    let (name, kills) = (role.arg(0).to_owned(), role.arg(1).parse::<u64>().unwrap());
    let heap = Heap::create(&*name, 1 << 20).unwrap();
    let vec = heap.create_object::<HeapVec<Wide>>("vec", &[[0; 6]; 8]).unwrap();
    heap.create_object::<HeapHashMap<u64, Wide>>("map", ()).unwrap();
    let start = |seed| {
        Forked::run(|| {
            let heap = Heap::open(&*name).unwrap();
            let rng = &mut Rng::from_seed(seed);
            let vec = heap.find::<HeapVec<Wide>>("vec").unwrap();
            let map = heap.find::<HeapHashMap<u64, Wide>>("map").unwrap();
            loop {
                let mut vec = vec.lock().unwrap();
                let number = rng.next_u64();
                if rng.below(4) == 0 {
                    vec.assign(&vec![[number; 6]; 8 + rng.index(40)]).unwrap();
                } else {
                    // One after the other, under one lock.
                    let len = vec.len();
                    (0..len).for_each(|at| vec.set(at, [number; 6]).unwrap());
                }
                drop(vec);
                // SLEEP: a view needs a moment without the lock, as long as the view takes.
                thread::sleep(Duration::from_micros(100));
                let key = rng.below(200);
                if rng.below(2) == 0 {
                    map.lock().unwrap().insert(key, [key; 6]).unwrap();
                } else {
                    map.lock().unwrap().remove(&key);
                }
            }
        })
    };
    let viewer = Heap::open_read_only(&*name).unwrap();
    let view = viewer.view::<HeapVec<Wide>>("vec").unwrap();
    let map = viewer.view::<HeapHashMap<u64, Wide>>("map").unwrap();
    let (mut seen, mut busy, mut killed_half) = (0u64, 0u64, 0u64);
    for kill in 0..kills {
        let mut writer = start(kill);
        let mut last = [kill.wrapping_sub(1); 6];
        let mut changes = 0;
        while changes < 10 {
            match view.to_vec() {
                Ok(all) => {
                    // A killed writer may leave a part of its sequence, but each element whole.
                    let is_whole = |wide: &Wide| wide.iter().all(|number| *number == wide[0]);
                    assert!(all.len() >= 8 && all.iter().all(is_whole));
                    let is_one = all.iter().all(|wide| *wide == all[0]);
                    killed_half += u64::from(!is_one);
                    seen += 1;
                    changes += u64::from(all[0] != last);
                    last = all[0];
                }
                Err(err) => {
                    assert!(err.is_busy(), "{err}");
                    busy += 1;
                }
            }
            if let Ok(Some(wide)) = map.get(&kill) {
                assert_eq!(wide, [kill; 6]);
            }
        }
        assert_eq!(killed_half, 0, "sequences under one lock are seen whole");
        writer.kill();
        // The next owner of the locks completes what the writer began, and here all of it.
        let mut guard = vec.lock().unwrap();
        let len = guard.len();
        (0..len).for_each(|at| guard.set(at, [kill; 6]).unwrap());
        drop(guard);
        drop(heap.find::<HeapHashMap<u64, Wide>>("map").unwrap().lock().unwrap());
        assert!(view.to_vec().unwrap().iter().all(|wide| *wide == [kill; 6]));
        role.say("going on");
    }
    heap.check().unwrap();
    role.say(&format!(
        "done: {seen} views while a process wrote, none half changed, {busy} found the lock held \
         for a second"
    ));
}

#[test]
fn a_view_never_sees_half_a_change_whoever_writes_and_is_killed() {
    let name = fixture::name();
    let kills = rounds(8, 150).to_string();
    Child::run("copying writer", &[&name, &kills]).figures();
}

/// Is killed while it holds the lock.
fn holder(role: &mut Role) {
    let heap = Heap::open(role.arg(0)).unwrap();
    let _guard = heap.find::<HeapVec<u64>>("vec").unwrap().lock().unwrap();
    role.say("held");
    role.wait_for("never");
}

#[test]
fn an_object_whose_owner_died_can_be_viewed_after_the_next_lock() {
    watchdog(|| {
        let name = fixture::name();
        let heap = filled(&name, 0o600);
        let mut child = Child::run("holder of a lock", &[&name]);
        child.wait_for("held");
        child.kill();
        let viewer = Heap::open_read_only(&*name).unwrap();
        let view = viewer.view::<HeapVec<u64>>("vec").unwrap();
        assert!(view.to_vec().unwrap_err().is_busy());
        drop(heap.find::<HeapVec<u64>>("vec").unwrap().lock().unwrap());
        assert_eq!(view.to_vec().unwrap(), [8, 9]);
    });
}
