//! System V memory between processes, and what is found behind a key.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process;
use std::sync::atomic::{AtomicI32, Ordering};

use ipc_core::{Errno, Key, Permissions, ProcessId, Removal, UserId};
use ipc_mem::{Access, Memory, Tag};
use ipc_shm::{MemoryOptions, OpenOptions, SysvInfo, SysvMemory, Trust};
use ipc_testkit::{Child, Part, Role, Root, c_program};

use crate::{bytes, sys};

pub(crate) const ROLES: &[(&str, Part)] =
    &[("segment sharer", sharer), ("segment scribbler", scribbler), ("segment known", known)];

/// A key that no other test uses; dropping it removes the segment behind it.
pub(crate) struct OwnKey(pub(crate) Key);

impl OwnKey {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicI32 = AtomicI32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(Key::new(process::id().cast_signed() << 8 | number | 1 << 30))
    }
}

impl Drop for OwnKey {
    fn drop(&mut self) {
        SysvMemory::remove(self.0).unwrap();
    }
}

pub(crate) fn options(size: usize, removal: Removal) -> MemoryOptions {
    MemoryOptions::new(size).removal(removal)
}

/// Ten integers, seen through three handles in two processes.
#[test]
fn what_one_process_writes_into_a_segment_the_others_see() {
    let numbers: Vec<u8> = (1..=10i64).flat_map(i64::to_ne_bytes).collect();
    let ours = SysvMemory::create(Key::PRIVATE, options(numbers.len(), Removal::OnDrop)).unwrap();
    let mut child = Child::run("segment sharer", &[&ours.id().to_string()]);
    assert_eq!(child.hear(), format!("{} of {} bytes", ours.id(), ours.size()));
    bytes::put(&*ours, 0, &numbers);
    child.tell("numbers");
    child.wait_for("doubled");
    let doubled: Vec<u8> = (1..=10i64).flat_map(|i| (2 * i).to_ne_bytes()).collect();
    assert_eq!(bytes::all(&*ours), doubled);
    bytes::put(&*ours, 0, &vec![0xFF; numbers.len()]); // memset
    child.tell("all ones");
    child.finish();
}

fn sharer(role: &mut Role) {
    let id = role.arg(0).parse().unwrap();
    let (memory, view) =
        (SysvMemory::open_id(id).unwrap(), SysvMemory::open_id_read_only(id).unwrap());
    assert_eq!((view.id(), view.size()), (memory.id(), memory.size()));
    assert_eq!((memory.access(), view.access()), (Access::ReadWrite, Access::ReadOnly));
    assert!(!memory.was_created());
    role.say(&format!("{} of {} bytes", memory.id(), memory.size()));
    role.wait_for("numbers");
    let numbers = bytes::all(&view);
    let numbers: Vec<i64> =
        numbers.chunks(8).map(|word| i64::from_ne_bytes(word.try_into().unwrap())).collect();
    assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
    let doubled: Vec<u8> = numbers.iter().flat_map(|i| (2 * i).to_ne_bytes()).collect();
    bytes::put(&memory, 0, &doubled);
    assert_eq!(bytes::all(&view), doubled);
    role.say("doubled");
    role.wait_for("all ones");
    assert!(bytes::all(&memory) == [0xFF; 80] && bytes::all(&view) == [0xFF; 80]);
}

/// Read-only is read-only, by key and by id. Safe code has no method that writes; a wild
/// pointer faults.
#[test]
fn a_write_into_a_segment_opened_for_reading_ends_the_process() {
    const SIGSEGV: i32 = 11;
    let key = OwnKey::new();
    let ours = SysvMemory::create(key.0, 64).unwrap();
    for by in ["id", "key"] {
        let number = if by == "id" { ours.id() } else { key.0.raw() };
        let child = Child::run("segment scribbler", &[by, &number.to_string()]);
        assert_eq!(child.wait().signal(), Some(SIGSEGV));
    }
    assert_eq!(bytes::all(&*ours), [0; 64]);
}

fn scribbler(role: &mut Role) {
    let number: i32 = role.arg(1).parse().unwrap();
    let view = if role.arg(0) == "id" {
        SysvMemory::open_id_read_only(number)
    } else {
        SysvMemory::open_read_only(number)
    };
    bytes::put(&view.unwrap(), 0, &[1]);
}

