//! Files as memory.

use std::fs::{self, File, Permissions as Mode};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::sync::atomic::AtomicU64;

use ipc_core::{Errno, Removal, UserId};
use ipc_mem::{Access, Memory, Tag, page_size};
use ipc_shm::{
    AnonymousMemory, Hint, MappedFile, MemoryOptions, OpenOptions, Shared, SharedMemory, Trust,
    Usage,
};
use ipc_testkit::{Child, ChildOptions, Part, Role, Root, fixture, watchdog};

use crate::{bytes, sys};

pub(crate) const ROLES: &[(&str, Part)] =
    &[("file scribbler", scribbler), ("cut off", cut_off), ("file filler", filler)];

/// A file of another program, with these bytes.
fn foreign(path: &Path, content: &[u8]) {
    fs::write(path, content).unwrap();
    fs::set_permissions(path, Mode::from_mode(0o600)).unwrap();
}

#[test]
fn a_created_file_is_opened_with_its_size_and_its_content() {
    let directory = fixture::dir();
    for (size, content) in [(1, Tag::BARE), (64, Tag::ARRAY), (5000, Tag::VALUE)] {
        let path = directory.join(format!("made-{size}"));
        let ours = MappedFile::create(&path, MemoryOptions::new(size).content(content)).unwrap();
        let (theirs, view) =
            (MappedFile::open(&path).unwrap(), MappedFile::open_read_only(&path).unwrap());
        assert_eq!([ours.size(), theirs.size(), view.size()], [size; 3]);
        assert_eq!([ours.tag(), theirs.tag(), view.tag()], [content; 3]);
        assert_eq!([ours.identity(), theirs.identity()], [view.identity(); 2]);
        assert!(ours.was_created() && !theirs.was_created() && ours.path() == path);
        assert_eq!((ours.access(), view.access()), (Access::ReadWrite, Access::ReadOnly));
        assert_eq!(bytes::all(&*ours), vec![0; size]);
        bytes::put(&*ours, size - 1, b"!");
        ours.flush().unwrap();
        drop((ours, theirs));
        assert_eq!(fs::read(&path).unwrap()[size - 1], b'!');
        assert_eq!(bytes::all(&view)[size - 1], b'!');
        let err = MappedFile::create(&path, size).unwrap_err();
        assert!(err.is_exists() && err.object() == path.to_str().unwrap(), "{err}");
    }
}

#[test]
fn a_file_that_cannot_be_created_is_an_error_and_leaves_nothing() {
    let directory = fixture::dir();
    let path = directory.join("none");
    let refused = |options: MemoryOptions| {
        let err = MappedFile::create(&path, options).unwrap_err();
        assert!(!fs::exists(&path).unwrap());
        err
    };
    assert!(refused(MemoryOptions::new(0)).is_invalid_argument());
    assert!(refused(MemoryOptions::new(usize::MAX)).is_invalid_argument());
    assert!(refused(MemoryOptions::new(64).removal(Removal::LastDetach)).is_unsupported());
    assert!(refused(MemoryOptions::new(64).removal(Removal::OnDrop)).is_unsupported());
    assert!(refused(MemoryOptions::new(isize::MAX as usize - 4096).sparse()).is_no_space());
    let err = MappedFile::create(directory.join("no/such"), 64).unwrap_err();
    assert!(err.is_not_found() && err.call() == "open", "{err}");
    drop(MappedFile::create(&path, MemoryOptions::new(64).removal(Removal::Never)).unwrap());
    assert!(fs::exists(&path).unwrap());
}

#[test]
fn all_bytes_of_a_file_created_elsewhere_are_data() {
    let directory = fixture::dir();
    let path = directory.join("foreign");
    for size in [1, 63, 64, 65, 4096, 5000] {
        let content: Vec<u8> = (0..size).map(|i| u8::try_from(i % 251).unwrap()).collect();
        foreign(&path, &content);
        let memory = MappedFile::open(&path).unwrap();
        assert_eq!((memory.size(), memory.tag()), (size, Tag::FOREIGN));
        assert_eq!(bytes::all(&memory), content);
        assert_eq!(bytes::all(&MappedFile::open_read_only(&path).unwrap()), content);
    }
    foreign(&path, b"");
    let err = MappedFile::open(&path).unwrap_err();
    assert_eq!(
        err.to_string(),
        format!("open {}: found an empty file, wanted data", path.display())
    );
    assert!(err.is_mismatch());
}

