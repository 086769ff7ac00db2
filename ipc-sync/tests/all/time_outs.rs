//! Every call with a timeout, when it times out.

use ipc_core::{Key, Removal};
use ipc_mem::{Fresh, LocalMemory};
use ipc_sync::posix::{NamedSemaphore, Semaphore, SemaphoreOptions};
use ipc_sync::pthread::{
    Condvar, Mutex, MutexKind, MutexOptions, Protocol, RawMutex, RecursiveMutex, RwLock,
};
use ipc_sync::sysv::{Operation, SemaphoreSet, SetOptions};
use ipc_testkit::{Timed, figures, fixture, rounds};

fn memory() -> Fresh<LocalMemory> {
    LocalMemory::new(128).unwrap()
}

/// Tests every call on objects that stay held or empty while `test` runs in another thread.
fn with_calls(test: impl FnOnce(&[Timed<'_>]) + Send) {
    let new = MutexOptions::new();
    let kinds = [MutexKind::Normal, MutexKind::ErrorChecking].map(|kind| new.kind(kind));
    let options = [
        kinds,
        kinds.map(MutexOptions::stalled),
        kinds.map(|kind| kind.protocol(Protocol::Inherit)),
    ]
    .concat();
    let mutexes =
        options.into_iter().map(|options| Mutex::create_in_with(memory(), 0, options).unwrap());
    let mutexes: Vec<_> = mutexes.collect();
    let recursive = RecursiveMutex::create_in(memory(), 0).unwrap();
    let raw = RawMutex::create_in(memory(), new).unwrap();
    let rwlock = RwLock::create_in(memory(), 0).unwrap();
    let (news, changed) =
        (Mutex::create_in(memory(), 0).unwrap(), Condvar::create_in(memory()).unwrap());
    let semaphore = Semaphore::create_in(memory(), 0).unwrap();
    let name = fixture::name();
    let named =
        NamedSemaphore::create(&*name, SemaphoreOptions::new(0).removal(Removal::OnDrop)).unwrap();
    let set =
        SemaphoreSet::create(Key::PRIVATE, SetOptions::new([0]).removal(Removal::OnDrop)).unwrap();
    let take = [Operation::take(0, 1)];
    let mut calls = vec![
        Timed::new(
            "RecursiveMutex::lock",
            |timeout| recursive.lock_timeout(timeout).unwrap().is_some(),
            |deadline| recursive.lock_deadline(deadline).unwrap().is_some(),
        ),
        Timed::new(
            "RawMutex::lock",
            |timeout| raw.lock_timeout(timeout).unwrap().is_some(),
            |deadline| raw.lock_deadline(deadline).unwrap().is_some(),
        ),
        Timed::new(
            "RwLock::read",
            |timeout| rwlock.read_timeout(timeout).unwrap().is_some(),
            |deadline| rwlock.read_deadline(deadline).unwrap().is_some(),
        ),
        Timed::new(
            "RwLock::write",
            |timeout| rwlock.write_timeout(timeout).unwrap().is_some(),
            |deadline| rwlock.write_deadline(deadline).unwrap().is_some(),
        ),
        Timed::new(
            "Condvar::wait",
            |timeout| {
                changed.wait_timeout_while(news.lock().unwrap(), timeout, |_| true).unwrap().1
            },
            |deadline| {
                // It may wake up spuriously.
                while changed.wait_deadline(news.lock().unwrap(), deadline).unwrap().1 {}
                false
            },
        ),
        Timed::new(
            "Semaphore::wait",
            |timeout| semaphore.wait_timeout(timeout).unwrap(),
            |deadline| semaphore.wait_deadline(deadline).unwrap(),
        ),
        Timed::new(
            "NamedSemaphore::wait",
            |timeout| named.wait_timeout(timeout).unwrap(),
            |deadline| named.wait_deadline(deadline).unwrap(),
        ),
        Timed::new(
            "SemaphoreSet::operate",
            |timeout| set.operate_timeout(&take, timeout).unwrap(),
            |deadline| set.operate_deadline(&take, deadline).unwrap(),
        ),
    ];
    calls.extend(mutexes.iter().map(|mutex| {
        Timed::new(
            format_args!("{mutex:?}, lock"),
            |timeout| mutex.lock_timeout(timeout).unwrap().is_some(),
            |deadline| mutex.lock_deadline(deadline).unwrap().is_some(),
        )
    }));
    let _held: Vec<_> = mutexes.iter().map(|mutex| mutex.lock().unwrap()).collect();
    let _held = (recursive.lock().unwrap(), raw.lock().unwrap(), rwlock.write().unwrap());
    // In this thread, the calls would find that it holds the lock itself.
    std::thread::scope(|scope| scope.spawn(|| test(&calls)).join()).unwrap();
}

#[test]
fn no_wait_ends_before_its_time() {
    with_calls(|calls| {
        let each = rounds(5, 1_000);
        Timed::never_early(calls, each);
        figures(format_args!("{} calls, {each} times each, none early", 2 * calls.len()));
    });
}

#[test]
fn no_wait_is_always_late() {
    #[expect(clippy::redundant_closure, reason = "the function itself is of one lifetime")]
    with_calls(|calls| Timed::not_always_late(calls));
}
