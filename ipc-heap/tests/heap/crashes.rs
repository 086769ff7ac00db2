//! Processes that are killed at each step of each operation.

use std::alloc::Layout;

use ipc_heap::{Heap, HeapOptions, HeapVec};
use ipc_testkit::{Child, Fixture, Part, Role, crash_points, fixture, watchdog};

use crate::operations::{OPERATIONS, state, vec};

pub(crate) const ROLES: &[(&str, Part)] =
    &[("actor", actor), ("heir", heir), ("recoverer", recoverer), ("assigner", assigner)];

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
    if label.starts_with("owned") {
        // Nothing leads to objects without an owner, but the list of all objects shows them.
        heap.recover();
    }
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
fn counts_of_a_process_are_dropped_wherever_it_is_killed() {
    kill_at_every_step(&["counted"]);
}

#[test]
fn owned_objects_are_destroyed_with_their_owner_wherever_it_is_killed() {
    kill_at_every_step(&["owned"]);
}

#[test]
fn an_ordered_map_changes_completely_or_not_wherever_a_process_dies() {
    kill_at_every_step(&["ordered map", "read map"]);
}

#[test]
fn values_and_maps_change_completely_or_not_wherever_a_process_is_killed() {
    kill_at_every_step(&["string", "value", "map"]);
}

/// Leaves a heap whose recovery has much to do.
fn with_a_dead_process(operation: &str) -> (Fixture, Heap) {
    let (name, heap) = prepared(operation);
    // The first intents of `counted` leave the counts as they were.
    let hit = if operation == "counted" { 6 } else { 2 };
    let crash = Child::run_crashing("actor", &[&name, operation], "heap: an intent stands", hit);
    crash.crash();
    (name, heap)
}

#[test]
fn a_recovery_is_repeated_wherever_the_recovering_process_is_killed() {
    ["vec", "create", "destroy", "group", "counted", "owned"]
        .into_iter()
        .for_each(kill_in_recovery_of);
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
