//! Barriers, spin locks and recursive mutexes between the threads of one process.

use std::mem;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ipc_core::{Clock, Removal};
use ipc_mem::{Carver, Fresh, Kind, LocalMemory, MemoryOptions, Placed, Resident, SharedMemory};
use ipc_sync::pthread::{
    Barrier, BarrierOptions, Condvar, CondvarOptions, Mutex, MutexGuard, MutexOptions, RawMutex,
    RawMutexGuard, RawRwLock, RawRwLockGuard, RawSpinLock, RawSpinLockGuard, RecursiveMutex,
    RecursiveMutexGuard, RwLock, RwLockOptions, RwLockReadGuard, RwLockWriteGuard, Sharing,
    SpinLock, SpinLockGuard,
};
use ipc_sync::{Initial, LockError};
use ipc_testkit::{fixture, watchdog};

use static_assertions::{assert_impl_all, assert_not_impl_any};

use crate::common::in_thread;

// The thread that locked must unlock, and the guards of a recursive mutex stay in one thread.
assert_not_impl_any!(RawMutexGuard<'static>: Send);
assert_not_impl_any!(MutexGuard<'static, u8>: Send);
assert_not_impl_any!(RawRwLockGuard<'static>: Send);
assert_not_impl_any!(RwLockReadGuard<'static, u8>: Send);
assert_not_impl_any!(RwLockWriteGuard<'static, u8>: Send);
assert_not_impl_any!(RawSpinLockGuard<'static>: Send);
assert_not_impl_any!(SpinLockGuard<'static, u8>: Send);
assert_not_impl_any!(RecursiveMutexGuard<'static, u8>: Send, Sync);
assert_not_impl_any!(MutexGuard<'static, std::cell::Cell<u8>>: Sync);
assert_impl_all!(MutexGuard<'static, u8>: Sync);
// A failed lock does not convert into an error by `?`, which would drop the guard.
assert_not_impl_any!(ipc_core::Error: From<LockError<RawMutexGuard<'static>>>);

fn local() -> Fresh<LocalMemory> {
    LocalMemory::new(128).unwrap()
}

/// Another process would open such a lock, and wait for ever: its wake-ups are of one process.
#[test]
fn a_lock_for_threads_is_refused_where_other_processes_can_reach_it() {
    fn refused<T: Resident>(options: T::Options, call: &str) {
        let name = fixture::name();
        let new = MemoryOptions::new(256).removal(Removal::OnDrop);
        let memory = SharedMemory::create(&*name, new).unwrap();
        let mut carver = Carver::new(memory).unwrap();
        let part = carver.carve(128, 64).unwrap();
        let err = Placed::<T, _>::create_in_with(part, options.clone()).err().unwrap();
        assert!(err.is_invalid_argument() && err.call() == call, "{err}");
        assert!(err.object() == &*name && err.to_string().contains("Sharing::Processes"), "{err}");
        assert!(Placed::<T, _>::create_in_with(local(), options).is_ok());
    }
    let mutex = MutexOptions::new().stalled().sharing(Sharing::Threads);
    let rwlock = RwLockOptions::new().sharing(Sharing::Threads);
    let initial = Initial::new(0_u64).options(mutex);
    refused::<RawMutex>(mutex, "pthread_mutex_init");
    refused::<Mutex<u64>>(initial.clone(), "pthread_mutex_init");
    refused::<[Mutex<u64>; 2]>(initial.clone(), "pthread_mutex_init");
    refused::<RecursiveMutex<u64>>(initial, "pthread_mutex_init");
    refused::<RawRwLock>(rwlock, "pthread_rwlock_init");
    refused::<RwLock<u64>>(Initial::new(0).options(rwlock), "pthread_rwlock_init");
    refused::<Condvar>(Sharing::Threads.into(), "pthread_cond_init");
    refused::<Barrier>(BarrierOptions::new(2).sharing(Sharing::Threads), "pthread_barrier_init");
    refused::<RawSpinLock>(Sharing::Threads, "pthread_spin_init");
    refused::<SpinLock<u64>>(Initial::new(0).options(Sharing::Threads), "pthread_spin_init");
}

#[test]
fn options_that_the_c_library_refuses_are_named_beside_the_memory() {
    for (err, says) in [
        (
            Barrier::create_in(local(), 0).err().unwrap(),
            "pthread_barrier_init local memory: 0 threads; 1 to 2147483647 are possible",
        ),
        (
            Condvar::create_in_with(local(), CondvarOptions::new().clock(Clock::new(99)))
                .err()
                .unwrap(),
            "with clock 99; CLOCK_MONOTONIC and CLOCK_REALTIME are possible",
        ),
    ] {
        assert!(err.object() == "local memory" && err.to_string().ends_with(says), "{err}");
    }
}

#[test]
fn a_barrier_holds_all_until_the_last_arrives_and_elects_one() {
    const PARTIES: u32 = 3;
    const ROUNDS: u32 = 200;
    for sharing in [Sharing::Processes, Sharing::Threads] {
        let barrier = Barrier::create_in_with(local(), PARTIES, sharing).unwrap();
        let (come, told) = (AtomicU32::new(0), AtomicU32::new(0));
        watchdog(|| {
            thread::scope(|scope| {
                for _ in 0..PARTIES {
                    scope.spawn(|| {
                        for round in 1..=ROUNDS {
                            come.fetch_add(1, Ordering::SeqCst);
                            told.fetch_add(u32::from(barrier.wait().unwrap()), Ordering::SeqCst);
                            assert!(come.load(Ordering::SeqCst) >= round * PARTIES);
                        }
                    });
                }
            });
        });
        assert_eq!(told.into_inner(), ROUNDS);
    }
}

#[test]
fn a_barrier_of_one_does_not_wait_and_one_of_zero_is_refused() {
    let barrier = Barrier::create_in(local(), 1).unwrap();
    assert!(barrier.wait().unwrap() && barrier.wait().unwrap());
    for parties in [0, u32::MAX] {
        let err = Barrier::create_in(local(), parties).unwrap_err();
        assert!(err.is_invalid_argument(), "{err}");
    }
    assert!(
        Barrier::create_in(LocalMemory::new(16).unwrap(), 1).unwrap_err().is_invalid_argument()
    );
    assert_eq!(size_of::<Barrier>(), size_of::<libc::pthread_barrier_t>());
    assert_eq!(Barrier::SCHEMA.kind, Kind::BARRIER);
}

/// C's `pthread_barrier_destroy` would wait for a process that arrived and was killed.
#[test]
fn dropping_a_barrier_does_not_wait() {
    let barrier = Barrier::create_in(local(), 2).unwrap();
    watchdog(|| drop(barrier));
}

#[test]
fn a_spin_lock_lets_one_in_at_a_time() {
    const EACH: u64 = 20_000;
    for sharing in [Sharing::Processes, Sharing::Threads] {
        let lock = SpinLock::create_in_with(local(), 0u64, sharing).unwrap();
        watchdog(|| {
            thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| {
                        for _ in 0..EACH {
                            let held = lock.try_lock().unwrap();
                            *held.map_or_else(|| lock.lock(), Ok).unwrap() += 1;
                        }
                    });
                }
            });
        });
        let mut held = lock.lock().unwrap();
        assert_eq!(*held, 2 * EACH);
        *held = 7;
        assert!(in_thread(|| lock.try_lock().unwrap().is_none(), || ()));
        let held = SpinLockGuard::map(held, |data| data);
        assert!(in_thread(|| lock.try_lock().unwrap().is_none(), || ()));
        assert_eq!(format!("{held:?}"), "7");
        drop(held);
        assert!(lock.try_lock().unwrap().is_some());
    }
    let zero = Placed::<SpinLock<u64>, _>::create_in(local()).unwrap();
    assert_eq!(*zero.lock().unwrap(), 0);
    assert_eq!(SpinLock::<u64>::SCHEMA.kind, Kind::SPIN_LOCK);
    assert_eq!(size_of::<RawSpinLock>(), size_of::<libc::pthread_spinlock_t>());
    assert!(
        SpinLock::create_in(LocalMemory::new(4).unwrap(), 0u32).unwrap_err().is_invalid_argument()
    );
}

#[test]
fn a_recursive_mutex_is_released_as_often_as_it_was_locked() {
    let options = MutexOptions::new();
    for options in [options, options.stalled(), options.sharing(Sharing::Threads)] {
        let mutex = RecursiveMutex::create_in_with(local(), 1u32, options).unwrap();
        let outer = mutex.lock().unwrap();
        let inner = [
            mutex.lock().unwrap(),
            mutex.try_lock().unwrap().unwrap(),
            mutex.lock_timeout(Duration::ZERO).unwrap().unwrap(),
            mutex.lock_deadline(Instant::now()).unwrap().unwrap(),
        ];
        inner[3].set(inner[0].get() + 1);
        assert_eq!((outer.get(), format!("{outer:?}")), (2, "2".to_owned()));
        let others = || {
            let before = Instant::now();
            let wait = Duration::from_millis(10);
            assert!(mutex.lock_timeout(wait).unwrap().is_none());
            assert!(before.elapsed() >= wait);
            mutex.try_lock().unwrap().is_none()
        };
        assert!(in_thread(others, || ()));
        drop(outer);
        for held in inner {
            assert!(in_thread(others, || ()));
            drop(held);
        }
        assert!(in_thread(|| mutex.try_lock().unwrap().is_some(), || ()));
    }
}

#[test]
fn the_death_of_a_recursive_owner_is_reported_once() {
    let mutex = RecursiveMutex::create_in(local(), 0u32).unwrap();
    let die = || {
        mem::forget(mutex.lock().unwrap());
        mem::forget(mutex.lock().unwrap());
    };
    in_thread(die, || ());
    let Err(LockError::OwnerDied(mut held)) = mutex.lock() else { panic!() };
    held.set(3);
    held.mark_consistent().unwrap();
    assert_eq!(mutex.lock().unwrap().get(), 3);
    drop(held);
    assert!(in_thread(|| mutex.try_lock().unwrap().is_some(), || ()));
    // A program that opened it as a plain mutex could create two `&mut` to the data.
    let plain = ipc_sync::pthread::Mutex::<u32>::SCHEMA;
    assert_ne!(RecursiveMutex::<u32>::SCHEMA, plain);
}
