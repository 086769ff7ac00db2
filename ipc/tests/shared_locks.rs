//! Structs of locks that several processes open by name, and their state after one is killed.

use std::mem;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use ipc_core::Removal;
use ipc_mem::{LocalMemory, Plain, Resident};
use ipc_shm::{MemoryOptions, Shared, SharedMemory};
use ipc_shmarray::ShmArray;
use ipc_sync::posix::Semaphore;
use ipc_sync::pthread::{Barrier, Condvar, Mutex, RawMutex, RwLock, RwLockOptions, Sharing};
use ipc_sync::{Initial, LockError};
use ipc_testkit::{Child, LeakCheck, Part, Role, crash_points, fixture, play, watchdog};

const ROLES: &[(&str, Part)] = &[
    ("counter", counter),
    ("dying owner", dying_owner),
    ("contender", contender),
    ("short-lived", short_lived),
    ("leaker", leaker),
    ("runner", runner),
];

#[test]
fn roles() {
    play(ROLES);
}

#[derive(Clone, Copy, Debug, PartialEq, Plain)]
#[repr(C)]
struct Twins {
    one: u64,
    other: u64,
}

#[derive(Debug, Resident)]
#[repr(C)]
struct Desk {
    twins: Mutex<Twins>,
    changed: Condvar,
    rules: RwLock<[u32; 4]>,
    ready: Semaphore,
    visitors: AtomicU64,
}

#[derive(Debug, Resident)]
#[repr(C)]
struct Gate {
    visitors: AtomicU64,
    #[ipc(options = for_threads())]
    rules: RwLock<u64>,
}

fn for_threads() -> Initial<u64, RwLockOptions> {
    Initial::new(0).options(RwLockOptions::new().sharing(Sharing::Threads))
}

/// Another process would open it, and wait for ever.
#[test]
fn a_named_lock_for_the_threads_of_one_process_is_refused() {
    let name = fixture::name();
    let check = LeakCheck::of(&name);
    for err in [
        Shared::<RwLock<u64>>::create_with(&*name, for_threads()).map(drop).unwrap_err(),
        Shared::<RwLock<u64>>::open_or_create_with(&*name, for_threads()).map(drop).unwrap_err(),
        Shared::<Gate>::create(&*name).map(drop).unwrap_err(),
    ] {
        assert!(err.is_invalid_argument() && err.object() == &*name, "{err}");
        assert!(err.to_string().contains("use `Sharing::Processes`"), "{err}");
    }
    check.finish();
}

#[test]
fn a_struct_of_locks_is_shared_by_all_processes_that_open_it() {
    watchdog(|| {
        let name = fixture::name();
        let check = LeakCheck::of(&name);
        let desk = Shared::<Desk>::create(&*name).unwrap();
        let children: Vec<_> = (0..3).map(|_| Child::run("counter", &[&name])).collect();
        let mut twins = desk.twins.lock_or_repair(|_| ()).unwrap();
        while twins.one < 3_000 {
            twins = desk.changed.wait(twins).unwrap();
        }
        assert_eq!(*twins, Twins { one: 3_000, other: 3_000 });
        drop(twins);
        children.into_iter().for_each(Child::finish);
        assert_eq!((desk.visitors.load(Ordering::SeqCst), desk.ready.value().unwrap()), (3_000, 3));
        drop(desk);
        check.finish();
    });
}

fn counter(role: &mut Role) {
    let desk = Shared::<Desk>::open(role.arg(0)).unwrap();
    assert!(!desk.was_created());
    for _ in 0..1_000 {
        let mut twins = desk.twins.lock_or_repair(|_| ()).unwrap();
        twins.one += 1;
        twins.other += 1;
        desk.visitors.fetch_add(1, Ordering::SeqCst);
        desk.changed.notify_one().unwrap();
    }
    desk.ready.post().unwrap();
}

