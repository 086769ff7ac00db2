//! Blocks, values and objects by name, between handles, threads and processes.

use std::alloc::Layout;
use std::collections::HashMap;
use std::thread;

use ipc_core::Error;
use ipc_heap::{
    Family, Heap, HeapArc, HeapBox, HeapHashMap, HeapInfo, HeapOptions, HeapString, HeapValue,
    HeapVec, ObjectId, ObjectKind, Offset,
};
use ipc_mem::LocalMemory;
use ipc_testkit::{Child, Forked, Part, Rng, Role, adversity, fixture, watchdog};

pub(crate) const ROLES: &[(&str, Part)] =
    &[("neighbour", neighbour), ("forker", forker), ("limited", limited)];

pub(crate) fn local(size: usize) -> Heap<LocalMemory> {
    let options = HeapOptions::new(size).objects(64).participants(16);
    Heap::create_in(LocalMemory::new(options.memory_size().unwrap()).unwrap(), options).unwrap()
}

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).unwrap()
}

#[test]
fn blocks_of_all_sizes_and_alignments_do_not_overlap_and_come_back() {
    watchdog(|| {
        let heap = local(32 << 20);
        let rng = &mut Rng::new();
        let mut live = HashMap::new();
        for step in 0..20_000u64 {
            let key = rng.below(200);
            if let Some((block, size)) = live.remove(&key) {
                let block: ipc_heap::HeapBlock<'_> = block;
                let mut bytes = vec![0; size];
                block.read(0, &mut bytes).unwrap();
                assert!(bytes.iter().all(|byte| u64::from(*byte) == key), "step {step}");
                continue;
            }
            let most = if rng.below(50) == 0 { 300_000 } else { 5000 };
            let size = usize::try_from(rng.below(most)).unwrap();
            let align = 1 << rng.below(13);
            let mut block = heap.allocate(layout(size, align)).unwrap();
            assert!(block.offset().is_multiple_of(align as u64) && block.size() >= size as u64);
            block.write(0, &vec![u8::try_from(key).unwrap(); size]).unwrap();
            live.insert(key, (block, size));
        }
        drop(live);
        let found = heap.statistics();
        assert_eq!((found.loose_bytes, found.kept_bytes), (0, 0));
        heap.trim();
        let found = heap.statistics();
        assert_eq!(found.free_pages, found.pages);
        heap.check().unwrap();
    });
}

#[test]
fn a_full_heap_is_an_error_that_changes_nothing() {
    let heap = local(1 << 20);
    let mut blocks = Vec::new();
    let err = loop {
        match heap.allocate(layout(1000, 8)) {
            Ok(block) => blocks.push(block),
            Err(err) => break err,
        }
    };
    assert!(err.is_no_space() && err.to_string().contains("local memory"), "{err}");
    assert_eq!(blocks.len(), 16 * 64);
    assert!(heap.allocate(layout(200_000, 8)).unwrap_err().is_no_space());
    let before = heap.statistics();
    let err = heap.create_object::<HeapVec<u64>>("x", &[1]).unwrap_err();
    assert!(err.is_no_space(), "{err}");
    assert_eq!(heap.statistics(), before);
    // One block is free, which is large enough for any smaller one.
    blocks.pop();
    drop(heap.allocate(layout(8, 8)).unwrap());
    blocks.clear();
    drop(heap.allocate(layout(900_000, 4096)).unwrap());
    heap.check().unwrap();
}

