//! Heaps in all kinds of memory, and snapshots.

use std::fs;
use std::path::Path;
use std::thread;

use ipc_core::{Key, Removal};
use ipc_heap::{
    Heap, HeapBox, HeapDeque, HeapHashMap, HeapOptions, HeapString, HeapValue, HeapVec,
};
use ipc_mem::{
    Fresh, LocalMemory, Memory, MemoryOptions, OpenOptions, ReadWrite, SharedMemory, Tag,
};
use ipc_shm::{AnonymousMemory, ForkMemory, MappedFile, SysvMemory};
use ipc_testkit::{Child, Forked, Part, Role, crash_points, fixture, rounds, watchdog};

use crate::basics::local;

pub(crate) const ROLES: &[(&str, Part)] =
    &[("mover", mover), ("snapper", snapper), ("clones", clones)];

fn options() -> HeapOptions {
    HeapOptions::new(1 << 20).objects(64).participants(8)
}

fn size() -> MemoryOptions {
    MemoryOptions::new(options().memory_size().unwrap()).content(Tag::HEAP)
}

/// Creates a heap in a memory object, uses it, and reads it through a second handle.
fn create<M: Memory<Access = ReadWrite> + 'static>(memory: Fresh<M>) -> Heap<M> {
    let heap = Heap::create_in(memory, options()).unwrap();
    let vec = heap.create_object::<HeapVec<u64>>("vec", &[1, 2]).unwrap();
    vec.lock().unwrap().extend_from_slice(&[3; 20_000]).unwrap();
    heap.create_object::<HeapString>("status", "ready").unwrap();
    look(&heap);
    let other = heap.try_clone().unwrap();
    other.find::<HeapString>("status").unwrap().lock().unwrap().push_str(".").unwrap();
    heap.destroy(&heap.find::<HeapString>("status").unwrap()).unwrap();
    drop(other);
    heap.check().unwrap();
    // All pages can be used.
    let large = heap.allocate(std::alloc::Layout::from_size_align(1 << 19, 8).unwrap()).unwrap();
    drop(large);
    heap
}

fn look<M: Memory<Access = ReadWrite>>(heap: &Heap<M>) {
    let vec = heap.find::<HeapVec<u64>>("vec").unwrap();
    assert_eq!(vec.lock().unwrap().to_vec()[..3], [1, 2, 3]);
    assert_eq!(heap.view::<HeapVec<u64>>("vec").unwrap().len().unwrap(), 20_002);
}

fn again<M: Memory<Access = ReadWrite> + 'static>(memory: M) {
    look(&Heap::open_in(memory).unwrap());
}

#[test]
fn a_heap_lives_in_private_memory() {
    let memory = LocalMemory::new(options().memory_size().unwrap()).unwrap();
    create(memory);
}

#[test]
fn a_heap_lives_in_named_memory_that_was_created_for_anything() {
    let name = fixture::name();
    let _heap = create(SharedMemory::create(&*name, size()).unwrap());
    again(SharedMemory::open(&*name).unwrap());
    look(&Heap::open(&*name).unwrap());
    let viewer = Heap::open_read_only_in(SharedMemory::open_read_only(&*name).unwrap()).unwrap();
    assert_eq!(viewer.view::<HeapVec<u64>>("vec").unwrap().get(1).unwrap(), Some(2));
}

#[test]
fn a_heap_lives_in_memory_without_a_name() {
    let heap = create(AnonymousMemory::create("heap", size()).unwrap());
    let fd = heap.memory().try_clone_fd().unwrap();
    again(AnonymousMemory::from_fd(fd.try_clone().unwrap()).unwrap());
    let memory = AnonymousMemory::from_fd_read_only(fd).unwrap();
    let viewer = Heap::open_read_only_in(memory).unwrap();
    assert_eq!(viewer.view::<HeapVec<u64>>("vec").unwrap().get(1).unwrap(), Some(2));
}

