//! Memory that grows in place.

use std::fs::{self, File};
use std::ops::RangeInclusive;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ipc_core::Result;
use ipc_mem::{Memory, Tag};
use ipc_shm::{AnonymousMemory, MappedFile, MemoryOptions, OpenOptions};
use ipc_testkit::{Child, Part, Role, figures, fixture, rounds, watchdog};

use crate::{bytes, sys};

pub(crate) const ROLES: &[(&str, Part)] =
    &[("grower", grower), ("growing fork", growing_fork), ("fork in between", fork_in_between)];

/// The kinds of memory that grow, through the methods they have in common.
pub(crate) trait Grows: Memory {
    fn grow(&self, size: usize) -> Result<()>;
    fn refresh(&self) -> Result<usize>;
    fn max_size(&self) -> usize;
}

impl Grows for AnonymousMemory {
    fn grow(&self, size: usize) -> Result<()> {
        self.grow(size)
    }
    fn refresh(&self) -> Result<usize> {
        self.refresh()
    }
    fn max_size(&self) -> usize {
        self.max_size()
    }
}

impl Grows for MappedFile {
    fn grow(&self, size: usize) -> Result<()> {
        self.grow(size)
    }
    fn refresh(&self) -> Result<usize> {
        self.refresh()
    }
    fn max_size(&self) -> usize {
        self.max_size()
    }
}

pub(crate) fn pattern(range: RangeInclusive<usize>) -> Vec<u8> {
    range.map(|i| u8::try_from(i % 251).unwrap() | 1).collect()
}

/// Grows in steps, fills each step, and reads all of it through both handles and the view.
pub(crate) fn grow_in_steps(
    ours: &impl Grows,
    theirs: &impl Grows,
    view: &impl Memory,
    look: impl Fn() -> usize,
) {
    const MAX: usize = 100_000;
    let bases = (ours.base(), theirs.base(), view.base());
    assert_eq!((ours.size(), theirs.size(), view.size()), (100, 100, 100));
    assert_eq!([ours.max_size(), theirs.max_size()], [MAX; 2]);
    bytes::put(ours, 0, &pattern(1..=100));
    let mut size = 100;
    for (step, wanted) in
        [101, 164, 165, 4000, 4096, 4097, 8192, 50_001, 99_937, MAX].into_iter().enumerate()
    {
        let (grown, seen) = if step % 2 == 0 {
            (ours.grow(wanted), theirs.refresh())
        } else {
            (theirs.grow(wanted), ours.refresh())
        };
        grown.unwrap();
        assert_eq!((seen.unwrap(), look()), (wanted, wanted));
        assert_eq!((ours.base(), theirs.base(), view.base()), bases, "no pointer moves");
        assert_eq!([ours.size(), theirs.size(), view.size()], [wanted; 3]);
        assert_eq!(bytes::some(view, 0..size), pattern(1..=size), "what was there is there");
        assert!(
            bytes::some(ours, size..wanted).iter().all(|byte| *byte == 0),
            "what is new is zero: {size}..{wanted}"
        );
        bytes::put(theirs, size, &pattern(size + 1..=wanted));
        size = wanted;
    }
    assert_eq!(bytes::all(ours), pattern(1..=MAX));
    grow_no_more(ours, MAX);
}

pub(crate) fn grow_no_more(memory: &impl Grows, size: usize) {
    for wanted in [0, 1, size] {
        memory.grow(wanted).unwrap();
        assert_eq!(memory.size(), size, "what is so large already stays as it is");
    }
    for wanted in [size + 1, usize::MAX] {
        let err = memory.grow(wanted).unwrap_err();
        assert!(err.is_invalid_argument(), "{err}");
        assert_eq!(
            err.to_string(),
            format!(
                "grow {}: wanted {wanted} bytes, it can have {size} here: create it with a larger \
                 `max_size`",
                memory.label()
            )
        );
    }
    assert_eq!((memory.size(), memory.refresh().unwrap()), (size, size));
}

pub(crate) fn growing() -> MemoryOptions {
    MemoryOptions::new(100).max_size(100_000)
}

#[test]
fn anonymous_memory_grows_in_place_for_all_processes() {
    let ours = AnonymousMemory::create("growing", growing()).unwrap();
    let theirs = AnonymousMemory::from_fd(ours.try_clone_fd().unwrap()).unwrap();
    let view = AnonymousMemory::from_fd_read_only(ours.try_clone_fd().unwrap()).unwrap();
    grow_in_steps(&*ours, &theirs, &view, || view.refresh().unwrap());
    let late = AnonymousMemory::from_fd(ours.try_clone_fd().unwrap()).unwrap();
    assert_eq!((late.size(), late.tag()), (100_000, Tag::BARE));
}

