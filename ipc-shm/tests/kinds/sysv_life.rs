//! The creation and the removal of System V memory.
//!
//! A test that checks whether a segment exists is alone in its process: a child that another test
//! forks would have the segment attached too, until it runs its program.

use std::fs;
use std::sync::atomic::Ordering;
use std::thread;

use ipc_core::{Key, Removal};
use ipc_mem::file::Trailer;
use ipc_mem::{Memory, Tag};
use ipc_shm::{Shared, SharedMemory, SysvInfo, SysvMemory};
use ipc_testkit::{Child, ChildOptions, Part, Role, Root, crash_points, fixture, watchdog};

use crate::sysv::{OwnKey, options};
use crate::{bytes, sys};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("segment stays", stays),
    ("segment limits", limits),
    ("segment goes", goes),
    ("segment user", user),
    ("segment forker", forker),
    ("segment contender", contender),
    ("segment creator", creator),
    ("segment of bytes", segment_of_bytes),
];

fn is_there(id: i32) -> bool {
    match SysvInfo::of_id(id) {
        Ok(_) => true,
        Err(err) => {
            assert!(err.is_removed() || err.is_invalid_argument(), "{err}");
            false
        }
    }
}

#[test]
fn a_segment_stays_until_it_is_removed_unless_asked_otherwise() {
    Child::run("segment stays", &[]).finish();
}

fn stays(_: &mut Role) {
    let key = OwnKey::new();
    let ours = SysvMemory::create(key.0, 64).unwrap();
    let id = ours.id();
    bytes::put(&*ours, 0, b"data");
    drop(ours);
    let ours = SysvMemory::open(key.0).unwrap();
    assert_eq!((ours.id(), &bytes::all(&ours)[..4]), (id, &b"data"[..]));
    let theirs = SysvMemory::open_id(id).unwrap();
    SysvMemory::remove(key.0).unwrap();
    SysvMemory::remove(key.0).unwrap();
    assert!(SysvMemory::open(key.0).unwrap_err().is_not_found());
    assert_eq!(&bytes::all(&theirs)[..4], b"data", "who has it keeps it");
    let another = SysvMemory::create(key.0, 64).unwrap();
    assert_ne!(another.id(), id);
    drop((ours, theirs));
    assert!(!is_there(id));
    SysvMemory::remove_id(id).unwrap();
    assert!(is_there(another.id()));
}

/// No key leads to it, so no process would find what was left.
#[test]
fn a_private_segment_goes_with_its_last_detach_unless_asked_otherwise() {
    let private = SysvMemory::create(Key::PRIVATE, 64).unwrap();
    let id = private.id();
    let theirs = SysvMemory::open_id(id).unwrap();
    drop(private);
    assert!(is_there(id));
    drop(theirs);
    assert!(!is_there(id));
    let kept = SysvMemory::create(Key::PRIVATE, options(64, Removal::Never)).unwrap().into_inner();
    let id = kept.id();
    drop(kept);
    assert!(is_there(id));
    SysvMemory::remove_id(id).unwrap();
}

#[test]
fn a_segment_is_removed_with_its_creators_handle_if_asked_for() {
    let key = OwnKey::new();
    let ours = SysvMemory::create(key.0, options(64, Removal::OnDrop)).unwrap();
    let theirs = SysvMemory::open(key.0).unwrap();
    drop(SysvMemory::open(key.0).unwrap());
    assert!(!ours.info().unwrap().is_removed, "who opened it does not remove it");
    drop(ours);
    assert!(SysvMemory::open(key.0).unwrap_err().is_not_found());
    assert!(theirs.info().unwrap().is_removed);
}

/// A lock that is held keeps its bytes mapped, but not its name.
#[test]
fn a_creators_handle_removes_an_object_whose_value_stays_mapped() {
    let (key, name) = (OwnKey::new(), fixture::name());
    let options = options(4096, Removal::OnDrop).content(Tag::VALUE);
    let held =
        Shared::<sys::Held, _>::create_in(SysvMemory::create(key.0, options).unwrap()).unwrap();
    held.0.store(1, Ordering::Relaxed);
    let id = held.memory().id();
    drop(held);
    assert!(SysvMemory::open(key.0).unwrap_err().is_not_found());
    assert_eq!(SysvInfo::of_id(id).unwrap().attached, 1, "it stays mapped");
    let held =
        Shared::<sys::Held, _>::create_in(SharedMemory::create(&*name, options).unwrap()).unwrap();
    held.0.store(1, Ordering::Relaxed);
    drop(held);
    assert!(SharedMemory::open(&*name).unwrap_err().is_not_found());
}

