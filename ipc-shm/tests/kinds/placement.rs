//! When pages are allocated, where they are, and whether they stay resident.

use std::fs;

use ipc_core::{Error, Key, Removal};
use ipc_mem::{Access, Fresh, Memory, ReadWrite, Tag, page_size};
use ipc_shm::{
    Achieved, AnonymousMemory, ForkMemory, Hint, MappedFile, MemoryOptions, OpenOptions, Placement,
    Shared, SharedMemory, SysvMemory,
};
use ipc_testkit::{Child, ChildOptions, Part, Role, Root, fixture, skip};

use crate::{bytes, sys};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("not inherited", not_inherited),
    ("dropper", dropper),
    ("limited", limited),
    ("prefaulter", prefaulter),
];

const SIZE: usize = 1 << 20;

fn options(placement: Placement) -> MemoryOptions {
    MemoryOptions::new(SIZE).sparse().placement(placement)
}

/// Runs a check on a memory object of each kind.
fn each(placement: Placement, check: impl Fn(&dyn Memory<Access = ReadWrite>, Achieved)) {
    let directory = fixture::dir();
    let path = directory.join("placed");
    let options = options(placement);
    let anonymous = AnonymousMemory::create("placed", options).unwrap();
    check(&*anonymous, anonymous.placement());
    if placement != Placement::new().not_inherited() {
        let forked = ForkMemory::create(options).unwrap();
        check(&*forked, forked.placement());
    }
    let segment = SysvMemory::create(Key::PRIVATE, options.removal(Removal::OnDrop)).unwrap();
    check(&*segment, segment.placement());
    let file = MappedFile::create(&path, options).unwrap();
    check(&*file, file.placement());
    let name = fixture::name();
    let named = SharedMemory::create(&*name, options).unwrap();
    check(&*named, named.placement());
    let opened = OpenOptions::new().placement(placement);
    let theirs = SharedMemory::open_with(&*name, opened).unwrap();
    check(&theirs, theirs.placement());
}

/// A line of the system's report (`smaps`) on the mapping that begins there.
fn smaps_line(memory: &(impl Memory + ?Sized), key: &str) -> String {
    let begin = format!("{:x}-", memory.base().addr());
    let text = fs::read_to_string("/proc/self/smaps").unwrap();
    let mut of_ours = text.lines().skip_while(|line| !line.starts_with(&begin)).skip(1);
    let line = of_ours.find_map(|line| line.strip_prefix(key)?.strip_prefix(':')).unwrap();
    line.trim().to_owned()
}

