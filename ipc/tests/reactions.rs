//! Semaphores that a signal posts.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use ipc::core::SignalSafe;
use ipc::mem::{LocalMemory, Placed};
use ipc::shm::Shared;
use ipc::signal::{Reaction, Signal, raise};
use ipc::sync::posix::NamedSemaphore;
use ipc::sync::{futex, posix};
use ipc_testkit::{fixture, watchdog};

const LONG: Duration = Duration::from_secs(30);

/// Posts by a signal, while a thread waits.
fn post<S: SignalSafe + 'static>(semaphore: S, wait: impl Fn(&S) -> bool + Send + Sync) {
    let semaphore = Arc::new(semaphore);
    let signal = Signal::realtime(9).unwrap();
    let _reaction = Reaction::post(signal, semaphore.clone()).unwrap();
    thread::scope(|scope| {
        let waiter = scope.spawn(|| wait(&semaphore) && wait(&semaphore));
        for _ in 0..2 {
            raise(signal).unwrap();
        }
        assert!(waiter.join().unwrap());
    });
}

#[test]
fn a_signal_posts_semaphores_of_each_kind_in_each_place() {
    watchdog(|| {
        let name = fixture::name();
        let named = NamedSemaphore::create(&*name, 0).unwrap();
        post(named, |semaphore| semaphore.wait_timeout(LONG).unwrap());
        let name = fixture::name();
        let shared = Shared::<posix::Semaphore>::create(&*name).unwrap();
        post(shared, |semaphore| semaphore.wait_timeout(LONG).unwrap());
        let name = fixture::name();
        let shared = Shared::<futex::Semaphore>::create(&*name).unwrap();
        post(shared, |semaphore| semaphore.wait_timeout(LONG));
        let memory = LocalMemory::new(64).unwrap();
        let placed = Placed::<futex::Semaphore, _>::create_in_with(memory, 0).unwrap();
        post(placed, |semaphore| semaphore.wait_timeout(LONG));
    });
}

#[test]
fn a_signal_leaves_a_semaphore_at_its_maximum() {
    let max = futex::Semaphore::MAX_VALUE;
    let memory = LocalMemory::new(64).unwrap();
    let full = Placed::<futex::Semaphore, _>::create_in_with(memory, max).unwrap();
    let memory = LocalMemory::new(64).unwrap();
    let of_posix = posix::Semaphore::create_in(memory, posix::Semaphore::MAX_VALUE).unwrap();
    full.notify();
    of_posix.notify();
    assert_eq!(full.value(), max);
    assert_eq!(of_posix.value().unwrap(), posix::Semaphore::MAX_VALUE);
}