#[test]
fn a_segment_is_opened_by_its_key_with_its_size_and_content() {
    for (size, content) in [(1, Tag::BARE), (64, Tag::ARRAY), (4000, Tag::VALUE), (4096, Tag::BARE)]
    {
        let key = OwnKey::new();
        let err = SysvMemory::open(key.0).unwrap_err();
        assert!(
            err.is_not_found() && err.call() == "shmget" && err.object() == key.0.to_string(),
            "{err}"
        );
        assert!(SysvInfo::of_key(key.0).unwrap_err().is_not_found());
        let ours = SysvMemory::create(key.0, MemoryOptions::new(size).content(content)).unwrap();
        assert!(ours.was_created());
        assert_eq!(bytes::all(&*ours), vec![0; size]);
        let err = SysvMemory::create(key.0, size).unwrap_err();
        assert!(err.is_exists() && err.object() == key.0.to_string(), "{err}");
        let (theirs, view) =
            (SysvMemory::open(key.0).unwrap(), SysvMemory::open_read_only(key.0).unwrap());
        assert_eq!((theirs.id(), view.id(), theirs.key()), (ours.id(), ours.id(), key.0));
        assert_eq!([ours.size(), theirs.size(), view.size()], [size; 3]);
        assert_eq!([ours.tag(), theirs.tag(), view.tag()], [content; 3]);
        assert!(ours.info().unwrap().size >= size + 64, "the room for what it says of itself");
    }
}

#[test]
fn open_or_create_refuses_another_size_or_content_and_names_both() {
    let key = OwnKey::new();
    let ours = SysvMemory::open_or_create(key.0, 4096).unwrap();
    assert!(ours.was_created());
    let theirs = SysvMemory::open_or_create(key.0, 4096).unwrap();
    assert!(!theirs.was_created() && theirs.id() == ours.id());
    for wanted in [1, 4095, 4097, 1 << 40] {
        let err = SysvMemory::open_or_create(key.0, wanted).unwrap_err();
        assert!(err.is_mismatch());
        assert_eq!(err.to_string(), format!("shmget {}: found 4096 bytes, wanted {wanted}", key.0));
    }
    let err = SysvMemory::open_or_create(key.0, MemoryOptions::new(4096).content(Tag::ARRAY))
        .unwrap_err();
    assert_eq!(err.to_string(), format!("shmget {}: found bare memory, wanted an array", key.0));
    let private = SysvMemory::open_or_create(Key::PRIVATE, options(64, Removal::OnDrop)).unwrap();
    assert!(private.was_created() && private.id() != ours.id());
}

#[test]
fn an_impossible_segment_is_refused_with_a_reason() {
    let refused = |options: MemoryOptions, why: &str| {
        let err = SysvMemory::create(Key::PRIVATE, options).unwrap_err();
        assert!(err.is_invalid_argument() && err.to_string().contains(why), "{err}");
    };
    refused(MemoryOptions::new(0), "a size of 0 bytes");
    refused(MemoryOptions::new(usize::MAX), "more than an address space has");
    refused(MemoryOptions::new(64).max_size(128), "never grows");
    refused(MemoryOptions::new(64).content(Tag::FOREIGN), "made by programs outside");
    let err = SysvMemory::open(Key::PRIVATE).unwrap_err();
    assert!(err.is_invalid_argument(), "{err}");
    let err = SysvMemory::open_id(i32::MAX).unwrap_err();
    let says = format!("segment id {}", i32::MAX);
    assert!(err.is_removed() && err.object() == says, "{err}");
    assert!(err.to_string().ends_with("no segment has this id"), "{err}");
    let err = SysvInfo::of_id(i32::MAX).unwrap_err();
    assert!(err.is_removed() && err.object() == says, "{err}");
}

/// Alone in its process: a child that another test forks would have the segment attached too, until
/// it runs its program.
#[test]
fn the_system_reports_the_creator_and_attached_processes() {
    Child::run("segment known", &[]).finish();
}

fn known(_: &mut Role) {
    let key = OwnKey::new();
    let ours = SysvMemory::create(key.0, MemoryOptions::new(100).permissions(0o640)).unwrap();
    let info = ours.info().unwrap();
    let me = UserId::effective();
    assert_eq!((info.owner, info.creator, info.id, info.key), (me, me, ours.id(), key.0));
    assert_eq!(
        (info.creator_process, info.last_process),
        (Some(ProcessId::current()), Some(ProcessId::current()))
    );
    assert_eq!((info.permissions, info.attached), (Permissions::from(0o640), 1));
    assert!(info.last_attach.is_some() && info.last_detach.is_none());
    assert!(!info.is_removed && !info.is_locked);
    let theirs = SysvMemory::open_read_only(key.0).unwrap();
    assert_eq!(theirs.info().unwrap(), ours.info().unwrap());
    assert_eq!(SysvInfo::of_key(key.0).unwrap(), SysvInfo::of_id(ours.id()).unwrap());
    assert_eq!(ours.info().unwrap().attached, 2);
    drop(theirs);
    let info = ours.info().unwrap();
    assert!(info.attached == 1 && info.last_detach.is_some());

    ours.set_permissions(0o604).unwrap();
    assert_eq!(ours.info().unwrap().permissions, Permissions::from(0o604));
    ours.lock_pages().unwrap();
    assert!(ours.info().unwrap().is_locked);
    ours.set_permissions(0o600).unwrap();
    assert!(ours.info().unwrap().is_locked, "permissions are all that changes");
    ours.unlock_pages().unwrap();
    assert!(!ours.info().unwrap().is_locked);
}