#[test]
fn bad_input_is_an_error_that_names_heap_and_object() {
    let name = fixture::name();
    let heap = Heap::create(&*name, HeapOptions::new(1 << 20).objects(2)).unwrap();
    let invalid = |err: Error| {
        assert!(err.is_invalid_argument() && err.to_string().contains(&*name), "{err}");
    };
    invalid(heap.allocate(layout(1, 8192)).unwrap_err());
    let err = heap.allocate(layout(isize::MAX as usize - 8191, 1)).unwrap_err();
    assert!(err.is_no_space(), "{err}");
    invalid(heap.free(Offset::<u8>::from_raw(0)).unwrap_err());
    invalid(heap.read(Offset::<u64>::from_raw(u64::MAX)).unwrap_err());
    invalid(heap.create_object::<HeapString>("", "").unwrap_err());
    invalid(heap.create_object::<HeapString>(&"x".repeat(161), "").unwrap_err());
    let err = heap.find::<HeapString>("nothing").unwrap_err();
    assert!(err.is_not_found() && err.to_string().contains("nothing"), "{err}");
    let status = heap.create_object::<HeapString>("status", "ready").unwrap();
    let err = heap.create_object::<HeapString>("status", "").unwrap_err();
    assert!(err.is_exists() && err.to_string().contains(&*name), "{err}");
    let err = heap.find::<HeapVec<u8>>("status").unwrap_err();
    assert!(err.is_mismatch() && err.to_string().contains("found a string"), "{err}");
    let vec = heap.create_anonymous::<HeapVec<[u64; 2]>>(&[]).unwrap();
    let err = heap.create_anonymous::<HeapString>("").unwrap_err();
    assert!(err.is_no_space() && err.to_string().contains("all 2 objects"), "{err}");
    let mut guard = vec.lock().unwrap();
    invalid(guard.reserve(usize::MAX / 8).unwrap_err());
    invalid(guard.set(0, [0; 2]).unwrap_err());
    invalid(guard.insert(1, [0; 2]).unwrap_err());
    invalid(guard.remove(0).unwrap_err());
    drop(guard);
    invalid(heap.destroy(&local(1 << 20).create_anonymous::<HeapString>("").unwrap()).unwrap_err());
    heap.destroy(&status).unwrap();
    assert!(heap.destroy(&status).unwrap_err().is_removed());
    assert!(status.lock().unwrap_err().is_removed());
    assert!(Heap::open("/no-such-heap").unwrap_err().is_not_found());
    for options in [HeapOptions::new(1).objects(0), HeapOptions::new(1).participants(5000)] {
        assert!(Heap::create("/never", options).unwrap_err().is_invalid_argument());
    }
}

#[test]
fn an_object_of_another_type_is_refused_field_by_field() {
    #[derive(Clone, Copy, ipc_mem::Plain)]
    #[repr(C)]
    struct Old {
        id: u64,
        size: u64,
    }
    #[derive(Clone, Copy, ipc_mem::Plain)]
    #[repr(C)]
    struct New {
        id: u64,
        size: f64,
    }
    let heap = local(1 << 20);
    heap.create_object::<HeapValue<Old>>("value", Old { id: 1, size: 2 }).unwrap();
    let err = heap.find::<HeapValue<New>>("value").unwrap_err();
    assert!(err.is_mismatch() && err.to_string().contains("field `size`: found u64"), "{err}");
    assert_eq!(heap.find::<HeapValue<Old>>("value").unwrap().get().unwrap().size, 2);
    heap.create_object::<HeapHashMap<u64, Old>>("map", ()).unwrap();
    let err = heap.find::<HeapHashMap<i64, New>>("map").unwrap_err().to_string();
    assert!(err.contains("key: ") && err.contains("value: field `size`"), "{err}");
}

#[test]
fn objects_are_found_listed_and_destroyed_by_all_their_names() {
    let heap = local(1 << 20);
    let first = heap.unique_object::<HeapValue<u64>>(1).unwrap();
    let again = heap.unique_object::<HeapValue<u64>>(2).unwrap();
    assert_eq!((first.get().unwrap(), heap.id_of(&first)), (1, heap.id_of(&again)));
    let anonymous = heap.create_anonymous::<HeapString>("text").unwrap();
    let id = ObjectId::from_raw(heap.id_of(&anonymous).raw());
    assert_eq!(heap.get::<HeapString>(id).unwrap().lock().unwrap().get().unwrap(), "text");
    assert!(heap.get::<HeapVec<u8>>(id).unwrap_err().is_mismatch());
    for number in 0..20u32 {
        heap.create_object::<HeapValue<u32>>(&format!("number {number}"), number).unwrap();
    }
    let found = heap.objects().unwrap();
    let named = found.iter().filter(|object| object.family == Family::Named).count();
    assert_eq!((found.len(), named), (22, 20));
    heap.check().unwrap();
    for number in (0..20).rev().step_by(2).chain((0..20).step_by(2)) {
        assert!(heap.destroy_named(&format!("number {number}")).unwrap());
        assert!(!heap.destroy_named(&format!("number {number}")).unwrap());
        assert_eq!(heap.check().unwrap(), 0);
    }
    heap.destroy(&anonymous).unwrap();
    assert!(heap.get::<HeapString>(id).unwrap_err().is_removed());
    heap.destroy(&first).unwrap();
    let found = heap.statistics();
    assert_eq!((found.objects, found.kept_bytes, found.loose_bytes), (0, 0, 0));
}