/// The value of a `smaps_line`, as a number of bytes.
fn smaps(memory: &(impl Memory + ?Sized), key: &str) -> usize {
    smaps_line(memory, key).trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

#[test]
fn pages_are_allocated_on_access_unless_all_are_requested() {
    each(Placement::new(), |memory, achieved| {
        assert!(smaps(memory, "Rss") <= 2 * page_size(), "at most the pages of the trailer");
        assert!(!achieved.prefaulted && !achieved.locked && achieved.inherited);
        assert_eq!((achieved.huge_pages, achieved.numa_node), (Hint::NotGiven, Hint::NotGiven));
    });
    each(Placement::new().prefaulted(), |memory, achieved| {
        assert!(smaps(memory, "Rss") >= SIZE && achieved.prefaulted);
        assert!(sys::resident(memory.base(), SIZE).into_iter().all(|page| page));
    });
}

#[test]
fn pages_that_are_requested_are_present_for_readers_too() {
    let directory = fixture::dir();
    let path = directory.join("viewed");
    let _ours = MappedFile::create(&path, SIZE).unwrap();
    let view = MappedFile::open_read_only_with(
        &path,
        OpenOptions::new().placement(Placement::new().prefaulted()),
    )
    .unwrap();
    assert!(smaps(&view, "Rss") >= SIZE && view.access() == Access::ReadOnly);
    let part = MappedFile::open_part(
        &path,
        5000,
        9000,
        OpenOptions::new().placement(Placement::new().prefaulted()),
    );
    assert!(part.unwrap().placement().prefaulted);
    let copy = OpenOptions::new().placement(Placement::new().prefaulted());
    let copy = MappedFile::open_copy_on_write(&path, copy).unwrap();
    assert!(smaps(&copy, "Rss") >= SIZE);
}

#[test]
fn pages_added_by_growth_are_placed_like_the_others() {
    let placement = Placement::new().prefaulted().locked();
    let options = MemoryOptions::new(5000).max_size(SIZE).placement(placement);
    let ours = AnonymousMemory::create("growing", options).unwrap();
    let theirs = AnonymousMemory::from_fd_with(
        ours.try_clone_fd().unwrap(),
        OpenOptions::new().placement(placement),
    );
    let theirs = theirs.unwrap();
    for memory in [&ours, &theirs] {
        assert!((5000_usize.next_multiple_of(page_size())..SIZE).contains(&smaps(memory, "Rss")));
    }
    ours.grow(SIZE).unwrap();
    theirs.refresh().unwrap();
    for memory in [&ours, &theirs] {
        assert!(sys::resident(memory.base(), SIZE).into_iter().all(|page| page));
    }
}

#[test]
fn locked_pages_stay_in_memory() {
    each(Placement::new().locked(), |memory, achieved| {
        assert!(smaps(memory, "Rss") >= SIZE && achieved.locked, "{}", memory.label());
        assert!(
            smaps_line(memory, "VmFlags").split(' ').any(|flag| flag == "lo"),
            "{}",
            memory.label()
        );
    });
}

#[test]
fn pages_that_the_system_refuses_to_lock_are_an_error() {
    let Some(root) = Root::or_skip("needs a user without rights") else { return };
    Child::run(ChildOptions::role("limited").as_user(root, Root::NOBODY), &[]).finish();
}

fn limited(_: &mut Role) {
    sys::limit_locked(64 * 1024);
    let small = MemoryOptions::new(4096).placement(Placement::new().locked());
    assert!(AnonymousMemory::create("small", small).unwrap().placement().locked);
    let large = options(Placement::new().locked());
    let refused: [Error; 2] =
        [AnonymousMemory::create("large", large).map(drop), ForkMemory::create(large).map(drop)]
            .map(Result::unwrap_err);
    for err in refused {
        assert!(err.is_no_space() && err.call() == "mlock", "{err}");
    }
}

#[test]
fn a_child_does_not_inherit_memory_that_is_excluded() {
    Child::run("not inherited", &[]).finish();
}

fn not_inherited(_: &mut Role) {
    for (placement, inherited) in
        [(Placement::new(), true), (Placement::new().not_inherited(), false)]
    {
        each(placement, |memory, achieved| {
            assert_eq!(achieved.inherited, inherited);
            let base = memory.base();
            let child = sys::fork_and_go_on(|| sys::touch(base));
            let status = ipc_testkit::reap(child);
            if inherited {
                assert_eq!(status, 0, "{}", memory.label());
            } else {
                assert_eq!(libc::WTERMSIG(status), libc::SIGSEGV, "{}", memory.label());
            }
        });
    }
}

/// A mapping that the child created since, at the same address, belongs to the child.
#[test]
fn a_child_that_drops_what_it_did_not_inherit_touches_and_unmaps_nothing() {
    Child::run("dropper", &[]).finish();
}

fn dropper(_: &mut Role) {
    fn dropped<M: Memory<Access = ReadWrite>>(memory: Fresh<M>) {
        let (base, label) = (memory.base(), memory.label());
        assert!(memory.region().is_mapped());
        let value = Shared::<sys::Held, _>::create_in(memory).unwrap();
        // Memory that is not mapped is not asked whether it may be unmapped.
        let value = &mut Some(value);
        assert_eq!(sys::fork(|| drop(value.take())), 0, "{label}");
        let child = || {
            assert!(!value.as_ref().unwrap().memory().region().is_mapped());
            sys::map_zeros_at(base, page_size());
            drop(value.take());
            sys::touch(base);
        };
        assert_eq!(sys::fork(child), 0, "{label}");
        assert!(value.as_ref().unwrap().memory().region().is_mapped());
        let name = format!("{:x}-", base.addr());
        drop(value.take());
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        assert!(
            !maps.lines().any(|line| line.starts_with(&name)),
            "{label}: its own process unmaps it"
        );
    }
    let directory = fixture::dir();
    let options = options(Placement::new().not_inherited()).content(Tag::VALUE);
    dropped(AnonymousMemory::create("placed", options).unwrap());
    dropped(SysvMemory::create(Key::PRIVATE, options.removal(Removal::OnDrop)).unwrap());
    dropped(MappedFile::create(directory.join("placed"), options).unwrap());
    dropped(SharedMemory::create(&*fixture::name(), options).unwrap());
}

/// A hint is not a command: the result is reported.
#[test]
fn hints_are_followed_or_a_reason_is_reported() {
    let huge = MemoryOptions::new(8 << 20).placement(Placement::new().prefaulted().huge_pages());
    let (memory, forked) =
        (AnonymousMemory::create("huge", huge).unwrap(), ForkMemory::create(huge).unwrap());
    let placed: [(&dyn Memory<Access = ReadWrite>, Achieved); 2] =
        [(&*memory, memory.placement()), (&*forked, forked.placement())];
    for (memory, achieved) in placed {
        let mapped = smaps(memory, "ShmemPmdMapped");
        match achieved.huge_pages {
            Hint::Followed => assert_eq!(mapped, 8 << 20, "{}", memory.label()),
            Hint::Ignored(errno) => {
                skip(&format!("this system has no huge pages for shared memory: {errno}"));
                assert_eq!(mapped, 0);
            }
            Hint::NotGiven => panic!("it was given"),
        }
    }
    // A page is none of them.
    let small = MemoryOptions::new(4096).placement(Placement::new().huge_pages());
    let small = AnonymousMemory::create("small", small).unwrap();
    assert!(matches!(small.placement().huge_pages, Hint::Ignored(_)));
    each(Placement::new().numa_node(0), |memory, achieved| {
        assert!(achieved.numa_node != Hint::NotGiven, "{}", memory.label());
    });
    each(Placement::new().numa_node(900), |_, achieved| {
        assert!(matches!(achieved.numa_node, Hint::Ignored(_)));
    });
    each(Placement::new().numa_node(u32::MAX), |_, achieved| {
        assert!(matches!(achieved.numa_node, Hint::Ignored(_)));
    });
}

#[test]
fn pages_without_space_are_an_error_and_not_a_fault() {
    let Some(root) = Root::or_skip("mounts a small file system") else { return };
    Child::run(ChildOptions::role("prefaulter").small_shm(root, 256 * 1024), &[]).finish();
}

fn prefaulter(_: &mut Role) {
    let path = "/dev/shm/sparse";
    let err = MappedFile::create(path, options(Placement::new().prefaulted())).unwrap_err();
    assert!(err.call() == "madvise" && err.object() == path, "{err}");
    assert!(!fs::exists(path).unwrap());
    // All memory that was reserved was released.
    let memory = MappedFile::create(path, 200 * 1024).unwrap();
    bytes::put(&*memory, 0, &vec![1; 200 * 1024]);
}
