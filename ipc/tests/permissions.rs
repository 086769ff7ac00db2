//! Every call that creates an object refuses permissions with more than nine bits, and leaves
//! nothing behind.

use std::fs;

use ipc_core::{Error, Key, Permissions, Result};
use ipc_queue::{MessageQueue, QueueOptions, SysvQueue, SysvQueueOptions};
use ipc_shm::{AnonymousMemory, MappedFile, MemoryOptions, SharedMemory, SysvMemory};
use ipc_shmarray::{ArrayOptions, ShmArray};
use ipc_stream::{BindOptions, Fifo, FileLock, Listener, kind::Stream};
use ipc_sync::sysv::{SemaphoreSet, SetOptions};
use ipc_sync::{NamedSemaphore, posix::SemaphoreOptions};
use ipc_testkit::fixture;

/// The mistake of writing decimal 600 for 0o600.
const DECIMAL: Permissions = Permissions::from_mode(600);

#[test]
fn more_than_nine_bits_are_refused_by_whatever_creates_an_object() {
    let (name, dir) = (fixture::name(), fixture::dir());
    let path = dir.join("x");
    let memory = || MemoryOptions::new(64).permissions(DECIMAL);
    let refused: [(&str, Result<()>); 11] = [
        ("memory", SharedMemory::create(&*name, memory()).map(drop)),
        (
            "array",
            ShmArray::<u8>::create(&*name, ArrayOptions::new([4]).permissions(DECIMAL)).map(drop),
        ),
        ("segment", SysvMemory::create(Key::PRIVATE, memory()).map(drop)),
        ("anonymous memory", AnonymousMemory::create("x", memory()).map(drop)),
        ("file", MappedFile::create(&path, memory()).map(drop)),
        (
            "semaphore",
            NamedSemaphore::create(&*name, SemaphoreOptions::new(0).permissions(DECIMAL)).map(drop),
        ),
        (
            "set",
            SemaphoreSet::create(Key::PRIVATE, SetOptions::new([1]).permissions(DECIMAL)).map(drop),
        ),
        (
            "queue",
            MessageQueue::create(&*name, QueueOptions::new(1, 8).permissions(DECIMAL)).map(drop),
        ),
        (
            "System V queue",
            SysvQueue::create(Key::PRIVATE, SysvQueueOptions::new().permissions(DECIMAL)).map(drop),
        ),
        ("FIFO", Fifo::create(&path, DECIMAL).map(drop)),
        ("lock", FileLock::open_or_create(&path, DECIMAL).map(drop)),
    ];
    for (what, result) in refused {
        let err: Error = result.expect_err(what);
        assert!(err.is_invalid_argument(), "{what}: {err}");
        assert!(err.to_string().contains("did you mean 0o600?"), "{what}: {err}");
        assert!(!fs::exists(&path).unwrap(), "{what} left something");
    }
    let err =
        Listener::<Stream>::bind_with(&*path, BindOptions::new().permissions(DECIMAL)).unwrap_err();
    assert!(err.to_string().contains("did you mean 0o600?"), "{err}");
    assert!(!fs::exists(&path).unwrap());
}
