//! The same values and arrays in every kind of memory.

#![expect(unsafe_code, reason = "takes a descriptor that was left to it")]

use std::io::{BufRead, BufReader, Write};
use std::mem;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, fs};

use ipc_core::{Key, Removal};
use ipc_mem::{Fresh, LocalMemory, Memory, Plain, ReadWrite, Resident, Tag};
use ipc_shm::{
    AnonymousMemory, ForkMemory, MappedFile, MemoryOptions, OpenOptions, Shared, SysvMemory,
};
use ipc_shmarray::ShmArray;
use ipc_sync::LockError;
use ipc_sync::pthread::Mutex;
use ipc_testkit::{Child, Part, Role, fixture, play, watchdog};

mod sys;

const ROLES: &[(&str, Part)] = &[
    ("dying owner", dying_owner),
    ("dying copy", dying_copy),
    ("array user", array_user),
    ("array scribbler", array_scribbler),
    ("leaker", leaker),
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
    visitors: AtomicU64,
    twins: Mutex<Twins>,
}

fn for_a_value() -> MemoryOptions {
    MemoryOptions::new(4096 + size_of::<Desk>()).content(Tag::VALUE)
}

/// Acquires the lock, changes half of the guarded value, and waits to be killed.
fn die_in_the_middle(desk: &Desk) {
    let mut twins = desk.twins.lock().unwrap();
    twins.one += 1;
    desk.visitors.fetch_add(1, Ordering::SeqCst);
    mem::forget(twins);
}