#[test]
fn a_block_that_another_thread_frees_comes_back_to_its_slab() {
    watchdog(|| {
        let heap = local(1 << 20);
        let others = heap.try_clone().unwrap();
        let offsets: Vec<_> = (0..1000)
            .map(|number| HeapBox::new(&heap, number).unwrap().into_offset().unwrap())
            .collect();
        thread::spawn(move || {
            for (number, offset) in (0..1000u64).zip(offsets) {
                assert_eq!(others.read(offset).unwrap(), number);
                others.free(offset).unwrap();
                assert!(others.free(offset).unwrap_err().is_invalid_argument());
            }
            let pages = others.statistics().free_pages;
            drop(others);
            pages
        })
        .join()
        .unwrap();
        let found = heap.statistics();
        assert_eq!((found.kept_bytes, found.loose_bytes, found.participants), (0, 0, 1));
        let blocks: Vec<_> = (0..4096).map(|_| heap.allocate(layout(16, 8)).unwrap()).collect();
        assert_eq!(heap.statistics().pages - heap.statistics().free_pages, 1);
        drop(blocks);
        heap.check().unwrap();
    });
}

#[test]
fn a_handle_that_is_dropped_leaves_what_it_passed_to_the_heap() {
    let heap = local(4 << 20);
    let other = heap.try_clone().unwrap();
    let small = HeapBox::new(&other, 7u64).unwrap().into_offset().unwrap();
    let large = other.allocate(layout(200_000, 8)).unwrap().into_offset().unwrap();
    std::mem::forget(HeapBox::new(&other, 8u64).unwrap());
    std::mem::forget(other.allocate(layout(200_000, 8)).unwrap());
    drop(other);
    let found = heap.statistics();
    assert_eq!((found.kept_bytes, found.loose_bytes), (16 + 4 * 65536, 0));
    assert_eq!(heap.read(small).unwrap(), 7);
    heap.free(large).unwrap();
    heap.free(small).unwrap();
    assert_eq!(heap.statistics().kept_bytes, 0);
    heap.check().unwrap();
}

#[test]
fn an_impossible_option_of_a_heap_is_named_alone_beside_the_heap() {
    let name = fixture::name();
    let options = HeapOptions::new(1 << 20);
    for (options, says) in [
        (
            options.max_size(1 << 18),
            "the maximum size of 262144 bytes is below the initial size of 1048576 bytes",
        ),
        (options.participants(0), "0 participants; 1 to 4096 are possible"),
        (options.objects(1 << 25), "33554432 objects; 1 to 16777216 are possible"),
    ] {
        for made in [Heap::create(&*name, options), Heap::open_or_create(&*name, options)] {
            let err = made.err().unwrap();
            assert!(err.is_invalid_argument() && err.object() == &*name, "{err}");
            assert!(err.to_string().ends_with(&format!(": {says}")), "{err}");
        }
    }
    assert!(Heap::open(&*name).is_err_and(|err| err.is_not_found()));
}

