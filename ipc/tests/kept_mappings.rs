//! The mappings of a process that opens and drops handles while one of its threads holds a lock.

use std::fs;

use ipc_core::Key;
use ipc_mem::{Memory, ReadWrite, Tag};
use ipc_shm::{AnonymousMemory, MappedFile, MemoryOptions, Shared, SharedMemory, SysvMemory};
use ipc_sync::LockError;
use ipc_sync::pthread::Mutex;
use ipc_testkit::fixture;

/// More than enough to see one mapping for each handle.
const HANDLES: usize = 200;

type Value<M> = Shared<Mutex<u64>, M>;

fn mappings() -> usize {
    fs::read_to_string("/proc/self/maps").unwrap().lines().count()
}

/// Opens and drops handles while the lock is held, through another handle or one that is leaked.
fn come_and_go<M: Memory<Access = ReadWrite>>(value: &Value<M>, open: impl Fn() -> Value<M>) {
    let guard = value.lock().unwrap();
    drop(open()); // the mapping that is kept
    let before = mappings();
    (0..HANDLES).for_each(|_| drop(open()));
    let while_held = mappings();
    assert!(while_held <= before + 4, "{before} mappings became {while_held}");
    drop(guard);
    drop(open());
    assert!(mappings() <= before + 4);
    assert!(!matches!(open().lock(), Err(LockError::OwnerDied(_))), "the lock was lost");
}

#[test]
fn a_process_keeps_one_mapping_of_an_object_whose_lock_it_holds() {
    let options = || MemoryOptions::new(4096 + size_of::<Mutex<u64>>()).content(Tag::VALUE);

    let name = fixture::name();
    let named = Value::<SharedMemory>::create(&*name).unwrap();
    come_and_go(&named, || Shared::open(&*name).unwrap());

    let fresh = AnonymousMemory::create("kept", options()).unwrap();
    let anonymous = Value::create_in(fresh).unwrap();
    come_and_go(&anonymous, || {
        let descriptor = anonymous.memory().try_clone_fd().unwrap();
        Shared::open_in(AnonymousMemory::from_fd(descriptor).unwrap()).unwrap()
    });

    let segment = Value::create_in(SysvMemory::create(Key::PRIVATE, options()).unwrap()).unwrap();
    let id = segment.memory().id();
    come_and_go(&segment, || Shared::open_in(SysvMemory::open_id(id).unwrap()).unwrap());
    SysvMemory::<ReadWrite>::remove_id(id).unwrap();

    let path = std::env::temp_dir().join(name.trim_start_matches('/'));
    let file = Value::create_in(MappedFile::create(&path, options()).unwrap()).unwrap();
    come_and_go(&file, || Shared::open_in(MappedFile::open(&path).unwrap()).unwrap());
    drop(file);
    fs::remove_file(path).unwrap();
}
