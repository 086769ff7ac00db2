//! Processes that are killed while they grow memory.

use std::fs;

use ipc_mem::{Memory, Tag};
use ipc_shm::{MappedFile, MemoryOptions};
use ipc_testkit::{Child, Part, Role, crash_points, fixture, watchdog};

use crate::bytes;

pub(crate) const ROLES: &[(&str, Part)] = &[("mortal grower", mortal)];

const OLD: usize = 100;
const NEW: usize = 9000;

fn mortal(role: &mut Role) {
    let memory = MappedFile::open(role.arg(0)).unwrap();
    memory.grow(role.arg(1).parse().unwrap()).unwrap();
}

#[test]
fn a_grower_killed_at_any_step_leaves_the_old_size_or_the_new() {
    watchdog(|| {
        let directory = fixture::dir();
        let path = directory.join("mortal");
        let text = path.to_str().unwrap();
        let make = || {
            let _ = fs::remove_file(&path);
            let options = MemoryOptions::new(OLD).max_size(1 << 20).content(Tag::VALUE);
            let made = MappedFile::create(&path, options).unwrap();
            bytes::put(&*made, 0, &[7; OLD]);
            made
        };
        drop(make());
        let points = crash_points("mortal grower", &[text, &NEW.to_string()]);
        let names: Vec<&str> = points.iter().map(|(point, _)| point.as_str()).collect();
        assert_eq!(names, ["growth.reserved", "growth.longer", "growth.cleared", "growth.done"]);
        // The growth after the death of one process, or of two at the same or different steps: to
        // less than they wanted, the same, or more.
        for first in &names {
            for second in names.iter().map(Some).chain([None]) {
                for next in [OLD + 1, NEW - 1, NEW, NEW + 1, 50_000] {
                    let ours = make();
                    Child::run_crashing("mortal grower", &[text, &NEW.to_string()], first, 1)
                        .crash();
                    let mut size = whole(&path, &[OLD, NEW]);
                    assert_eq!(size == NEW, *first == "growth.done");
                    if let Some(second) = second {
                        let wanted = 20_000; // more than the first wanted, so that it comes by all steps
                        Child::run_crashing(
                            "mortal grower",
                            &[text, &wanted.to_string()],
                            second,
                            1,
                        )
                        .crash();
                        size = whole(&path, &[size, wanted]);
                    }
                    ours.grow(next).unwrap();
                    assert_eq!(ours.size(), next.max(size), "{first}, {second:?}");
                    assert_eq!(whole(&path, &[next.max(size)]), next.max(size));
                }
            }
        }
    });
}

/// A process that opens it finds one of these sizes, the old data, and only zeros after it.
fn whole(path: &std::path::Path, sizes: &[usize]) -> usize {
    let found = MappedFile::open(path).unwrap();
    assert_eq!(found.tag(), Tag::VALUE);
    assert!(sizes.contains(&found.size()), "{} bytes, not one of {sizes:?}", found.size());
    assert_eq!(bytes::some(&found, 0..OLD), [7; OLD]);
    assert!(
        bytes::all(&found)[OLD..].iter().all(|byte| *byte == 0),
        "a trailer was left in the data"
    );
    found.size()
}