#[test]
fn errors_name_offsets_alike_and_know_what_was_freed() {
    let heap = local(1 << 20);
    let err = heap.read::<u64>(Offset::from_raw(0x60020)).unwrap_err();
    assert!(err.to_string().ends_with("is allocated at offset 0x60020"), "{err}");
    let offset = HeapArc::new(&heap, 7.5_f64).unwrap().into_offset().unwrap();
    drop(HeapArc::from_offset(&heap, offset).unwrap());
    let err = HeapArc::from_offset(&heap, offset).unwrap_err();
    assert!(err.is_invalid_argument() && err.to_string().contains("no `HeapArc<f64>`"), "{err}");
    let err = heap.get::<HeapValue<u64>>(ObjectId::from_raw(15_720_109)).err().unwrap();
    assert!(err.to_string().ends_with("there is no object 15720109"), "{err}");
}

#[test]
fn a_heap_grows_in_place_up_to_its_maximum() {
    let name = fixture::name();
    let options = HeapOptions::new(1 << 16).max_size(4 << 20);
    let heap = Heap::create(&*name, options).unwrap();
    assert!(heap.was_created() && Heap::names().unwrap().iter().any(|one| one.as_str() == &*name));
    let other = Heap::open_or_create(&*name, options).unwrap();
    assert!(!other.was_created());
    let first = HeapBox::new(&heap, 1u64).unwrap();
    let large = heap.allocate(layout(1 << 20, 8)).unwrap();
    let offset = large.into_offset().unwrap();
    // The other handle finds out that the heap has grown when it meets the offset.
    other.write(offset, 9).unwrap();
    assert_eq!(heap.read(offset).unwrap(), 9);
    assert_eq!(first.get(), 1);
    other.free(offset).unwrap();
    let mut blocks = Vec::new();
    while let Ok(block) = other.allocate(layout(65536, 8)) {
        blocks.push(block);
    }
    assert_eq!(blocks.len(), 63);
    drop(blocks);
    heap.check().unwrap();
    other.check().unwrap();
}

/// The heap could grow to 4 MiB, but the process may not make its file longer.
#[test]
fn a_heap_that_cannot_grow_names_the_limit_that_it_reached() {
    Child::run("limited", &[&fixture::name()]).finish();
}

fn limited(role: &mut Role) {
    let options = HeapOptions::new(1 << 16).max_size(4 << 20);
    let heap = Heap::create(role.arg(0), options).unwrap();
    adversity::limit_file_size(1 << 16);
    for size in [65536, 64] {
        let mut blocks = Vec::new();
        let err = loop {
            match heap.allocate(layout(size, 8)) {
                Ok(block) => blocks.push(block),
                Err(err) => break err,
            }
        };
        let text = err.to_string();
        assert!(err.is_no_space() && err.call() == "allocate", "{text}");
        for part in ["is free in 65536 bytes, and the heap cannot grow: ", "RLIMIT_FSIZE"] {
            assert!(text.contains(part), "{text} lacks {part}");
        }
        assert!(!text.contains("max_size"), "{text}");
    }
    let err = heap.allocate(layout(8 << 20, 8)).unwrap_err();
    assert!(err.is_no_space() && err.to_string().contains("larger size or `max_size`"), "{err}");
}

#[test]
fn a_heap_whose_participants_are_all_in_use_refuses_another_handle() {
    let options = HeapOptions::new(1 << 20).participants(2);
    let memory = LocalMemory::new(options.memory_size().unwrap()).unwrap();
    let heap = Heap::create_in(memory, options).unwrap();
    let other = heap.try_clone().unwrap();
    let err = heap.try_clone().unwrap_err();
    assert!(err.is_no_space() && err.to_string().contains("all 2 participants"), "{err}");
    // A slab without an owner is left alone.
    let kept = HeapBox::new(&other, 7u64).unwrap().into_offset().unwrap();
    drop(other);
    let other = heap.try_clone().unwrap();
    assert!(heap.try_clone().unwrap_err().is_no_space());
    assert_eq!((other.read(kept).unwrap(), heap.check().unwrap()), (7, 16));
}

