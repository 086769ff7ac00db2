//! Every kind of memory under every adverse condition.

use std::env::temp_dir;
use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::{Error, Key, Removal, Result};
use ipc_mem::{Memory, Tag};
use ipc_shm::{
    AnonymousMemory, ForkMemory, MappedFile, MemoryInfo, MemoryOptions, Shared, SharedMemory,
    SysvMemory,
};
use ipc_testkit::adversity::{self, Row};
use ipc_testkit::{Part, Role};

pub(crate) const ROLES: &[(&str, Part)] = &[("adversity", meet)];

const ROWS: &[Row<Error>] = &[
    Row { name: "memory by name", run: named },
    Row { name: "memory by name that grows", run: growing },
    Row { name: "memory that goes with its creator", run: on_drop },
    Row { name: "a value", run: value },
    Row { name: "memory without a name", run: anonymous },
    Row { name: "a file", run: file },
    Row { name: "memory for children", run: for_children },
    Row { name: "a segment", run: segment },
];

#[test]
fn every_kind_works_or_reports_an_error_in_every_adversity() {
    adversity::meet_all(ROWS);
}

fn meet(role: &mut Role) {
    let names_object = |err: &Error, _: &str| !err.object().is_empty();
    adversity::meet(role, ROWS, names_object);
}

fn named(name: &str) -> Result<()> {
    let ours = SharedMemory::create(name, 10_000)?;
    let theirs = SharedMemory::open(name)?;
    assert_eq!(theirs.identity(), ours.identity());
    assert_eq!(ours.attached()?, 1);
    let view = SharedMemory::open_read_only(name)?;
    assert_eq!(MemoryInfo::of_name(name)?.size, view.size());
    drop((ours, view));
    theirs.close()
}

fn growing(name: &str) -> Result<()> {
    let memory = SharedMemory::create(name, MemoryOptions::new(4096).max_size(1 << 20))?;
    if memory.max_size() > 4096 {
        memory.grow(20_000)?;
        assert_eq!((memory.size(), memory.refresh()?), (20_000, 20_000));
    }
    memory.into_inner().close()
}

fn on_drop(name: &str) -> Result<()> {
    SharedMemory::create(name, MemoryOptions::new(64).removal(Removal::OnDrop))?
        .into_inner()
        .close()
}

fn value(name: &str) -> Result<()> {
    let count = Shared::<AtomicU64>::create(name)?;
    Shared::<AtomicU64>::open(name)?.fetch_add(1, Ordering::Relaxed);
    assert_eq!(count.load(Ordering::Relaxed), 1);
    Ok(())
}

fn anonymous(_: &str) -> Result<()> {
    let ours = AnonymousMemory::create("adversity", MemoryOptions::new(4096).max_size(1 << 20))?;
    let theirs = AnonymousMemory::from_fd(ours.try_clone_fd()?)?;
    if ours.max_size() > 4096 {
        ours.grow(20_000)?;
    }
    theirs.refresh().map(drop)
}

fn file(name: &str) -> Result<()> {
    let path = temp_dir().join(&name[1..]);
    let done =
        MappedFile::create(&path, MemoryOptions::new(4096).content(Tag::BARE)).and_then(|ours| {
            let theirs = MappedFile::open(&path)?;
            assert_eq!(theirs.identity(), ours.identity());
            fs::remove_file(&path).unwrap();
            ours.flush()
        });
    let is_left = fs::remove_file(&path).is_ok();
    assert!(done.is_ok() || !is_left || MappedFile::open(&path).is_err());
    done
}

fn for_children(_: &str) -> Result<()> {
    ForkMemory::create(4096).map(drop)
}

fn segment(_: &str) -> Result<()> {
    let options = MemoryOptions::new(4096).removal(Removal::OnDrop);
    SysvMemory::create(Key::PRIVATE, options).map(drop)
}
