//! Creators that die on the way.

use ipc_shm::SharedMemory;
use ipc_testkit::{Child, LeakCheck, Part, Role, crash_points, fixture, watchdog};

use crate::races::{create, is_there, watch};

pub(crate) const ROLES: &[(&str, Part)] = &[("short-lived", short_lived)];

/// After these steps the name is there, and whole.
const PUBLISHED: &[&str] = &["entry.link.after", "entry.unlink.before"];

fn short_lived(role: &mut Role) {
    drop(create(role.arg(0)));
}

#[test]
fn a_creator_killed_at_any_step_leaves_a_whole_object_or_nothing() {
    watchdog(|| {
        let points = crash_points("short-lived", &[&fixture::name()]);
        let names: Vec<&str> = points.iter().map(|(point, _)| point.as_str()).collect();
        let wanted = ["entry.create.unnamed", "entry.create.reserved", "shm.create.trailer", "entry.link.before"];
        assert_eq!(names, [&wanted[..], PUBLISHED].concat());
        for (point, hits) in &points {
            assert_eq!(*hits, 1);
            let name = fixture::name();
            let check = LeakCheck::of(&name);
            watch(&name, |_| Child::run_crashing("short-lived", &[&name], point, 1).crash());
            if PUBLISHED.contains(&point.as_str()) {
                assert!(is_there(&name));
                SharedMemory::unlink(&*name).unwrap();
            }
            check.finish();
            // The name is free for the next.
            create(&name).unwrap();
        }
    });
}