fn repair(desk: &Desk) {
    match desk.twins.lock() {
        Err(LockError::OwnerDied(mut twins)) => {
            assert_eq!(*twins, Twins { one: 1, other: 0 });
            twins.other = twins.one;
            twins.mark_consistent().unwrap();
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(*desk.twins.lock().unwrap(), Twins { one: 1, other: 1 });
    assert_eq!(desk.visitors.load(Ordering::SeqCst), 1);
}

const HANDED: &str = "IPC_TEST_HANDED";

/// Runs in the program that is passed a descriptor; does nothing in any other process.
#[test]
fn handed() {
    let Ok(number) = env::var(HANDED) else { return };
    // SAFETY: `hand_to` left the descriptor open for this program, and no other code here uses it.
    let memory = unsafe { AnonymousMemory::inherited(number.parse().unwrap()) }.unwrap();
    let desk = Shared::<Desk, _>::open_in(memory).unwrap();
    die_in_the_middle(&desk);
    println!("locked");
    std::io::stdout().flush().unwrap();
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

#[test]
fn the_owner_of_a_lock_in_memory_handed_to_a_child_may_be_killed() {
    watchdog(|| {
        let memory = AnonymousMemory::create("desk", for_a_value()).unwrap();
        let desk = Shared::<Desk, _>::create_in(memory).unwrap();
        let mut command = Command::new("/proc/self/exe");
        let number = desk.memory().hand_to(&mut command).unwrap();
        command.args(["--exact", "handed", "--nocapture"]).env(HANDED, number.to_string());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        assert!(lines.any(|line| line.ends_with("locked")), "the child ended before");
        child.kill().unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(9));
        repair(&desk);
    });
}

/// Opens the value from the words that describe its location, and dies while holding its lock.
fn dying_owner(role: &mut Role) {
    let (kind, place) = (role.arg(0), role.arg(1));
    match kind {
        "segment" => die_in_the_middle(
            &Shared::<Desk, _>::open_in(SysvMemory::open_id(place.parse().unwrap()).unwrap())
                .unwrap(),
        ),
        _ => die_in_the_middle(
            &Shared::<Desk, _>::open_in(MappedFile::open(place).unwrap()).unwrap(),
        ),
    }
    role.say("half done");
    role.wait_for("nothing, being killed");
}

#[test]
fn the_owner_of_a_lock_in_a_segment_or_a_file_may_be_killed() {
    watchdog(|| {
        let killed = |kind: &str, place: &str| {
            let mut owner = Child::run("dying owner", &[kind, place]);
            owner.wait_for("half done");
            owner.kill();
        };
        let segment =
            SysvMemory::create(Key::PRIVATE, for_a_value().removal(Removal::LastDetach)).unwrap();
        let desk = Shared::<Desk, _>::create_in(segment).unwrap();
        killed("segment", &desk.memory().id().to_string());
        repair(&desk);

        let directory = fixture::dir();
        let path = directory.join("desk");
        let desk = Shared::<Desk, _>::create_in(MappedFile::create(&path, for_a_value()).unwrap())
            .unwrap();
        killed("file", path.to_str().unwrap());
        repair(&desk);
    });
}

#[test]
fn the_owner_of_a_lock_in_memory_shared_by_fork_may_die() {
    watchdog(|| Child::run("dying copy", &[]).finish());
}

fn dying_copy(_: &mut Role) {
    let desk = Shared::<Desk, _>::create_in(ForkMemory::create(for_a_value()).unwrap()).unwrap();
    assert_eq!(sys::fork(|| die_in_the_middle(&desk)), 0);
    repair(&desk);
}

#[test]
fn a_value_in_any_memory_is_opened_by_processes_with_its_layout() {
    fn check<M: Memory<Access = ReadWrite>>(ours: Fresh<M>, open: impl Fn(&M) -> M) {
        let label = ours.label();
        assert_eq!(ours.tag(), Tag::VALUE, "{label}");
        let err = Shared::<Desk, _>::open_in(open(&ours)).unwrap_err();
        assert!(
            err.is_mismatch()
                && err.to_string().ends_with("found something that is not a shared value"),
            "{err}"
        );
        let desk = Shared::<Desk, _>::create_in_filled(ours, (), |desk| {
            desk.visitors.store(7, Ordering::SeqCst);
            Ok(())
        });
        let desk = desk.unwrap();
        assert_eq!(format!("{desk:?}").split(',').next(), Some(&*format!("Shared({label}")));
        let theirs = Shared::<Desk, _>::open_in(open(desk.memory())).unwrap();
        theirs.twins.lock().unwrap().other = 3;
        assert_eq!(
            (desk.twins.lock().unwrap().other, theirs.visitors.load(Ordering::SeqCst)),
            (3, 7)
        );
        let err = Shared::<[AtomicU64; 2], _>::open_in(open(desk.memory())).unwrap_err();
        assert!(err.is_mismatch() && err.to_string().contains("the layout is another"), "{err}");
        let err = ShmArray::<u64, _>::open_in(open(desk.memory())).unwrap_err();
        assert!(
            err.is_mismatch() && err.to_string().contains("found a shared value, wanted an array"),
            "{err}"
        );
    }
    let directory = fixture::dir();
    let path = directory.join("value");
    check(AnonymousMemory::create("value", for_a_value()).unwrap(), |memory| {
        AnonymousMemory::from_fd(memory.try_clone_fd().unwrap()).unwrap()
    });
    check(
        SysvMemory::create(Key::PRIVATE, for_a_value().removal(Removal::OnDrop)).unwrap(),
        |memory| SysvMemory::open_id(memory.id()).unwrap(),
    );
    check(MappedFile::create(path, for_a_value()).unwrap(), |memory| {
        MappedFile::open(memory.path()).unwrap()
    });
}

#[test]
fn a_value_is_not_created_in_memory_too_small_or_of_another_tag() {
    let err = Shared::<Desk, _>::create_in(LocalMemory::new(64).unwrap()).unwrap_err();
    assert!(
        err.is_invalid_argument() && err.to_string().contains("do not fit into 64 bytes"),
        "{err}"
    );
    let array = AnonymousMemory::create("array", for_a_value().content(Tag::ARRAY)).unwrap();
    assert!(Shared::<Desk, _>::create_in(array).unwrap_err().is_mismatch());
    let bare = AnonymousMemory::create("bare", for_a_value().content(Tag::BARE)).unwrap();
    let fd = bare.try_clone_fd().unwrap();
    let desk = Shared::<Desk, _>::create_in(bare).unwrap();
    let err = Shared::<Desk, _>::open_in(AnonymousMemory::from_fd(fd).unwrap()).unwrap_err();
    assert!(err.to_string().ends_with("found bare memory, wanted a shared value"), "{err}");
    drop(desk);
    let local = Shared::<Desk, _>::create_in(LocalMemory::new(8192).unwrap()).unwrap();
    local.twins.lock().unwrap().one = 1;
}

/// A part of a file has no header: one among the elements of another array opens nothing.
#[test]
fn array_elements_that_look_like_a_value_are_not_opened_as_one() {
    let directory = fixture::dir();
    let path = directory.join("forged");
    let memory =
        MappedFile::create(&path, MemoryOptions::new(64 + 8192).content(Tag::ARRAY)).unwrap();
    let array = ShmArray::<u8, _>::create_in(memory, 8192).unwrap();
    let value = Shared::<AtomicU64, _>::create_in(
        MappedFile::create(directory.join("value"), for_a_value()).unwrap(),
    );
    drop(value.unwrap());
    let forged = fs::read(directory.join("value")).unwrap();
    array.write_at(0, &forged[..200]).unwrap();
    let part = MappedFile::open_part(&path, 64, 8192, OpenOptions::new()).unwrap();
    let err = Shared::<AtomicU64, _>::open_in(part).unwrap_err();
    assert!(
        err.is_mismatch() && err.to_string().ends_with("found bare memory, wanted a shared value"),
        "{err}"
    );
}

/// After a guard is leaked, the mapping stays, and the thread's next lock does no harm.
#[test]
fn memory_of_any_kind_stays_mapped_while_this_process_holds_a_lock_in_it() {
    watchdog(|| Child::run("leaker", &[]).finish());
}

fn leaker(_: &mut Role) {
    fn leak<M: Memory<Access = ReadWrite>>(memory: Fresh<M>) {
        let desk = Shared::<Desk, _>::create_in(memory).unwrap();
        mem::forget(desk.twins.lock().unwrap());
        let base = format!("{:x}-", desk.memory().base().addr());
        drop(desk);
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        assert!(maps.lines().any(|line| line.starts_with(&base)), "it was unmapped");
    }
    let directory = fixture::dir();
    leak(AnonymousMemory::create("leaked", for_a_value()).unwrap());
    leak(ForkMemory::create(for_a_value()).unwrap());
    leak(MappedFile::create(directory.join("leaked"), for_a_value()).unwrap());
    let segment =
        SysvMemory::create(Key::PRIVATE, for_a_value().removal(Removal::LastDetach)).unwrap();
    leak(segment);
    // The kernel walks the list of locks that this thread holds when it ends; so does the next
    // lock.
    let desk = Shared::<Desk, _>::create_in(LocalMemory::new(8192).unwrap()).unwrap();
    drop(desk.twins.lock().unwrap());
}

const SHAPE: [usize; 3] = [3, 4, 5];

/// Three views of an array with a private key agree, in two processes.
#[test]
fn an_array_in_a_segment_is_shared_through_its_id() {
    let options = MemoryOptions::new(64 + 240).content(Tag::ARRAY).removal(Removal::LastDetach);
    let memory = SysvMemory::create(Key::PRIVATE, options).unwrap();
    let id = memory.id();
    let ours = ShmArray::<f32, _>::create_in(memory, SHAPE).unwrap();
    assert!(ours.memory().info().unwrap().size >= 240 + 64);
    let mut child = Child::run("array user", &[&id.to_string()]);
    child.wait_for("open");
    assert!(ours.memory().info().unwrap().attached >= 3); // more while another test forks
    ours.set([1, 2, 3], 1.5).unwrap();
    ours.write_at(12, &[2.0; 12]).unwrap(); // the second slice
    child.tell("look");
    child.wait_for("written");
    assert_eq!((ours.get([0, 0, 0]).unwrap(), ours.get([2, 3, 4]).unwrap()), (-1.0, -1.0));
    ours.fill(7.0);
    child.tell("look again");
    child.finish();
    assert!(ours.memory().info().unwrap().is_removed, "its last detach removes it");
}

fn array_user(role: &mut Role) {
    let id = role.arg(0).parse().unwrap();
    let array = ShmArray::<f32, _>::open_in(SysvMemory::open_id(id).unwrap()).unwrap();
    let view = ShmArray::<f32, _>::open_in(SysvMemory::open_id_read_only(id).unwrap()).unwrap();
    assert_eq!(
        (array.memory().id(), array.memory().size()),
        (view.memory().id(), view.memory().size())
    );
    assert_eq!((array.shape(), array.len()), (view.shape(), 60));
    let err = ShmArray::<f64, _>::open_in(SysvMemory::open_id(id).unwrap()).unwrap_err();
    assert!(err.is_mismatch(), "{err}");
    role.say("open");
    role.wait_for("look");
    assert_eq!((view.get([1, 2, 3]).unwrap(), array.get([1, 2, 3]).unwrap()), (1.5, 1.5));
    for i in 0..3 {
        assert_eq!((view.get([i, 3, 1]).unwrap(), array.get([i, 0, 1]).unwrap()), (2.0, 2.0));
    }
    array.fill(-1.0);
    assert_eq!(view.get([2, 3, 4]).unwrap(), -1.0);
    role.say("written");
    role.wait_for("look again");
    assert_eq!((array.get([0, 0, 0]).unwrap(), view.get([2, 3, 4]).unwrap()), (7.0, 7.0));
}

/// A write through the read-only view ends the process; safe code has no such write.
#[test]
fn a_write_into_an_array_in_a_read_only_segment_ends_the_process() {
    const SIGSEGV: i32 = 11;
    let options = MemoryOptions::new(64 + 240).content(Tag::ARRAY).removal(Removal::OnDrop);
    let ours =
        ShmArray::<f32, _>::create_in(SysvMemory::create(Key::PRIVATE, options).unwrap(), SHAPE)
            .unwrap();
    let child = Child::run("array scribbler", &[&ours.memory().id().to_string()]);
    assert_eq!(child.wait().signal(), Some(SIGSEGV));
    assert_eq!(ours.get([0, 0, 0]).unwrap(), 0.0);
}

fn array_scribbler(role: &mut Role) {
    let id = role.arg(0).parse().unwrap();
    let view = ShmArray::<f32, _>::open_in(SysvMemory::open_id_read_only(id).unwrap()).unwrap();
    sys::scribble(view.memory().base());
}

/// IPC.jl creates such segments: a header of 64 bytes, the elements, and no record of ours behind
/// them.
#[test]
fn an_array_that_another_program_created_in_a_segment_opens() {
    let key = Key::new(process::id().cast_signed() << 8 | 1 << 29);
    let id = sys::segment(key.raw(), 64 + 240);
    let bytes = julias_array();
    sys::fill_segment(id, &bytes);
    let theirs = SysvMemory::open(key).unwrap();
    assert_eq!((theirs.size(), theirs.tag()), (64 + 240, Tag::FOREIGN));
    let array = ShmArray::<f32, _>::open_in(theirs).unwrap();
    assert_eq!(array.get([0, 0, 0]).unwrap(), 0.0);
    assert_eq!(array.get([1, 0, 0]).unwrap(), 1.0);
    assert_eq!(array.get([0, 1, 0]).unwrap(), 3.0, "the first index is the fastest");
    array.set([2, 3, 4], -1.0).unwrap();
    assert!(!array.memory().info().unwrap().is_removed);
    drop(array);
    let view = ShmArray::<f32, _>::open_in(SysvMemory::open_read_only(key).unwrap()).unwrap();
    assert_eq!(view.get([2, 3, 4]).unwrap(), -1.0);
    SysvMemory::remove(key).unwrap();
}

/// Returns the bytes of an array of IPC.jl with the elements 0 to 59.
fn julias_array() -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(0x5741_2D31u32.to_ne_bytes());
    bytes.extend(9u16.to_ne_bytes());
    bytes.extend(3u16.to_ne_bytes());
    for word in [64i64, 3, 4, 5] {
        bytes.extend(word.to_ne_bytes());
    }
    bytes.resize(64, 0);
    for element in 0..60u8 {
        bytes.extend(f32::from(element).to_ne_bytes());
    }
    bytes
}

/// Other programs can read the contents of a file: the path is all they need.
#[test]
fn an_array_in_a_file_is_opened_again_after_all_processes_ended() {
    let directory = fixture::dir();
    let path = directory.join("frames");
    let make = |path: &Path| {
        MappedFile::create(path, MemoryOptions::new(64 + 240).content(Tag::ARRAY)).unwrap()
    };
    let array = ShmArray::<f32, _>::create_in(make(&path), SHAPE).unwrap();
    array.set([2, 3, 4], 9.0).unwrap();
    array.memory().flush().unwrap();
    drop(array);
    let array = ShmArray::<f32, _>::open_in(MappedFile::open(&path).unwrap()).unwrap();
    assert_eq!((array.get([2, 3, 4]).unwrap(), array.shape().dims()), (9.0, &SHAPE[..]));
    let written = fs::read(&path).unwrap();
    assert_eq!(written[64 + 236..64 + 240], 9.0f32.to_ne_bytes());
}