#[test]
fn the_next_owner_after_a_kill_knows_of_it_and_can_repair() {
    watchdog(|| {
        let name = fixture::name();
        let desk = Shared::<Desk>::create(&*name).unwrap();
        let mut owner = Child::run("dying owner", &[&name]);
        owner.wait_for("half done");
        owner.kill();
        match desk.twins.lock() {
            Err(LockError::OwnerDied(mut twins)) => {
                assert_eq!(*twins, Twins { one: 1, other: 0 });
                twins.other = twins.one;
                twins.mark_consistent().unwrap();
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(*desk.twins.lock().unwrap(), Twins { one: 1, other: 1 });

        let mut owner = Child::run("dying owner", &[&name]);
        owner.wait_for("half done");
        owner.kill();
        let twins = desk.twins.lock_or_repair(|twins| twins.other = twins.one).unwrap();
        assert_eq!(*twins, Twins { one: 2, other: 2 });
    });
}

fn dying_owner(role: &mut Role) {
    let desk = Shared::<Desk>::open(role.arg(0)).unwrap();
    let mut twins = desk.twins.lock().unwrap();
    twins.one += 1;
    role.say("half done");
    role.wait_for("nothing, being killed");
}

#[test]
fn of_concurrent_open_or_create_calls_one_creates_and_all_share() {
    watchdog(|| {
        for _ in 0..10 {
            let name = fixture::name();
            let mut children: Vec<_> = (0..8).map(|_| Child::run("contender", &[&name])).collect();
            children.iter_mut().for_each(|child| child.wait_for("ready"));
            children.iter_mut().for_each(|child| child.tell("go"));
            let answers = children.iter_mut().map(|child| child.hear());
            let made = answers.filter(|answer| answer == "made").count();
            assert_eq!(made, 1);
            let desk = Shared::<Desk>::open(&*name).unwrap();
            assert_eq!(desk.visitors.load(Ordering::SeqCst), 8);
            assert_eq!(*desk.rules.read().unwrap(), [7; 4], "filled before anybody saw it");
            children.iter_mut().for_each(|child| child.tell("enough"));
            children.into_iter().for_each(Child::finish);
        }
    });
}

fn contender(role: &mut Role) {
    role.say("ready");
    role.wait_for("go");
    let options = MemoryOptions::new(0).removal(Removal::Never);
    let desk = Shared::<Desk>::open_or_create_filled(role.arg(0), options, (), |desk| {
        *desk.rules.write()? = [7; 4];
        Ok(())
    });
    let desk = desk.unwrap();
    desk.visitors.fetch_add(1, Ordering::SeqCst);
    role.say(if desk.was_created() { "made" } else { "found" });
    role.wait_for("enough");
}

#[test]
fn a_creator_killed_at_any_step_leaves_a_whole_value_or_nothing() {
    watchdog(|| {
        let points = crash_points("short-lived", &[&fixture::name()]);
        assert!(points.len() >= 6, "{points:?}");
        for (point, hits) in points {
            for hit in 1..=hits {
                let name = fixture::name();
                Child::run_crashing("short-lived", &[&name], &point, hit).crash();
                let desk = Shared::<Desk>::open_or_create(&*name).unwrap();
                assert_eq!(*desk.twins.lock().unwrap(), Twins { one: 0, other: 0 }, "{point}");
            }
        }
    });
}

fn short_lived(role: &mut Role) {
    drop(Shared::<Desk>::create(role.arg(0)).unwrap());
}

#[derive(Debug, Resident)]
#[repr(C)]
#[ipc(options = u32)]
struct Start {
    #[ipc(options = options.into())]
    all_here: Barrier,
    leaders: AtomicU32,
}

#[test]
fn a_barrier_is_created_in_place_and_all_parties_meet() {
    watchdog(|| {
        let name = fixture::name();
        let start = Shared::<Start>::create_with(&*name, 3_u32).unwrap();
        let children: Vec<_> = (0..2).map(|_| Child::run("runner", &[&name])).collect();
        let led = u32::from(start.all_here.wait().unwrap());
        children.into_iter().for_each(Child::finish);
        assert_eq!(led + start.leaders.load(Ordering::SeqCst), 1);
    });
}

fn runner(role: &mut Role) {
    let start = Shared::<Start>::open(role.arg(0)).unwrap();
    start.leaders.fetch_add(start.all_here.wait().unwrap().into(), Ordering::SeqCst);
}

#[test]
fn another_layout_of_the_same_name_is_refused_field_by_field() {
    #[derive(Debug, Resident)]
    #[repr(C)]
    struct Newer {
        twins: Mutex<[u32; 4]>,
        changed: Condvar,
        rules: RwLock<[u32; 4]>,
        ready: Semaphore,
        guests: AtomicU32,
    }

    let name = fixture::name();
    let _desk = Shared::<Desk>::create(&*name).unwrap();
    let err = Shared::<Newer>::open(&*name).unwrap_err();
    assert!(err.is_mismatch());
    let text = err.to_string();
    let behind = size_of::<RawMutex>(); // 40 bytes on x86-64, 48 on aarch64
    for part in [
        &*format!("field `twins.data.one`: found u64, offset {behind}, 8 bytes"),
        &*format!("field `twins.data[]`: found nothing, wanted u32, offset {behind}, 4 bytes"),
        "field `guests`: found nothing, wanted atomic",
        "field `visitors`: found atomic",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("`changed`"), "what is the same is not told: {text}");
}

#[test]
fn an_object_with_other_content_is_not_a_shared_value() {
    let (array, bare, value) = (fixture::name(), fixture::name(), fixture::name());
    let _array = ShmArray::<u8>::create(&*array, 8192).unwrap();
    let _bare = SharedMemory::create(&*bare, 8192).unwrap();
    let _value = Shared::<Desk>::create(&*value).unwrap();
    let refused = |err: ipc_core::Error, why: &str| {
        assert!(err.is_mismatch() && err.to_string().contains(why), "{err}");
    };
    refused(Shared::<Desk>::open(&*array).unwrap_err(), "found an array, wanted a shared value");
    refused(Shared::<Desk>::open(&*bare).unwrap_err(), "found bare memory, wanted a shared value");
    refused(ShmArray::<u8>::open(&*value).unwrap_err(), "found a shared value, wanted an array");
}

/// The kernel identifies a held robust mutex by its address: neither leaking the guard nor dropping
/// the handle may leave the kernel with the address of something else.
#[test]
fn leaking_a_guard_and_dropping_the_handle_harms_no_process() {
    watchdog(|| {
        let name = fixture::name();
        Child::run("leaker", &[&name]).finish();
        assert!(
            Shared::<Desk>::open(&*name).unwrap_err().is_not_found(),
            "the name went with its handle"
        );
    });
}

fn leaker(role: &mut Role) {
    for _ in 0..100 {
        let desk = Shared::<Desk>::create(role.arg(0)).unwrap();
        mem::forget(desk.twins.lock().unwrap());
        mem::forget(desk.rules.read().unwrap());
        drop(desk);
        // This would write through the list of held mutexes, if one of them were unmapped.
        let other = Mutex::create_in(LocalMemory::new(128).unwrap(), 0u8).unwrap();
        *other.lock().unwrap() += 1;
        let failed =
            Shared::<Desk>::create_filled(role.arg(0), MemoryOptions::new(0), (), |desk| {
                mem::forget(desk.twins.lock());
                Err(ipc_core::Error::invalid("fill", "", "on purpose"))
            });
        assert_eq!(failed.unwrap_err().to_string(), "fill: on purpose");
        *other.lock().unwrap() += 1;
    }
    let barrier = Barrier::create_in(LocalMemory::new(64).unwrap(), 1).unwrap();
    assert!(barrier.wait().unwrap(), "alone, and so the leader");
}
