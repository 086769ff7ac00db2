//! The creation and the removal of shared memory, within one process.

use std::fs;
use std::os::unix::fs::MetadataExt;

use ipc_core::{Errno, Name, Removal};
use ipc_mem::{Access, Memory, Tag};
use ipc_shm::{Draft, MemoryOptions, OpenOptions, SharedMemory};
use ipc_testkit::{Child, LeakCheck, Part, Role, fixture};

use crate::{bytes, path};

pub(crate) const ROLES: &[(&str, Part)] = &[("refused", refused)];

/// The size is the requested one, not whole pages.
#[test]
fn new_memory_has_the_size_asked_for_and_reads_as_zeros() {
    for size in [1, 63, 64, 65, 4095, 4096, 4097, 1 << 20] {
        let name = fixture::name();
        let memory = SharedMemory::create(&*name, size).unwrap();
        assert_eq!(
            (memory.size(), memory.access(), memory.name().as_str()),
            (size, Access::ReadWrite, &*name)
        );
        assert_eq!(bytes::all(&*memory), vec![0; size]);
        let (theirs, view) =
            (SharedMemory::open(&*name).unwrap(), SharedMemory::open_read_only(&*name).unwrap());
        assert_eq!((theirs.size(), view.size(), view.access()), (size, size, Access::ReadOnly));
        assert_eq!((theirs.identity(), view.identity()), (memory.identity(), memory.identity()));
        assert_eq!(bytes::all(&view), vec![0; size]);
        assert_eq!((memory.was_created(), theirs.was_created()), (true, false));
    }
}

#[test]
fn creating_an_existing_name_is_an_error_and_changes_nothing() {
    let name = fixture::name();
    let ours = SharedMemory::create(&*name, 64).unwrap();
    bytes::put(&*ours, 0, b"ours");
    let check = LeakCheck::of(&name);
    for options in [MemoryOptions::new(64), MemoryOptions::new(8192).removal(Removal::OnDrop)] {
        let err = SharedMemory::create(&*name, options).unwrap_err();
        assert!(err.is_exists());
        assert_eq!(err.to_string(), format!("shm_open {name}: File exists (os error 17)"));
    }
    check.finish();
    let theirs = SharedMemory::open(&*name).unwrap();
    assert_eq!((theirs.identity(), &bytes::all(&theirs)[..4]), (ours.identity(), &b"ours"[..]));
}

#[test]
fn a_name_that_does_not_exist_is_not_found() {
    let name = fixture::name();
    let errs =
        [SharedMemory::open(&*name).map(drop), SharedMemory::open_read_only(&*name).map(drop)];
    for err in errs.map(Result::unwrap_err) {
        assert!(err.is_not_found());
        assert_eq!(
            (err.call(), err.object(), err.errno()),
            ("shm_open", &*name, Some(Errno::ENOENT))
        );
        assert_eq!(
            err.to_string(),
            format!("shm_open {name}: No such file or directory (os error 2)")
        );
    }
}

#[test]
fn unlinking_removes_the_name_and_keeps_the_memory() {
    let name = fixture::name();
    let ours = SharedMemory::create(&*name, 64).unwrap();
    let theirs = SharedMemory::open(&*name).unwrap();
    SharedMemory::unlink(&*name).unwrap();
    SharedMemory::unlink(&*name).unwrap();
    assert!(SharedMemory::open(&*name).unwrap_err().is_not_found());
    bytes::put(&*ours, 10, b"still here");
    assert_eq!(&bytes::all(&theirs)[10..20], b"still here");
    let another = SharedMemory::create(&*name, 64).unwrap();
    assert_ne!(another.identity(), ours.identity());
}

