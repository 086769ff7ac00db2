//! Objects that refer to other objects, and own them.

use ipc_core::Result;
use ipc_heap::{Family, Heap, HeapDeque, HeapMap, HeapRef, HeapString, HeapValue, HeapVec};
use ipc_testkit::{Child, Part, Role, fixture, watchdog};

use crate::basics::local;

pub(crate) const ROLES: &[(&str, Part)] =
    &[("writer", writer), ("keeper", keeper), ("destroyer", destroyer)];

type Lines = HeapVec<'static, HeapRef<HeapString<'static>>>;
type Pages<'h> = HeapMap<'h, u64, HeapRef<Lines>>;

/// Adds a page of two lines.
fn add(heap: &Heap, number: u64) -> Result<()> {
    let pages = heap.find_or_create::<Pages<'_>>("pages", ())?;
    let lines = heap.create_owned::<HeapVec<'_, HeapRef<HeapString<'static>>>>(&pages, &[])?;
    for line in 0..2 {
        let text = heap.create_owned::<HeapString<'_>>(&lines, &format!("{number}.{line}"))?;
        lines.lock()?.push(heap.ref_of(&text))?;
    }
    pages.lock()?.insert(number, heap.ref_of(&lines))?;
    Ok(())
}

fn writer(role: &mut Role) {
    let heap = Heap::open(role.arg(0)).unwrap();
    (0..10).for_each(|number| add(&heap, number).unwrap());
}

#[test]
fn containers_of_containers_are_read_by_type_and_destroyed_together() {
    watchdog(|| {
        let name = fixture::name();
        let heap = Heap::create(&*name, 4 << 20).unwrap();
        let value = heap.create_object::<HeapValue<u64>>("other", 7).unwrap();
        Child::run("writer", &[&name]).finish();
        let pages = heap.find::<Pages<'_>>("pages").unwrap();
        for (number, lines) in pages.lock().unwrap().iter() {
            let lines = heap.get_ref(lines).unwrap().lock().unwrap().to_vec();
            let texts = lines.iter().map(|line| heap.get_ref(*line).unwrap().lock()?.get());
            let texts: Vec<_> = texts.collect::<Result<_>>().unwrap();
            assert_eq!(texts, [format!("{number}.0"), format!("{number}.1")]);
        }
        let objects = heap.objects().unwrap();
        let owned: Vec<_> = objects.iter().filter(|one| one.family == Family::Owned).collect();
        assert_eq!((objects.len(), owned.len()), (32, 30));
        let of_pages = owned.iter().filter(|one| one.owner == Some(heap.id_of(&pages)));
        assert_eq!(of_pages.count(), 10);

        let first = pages.lock().unwrap().get(&0).unwrap();
        let lines = heap.get_ref(first).unwrap();
        let line = lines.lock().unwrap().get(0).unwrap();
        let wrong = HeapRef::<HeapDeque<'static, u8>>::from_id(line.id());
        assert!(heap.get_ref(wrong).unwrap_err().is_mismatch());
        heap.destroy(&lines).unwrap();
        assert!(heap.get_ref(first).unwrap_err().is_removed());
        assert!(heap.get_ref(line).unwrap_err().is_removed());
        assert_eq!(heap.objects().unwrap().len(), 29);

        assert!(heap.destroy_named("pages").unwrap());
        assert_eq!((heap.objects().unwrap().len(), value.get().unwrap()), (1, 7));
        assert!(heap.create_owned::<HeapString<'_>>(&pages, "late").unwrap_err().is_removed());
        assert_eq!(heap.check().unwrap(), 0);
    });
}

#[test]
fn an_owner_in_another_heap_is_refused() {
    let (heap, other) = (local(1 << 20), local(1 << 20));
    let owner = other.create_anonymous::<HeapString<'_>>("owner").unwrap();
    let refused = heap.create_owned::<HeapString<'_>>(&owner, "text");
    assert!(refused.unwrap_err().is_invalid_argument());
}

/// Holds the lock of an owned object.
fn keeper(role: &mut Role) {
    let heap = Heap::open(role.arg(0)).unwrap();
    let text = heap.find::<HeapValue<HeapRef<HeapString<'static>>>>("text").unwrap();
    let text = heap.get_ref(text.get().unwrap()).unwrap();
    let guard = text.lock().unwrap();
    role.say("locked");
    role.hear();
    drop(guard);
}

#[test]
fn what_a_dead_destroyer_left_goes_when_its_lock_is_free() {
    watchdog(|| {
        let name = fixture::name();
        let heap = Heap::create(&*name, 4 << 20).unwrap();
        let outer = heap.create_object::<HeapVec<'_, u64>>("outer", &[]).unwrap();
        let texts: Vec<_> = (0..3)
            .map(|_| heap.ref_of(&heap.create_owned::<HeapString<'_>>(&outer, "text").unwrap()))
            .collect();
        heap.create_object::<HeapValue<HeapRef<HeapString<'static>>>>("text", texts[0]).unwrap();
        let mut keeper = Child::run("keeper", &[&name]);
        keeper.wait_for("locked");
        let point = "heap: an object is free";
        Child::run_crashing("destroyer", &[&name], point, 1).crash();
        keeper.stop();
        assert!(outer.lock().unwrap_err().is_removed());
        heap.recover();
        // The object that a stopped process has locked stays; no process waits for that.
        assert_eq!(heap.objects().unwrap().len(), 2);
        keeper.cont();
        keeper.tell("end");
        keeper.finish();
        heap.recover();
        assert_eq!((heap.objects().unwrap().len(), heap.check().unwrap()), (1, 0));
    });
}

fn destroyer(role: &mut Role) {
    let heap = Heap::open(role.arg(0)).unwrap();
    heap.destroy_named("outer").unwrap();
}
