//! Heaps, as `ipc ls` and `ipc show` report them.

use ipc::heap::{Heap, HeapHashMap, HeapMap, HeapOptions, HeapReadMap, HeapString, HeapVec};
use ipc_testkit::{fixture, watchdog};

use crate::common::{ipc, object};

#[test]
fn heaps_are_listed_and_shown_with_their_objects() {
    watchdog(|| {
        let name = fixture::name();
        let heap = Heap::create(&*name, HeapOptions::new(1 << 20).objects(10)).unwrap();
        heap.create_object::<HeapVec<u64>>("users", &[7, 8]).unwrap();
        heap.create_object::<HeapHashMap<u64, u64>>("\u{1b}[2J", ()).unwrap();
        heap.create_anonymous::<HeapString>("text").unwrap();
        let sorted = heap.create_object::<HeapMap<u64, u64>>("sorted", ()).unwrap();
        sorted.lock().unwrap().insert(1, 2).unwrap();
        heap.create_owned::<HeapString>(&sorted, "owned text").unwrap();
        let routes = heap.create_object::<HeapReadMap<u64, u64>>("routes", ()).unwrap();
        (0..9).for_each(|key| assert_eq!(routes.lock().unwrap().insert(key, key).unwrap(), None));
        let listed = object(&format!("shm:{}", &*name)).unwrap();
        assert_eq!(listed["content"], "heap of 16 pages");
        assert!(ipc(&["ls", "heap"]).contains(&*name));
        let shown = ipc(&["show", &name]);
        let lines: Vec<String> = shown
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        for wanted in [
            "objects: 6 of 10",
            &format!("handle: of process {}", std::process::id()),
            "object: users: vector, length 2",
            "object: without a name: string, length 4",
            "object: sorted: ordered map, length 1",
            "object: routes: read-mostly map, length 9",
            "object: owned by another object: string, length 10",
        ] {
            assert!(lines.iter().any(|line| line == wanted), "`{wanted}` is not in: {shown}");
        }
        assert!(!shown.contains('\u{1b}'), "{shown:?}");
    });
}