#[test]
fn the_name_is_removed_with_its_creator_or_stays_as_asked() {
    for (removal, stays) in
        [(Removal::LastDetach, true), (Removal::OnDrop, false), (Removal::Never, true)]
    {
        let name = fixture::name();
        let ours = SharedMemory::create(&*name, MemoryOptions::new(64).removal(removal)).unwrap();
        bytes::put(&*ours, 0, b"data");
        let theirs = SharedMemory::open(&*name).unwrap();
        drop(SharedMemory::open(&*name).unwrap());
        drop(SharedMemory::open_read_only(&*name).unwrap());
        assert!(fs::exists(path(&name)).unwrap(), "who opened it does not remove it");
        drop(ours);
        assert_eq!(fs::exists(path(&name)).unwrap(), stays, "{removal:?}");
        assert_eq!(&bytes::all(&theirs)[..4], b"data");
        drop(theirs);
        assert_eq!(fs::exists(path(&name)).unwrap(), removal == Removal::Never, "{removal:?}");
    }
}

#[test]
fn a_drop_leaves_an_object_that_another_process_created_there() {
    for removal in [Removal::LastDetach, Removal::OnDrop] {
        let name = fixture::name();
        let ours = SharedMemory::create(&*name, MemoryOptions::new(64).removal(removal)).unwrap();
        let theirs = SharedMemory::open(&*name).unwrap();
        SharedMemory::unlink(&*name).unwrap();
        let others = SharedMemory::create(&*name, 64).unwrap();
        drop((ours, theirs));
        assert_eq!(SharedMemory::open(&*name).unwrap().identity(), others.identity());
    }
}

/// An existing object is neither truncated nor removed, whatever fails.
#[test]
fn open_or_create_reports_which_and_changes_no_existing_object() {
    let name = fixture::name();
    let ours = SharedMemory::open_or_create(&*name, 4096).unwrap();
    assert!(ours.was_created());
    bytes::put(&ours, 0, b"data");
    let theirs =
        SharedMemory::open_or_create(&*name, MemoryOptions::new(4096).removal(Removal::OnDrop))
            .unwrap();
    assert!(!theirs.was_created());
    drop(theirs);
    for wanted in [0, 1, 4095, 4097, usize::MAX] {
        let err = SharedMemory::open_or_create(&*name, wanted).unwrap_err();
        assert!(err.is_mismatch());
        assert_eq!(err.to_string(), format!("shm_open {name}: found 4096 bytes, wanted {wanted}"));
    }
    let still = SharedMemory::open(&*name).unwrap();
    assert_eq!((still.identity(), &bytes::all(&still)[..4]), (ours.identity(), &b"data"[..]));
}

