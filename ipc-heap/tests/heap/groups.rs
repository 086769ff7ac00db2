//! Groups of operations, of which all happen or none.

use std::collections::HashMap;

use ipc_heap::{Heap, HeapOptions, HeapString, HeapValue, HeapVec};
use ipc_testkit::{Child, Part, Rng, Role, fixture, rounds, watchdog};

use crate::basics::local;

pub(crate) const ROLES: &[(&str, Part)] = &[("replacer", replacer)];

#[test]
fn a_group_that_fails_changes_nothing() {
    let heap = local(1 << 20);
    heap.create_object::<HeapVec<u64>>("vec", &[1]).unwrap();
    heap.create_object::<HeapString>("text", "text").unwrap();
    let (objects, before) = (heap.objects().unwrap(), heap.statistics());
    let text = |group: &mut ipc_heap::HeapGroup<'_>, name: &str| {
        group.create::<HeapString>(name, "new").unwrap();
    };
    let mut group = heap.group();
    text(&mut group, "new");
    group.destroy("nothing").unwrap();
    let err = group.commit().unwrap_err();
    assert!(err.is_not_found() && err.to_string().contains("nothing"), "{err}");
    let mut group = heap.group();
    text(&mut group, "new");
    text(&mut group, "vec");
    let err = group.commit().unwrap_err();
    assert!(err.is_exists() && err.to_string().contains("vec"), "{err}");
    let mut group = heap.group();
    group.destroy("vec").unwrap();
    group.rename("text", "text").unwrap();
    assert!(group.commit().unwrap_err().is_exists());
    let mut group = heap.group();
    group.destroy("vec").unwrap();
    group.rename("vec", "other").unwrap();
    assert!(group.commit().unwrap_err().is_not_found());
    let mut group = heap.group();
    for number in 0..63 {
        text(&mut group, &format!("text {number}"));
    }
    assert!(group.rename("", "x").unwrap_err().is_invalid_argument());
    assert!(group.rename("x", "").unwrap_err().is_invalid_argument());
    assert!(group.destroy(&"x".repeat(161)).unwrap_err().is_invalid_argument());
    // There are 64 objects, two of which are in use.
    assert!(group.commit().unwrap_err().is_no_space());
    let mut group = heap.group();
    (0..64).for_each(|_| group.destroy("vec").unwrap());
    let err = group.destroy("vec").unwrap_err();
    assert!(err.is_invalid_argument() && err.to_string().contains("at most 64"), "{err}");
    drop(group);
    drop(heap.group());
    heap.group().commit().unwrap();
    assert_eq!(heap.objects().unwrap(), objects);
    assert_eq!((heap.statistics().object_bytes, heap.check().unwrap()), (before.object_bytes, 0));
    assert_eq!(heap.statistics().loose_bytes, 0);
}

#[test]
fn a_renamed_object_keeps_its_identity_and_its_handles() {
    let heap = local(1 << 20);
    let vec = heap.create_object::<HeapVec<u64>>("vec", &[1]).unwrap();
    let view = heap.view::<HeapVec<u64>>("vec").unwrap();
    let guard = vec.lock().unwrap();
    let mut group = heap.group();
    group.rename("vec", "users").unwrap();
    group.commit().unwrap(); // does not wait for the lock
    drop(guard);
    vec.lock().unwrap().push(2).unwrap();
    assert!(heap.find::<HeapVec<u64>>("vec").unwrap_err().is_not_found());
    let found = heap.find::<HeapVec<u64>>("users").unwrap();
    assert_eq!(heap.id_of(&found), heap.id_of(&vec));
    assert_eq!(found.lock().unwrap().to_vec(), [1, 2]);
    assert_eq!(view.to_vec().unwrap(), [1, 2]);
    let mut group = heap.group();
    group.destroy("users").unwrap();
    group.commit().unwrap();
    assert!(vec.lock().unwrap_err().is_removed() && view.to_vec().unwrap_err().is_removed());
}

#[test]
fn groups_are_operations_on_a_map_of_names() {
    watchdog(|| {
        let options = HeapOptions::new(1 << 20).objects(6).participants(2);
        let memory = ipc_mem::LocalMemory::new(options.memory_size().unwrap()).unwrap();
        let heap = Heap::create_in(memory, options).unwrap();
        let (rng, mut model) = (&mut Rng::new(), HashMap::new());
        let (mut done, mut failed) = (0, 0);
        for round in 0..rounds(3000, 300_000) {
            let mut next = model.clone();
            let mut is_possible = true;
            let mut group = heap.group();
            for _ in 0..rng.below(5) {
                let [from, to] = [0; 2].map(|_| format!("{}", rng.below(8)));
                match rng.below(3) {
                    0 => {
                        group.create::<HeapValue<u64>>(&from, round).unwrap();
                        is_possible &= next.len() < 6 && next.insert(from, round).is_none();
                    }
                    1 => {
                        group.destroy(&from).unwrap();
                        is_possible &= next.remove(&from).is_some();
                    }
                    _ => {
                        group.rename(&from, &to).unwrap();
                        let value = next.remove(&from);
                        let is_free = from != to && !next.contains_key(&to);
                        is_possible &= is_free && value.is_some();
                        value.map(|value| next.insert(to, value));
                    }
                }
                if !is_possible {
                    break;
                }
            }
            match group.commit() {
                Ok(()) => {
                    assert!(is_possible);
                    model = next;
                    done += 1;
                }
                Err(err) => {
                    assert!(!is_possible, "{err}");
                    failed += 1;
                }
            }
            let objects = heap.objects().unwrap();
            assert_eq!(objects.len(), model.len());
            for (name, value) in &model {
                let found = heap.find::<HeapValue<u64>>(name).unwrap();
                assert_eq!(found.get().unwrap(), *value);
            }
            assert_eq!(heap.check().unwrap(), 0);
        }
        assert!(done > 300 && failed > 300, "{done} {failed}");
    });
}

/// Replaces one object by another under the same name, for ever.
fn replacer(role: &mut Role) {
    let heap = Heap::open(role.arg(0)).unwrap();
    role.say("begun");
    for turn in 1u64.. {
        let mut group = heap.group();
        group.create::<HeapVec<u64>>("new", &[turn; 9]).unwrap();
        group.destroy("current").unwrap();
        group.rename("new", "current").unwrap();
        group.commit().unwrap();
    }
}

#[test]
fn a_name_always_leads_to_an_object_while_it_is_replaced() {
    watchdog(|| {
        let name = fixture::name();
        let heap = Heap::create(&*name, 1 << 20).unwrap();
        heap.create_object::<HeapVec<u64>>("current", &[0]).unwrap();
        let viewer = Heap::open_read_only(&*name).unwrap();
        let mut child = Child::run("replacer", &[&name]);
        child.wait_for("begun");
        let mut last = 0;
        for _ in 0..rounds(2000, 100_000) {
            let found = heap.find::<HeapVec<u64>>("current").unwrap();
            match found.lock() {
                Ok(vec) => {
                    let all = vec.to_vec();
                    assert!(all[0] >= last && all.iter().all(|one| *one == all[0]));
                    last = all[0];
                }
                Err(err) => assert!(err.is_removed(), "{err}"),
            }
            match viewer.view::<HeapVec<u64>>("current").and_then(|view| view.to_vec()) {
                Ok(all) => assert!(all.iter().all(|one| *one == all[0])),
                Err(err) => assert!(err.is_removed() || err.is_busy(), "{err}"),
            }
        }
        child.kill();
        heap.check().unwrap();
    });
}
