//! Queries, copies and refusals leave names alone; a clean exit removes them whatever the process
//! has lost.

use std::fs::{self, File};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use ipc_core::{Error, Removal};
use ipc_mem::{Memory, Stale};
use ipc_shm::{
    AnonymousMemory, Draft, MappedFile, MemoryInfo, MemoryOptions, Shared, SharedMemory, Trust,
};
use ipc_testkit::{Child, ChildOptions, Fixture, LeakCheck, Part, Role, Root, fixture};

use crate::{bytes, path, sys};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("left behind", left_behind),
    ("publisher", publisher),
    ("out of descriptors", out_of_descriptors),
    ("reader of its own", reader_of_its_own),
    ("nobody at all", nobody_at_all),
    ("changed user", changed_user),
    ("no stdio", no_stdio),
];

/// The name of a value whose only attached process was killed.
fn left() -> Fixture {
    let name = fixture::name();
    let mut child = Child::run("left behind", &[&name]);
    child.wait_for("there");
    child.kill();
    assert!(MemoryInfo::of_name(&*name).unwrap().is_stale());
    name
}

fn left_behind(role: &mut Role) {
    let count = Shared::<AtomicU64>::create(role.arg(0)).unwrap();
    count.store(7, Ordering::Relaxed);
    role.say("there");
    role.wait_for("never");
}

#[test]
fn a_look_at_what_the_dead_left_leaves_it() {
    let name = left();
    let is_there =
        || fs::exists(path(&name)).unwrap() && MemoryInfo::of_name(&*name).unwrap().is_stale();
    drop(SharedMemory::open_read_only(&*name).unwrap());
    assert!(is_there(), "read-only");
    assert!(Shared::<AtomicU32>::open(&*name).unwrap_err().is_mismatch());
    assert!(is_there(), "refused");
    assert!(
        SharedMemory::open_or_create(&*name, 1).is_ok_and(|ours| ours.was_created()),
        "asked for a new one"
    );
    let name = left();
    assert_eq!(Shared::<AtomicU64>::open(&*name).unwrap().load(Ordering::Relaxed), 7);
    assert!(!fs::exists(path(&name)).unwrap(), "opened to write, and closed in order");
}

/// `cp /dev/shm/a /dev/shm/a.backup`
#[test]
fn a_copy_is_read_and_written_like_the_object_and_never_removed() {
    let (name, copy) = (fixture::name(), fixture::name());
    let ours = SharedMemory::create(&*name, MemoryOptions::new(100).max_size(9000)).unwrap();
    bytes::put(&*ours, 0, b"data");
    fs::copy(path(&name), path(&copy)).unwrap();
    for _ in 0..2 {
        let memory = SharedMemory::open(&*copy).unwrap();
        assert_eq!((memory.size(), &bytes::all(&memory)[..4]), (100, &b"data"[..]));
        assert!(memory.attached().unwrap_err().is_unsupported());
        drop(SharedMemory::open_read_only(&*copy).unwrap());
    }
    assert_eq!(SharedMemory::remove_stale(&*copy).unwrap(), Stale::NotCounted);
    assert_eq!(MemoryInfo::of_name(&*copy).unwrap().removal, Some(Removal::Never));
    assert!(SharedMemory::create(&*copy, 64).unwrap_err().is_exists());
    SharedMemory::open(&*copy).unwrap().grow(5000).unwrap();
    assert_eq!(SharedMemory::open(&*copy).unwrap().size(), 5000);
    assert!(fs::exists(path(&copy)).unwrap());
    assert_eq!(
        MemoryInfo::of_name(&*name).unwrap().removal,
        Some(Removal::LastDetach),
        "the object is one"
    );
}

/// `cp /dev/shm/a /backup`, a restart, `cp /backup /dev/shm/b`: the new file can have the device and
/// inode that the object had before.
#[test]
fn a_backup_with_the_device_and_inode_of_the_object_is_never_removed() {
    let (name, copy) = (fixture::name(), fixture::name());
    let ours = SharedMemory::create(&*name, 100).unwrap();
    let birth = |name: &str| fs::metadata(path(name)).unwrap().created().ok();
    // Both files are born in the same tick of the clock, or the next tick has begun.
    while fs::copy(path(&name), path(&copy)).is_ok() && birth(&copy) == birth(&name) {
        if birth(&copy).is_none() {
            return; // Only device and inode are known here.
        }
        fs::remove_file(path(&copy)).unwrap();
    }
    let file = File::options().write(true).open(path(&copy)).unwrap();
    let metadata = file.metadata().unwrap();
    let numbers = [metadata.ino().to_ne_bytes(), metadata.dev().to_ne_bytes()].concat();
    file.write_all_at(&numbers, metadata.len() - 16).unwrap();
    drop(SharedMemory::open(&*copy).unwrap());
    assert!(fs::exists(path(&copy)).unwrap(), "the backup was removed");
    assert_eq!(SharedMemory::remove_stale(&*copy).unwrap(), Stale::NotCounted);
    drop(ours);
    assert!(!fs::exists(path(&name)).unwrap(), "the object is one");
}