#[test]
fn a_heap_lives_in_a_system_v_segment() {
    let memory = size().removal(Removal::LastDetach);
    let heap = create(SysvMemory::create(Key::PRIVATE, memory).unwrap());
    let id = heap.memory().id();
    again(SysvMemory::open_id(id).unwrap());
    let viewer = Heap::open_read_only_in(SysvMemory::open_id_read_only(id).unwrap()).unwrap();
    assert_eq!(viewer.view::<HeapVec<u64>>("vec").unwrap().get(1).unwrap(), Some(2));
}

#[test]
fn a_heap_lives_in_a_file_and_is_flushed_to_it() {
    let directory = fixture::dir();
    let path = directory.join("heap");
    let memory = size().removal(Removal::Never);
    let heap = create(MappedFile::create(&path, memory).unwrap());
    heap.memory().flush().unwrap();
    again(MappedFile::open(&path).unwrap());
    drop(heap);
    again(MappedFile::open(&path).unwrap());
    let viewer = Heap::open_read_only_in(MappedFile::open_read_only(&path).unwrap()).unwrap();
    assert_eq!(viewer.view::<HeapVec<u64>>("vec").unwrap().get(1).unwrap(), Some(2));
}

fn clones(role: &mut Role) {
    let heap = create(ForkMemory::create(size()).unwrap());
    Forked::run(|| {
        let heap = heap.try_clone().unwrap();
        look(&heap);
        heap.create_object::<HeapString>("child", "was here").unwrap();
    })
    .finish();
    assert_eq!(heap.view::<HeapString>("child").unwrap().get().unwrap(), "was here");
    role.say("shared");
}

#[test]
fn a_heap_lives_in_memory_that_only_forked_children_share() {
    watchdog(|| {
        let mut child = Child::run("clones", &[]);
        child.wait_for("shared");
        child.finish();
    });
}

/// Objects of all kinds, blocks of all kinds, and their numbers.
fn filled() -> Heap<LocalMemory> {
    let heap = local(8 << 20);
    heap.create_object::<HeapVec<u64>>("vec", &[7; 20_000]).unwrap();
    heap.create_object::<HeapString>("string", &"x".repeat(100)).unwrap();
    heap.unique_object::<HeapValue<u8>>(5).unwrap();
    let map = heap.create_object::<HeapHashMap<u64, u64>>("map", ()).unwrap();
    let deque = heap.create_object::<HeapDeque<u64>>("deque", &[]).unwrap();
    for number in 0..1000 {
        map.lock().unwrap().insert(number, number * number).unwrap();
        deque.lock().unwrap().push_front(number).unwrap();
    }
    heap
}

fn same(copy: &Heap<impl Memory<Access = ReadWrite>>, of: &Heap<LocalMemory>) {
    assert_eq!(copy.objects().unwrap(), of.objects().unwrap());
    let vec = copy.find::<HeapVec<u64>>("vec").unwrap();
    assert_eq!(vec.lock().unwrap().to_vec(), [7; 20_000]);
    let map = copy.find::<HeapHashMap<u64, u64>>("map").unwrap();
    let map = map.lock().unwrap();
    assert!(map.len() == 1000 && map.iter().all(|(key, value)| value == key * key));
    let deque = copy.find::<HeapDeque<u64>>("deque").unwrap();
    assert!(deque.lock().unwrap().iter().eq((0..1000).rev()));
    assert_eq!(copy.unique_object::<HeapValue<u8>>(0).unwrap().get().unwrap(), 5);
}

