//! Processes that die while they create an object, attach, detach, or remove what dead processes
//! left.

use std::fs;

use ipc_core::Removal;
use ipc_mem::Stale;
use ipc_shm::{MemoryOptions, SharedMemory};
use ipc_testkit::{Child, LeakCheck, Part, Role, crash_points, fixture, watchdog};

use crate::path;
use crate::races::{create, is_there, watch};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("short-lived", short_lived),
    ("on drop", on_drop),
    ("visitor", visitor),
    ("heir", heir),
    ("chance heir", chance_heir),
    ("gravedigger", gravedigger),
];

const MAKING: [&str; 6] = [
    "entry.create.unnamed",
    "entry.create.reserved",
    "shm.create.trailer",
    "attach.held",
    "entry.link.before",
    "entry.link.after",
];
const ATTACHING: [&str; 3] = ["attach.opened", "attach.locked", "attach.mapped"];
const REMOVING: [&str; 2] = ["detach.locked", "detach.removed"];

/// Lets a role die at each of its steps, which are `wanted`; `before` creates what it finds,
/// `after` checks what it leaves.
fn walk<T>(role: &str, wanted: &[&[&str]], before: fn(&str) -> T, after: impl Fn(&str, &str, T)) {
    watchdog(|| {
        let name = fixture::name();
        let found = before(&name);
        let points = crash_points(role, &[&name]);
        drop(found);
        let names: Vec<&str> = points.iter().map(|(point, _)| point.as_str()).collect();
        let mut wanted = wanted.concat();
        let mut steps = Vec::new();
        for point in &wanted {
            steps.push((*point, 1 + steps.iter().filter(|(name, _)| name == point).count()));
        }
        let mut seen = Vec::new();
        wanted.retain(|point| {
            !seen.contains(point) && {
                seen.push(*point);
                true
            }
        });
        assert_eq!(names, wanted);
        for (point, hit) in steps {
            let name = fixture::name();
            let check = LeakCheck::of(&name);
            let found = before(&name);
            Child::run_crashing(role, &[&name], point, u32::try_from(hit).unwrap()).crash();
            after(&name, point, found);
            // Whatever is left, it does not prevent a later creation, and the new object is
            // complete.
            let ours = create(&name).unwrap();
            assert!(ours.is_only_attached().unwrap() && is_there(&name), "{point}");
            drop(ours);
            check.finish();
        }
    });
}

fn nothing(_: &str) {}

fn used(name: &str) -> SharedMemory {
    create(name).unwrap()
}

/// The only process attached dies.
fn stale(name: &str) {
    Child::run_crashing("short-lived", &[name], "entry.link.after", 1).crash();
    assert!(fs::exists(path(name)).unwrap());
}

/// The step determines whether the name exists, as long as no process that looks attaches; if it
/// exists, it is complete.
fn there(name: &str, point: &str, from: &str, until: &str, order: &[&str]) {
    let place = |wanted: &str| order.iter().position(|point| *point == wanted).unwrap();
    let there = (place(from)..place(until)).contains(&place(point));
    assert_eq!(fs::exists(path(name)).unwrap(), there, "{point}");
    assert_eq!(is_there(name), there, "{point}");
}

#[test]
fn a_creator_killed_at_any_step_leaves_nothing_or_a_stale_object() {
    let steps = [&MAKING[..], &["detach.unmapped"], &REMOVING];
    let order = steps.concat();
    walk("short-lived", &steps, nothing, |name, point, ()| {
        there(name, point, "entry.link.after", "detach.removed", &order);
    });
}

fn short_lived(role: &mut Role) {
    drop(create(role.arg(0)));
}

#[test]
fn no_process_sees_an_object_whose_creator_was_killed_midway() {
    watchdog(|| {
        for point in MAKING {
            let name = fixture::name();
            let check = LeakCheck::of(&name);
            watch(&name, |_| Child::run_crashing("short-lived", &[&name], point, 1).crash());
            drop(create(&name).unwrap());
            check.finish();
        }
    });
}

#[test]
fn a_process_killed_while_attaching_or_detaching_harms_no_other() {
    walk("visitor", &[&ATTACHING, &["detach.unmapped"]], used, |name, point, ours| {
        assert!(ours.is_only_attached().unwrap() && is_there(name), "{point}");
        drop(ours);
        assert!(!fs::exists(path(name)).unwrap(), "{point}");
    });
}

#[test]
fn a_process_killed_while_adopting_leaves_nothing_or_a_stale_object() {
    let steps = [&ATTACHING[..], &["detach.unmapped"], &REMOVING];
    let order = steps.concat();
    walk("visitor", &steps, stale, |name, point, ()| {
        there(name, point, ATTACHING[0], "detach.removed", &order);
    });
}

fn visitor(role: &mut Role) {
    drop(SharedMemory::open(role.arg(0)).unwrap());
}

#[test]
fn a_process_killed_while_replacing_leaves_nothing_or_a_stale_object() {
    let steps = [&MAKING[..5], &REMOVING, &MAKING[4..], &["detach.unmapped"], &REMOVING];
    walk("heir", &steps, stale, |_, _, ()| {});
    let steps = [&REMOVING[..], &MAKING, &["detach.unmapped"], &REMOVING];
    walk("chance heir", &steps, stale, |_, _, ()| {});
}

fn heir(role: &mut Role) {
    drop(create(role.arg(0)).unwrap());
}

fn chance_heir(role: &mut Role) {
    drop(SharedMemory::open_or_create(role.arg(0), 64).unwrap());
}

#[test]
fn a_process_killed_while_removing_leaves_nothing_or_a_stale_object() {
    walk("gravedigger", &[&REMOVING], stale, |name, point, ()| {
        there(name, point, REMOVING[0], REMOVING[1], &REMOVING);
    });
}

fn gravedigger(role: &mut Role) {
    assert_eq!(SharedMemory::remove_stale(role.arg(0)).unwrap(), Stale::Removed);
}

/// An object that its creator's handle removes on drop remains if the creator is killed: no other
/// process can know whether it was.
#[test]
fn a_killed_creator_that_owns_the_removal_leaves_all_or_nothing() {
    watchdog(|| {
        let points = crash_points("on drop", &[&fixture::name()]);
        let names: Vec<&str> = points.iter().map(|(point, _)| point.as_str()).collect();
        let wanted =
            [&MAKING[..3], &MAKING[4..6], &["entry.unlink.before", "entry.unlink.after"]].concat();
        assert_eq!(names, wanted);
        for point in names {
            let name = fixture::name();
            Child::run_crashing("on drop", &[&name], point, 1).crash();
            let there = ["entry.link.after", "entry.unlink.before"].contains(&point);
            assert_eq!(fs::exists(path(&name)).unwrap(), there, "{point}");
            assert_eq!(SharedMemory::open(&*name).is_ok(), there);
        }
    });
}

fn on_drop(role: &mut Role) {
    let options = MemoryOptions::new(64).removal(Removal::OnDrop);
    drop(SharedMemory::create(role.arg(0), options).unwrap());
}