/// A second hard link keeps the file from losing its last name, but not from losing this one.
#[test]
fn a_second_link_to_the_file_is_not_taken_for_its_name() {
    let (name, link) = (fixture::name(), fixture::name());
    let ours = SharedMemory::create(&*name, 64).unwrap();
    fs::hard_link(path(&name), path(&link)).unwrap();
    SharedMemory::unlink(&*name).unwrap();
    let others = SharedMemory::create(&*name, 64).unwrap();
    assert!(ours.attached().unwrap_err().is_removed());
    drop(ours);
    assert_eq!(SharedMemory::open(&*name).unwrap().identity(), others.identity());
}

#[test]
fn a_mapped_file_that_is_shared_memory_counts_as_a_process() {
    let name = fixture::name();
    let mut child = Child::run("reader of its own", &[&name]);
    child.wait_for("mapped");
    let ours = SharedMemory::open(&*name).unwrap();
    assert_eq!(ours.attached().unwrap(), 2);
    drop(ours);
    assert!(fs::exists(path(&name)).unwrap());
    child.tell("unmap");
    child.finish();
    assert!(!fs::exists(path(&name)).unwrap());
}

fn reader_of_its_own(role: &mut Role) {
    let ours = SharedMemory::create(role.arg(0), 64).unwrap();
    let file = MappedFile::open(path(role.arg(0))).unwrap();
    drop(ours);
    role.say("mapped");
    role.wait_for("unmap");
    assert_eq!(file.size(), 64);
}

/// The owner can remove an object that it may not write.
#[test]
fn a_mode_without_write_permission_blocks_no_removal_or_successor() {
    let Some(root) = Root::or_skip("acts as an ordinary user") else { return };
    for mode in ["444", "440", "400"] {
        let name = fixture::name();
        let check = LeakCheck::of(&name);
        let publish = || {
            Child::run(ChildOptions::role("publisher").as_user(root, Root::NOBODY), &[&name, mode])
        };
        let publish_and_end = || {
            let mut child = publish();
            child.wait_for("published");
            child.tell("end");
            child.finish();
        };
        publish_and_end();
        check.finish();
        let mut child = publish();
        child.wait_for("published");
        child.kill();
        assert!(fs::exists(path(&name)).unwrap());
        publish_and_end();
        assert!(!fs::exists(path(&name)).unwrap(), "mode {mode}");
    }
}

fn publisher(role: &mut Role) {
    let mode = u32::from_str_radix(role.arg(1), 8).unwrap();
    let ours = SharedMemory::create(role.arg(0), MemoryOptions::new(64).permissions(mode)).unwrap();
    assert_eq!(SharedMemory::open_read_only(role.arg(0)).unwrap().attached().unwrap(), 1);
    role.say("published");
    role.wait_for("end");
    drop(ours);
}

#[test]
fn an_orderly_end_removes_the_name_when_no_descriptor_is_left() {
    let name = fixture::name();
    let check = LeakCheck::of(&name);
    Child::run("out of descriptors", &[&name]).finish();
    check.finish();
}

fn out_of_descriptors(role: &mut Role) {
    let name = |what: &str| format!("{}{what}", role.arg(0));
    let [last, on_drop, closed] = ["", "-d", "-c"].map(name);
    let create = |name: &str, removal| {
        SharedMemory::create(name, MemoryOptions::new(64).removal(removal)).unwrap()
    };
    let ours = create(&last, Removal::LastDetach);
    let creators = create(&on_drop, Removal::OnDrop);
    let to_close = create(&closed, Removal::LastDetach);
    sys::process::limit_descriptors(64);
    let files: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    let refused = SharedMemory::create(&*name("-x"), 64).unwrap_err();
    assert!(refused.is_no_space() && refused.to_string().contains("RLIMIT_NOFILE"), "{refused}");
    assert_eq!(ours.attached().unwrap(), 1, "to count needs none either");
    drop((ours, creators));
    to_close.into_inner().close().unwrap();
    drop(files);
    for name in [&last, &on_drop, &closed] {
        assert!(!fs::exists(path(name)).unwrap(), "{name}");
    }
}

#[test]
fn a_daemon_that_has_become_another_user_counts_and_removes() {
    let Some(_root) = Root::or_skip("becomes another user") else { return };
    Child::run("changed user", &[&fixture::name()]).finish();
}

fn changed_user(role: &mut Role) {
    let name = role.arg(0);
    let ours = SharedMemory::create(name, MemoryOptions::new(4096).max_size(8192)).unwrap();
    sys::process::become_nobody();
    assert_eq!(ours.attached().unwrap(), 1);
    let err = ours.grow(5000).unwrap_err();
    assert!(err.is_permission_denied() && err.to_string().contains("as uid 65534"), "{err}");
    // In a sticky directory only the owner removes a name, and the process of this handle is no
    // longer the owner.
    assert!(ours.into_inner().close().unwrap_err().is_permission_denied());
}