#[test]
fn a_snapshot_is_a_heap_with_the_same_objects_identities_and_offsets() {
    let (directory, heap) = (fixture::dir(), filled());
    let path = directory.join("snapshot");
    let kept = HeapBox::new(&heap, [1u64, 2]).unwrap().into_offset().unwrap();
    let loose = HeapBox::new(&heap, 9u64).unwrap();
    let large = heap.allocate(std::alloc::Layout::from_size_align(200_000, 8).unwrap()).unwrap();
    let large = large.into_offset().unwrap();
    heap.snapshot(&path).unwrap();
    let names: Vec<_> = fs::read_dir(&*directory).unwrap().map(|entry| entry.unwrap()).collect();
    assert_eq!(names.len(), 1, "{names:?}");
    let before = heap.statistics();
    for _ in 0..2 {
        let copy = Heap::open_in(MappedFile::open(&path).unwrap()).unwrap();
        same(&copy, &heap);
        assert_eq!(copy.read(kept).unwrap(), [1, 2]);
        assert!(copy.read(loose.offset()).is_err(), "blocks of handles are not copied");
        assert_eq!(copy.check().unwrap(), heap.check().unwrap());
        let found = copy.statistics();
        assert_eq!((found.loose_bytes, found.participants), (0, 1));
        assert_eq!((found.kept_bytes, found.objects), (before.kept_bytes, before.objects));
    }
    // The copy can be used to the full, and changes of it do not reach the heap.
    let copy = heap.to_local().unwrap();
    same(&copy, &heap);
    copy.free(large).unwrap();
    copy.free(kept).unwrap();
    for name in ["vec", "string", "map", "deque"] {
        assert!(copy.destroy_named(name).unwrap());
    }
    copy.destroy(&copy.unique_object::<HeapValue<u8>>(0).unwrap()).unwrap();
    assert_eq!((copy.check().unwrap(), copy.statistics().kept_bytes), (0, 0));
    copy.trim();
    // Slabs without an owner are adopted by the next allocation of their size.
    copy.create_object::<HeapVec<u64>>("vec", &[1; 20_000]).unwrap();
    same(&heap, &heap);
    assert!(heap.read(kept).is_ok());
    assert!(heap.snapshot(directory.join("no such directory/x")).unwrap_err().is_not_found());
}

#[test]
fn changes_of_a_copy_on_write_heap_stay_private() {
    let (directory, heap) = (fixture::dir(), filled());
    let path = directory.join("snapshot");
    heap.snapshot(&path).unwrap();
    let before = fs::read(&path).unwrap();
    let memory = MappedFile::open_copy_on_write(&path, OpenOptions::new()).unwrap();
    let copy = Heap::open_in(memory).unwrap();
    same(&copy, &heap);
    copy.find::<HeapVec<u64>>("vec").unwrap().lock().unwrap().assign(&[1; 50_000]).unwrap();
    copy.create_object::<HeapString>("new", "new").unwrap();
    drop(copy);
    assert!(fs::read(&path).unwrap() == before, "the file is unchanged");
}

/// Moves amounts between two accounts, with the locks of both.
fn mover(role: &mut Role) {
    let heap = Heap::open(role.arg(0)).unwrap();
    let [first, second] = ["first", "second"].map(|name| heap.find::<HeapVec<u64>>(name).unwrap());
    role.say("begun");
    for turn in 1u64.. {
        // In both orders: a thread that waits for the second lock never waits for a snapshot.
        let (mut one, mut other) = if turn % 2 == 0 {
            let one = first.lock().unwrap();
            (one, second.lock().unwrap())
        } else {
            let other = second.lock().unwrap();
            (first.lock().unwrap(), other)
        };
        let amount = one.get(0).unwrap();
        one.set(0, amount - 1).unwrap();
        one.assign(&vec![amount - 1; 1 + usize::try_from(turn % 50).unwrap()]).unwrap();
        let amount = other.get(0).unwrap();
        other.set(0, amount + 1).unwrap();
        drop((one, other));
        drop(HeapBox::new(&heap, turn).unwrap());
        if turn % 1000 == 0 {
            role.say("going on");
        }
    }
}

#[test]
fn a_snapshot_shows_all_objects_as_they_were_at_one_time() {
    watchdog(|| {
        let (directory, name) = (fixture::dir(), fixture::name());
        let path = directory.join("snapshot");
        let heap = Heap::create(&*name, 1 << 20).unwrap();
        heap.create_object::<HeapVec<u64>>("first", &[1 << 40]).unwrap();
        heap.create_object::<HeapVec<u64>>("second", &[0]).unwrap();
        let mut child = Child::run("mover", &[&name]);
        child.wait_for("begun");
        let mut seen = std::collections::HashSet::new();
        for _ in 0..rounds(30, 3000) {
            heap.snapshot(&path).unwrap();
            let copy = Heap::open_in(MappedFile::open(&path).unwrap()).unwrap();
            let amount = |name| copy.find::<HeapVec<u64>>(name).unwrap().lock().unwrap().get(0);
            let (first, second) = (amount("first").unwrap(), amount("second").unwrap());
            assert_eq!(first + second, 1 << 40);
            assert_eq!(copy.check().unwrap(), 0);
            seen.insert(first);
            thread::yield_now();
        }
        assert!(seen.len() > 1, "the other process goes on");
        child.kill();
    });
}