/// Otherwise, code that may write elements safely could write a header among them, and open that.
#[test]
fn a_part_at_any_offset_is_bare_and_never_fresh() {
    let directory = fixture::dir();
    let path = directory.join("parts");
    let content: Vec<u8> = (0..20_000u32).map(|i| u8::try_from(i % 251).unwrap()).collect();
    foreign(&path, &content);
    let options = OpenOptions::new();
    for (offset, len) in
        [(0, 1), (1, 1), (100, 5000), (4096, 4096), (4095, 2), (12_345, 7655), (19_999, 1)]
    {
        let memory = MappedFile::open_part(&path, offset as u64, len, options).unwrap();
        let view = MappedFile::open_part_read_only(&path, offset as u64, len, options).unwrap();
        assert_eq!((memory.size(), memory.tag()), (len, Tag::BARE));
        assert_eq!((view.size(), view.tag()), (len, Tag::BARE));
        assert!(
            bytes::all(&memory) == content[offset..offset + len]
                && bytes::all(&view) == bytes::all(&memory)
        );
        bytes::put(&memory, len - 1, b"\xFE");
        memory.flush_range(len - 1..len).unwrap();
        memory.flush_async(0..len).unwrap();
        assert_eq!(fs::read(&path).unwrap()[offset + len - 1], 0xFE);
        bytes::put(&memory, len - 1, &content[offset + len - 1..offset + len]);
    }
    assert_eq!(fs::read(&path).unwrap(), content);
    for (offset, len) in
        [(0, 0), (0, 20_001), (20_000, 1), (19_999, 2), (u64::MAX, 1), (1, usize::MAX)]
    {
        let err = MappedFile::open_part(&path, offset, len, options).unwrap_err();
        assert!(err.is_invalid_argument() && err.object() == path.to_str().unwrap(), "{err}");
    }
    let err = MappedFile::open("").unwrap_err();
    assert!(err.is_not_found() && err.object() == "\"\"", "{err}");
}

#[test]
fn an_object_reports_the_same_by_name_and_by_path() {
    let name = fixture::name();
    let ours = SharedMemory::create(&*name, MemoryOptions::new(100).content(Tag::VALUE)).unwrap();
    let path = format!("/dev/shm{}", &*name);
    let memory = MappedFile::open(&path).unwrap();
    assert_eq!(
        (memory.size(), memory.tag(), memory.identity()),
        (100, Tag::VALUE, ours.identity())
    );
    let copy = MappedFile::open_copy_on_write(&path, OpenOptions::new()).unwrap();
    assert_eq!((copy.size(), copy.tag()), (100, Tag::BARE));
}

/// A lock in a private copy does not protect what it guards, which is still in the file.
#[test]
fn values_do_not_open_in_a_copy_and_arrays_do() {
    let directory = fixture::dir();
    let copied = |name: &str| {
        MappedFile::open_copy_on_write(directory.join(name), OpenOptions::new()).unwrap()
    };
    for (made, found) in [(Tag::VALUE, Tag::BARE), (Tag::BARE, Tag::BARE), (Tag::ARRAY, Tag::ARRAY)]
    {
        let path = directory.join(made.to_string());
        let _ours = MappedFile::create(&path, MemoryOptions::new(4096).content(made)).unwrap();
        assert_eq!(copied(&made.to_string()).tag(), found);
    }
    let value =
        MappedFile::create(directory.join("value"), MemoryOptions::new(4096).content(Tag::VALUE))
            .unwrap();
    drop(Shared::<AtomicU64, _>::create_in(value).unwrap());
    assert!(Shared::<AtomicU64, _>::open_in(copied("value")).unwrap_err().is_mismatch());
    fs::copy(directory.join("value"), directory.join("foreign")).unwrap();
    fs::OpenOptions::new()
        .write(true)
        .open(directory.join("foreign"))
        .unwrap()
        .set_len(4096)
        .unwrap();
    assert!(
        Shared::<AtomicU64, _>::open_in(MappedFile::open(directory.join("foreign")).unwrap())
            .is_ok()
    );
    assert!(Shared::<AtomicU64, _>::open_in(copied("foreign")).unwrap_err().is_mismatch());
}