#[test]
fn open_or_create_by_key_refuses_removal_by_the_last_detach() {
    let key = OwnKey::new();
    let err = SysvMemory::open_or_create(key.0, options(64, Removal::LastDetach)).unwrap_err();
    assert!(err.is_unsupported(), "{err}");
    assert!(
        SysvMemory::open_or_create(Key::PRIVATE, options(64, Removal::LastDetach))
            .unwrap()
            .was_created()
    );
}

/// IPC.jl did this to all segments by default. Attached processes may be killed; the
/// system counts them.
#[test]
fn a_segment_is_removed_by_its_last_detach_and_open_by_id_before() {
    Child::run("segment goes", &[]).finish();
}

fn goes(_: &mut Role) {
    watchdog(|| {
        let key = OwnKey::new();
        let ours = SysvMemory::create(key.0, options(64, Removal::LastDetach)).unwrap();
        let id = ours.id();
        assert!(SysvMemory::open(key.0).unwrap_err().is_not_found(), "no key leads to it");
        let mut users = [(); 2].map(|()| Child::run("segment user", &[&id.to_string()]));
        users.iter_mut().for_each(|user| user.wait_for("open"));
        assert_eq!(ours.info().unwrap().attached, 3);
        drop(ours);
        let [one, other] = users;
        one.kill();
        assert!(is_there(id));
        other.kill();
        assert!(!is_there(id));
    });
}

fn user(role: &mut Role) {
    let memory = SysvMemory::open_id(role.arg(0).parse().unwrap()).unwrap();
    role.say("open");
    role.hear();
    drop(memory);
}

#[test]
fn a_forked_child_neither_removes_nor_fills_its_parents_segment() {
    let key = OwnKey::new();
    Child::run("segment forker", &[&key.0.raw().to_string()]).finish();
    assert!(SysvMemory::open(key.0).unwrap_err().is_not_found());
}

fn forker(role: &mut Role) {
    let key: i32 = role.arg(0).parse().unwrap();
    let mut handle = Some(SysvMemory::create(key, options(64, Removal::OnDrop)).unwrap());
    let child = || {
        let memory = handle.take().unwrap();
        assert!(memory.was_created());
        assert_eq!(memory.info().unwrap().attached, 2, "the system counts it");
        assert!(memory.claim("create", Tag::BARE).unwrap_err().is_invalid_argument());
        SysvMemory::open(key).unwrap();
    };
    assert_eq!(sys::fork(child), 0);
    let memory = handle.unwrap();
    assert_eq!(memory.claim("create", Tag::BARE).unwrap().info().unwrap().attached, 1);
}

#[test]
fn of_concurrent_open_or_create_of_a_segment_exactly_one_creates() {
    const ROUNDS: usize = 25;
    watchdog(|| {
        let keys: Vec<_> = (0..ROUNDS).map(|_| OwnKey::new()).collect();
        let args: Vec<String> = keys.iter().map(|key| key.0.raw().to_string()).collect();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let mut children = [(); 6].map(|()| Child::run("segment contender", &args));
        for _ in &args {
            children.iter_mut().for_each(|child| child.tell("go"));
            let answers = children.each_mut().map(|child| child.hear());
            let creators = answers.iter().filter(|answer| answer.starts_with("created")).count();
            assert_eq!(creators, 1, "{answers:?}");
            let same = |answer: &str| answer.split_once(' ').unwrap().1.to_owned();
            assert!(answers.iter().all(|answer| same(answer) == same(&answers[0])), "{answers:?}");
        }
        children.into_iter().for_each(Child::finish);
    });
}

fn contender(role: &mut Role) {
    for key in role.args().to_vec() {
        role.wait_for("go");
        let memory = SysvMemory::open_or_create(key.parse::<i32>().unwrap(), 64).unwrap();
        let which = if memory.was_created() { "created" } else { "opened" };
        assert_eq!((memory.size(), memory.tag()), (64, Tag::BARE));
        role.say(&format!("{which} {}", memory.id()));
    }
}