/// Takes a snapshot of a heap over an older one.
fn snapper(role: &mut Role) {
    Heap::open(role.arg(0)).unwrap().snapshot(role.arg(1)).unwrap();
}

#[test]
fn a_file_is_the_old_snapshot_or_the_new_one_wherever_a_process_is_killed() {
    watchdog(|| {
        let name = fixture::name();
        let heap = Heap::create(&*name, 1 << 20).unwrap();
        let turn = heap.create_object::<HeapValue<u64>>("turn", 0).unwrap();
        let directory = fixture::dir();
        let path = directory.join("snapshot");
        let path = path.to_str().unwrap();
        let points = crash_points("snapper", &[&name, path]);
        assert!(points.iter().any(|(point, _)| point == "heap: a snapshot is written"));
        let amount = |path: &Path| {
            let copy = Heap::open_in(MappedFile::open(path).unwrap()).unwrap();
            copy.find::<HeapValue<u64>>("turn").unwrap().get().unwrap()
        };
        for (point, _) in points {
            let before = amount(Path::new(path));
            turn.set(before + 1).unwrap();
            Child::run_crashing("snapper", &[&name, path], &point, 1).crash();
            let after = amount(Path::new(path));
            assert!(after == before || after == before + 1, "{point}: {before}, {after}");
            // No lock is left behind.
            heap.snapshot(path).unwrap();
        }
    });
}

#[test]
fn a_repair_frees_what_no_object_and_no_program_has() {
    let heap = filled();
    let used = HeapBox::new(&heap, 1u64).unwrap().into_offset().unwrap();
    let lost = HeapBox::new(&heap, [2u64; 9]).unwrap().into_offset().unwrap();
    let layout = std::alloc::Layout::from_size_align(200_000, 8).unwrap();
    let large = heap.allocate(layout).unwrap().into_offset().unwrap();
    let loose = HeapBox::new(&heap, 3u64).unwrap();
    assert_eq!(heap.check().unwrap(), 16 + 80 + 4 * 65536);
    let freed = heap.repair(|offset, _| offset.raw() == used.raw()).unwrap();
    assert_eq!((freed.blocks, freed.bytes, freed.participants), (2, 80 + 4 * 65536, 0));
    assert!(heap.read(lost).is_err() && heap.free(large).is_err());
    assert_eq!((heap.read(used).unwrap(), loose.get()), (1, 3));
    assert_eq!(heap.check().unwrap(), 16);
    same(&heap, &heap);
    assert_eq!(heap.repair(|_, _| true).unwrap().blocks, 0);
}

#[test]
fn blocks_are_counted_by_their_sizes() {
    let heap = local(1 << 20);
    assert!(heap.class_statistics().is_empty());
    let layout = std::alloc::Layout::from_size_align(100, 8).unwrap();
    let blocks: Vec<_> = (0..600).map(|_| heap.allocate(layout).unwrap()).collect();
    let mut offsets: Vec<_> =
        blocks.into_iter().map(|block| block.into_offset().unwrap()).collect();
    drop(heap.allocate(layout).unwrap());
    let other = heap.try_clone().unwrap();
    other.free(offsets.pop().unwrap()).unwrap();
    let found = heap.class_statistics();
    let [class] = found[..] else { panic!("{found:?}") };
    assert_eq!((class.size, class.slabs, class.blocks), (112, 2, 2 * (65536 / 112)));
    assert_eq!((class.kept, class.free), (599, class.blocks - 599));
}