fn neighbour(role: &mut Role) {
    let heap = Heap::open(role.arg(0)).unwrap();
    let users = heap.find::<HeapVec<u64>>("users").unwrap();
    users.lock().unwrap().push(8).unwrap();
    let shared = heap.find::<HeapValue<Offset<u64>>>("shared").unwrap().get().unwrap();
    assert_eq!(heap.read(shared).unwrap(), 42);
    heap.free(shared).unwrap();
    heap.find_or_create::<HeapString>("greeting", "hello").unwrap();
}

#[test]
fn another_process_finds_objects_and_frees_blocks() {
    watchdog(|| {
        let name = fixture::name();
        let heap = Heap::create(&*name, 1 << 20).unwrap();
        let users = heap.create_object::<HeapVec<u64>>("users", &[7]).unwrap();
        let offset = HeapBox::new(&heap, 42u64).unwrap().into_offset().unwrap();
        heap.create_object::<HeapValue<Offset<u64>>>("shared", offset).unwrap();
        Child::run("neighbour", &[&name]).finish();
        assert_eq!(users.lock().unwrap().to_vec(), [7, 8]);
        let greeting = heap.find::<HeapString>("greeting").unwrap();
        assert_eq!(greeting.lock().unwrap().get().unwrap(), "hello");
        assert_eq!(heap.check().unwrap(), 0, "the block was freed");
    });
}

fn forker(role: &mut Role) {
    let heap = Heap::create(role.arg(0), 1 << 20).unwrap();
    let value = HeapBox::new(&heap, 5u64).unwrap();
    let users = heap.create_object::<HeapVec<u64>>("users", &[]).unwrap();
    let mut guard = Some(users.lock().unwrap());
    Forked::run(|| {
        assert!(heap.allocate(layout(8, 8)).unwrap_err().is_invalid_argument());
        assert!(users.lock().unwrap_err().is_invalid_argument());
        assert!(heap.find::<HeapVec<u64>>("users").unwrap_err().is_invalid_argument());
        assert!(heap.check().unwrap_err().is_invalid_argument());
        let own = heap.try_clone().unwrap();
        HeapBox::new(&own, 6u64).unwrap().into_offset().unwrap();
        drop((own, value, guard.take()));
    })
    .finish();
    // The parent still holds the lock.
    let view = heap.view::<HeapVec<u64>>("users").unwrap();
    assert!(guard.is_some() && view.len().unwrap_err().is_busy());
    drop(guard);
    // The child's own handle is gone, and its value belongs to the heap.
    assert_eq!((heap.statistics().participants, heap.check().unwrap()), (1, 16));
    role.say("forked");
}

#[test]
fn a_forked_child_owns_nothing_of_its_parent() {
    watchdog(|| {
        let name = fixture::name();
        let mut child = Child::run("forker", &[&name]);
        child.wait_for("forked");
        child.finish();
    });
}

#[test]
fn a_heap_is_described_without_being_opened() {
    let name = fixture::name();
    let heap = Heap::create(&*name, HeapOptions::new(1 << 20).objects(64)).unwrap();
    heap.create_object::<HeapVec<u64>>("users", &[7, 8]).unwrap();
    heap.create_anonymous::<HeapString>("text").unwrap();
    let bytes = std::fs::read(format!("/dev/shm{}", &*name)).unwrap();
    let size = ipc_mem::Memory::size(heap.memory());
    let info = HeapInfo::of_bytes(&bytes, size).unwrap();
    let found: Vec<_> =
        info.objects.iter().map(|object| (&*object.name, object.kind, object.len)).collect();
    assert_eq!(found, [("users", ObjectKind::Vec, 2), ("", ObjectKind::String, 4)]);
    assert_eq!((info.pages, info.max_pages, info.max_objects), (16, 16, 64));
    assert_eq!(info.free_pages, Some(heap.statistics().free_pages));
    assert_eq!(info.processes, [std::process::id().cast_signed()]);
    let info = HeapInfo::of_bytes(&bytes[..512], size).unwrap();
    assert_eq!((info.pages, info.free_pages, info.objects.len()), (16, None, 0));
    for len in 0..bytes.len().min(128) {
        assert!(HeapInfo::of_bytes(&bytes[..len], size).is_err());
    }
}