/// A creator that dies before it has recorded what the segment is for leaves one in which nothing
/// was laid out.
#[test]
fn a_killed_creator_leaves_a_whole_segment_or_one_for_unsafe_code() {
    watchdog(|| {
        let key = OwnKey::new();
        let points = crash_points("segment creator", &[&key.0.raw().to_string()]);
        let names: Vec<&str> = points.iter().map(|(point, _)| point.as_str()).collect();
        assert_eq!(names, ["segment.create.bare", "segment.create.whole"]);
        for (point, expected) in names.iter().zip([Tag::BARE, Tag::ARRAY]) {
            let key = OwnKey::new();
            Child::run_crashing("segment creator", &[&key.0.raw().to_string()], point, 1).crash();
            let found = SysvMemory::open(key.0).unwrap();
            assert_eq!(found.tag(), expected, "{point}");
            assert_eq!(found.size() == 100, expected == Tag::ARRAY);
            SysvMemory::remove(key.0).unwrap();
            drop(SysvMemory::create(key.0, 100).unwrap());
        }
    });
}

#[test]
fn open_or_create_replaces_the_segment_of_a_killed_creator() {
    watchdog(|| {
        for point in ["segment.create.bare", "segment.create.whole"] {
            let key = OwnKey::new();
            Child::run_crashing("segment creator", &[&key.0.raw().to_string()], point, 1).crash();
            let open = || {
                let options = options(100, Removal::Never).content(Tag::ARRAY);
                SysvMemory::open_or_create(key.0, options).unwrap()
            };
            let found: Vec<_> = thread::scope(|scope| {
                let threads: Vec<_> = (0..4).map(|_| scope.spawn(open)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            assert!(found.iter().all(|memory| memory.id() == found[0].id()), "{point}");
            assert_eq!(found.iter().filter(|memory| memory.was_created()).count(), 1, "{point}");
            let id = found[0].id();
            drop(found);
            // Complete and unused, but its creator lives: it stays.
            assert_eq!(open().id(), id, "{point}");
            SysvMemory::remove(key.0).unwrap();
        }
    });
}

#[test]
fn open_or_create_replaces_no_segment_with_content() {
    watchdog(|| {
        let key = OwnKey::new();
        for (content, wanted) in [(0u8, 200), (7, 100)] {
            Child::run("segment of bytes", &[&key.0.raw().to_string(), &content.to_string()])
                .finish();
            let err = SysvMemory::open_or_create(key.0, options(wanted, Removal::Never)).map(drop);
            assert!(err.unwrap_err().is_mismatch(), "{content}");
            SysvMemory::remove(key.0).unwrap();
        }
    });
}

/// A segment as a program outside of this toolkit creates it: with one byte behind the first ones.
fn segment_of_bytes(role: &mut Role) {
    let key: i32 = role.arg(0).parse().unwrap();
    let id = sys::segment(key, Trailer::file_len(100).unwrap(), 0o600);
    let memory = SysvMemory::open_id(id).unwrap();
    bytes::put(&memory, 50, &[role.arg(1).parse().unwrap()]);
}

fn creator(role: &mut Role) {
    let key: i32 = role.arg(0).parse().unwrap();
    drop(SysvMemory::create(key, options(100, Removal::OnDrop).content(Tag::ARRAY)).unwrap());
}

#[test]
fn a_limit_on_the_number_or_size_of_segments_is_an_error() {
    let Some(root) = Root::or_skip("sets the limits of a namespace of its own") else { return };
    Child::run(ChildOptions::role("segment limits").small_shm(root, 4096), &[]).finish();
}

fn limits(_: &mut Role) {
    let set = |limit: &str, value: usize| {
        fs::write(format!("/proc/sys/kernel/{limit}"), value.to_string()).unwrap();
    };
    set("shmmax", 8192);
    let err = SysvMemory::create(Key::PRIVATE, 8192).unwrap_err();
    assert!(err.is_invalid_argument() && err.call() == "shmget", "{err}");
    set("shmmni", 1);
    let _one = SysvMemory::create(Key::PRIVATE, 4096).unwrap();
    let err = SysvMemory::create(Key::PRIVATE, 4096).unwrap_err();
    assert!(err.is_no_space() && err.call() == "shmget", "{err}");
    set("shmmni", 10);
    set("shmall", 1); // a page, which the segment above has already
    let err = SysvMemory::create(Key::PRIVATE, 4096).unwrap_err();
    assert!(err.is_no_space(), "{err}");
}