#[test]
fn what_is_written_to_a_copy_stays_in_this_process() {
    let directory = fixture::dir();
    let path = directory.join("original");
    foreign(&path, b"original");
    fs::set_permissions(&path, Mode::from_mode(0o400)).unwrap();
    let copy = MappedFile::open_copy_on_write(&path, OpenOptions::new()).unwrap();
    assert_eq!(copy.access(), Access::ReadWrite);
    bytes::put(&copy, 0, b"CHANGED!");
    copy.advise(0..8, Usage::DontNeed).unwrap();
    assert_eq!(bytes::all(&copy), b"CHANGED!");
    copy.flush().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"original");
    assert!(copy.grow(100).unwrap_err().is_invalid_argument());
}

#[test]
fn a_range_outside_the_memory_is_neither_flushed_nor_advised() {
    let directory = fixture::dir();
    let memory = MappedFile::create(directory.join("ranges"), 10_000).unwrap();
    let view = MappedFile::open_read_only(memory.path()).unwrap();
    for range in [0..0, 0..1, 5000..5001, 0..10_000, 9999..10_000, 10_000..10_000] {
        memory.flush_range(range.clone()).unwrap();
        for usage in
            [Usage::Normal, Usage::Random, Usage::Sequential, Usage::WillNeed, Usage::DontNeed]
        {
            memory.advise(range.clone(), usage).unwrap();
            view.advise(range.clone(), usage).unwrap();
        }
    }
    #[expect(clippy::reversed_empty_ranges, reason = "this is what is refused")]
    for range in [0..10_001, 10_001..10_001, 5..3, 0..usize::MAX] {
        let errs = [
            memory.flush_range(range.clone()),
            memory.flush_async(range.clone()),
            memory.advise(range, Usage::Normal),
        ];
        assert!(errs.into_iter().all(|done| done.unwrap_err().is_invalid_argument()));
    }
    assert_eq!(
        (memory.placement().huge_pages, memory.placement().inherited),
        (Hint::NotGiven, true)
    );
}

#[test]
fn a_write_into_a_file_opened_for_reading_ends_the_process() {
    let directory = fixture::dir();
    let path = directory.join("looked-at");
    foreign(&path, b"looked at");
    let child = Child::run("file scribbler", &[path.to_str().unwrap()]);
    assert_eq!(child.wait().signal(), Some(libc::SIGSEGV));
    assert_eq!(fs::read(&path).unwrap(), b"looked at");
}

fn scribbler(role: &mut Role) {
    bytes::put(&MappedFile::open_read_only(role.arg(0)).unwrap(), 0, &[1]);
}

/// A peer can do what the documentation says it can, and only where it says so.
#[test]
fn bytes_that_a_peer_cut_off_cause_sigbus_unless_sealed() {
    let directory = fixture::dir();
    let path = directory.join("cut");
    let ours = MappedFile::create(&path, 3 * page_size()).unwrap();
    assert!(
        ours.others_can_truncate()
            && MappedFile::open_read_only(&path).unwrap().others_can_truncate()
    );
    let mut child = Child::run("cut off", &[path.to_str().unwrap()]);
    child.wait_for("open");
    File::options().write(true).open(&path).unwrap().set_len(page_size() as u64).unwrap();
    child.tell("touch");
    child.wait_for("the first page");
    assert_eq!(child.wait().signal(), Some(libc::SIGBUS));

    let sealed = AnonymousMemory::create("sealed", 4096).unwrap();
    let path = format!("/proc/self/fd/{}", std::os::fd::AsFd::as_fd(&*sealed).as_raw_fd());
    let by_path = MappedFile::open(path).unwrap();
    assert!(!by_path.others_can_truncate());
}

fn cut_off(role: &mut Role) {
    let view = MappedFile::open_read_only(role.arg(0)).unwrap();
    let size = view.size();
    role.say("open");
    role.wait_for("touch");
    let page = page_size();
    assert_eq!((view.size(), size), (3 * page, 3 * page), "the size never shrinks");
    assert_eq!(bytes::some(&view, 0..page), vec![0; page]);
    role.say("the first page");
    bytes::some(&view, page..page + 1);
}