const C: &str = r#"
    #include <sys/ipc.h>
    #include <sys/shm.h>

    int main(int argc, char **argv) {
        must(argc == 4);
        char *theirs = shmat(atoi(argv[1]), NULL, 0);
        must(theirs != (char *)-1);
        must(memcmp(theirs, "from Rust", 9) == 0);
        memcpy(theirs + 91, "from C..", 9);
        int id = shmget(atoi(argv[2]), 100, IPC_CREAT | IPC_EXCL | 0600);
        must(id >= 0);
        char *ours = shmat(id, NULL, 0);
        must(ours != (char *)-1);
        memcpy(ours, "made in C", 9);
        must(shmget(atoi(argv[3]), 100, IPC_CREAT | IPC_EXCL | 0600) >= 0);
        say("made");
        wait_for("go");
        must(memcmp(ours + 90, "Rust again", 10) == 0);
        struct shmid_ds stat;
        must(shmctl(id, IPC_STAT, &stat) == 0 && stat.shm_nattch >= 2);
        return 0;
    }
"#;

#[test]
fn a_c_program_and_we_open_each_others_segments() {
    let (theirs, zero) = (OwnKey::new(), OwnKey::new());
    let memory = SysvMemory::create(Key::PRIVATE, options(100, Removal::OnDrop)).unwrap();
    bytes::put(&*memory, 0, b"from Rust");
    let args = [memory.id(), theirs.0.raw(), zero.0.raw()].map(|number| number.to_string());
    let mut program = Child::run(&c_program("segment", C), &args.each_ref().map(String::as_str));
    program.wait_for("made");
    assert_eq!(&bytes::all(&*memory)[91..99], b"from C..");
    let opened = SysvMemory::open(theirs.0).unwrap();
    assert_eq!(
        (opened.size(), opened.tag()),
        (100, Tag::FOREIGN),
        "no trailer, so all bytes are data"
    );
    assert_eq!(&bytes::all(&opened)[..9], b"made in C");
    bytes::put(&opened, 90, b"Rust again");
    program.tell("go");
    program.finish();
    // If a segment is empty, no process can know whether another is about to lay something out in
    // it.
    let opened = SysvMemory::open(zero.0).unwrap();
    assert_eq!((opened.size(), opened.tag()), (100, Tag::BARE));
}

#[test]
fn a_segment_smaller_than_a_trailer_or_a_word_can_be_opened() {
    for size in [1, 7, 8, 63, 64] {
        let key = OwnKey::new();
        let id = sys::segment(key.0.raw(), size, 0o600);
        let opened = SysvMemory::open_id(id).unwrap();
        assert_eq!((opened.size(), opened.tag()), (size, Tag::BARE));
        bytes::put(&opened, 0, &[1]);
        let again = SysvMemory::open(key.0).unwrap();
        assert_eq!((again.size(), again.tag()), (size, Tag::FOREIGN));
    }
}

#[test]
fn a_segment_that_others_own_or_may_write_is_opened_only_if_asked_for() {
    let key = OwnKey::new();
    let ours = SysvMemory::create(key.0, MemoryOptions::new(64).permissions(0o660)).unwrap();
    let untrusted = |why: &str| {
        let errs = [
            SysvMemory::open(key.0).map(drop),
            SysvMemory::open_id(ours.id()).map(drop),
            SysvMemory::open_read_only(key.0).map(drop),
            SysvMemory::open_or_create(key.0, 64).map(drop),
        ];
        for err in errs.map(Result::unwrap_err) {
            assert!(err.is_untrusted() && err.to_string().contains(why), "{err}");
        }
    };
    untrusted("with mode 0660");
    assert!(
        !SysvMemory::open_or_create(key.0, MemoryOptions::new(64).permissions(0o660))
            .unwrap()
            .was_created()
    );
    SysvMemory::open_with(key.0, OpenOptions::new().trust(Trust::Anyone)).unwrap();
    ours.set_permissions(0o600).unwrap();
    SysvMemory::open(key.0).unwrap();
    let Some(_root) = Root::or_skip("gives a segment to another user") else { return };
    sys::give_segment(ours.id(), Root::NOBODY);
    untrusted("65534");
    let trust = Trust::User(UserId::new(Root::NOBODY));
    SysvMemory::open_with(key.0, OpenOptions::new().trust(trust)).unwrap();
    assert_eq!(ours.info().unwrap().owner, UserId::new(Root::NOBODY));
}

/// The path of a project gives the same key to all processes that use it.
#[test]
fn two_processes_with_the_same_file_and_project_share_a_segment() {
    let directory = ipc_testkit::fixture::dir();
    let file = directory.join("project");
    fs::write(&file, "").unwrap();
    let key = |path: &Path| Key::from_path(path, b'k').unwrap();
    let ours = SysvMemory::create(key(&file), options(64, Removal::OnDrop)).unwrap();
    assert_eq!(SysvMemory::open(key(&file)).unwrap().id(), ours.id());
    drop(ours);
    assert_eq!(SysvMemory::open(key(&file)).unwrap_err().errno(), Some(Errno::ENOENT));
}