#[test]
fn a_file_grows_in_place_for_all_processes() {
    let directory = fixture::dir();
    let path = directory.join("growing");
    let ours = MappedFile::create(&path, growing().content(Tag::ARRAY)).unwrap();
    let (theirs, view) =
        (MappedFile::open(&path).unwrap(), MappedFile::open_read_only(&path).unwrap());
    grow_in_steps(&*ours, &theirs, &view, || view.refresh().unwrap());
    let late = MappedFile::open(&path).unwrap();
    assert_eq!((late.size(), late.tag()), (100_000, Tag::ARRAY));
}

#[test]
fn a_foreign_file_grows_up_to_the_reserved_address_space() {
    let directory = fixture::dir();
    let path = directory.join("plain");
    std::fs::write(&path, pattern(1..=100)).unwrap();
    let open =
        |max_size| MappedFile::open_with(&path, OpenOptions::new().max_size(max_size)).unwrap();
    let view =
        MappedFile::open_read_only_with(&path, OpenOptions::new().max_size(100_000)).unwrap();
    grow_in_steps(&open(100_000), &open(100_000), &view, || view.refresh().unwrap());
    assert_eq!(std::fs::read(&path).unwrap(), pattern(1..=100_000));
    assert_eq!(open(7).max_size(), 100_000, "never less than there is");
}

#[test]
fn memory_created_without_a_maximum_does_not_grow() {
    let directory = fixture::dir();
    let path = directory.join("fixed");
    grow_no_more(&*AnonymousMemory::create("fixed", 100).unwrap(), 100);
    grow_no_more(&*MappedFile::create(&path, 100).unwrap(), 100);
    // A process that opens it cannot reserve what its creator did not.
    let options = OpenOptions::new().max_size(4096);
    grow_no_more(&MappedFile::open_with(&path, options).unwrap(), 100);
}

/// Any other process that has it open may write to what follows the data.
#[test]
fn a_false_record_of_the_size_gives_no_bytes_beyond_the_file() {
    let open = || AnonymousMemory::create("lies", MemoryOptions::new(100).max_size(8192)).unwrap();
    let lie = |memory: &AnonymousMemory, size: u64, max_size: u64| {
        let file = File::from(memory.try_clone_fd().unwrap());
        let len = file.metadata().unwrap().len();
        let mut trailer = [0; 64];
        file.read_exact_at(&mut trailer, len - 64).unwrap();
        trailer[16..24].copy_from_slice(&size.to_ne_bytes());
        trailer[24..32].copy_from_slice(&max_size.to_ne_bytes());
        file.write_all_at(&trailer, len.max(size.next_multiple_of(64))).unwrap();
    };
    for size in [8192, 8193, 100_000] {
        let (one, other) = (open(), open());
        lie(&one, size, 1 << 20);
        assert_eq!(one.refresh().unwrap(), 8192, "as much as was mapped");
        lie(&other, size, 1 << 20);
        other.grow(4000).unwrap();
        assert_eq!(other.size(), 8192);
        assert_eq!((bytes::all(&*one).len(), bytes::all(&*other).len()), (8192, 8192));
    }
    let memory = open();
    File::from(memory.try_clone_fd().unwrap()).write_all_at(&[0; 64], 4096).unwrap();
    assert!(
        memory.refresh().unwrap_err().is_mismatch() && memory.grow(4000).unwrap_err().is_mismatch()
    );
    assert_eq!(memory.size(), 100);
}

/// 16 MiB in steps of a page; the gigabyte is in the benchmarks.
#[test]
fn growing_page_by_page_never_copies() {
    // 16 MiB, or 1 GiB.
    let pages = usize::try_from(rounds(4096, 1 << 18)).unwrap();
    let ours =
        AnonymousMemory::create("pages", MemoryOptions::new(4096).max_size(pages * 4096)).unwrap();
    let base = ours.base();
    for page in 1..=pages {
        ours.grow(page * 4096).unwrap();
        bytes::put(&*ours, (page - 1) * 4096, &page.to_ne_bytes());
    }
    assert_eq!((ours.base(), ours.size()), (base, pages * 4096));
    for page in 1..=pages {
        let at = (page - 1) * 4096;
        assert_eq!(bytes::some(&*ours, at..at + 8), page.to_ne_bytes());
    }
    figures(format_args!("{pages} steps of 4 KiB at one address"));
}

