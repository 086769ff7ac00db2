//! The space that a memory object takes, and what happens when none is left.

use std::fs;
use std::os::unix::fs::MetadataExt;

use ipc_core::{Error, Removal};
use ipc_mem::{Memory, page_size};
use ipc_shm::{Draft, MemoryOptions, SharedMemory};
use ipc_testkit::{Child, ChildOptions, LeakCheck, Part, Role, Root, fixture, watchdog};

use crate::{bytes, path, sys};

pub(crate) const ROLES: &[(&str, Part)] = &[("filler", filler), ("interrupted", interrupted)];

const ROOM: usize = 256 * 1024;

#[test]
fn space_is_reserved_at_creation_unless_asked_otherwise() {
    let (name, sparse) = (fixture::name(), fixture::name());
    let taken = |name: &str| fs::metadata(path(name)).unwrap().blocks() * 512;
    let _reserved = SharedMemory::create(&*name, 1 << 20).unwrap();
    let _sparse = SharedMemory::create(&*sparse, MemoryOptions::new(1 << 20).sparse()).unwrap();
    assert!(taken(&name) >= 1 << 20);
    assert!(taken(&sparse) < 1 << 20);
}

/// Simulates a system that releases what it reserved when a signal arrives, with signals that
/// arrive constantly.
#[test]
fn space_is_reserved_in_pieces_if_signals_interrupt_it() {
    watchdog(|| Child::run("interrupted", &[]).finish());
}

fn interrupted(_: &mut Role) {
    sys::interrupt_large_reservations();
    let name = fixture::name();
    let memory = SharedMemory::create(&*name, (3 << 20) + 5000).unwrap();
    assert!(fs::metadata(path(&name)).unwrap().blocks() * 512 >= memory.size() as u64);
}

#[test]
fn impossible_sizes_are_refused_with_a_reason_and_leave_nothing() {
    let name = fixture::name();
    let check = LeakCheck::of(&name);
    let both = |size: usize| {
        [MemoryOptions::new(size), MemoryOptions::new(size).sparse()].map(|options| {
            let err = SharedMemory::create(&*name, options).unwrap_err();
            assert_eq!(err.object(), &*name);
            err
        })
    };
    for err in both(0) {
        assert!(err.is_invalid_argument());
        assert_eq!(err.to_string(), format!("create {name}: a size of 0 bytes"));
    }
    for size in [isize::MAX as usize, isize::MAX as usize + 1, usize::MAX] {
        for err in both(size) {
            assert!(err.is_invalid_argument());
            let why = format!("create {name}: {size} bytes are more than an address space has");
            assert_eq!(err.to_string(), why);
        }
    }
    // Not reserved: a file system without a limit would try.
    for size in [1 << 50, isize::MAX as usize - 4096] {
        let err = SharedMemory::create(&*name, MemoryOptions::new(size).sparse()).unwrap_err();
        assert!(err.is_no_space(), "{err}");
        assert_eq!(err.object(), &*name);
    }
    check.finish();
}

#[test]
fn a_full_file_system_is_an_error_at_creation_and_leaves_nothing() {
    let Some(root) = Root::or_skip("mounts a small /dev/shm") else { return };
    Child::run(ChildOptions::role("filler").small_shm(root, ROOM), &[]).finish();
}

fn filler(_: &mut Role) {
    let (name, rest, tiny) = (fixture::name(), fixture::name(), fixture::name());
    let no_space = |err: Error, call: &str, object: &str| {
        assert!(err.is_no_space(), "{err}");
        assert_eq!((err.call(), err.object()), (call, object));
    };
    let nothing = LeakCheck::start();
    for size in [ROOM, ROOM + 1, 4 * ROOM] {
        no_space(SharedMemory::create(&*name, size).unwrap_err(), "fallocate", &name);
        no_space(SharedMemory::open_or_create(&*name, size).unwrap_err(), "fallocate", &name);
    }
    nothing.finish();

    // A sparse memory object may be larger than all the space there is, and a page of it is
    // allocated when it is touched.
    let sparse = SharedMemory::create(&*name, MemoryOptions::new(4 * ROOM).sparse()).unwrap();
    bytes::put(&*sparse, 2 * ROOM, b"touched");
    assert_eq!((sparse.size(), SharedMemory::open(&*name).unwrap().size()), (4 * ROOM, 4 * ROOM));
    drop(sparse);

    let page = page_size();
    // All of the space but two pages, every byte of which can be written; then the last two.
    let most =
        SharedMemory::create(&*name, MemoryOptions::new(ROOM - 3 * page).removal(Removal::OnDrop))
            .unwrap();
    bytes::put(&*most, 0, &vec![1; most.size()]);
    no_space(SharedMemory::create(&*rest, 2 * page).unwrap_err(), "fallocate", &rest);
    let full = SharedMemory::create(&*rest, 2 * page - 64).unwrap();
    bytes::put(&*full, 0, &vec![1; full.size()]);
    let check = LeakCheck::start();
    no_space(SharedMemory::create(&*tiny, 1).unwrap_err(), "fallocate", &tiny);
    no_space(Draft::new(&*tiny, MemoryOptions::new(1).sparse()).unwrap_err(), "pwrite", &tiny);
    check.finish();
    drop((most, full));
    nothing_is_taken();
}

/// A failed attempt released everything it reserved: all of the space can be reserved once more.
fn nothing_is_taken() {
    let (name, page) = (fixture::name(), page_size());
    drop(SharedMemory::create(&*name, ROOM - page - 64).unwrap());
    assert_eq!(fs::read_dir("/dev/shm").unwrap().count(), 0);
}