/// Both mapped sizes are those that were mapped, and dropping unmaps them.
#[test]
fn dropping_a_handle_unmaps_it() {
    let name = fixture::name();
    let ours = SharedMemory::create(&*name, 100_000).unwrap();
    let inode = format!(" {} ", fs::metadata(path(&name)).unwrap().ino());
    let mapped = || {
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        let of_ours =
            maps.lines().filter(|line| line.contains(&inode) && line.contains("/dev/shm/"));
        of_ours.map(|line| line.split(' ').nth(1).unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (theirs, view) =
        (SharedMemory::open(&*name).unwrap(), SharedMemory::open_read_only(&*name).unwrap());
    let count = |wanted: &str| mapped().iter().filter(|protection| *protection == wanted).count();
    assert_eq!(count("r--s"), 1, "the view is mapped read-only");
    assert!(count("rw-s") >= 1);
    drop((ours, theirs, view));
    assert_eq!(mapped(), Vec::<String>::new());
}

#[test]
fn a_refusal_leaves_nothing_open_or_mapped() {
    Child::run("refused", &[&fixture::name()]).finish();
}

fn refused(role: &mut Role) {
    let name = role.arg(0).to_owned();
    let ours = SharedMemory::create(&*name, MemoryOptions::new(4096).max_size(1 << 20)).unwrap();
    // Once for what the first call alone creates.
    for check in [None, Some(())] {
        let check = check.map(|()| LeakCheck::start());
        assert!(SharedMemory::create(&*name, 64).unwrap_err().is_exists());
        let growing = MemoryOptions::new(64).max_size(1 << 20);
        assert!(SharedMemory::create(&*name, growing).unwrap_err().is_exists());
        let other = MemoryOptions::new(8192);
        assert!(SharedMemory::open_or_create(&*name, other).unwrap_err().is_mismatch());
        assert!(SharedMemory::open(format!("{name}-none")).unwrap_err().is_not_found());
        if let Some(check) = check {
            check.finish();
        }
    }
    drop(ours);
}

#[test]
fn a_draft_is_invisible_until_it_is_published() {
    let name = fixture::name();
    let check = LeakCheck::of(&name);
    drop(Draft::new(&*name, 64).unwrap());
    let draft = Draft::new(&*name, 64).unwrap();
    bytes::fill(&draft, 60, b"last").unwrap();
    for (offset, len) in [(61, 4), (64, 1), (0, 65), (usize::MAX, 1)] {
        let err = bytes::fill(&draft, offset, &vec![1; len]).unwrap_err();
        assert!(err.is_invalid_argument());
        assert_eq!(err.object(), &*name);
    }
    check.finish();
    let memory = draft.publish().unwrap();
    assert_eq!(&bytes::all(&memory)[60..], b"last");
    let late = Draft::new(&*name, 64).unwrap();
    assert!(late.publish().unwrap_err().is_exists());
    assert_eq!(SharedMemory::open(&*name).unwrap().identity(), memory.identity());
}

#[test]
fn opening_reads_no_more_bytes_than_the_object_or_the_buffer_has() {
    let name = fixture::name();
    let draft = Draft::new(&*name, 10).unwrap();
    bytes::fill(&draft, 0, b"0123456789").unwrap();
    let _memory = draft.publish().unwrap();
    for room in [0, 4, 10, 100] {
        let mut head = vec![b'-'; room];
        let (_, read) = SharedMemory::open_and_read(&*name, OpenOptions::new(), &mut head).unwrap();
        assert_eq!((read, &head[..read]), (room.min(10), &b"0123456789"[..room.min(10)]));
        assert!(head[read..].iter().all(|byte| *byte == b'-'));
    }
}

/// A memory object with something laid out in it is opened as that: it records what it was created
/// for, and is never taken for foreign.
#[test]
fn a_memory_object_reports_its_tag() {
    for content in [Tag::BARE, Tag::ARRAY, Tag::VALUE] {
        let name = fixture::name();
        let ours = SharedMemory::create(&*name, MemoryOptions::new(100).content(content)).unwrap();
        let (theirs, view) =
            (SharedMemory::open(&*name).unwrap(), SharedMemory::open_read_only(&*name).unwrap());
        assert_eq!([ours.tag(), theirs.tag(), view.tag()], [content; 3]);
    }
    let name = fixture::name();
    assert_eq!(SharedMemory::create(&*name, 100).unwrap().tag(), Tag::BARE);
    let err =
        SharedMemory::create(&*name, MemoryOptions::new(100).content(Tag::FOREIGN)).unwrap_err();
    assert!(err.is_invalid_argument() && err.object() == &*name, "{err}");
    fs::write(path(&name), [0; 100]).unwrap();
    assert_eq!(SharedMemory::open(&*name).unwrap().tag(), Tag::FOREIGN);
}

/// Every function that takes a name checks it.
#[test]
fn invalid_names_are_refused_by_every_function() {
    let long = format!("/{}", "n".repeat(Name::MAX_LEN + 1));
    for name in ["", "/", "frames", "/a/b", "//", "/a/", "/a\0b", "/.", "/..", &long] {
        let errs = [
            SharedMemory::create(name, 64).map(drop),
            SharedMemory::open(name).map(drop),
            SharedMemory::open_or_create(name, 64).map(drop),
            SharedMemory::open_read_only(name).map(drop),
            Draft::new(name, 64).map(drop),
            SharedMemory::unlink(name),
        ];
        for err in errs.map(Result::unwrap_err) {
            assert!(err.is_invalid_argument());
            assert!(err.to_string().contains(&format!("{name:?}")), "{err}");
        }
    }
    let longest = fixture::tagged(&"n".repeat(Name::MAX_LEN - 40));
    drop(SharedMemory::create(&*longest, 64).unwrap());
}