/// When many processes grow it at once, each gets at least the size it asked for, and a process
/// that opens it meanwhile always recognizes what it is.
#[test]
fn concurrent_growth_by_several_processes_loses_nothing() {
    const MAX: usize = 1 << 20;
    watchdog(|| {
        let directory = fixture::dir();
        let path = directory.join("contended");
        let ours =
            MappedFile::create(&path, MemoryOptions::new(64).max_size(MAX).content(Tag::VALUE))
                .unwrap();
        let stop = AtomicBool::new(false);
        let mut growers =
            [0, 1, 2].map(|i| Child::run("grower", &[path.to_str().unwrap(), &i.to_string()]));
        thread::scope(|scope| {
            for i in 0..2 {
                let (ours, path, stop) = (&ours, &path, &stop);
                scope.spawn(move || {
                    let mut size = 0;
                    while !stop.load(Ordering::Relaxed) {
                        let found = MappedFile::open(path).unwrap();
                        assert_eq!(found.tag(), Tag::VALUE);
                        assert!(
                            (size..=MAX).contains(&found.size()),
                            "{} after {size}",
                            found.size()
                        );
                        size = found.size();
                        if i == 0 && size < MAX {
                            ours.grow((size + 999).min(MAX)).unwrap();
                        }
                    }
                });
            }
            growers.iter_mut().for_each(|grower| grower.wait_for("grown"));
            stop.store(true, Ordering::Relaxed);
        });
        growers.into_iter().for_each(Child::finish);
        assert_eq!(ours.refresh().unwrap(), MAX);
        let len = std::fs::metadata(&path).unwrap().len();
        assert_eq!(len, MAX as u64 + 64);
        // The growers wrote at the end of each of their steps, and nowhere else.
        let odd = bytes::all(&*ours)
            .into_iter()
            .filter(|byte| ![0, b'0', b'1', b'2'].contains(byte))
            .count();
        assert_eq!(odd, 0, "a trailer was left in the data");
    });
}

fn grower(role: &mut Role) {
    let (path, mark) = (role.arg(0).to_owned(), role.arg(1).to_owned());
    let memory = MappedFile::open(path).unwrap();
    while memory.size() < memory.max_size() {
        let wanted = (memory.refresh().unwrap() + 4096).min(memory.max_size());
        memory.grow(wanted).unwrap();
        assert!(memory.size() >= wanted);
        bytes::put(&memory, wanted - 1, mark.as_bytes());
    }
    role.say("grown");
}

/// Locks belong to open file descriptions, and a forked child shares those of its parent.
#[test]
fn a_forked_child_and_its_parent_grow_it_as_two_processes() {
    watchdog(|| Child::run("growing fork", &[]).finish());
}

fn growing_fork(_: &mut Role) {
    const MAX: usize = 1 << 20;
    let memory = AnonymousMemory::create("forked", MemoryOptions::new(64).max_size(MAX)).unwrap();
    let grow = || {
        while memory.size() < MAX {
            memory.grow((memory.refresh().unwrap() + 1000).min(MAX)).unwrap();
        }
    };
    let child = sys::fork_and_go_on(grow);
    grow();
    assert_eq!(sys::wait(child), 0);
    assert!(bytes::all(&*memory).iter().all(|byte| *byte == 0), "a trailer was left in the data");
    let file = File::from(memory.try_clone_fd().unwrap());
    assert_eq!(file.metadata().unwrap().len(), MAX as u64 + 64);
}

/// The child has a copy of every descriptor, so it must not be forked while one of them holds the
/// lock.
#[test]
fn a_child_forked_while_its_parent_grows_blocks_no_process() {
    watchdog(|| Child::run("fork in between", &[]).finish());
}

fn fork_in_between(_: &mut Role) {
    let options = MemoryOptions::new(64).sparse().max_size(1 << 40);
    let memory = AnonymousMemory::create("between", options).unwrap();
    let all_forked = AtomicBool::new(false);
    thread::scope(|scope| {
        let grower = scope.spawn(|| {
            while !all_forked.load(Ordering::Relaxed) {
                memory.grow(memory.size() + 1).unwrap();
            }
        });
        let fork_after_a_step = |_| {
            let before = memory.size();
            while memory.size() == before && !grower.is_finished() {
                thread::yield_now();
            }
            sys::fork_and_go_on(sys::stay)
        };
        let children: Vec<_> = (0..50).map(fork_after_a_step).collect();
        all_forked.store(true, Ordering::Relaxed);
        grower.join().unwrap();
        memory.grow(memory.size() + 1).unwrap();
        children.into_iter().for_each(sys::kill);
    });
}

/// A file system may be far smaller than a sparse memory object, and so may the memory that is
/// left.
#[test]
fn sparse_memory_stays_sparse_when_it_grows() {
    let directory = fixture::dir();
    let path = directory.join("sparse");
    let options = MemoryOptions::new(4096).sparse().max_size(1 << 40);
    let memory = MappedFile::create(&path, options).unwrap();
    memory.grow(1 << 30).unwrap();
    let metadata = fs::metadata(&path).unwrap();
    assert!(
        metadata.len() > 1 << 30 && metadata.blocks() * 512 < 1 << 20,
        "{} blocks",
        metadata.blocks()
    );
    let reserved =
        MappedFile::create(directory.join("reserved"), MemoryOptions::new(4096).max_size(1 << 23))
            .unwrap();
    reserved.grow(1 << 22).unwrap();
    assert!(fs::metadata(directory.join("reserved")).unwrap().blocks() * 512 >= 1 << 22);
}