#[test]
fn what_is_not_a_file_is_refused_and_no_link_is_followed() {
    let directory = fixture::dir();
    let (target, link, fifo) =
        (directory.join("target"), directory.join("link"), directory.join("fifo"));
    drop(MappedFile::create(&target, 64).unwrap());
    symlink(&target, &link).unwrap();
    sys::make_fifo(fifo.to_str().unwrap());
    assert!(MappedFile::open(&link).unwrap_err().is_mismatch());
    assert!(MappedFile::open_read_only(&link).unwrap_err().is_mismatch());
    watchdog(|| {
        for (path, errno) in [(&*fifo, None), (&*directory, Some(Errno::EISDIR))] {
            let err = MappedFile::open(path).unwrap_err();
            assert!(err.is_mismatch() && err.errno() == errno, "{err}");
            assert!(MappedFile::open_read_only(path).unwrap_err().is_mismatch());
        }
    });
    let dangling = directory.join("dangling");
    symlink(directory.join("nothing"), &dangling).unwrap();
    assert!(MappedFile::open(&dangling).unwrap_err().is_mismatch());
    for path in [&link, &dangling, &fifo] {
        assert!(
            MappedFile::create(path, 64).unwrap_err().is_exists(),
            "nothing is made through a link"
        );
    }
    assert!(!fs::exists(directory.join("nothing")).unwrap());
}

#[test]
fn a_file_that_others_own_or_may_write_is_opened_only_if_asked_for() {
    let directory = fixture::dir();
    let path = directory.join("shared");
    let ours = MappedFile::create(&path, MemoryOptions::new(64).permissions(0o662)).unwrap();
    let untrusted = || {
        let errs = [
            MappedFile::open(&path).map(drop),
            MappedFile::open_read_only(&path).map(drop),
            MappedFile::open_copy_on_write(&path, OpenOptions::new()).map(drop),
            MappedFile::open_part(&path, 0, 1, OpenOptions::new()).map(drop),
        ];
        errs.into_iter().for_each(|done| assert!(done.unwrap_err().is_untrusted()));
    };
    untrusted();
    let anyone = MappedFile::open_with(&path, OpenOptions::new().trust(Trust::Anyone)).unwrap();
    assert_eq!(anyone.identity(), ours.identity());
    fs::set_permissions(&path, Mode::from_mode(0o600)).unwrap();
    MappedFile::open(&path).unwrap();
    let Some(_root) = Root::or_skip("gives a file to another user") else { return };
    chown(&path, Some(Root::NOBODY), None).unwrap();
    untrusted();
    MappedFile::open_with(&path, OpenOptions::new().trust(Trust::User(UserId::new(Root::NOBODY))))
        .unwrap();
}

const ROOM: usize = 13 << 18;

#[test]
fn a_full_file_system_is_an_error_at_creation_and_growth() {
    let Some(root) = Root::or_skip("mounts a small file system") else { return };
    Child::run(ChildOptions::role("file filler").small_shm(root, ROOM), &[]).finish();
}

fn filler(_: &mut Role) {
    let (path, other) = (Path::new("/dev/shm/file"), Path::new("/dev/shm/other"));
    for size in [ROOM, 4 * ROOM] {
        let err = MappedFile::create(path, size).unwrap_err();
        assert!(
            err.is_no_space() && err.call() == "fallocate" && err.object() == "/dev/shm/file",
            "{err}"
        );
        assert!(!fs::exists(path).unwrap());
    }
    let ours = MappedFile::create(path, MemoryOptions::new(5000).max_size(4 * ROOM)).unwrap();
    let named = SharedMemory::create("/named", MemoryOptions::new(64).max_size(4 * ROOM)).unwrap();
    bytes::put(&*ours, 0, &vec![7; 5000]);
    for wanted in [ROOM, 4 * ROOM] {
        for err in [ours.grow(wanted).unwrap_err(), named.grow(wanted).unwrap_err()] {
            assert!(err.is_no_space() && err.call() == "fallocate", "{err}");
        }
        // The failed attempt released what it reserved: all pages are free except those of the two
        // objects, of two pages and of one.
        drop(MappedFile::create(other, ROOM - 4 * page_size()).unwrap());
        fs::remove_file(other).unwrap();
        assert_eq!(SharedMemory::open("/named").unwrap().size(), 64);
        let theirs = MappedFile::open(path).unwrap();
        assert_eq!((ours.size(), theirs.size(), ours.refresh().unwrap()), (5000, 5000, 5000));
        assert_eq!(bytes::all(&theirs), vec![7; 5000]);
    }
    fs::remove_file(path).unwrap();
    drop((ours, named));
    drop(MappedFile::create(other, ROOM - page_size()).unwrap());
}