#[test]
fn a_process_without_a_number_trusts_no_owner_without_one() {
    let Some(_root) = Root::or_skip("gives files to other users") else { return };
    let (theirs, roots) = (fixture::name(), fixture::name());
    let _theirs =
        SharedMemory::create(&*theirs, MemoryOptions::new(64).permissions(0o644)).unwrap();
    std::os::unix::fs::chown(path(&theirs), Some(4321), None).unwrap();
    let _roots = SharedMemory::create(&*roots, MemoryOptions::new(64).permissions(0o644)).unwrap();
    Child::run("nobody at all", &[&theirs, &roots]).finish();
}

fn nobody_at_all(role: &mut Role) {
    let names = [role.arg(0).to_owned(), role.arg(1).to_owned()];
    let look = || {
        sys::process::lose_number();
        for name in &names {
            // Both owners appear under the uid that this process appears under.
            let err = SharedMemory::open_read_only(&**name).unwrap_err();
            assert!(err.is_untrusted() && err.to_string().contains("Trust::Anyone"), "{err}");
            let stands_for = "of uid 65534 (all users without a uid in this user namespace)";
            assert!(err.to_string().contains(stands_for), "{err}");
            assert!(err.to_string().contains("wanted one of root (uid 0); to"), "{err}");
            SharedMemory::open_read_only_with(
                &**name,
                ipc_shm::OpenOptions::new().trust(Trust::Anyone),
            )
            .unwrap();
        }
    };
    assert_eq!(sys::fork(look), 0);
}

#[test]
fn permissions_above_the_nine_bits_are_refused_by_every_creator() {
    let name = fixture::name();
    let check = LeakCheck::of(&name);
    for mode in [600, 0o1600, 0o4755] {
        let options = MemoryOptions::new(64).permissions(mode);
        let refused = [
            SharedMemory::create(&*name, options).map(drop),
            SharedMemory::open_or_create(&*name, options).map(drop),
            Draft::new(&*name, options).map(drop),
            AnonymousMemory::create(&name, options).map(drop),
            MappedFile::create(
                std::env::temp_dir().join(&name[1..]),
                options.removal(Removal::Never),
            )
            .map(drop),
            ipc_shm::SysvMemory::create(ipc_core::Key::PRIVATE, options.removal(Removal::OnDrop))
                .map(drop),
        ];
        for err in refused.map(Result::unwrap_err) {
            assert!(err.is_invalid_argument() && err.to_string().contains("above 0777"), "{err}");
        }
    }
    check.finish();
}

#[test]
fn a_name_of_a_semaphore_is_refused_as_that_of_memory() {
    let refused = |err: Error| {
        assert!(err.is_invalid_argument() && err.to_string().contains("/sem."), "{err}");
    };
    refused(SharedMemory::create("/sem.x", 64).unwrap_err());
    refused(SharedMemory::open("/sem.x").unwrap_err());
    refused(SharedMemory::unlink("/sem.x").unwrap_err());
    refused(MemoryInfo::of_name("/sem.x").unwrap_err());
}

#[test]
fn a_name_of_the_maximum_length_in_c_is_opened_and_listed() {
    let own = fixture::name();
    let name = format!("{}{}", &*own, "n".repeat(256 - own.len()));
    assert_eq!(name.len(), 256);
    let memory = SharedMemory::create(&*name, 64).unwrap();
    assert!(SharedMemory::open(&*name).is_ok());
    assert!(SharedMemory::names().unwrap().iter().any(|listed| listed.as_str() == name));
    drop(memory);
    assert!(!fs::exists(path(&name)).unwrap());
}

/// If 0, 1 or 2 is free, the next descriptor gets it, and `println!` writes there.
#[test]
fn no_descriptor_becomes_a_standard_one() {
    Child::run("no stdio", &[&fixture::name()]).finish();
}

fn no_stdio(role: &mut Role) {
    let name = role.arg(0).to_owned();
    let path = std::env::temp_dir().join(&name[1..]);
    sys::process::close_stdio();
    let options = MemoryOptions::new(4096).max_size(8192);
    let made = (
        SharedMemory::create(&*name, options).unwrap(),
        SharedMemory::open(&*name).unwrap(),
        AnonymousMemory::create("none", options).unwrap(),
        MappedFile::create(&path, options).unwrap(),
        MappedFile::open(&path).unwrap(),
    );
    fs::remove_file(&path).unwrap();
    let taken: Vec<_> =
        (0..3).filter_map(|fd| fs::read_link(format!("/proc/self/fd/{fd}")).ok()).collect();
    drop(made);
    assert!(taken.iter().all(|target| target.starts_with("/proc")), "{taken:?}"); // what looks is open, too
}
