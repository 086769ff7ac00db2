//! Read/write locks between the threads of one process.

#![expect(unsafe_code, reason = "sets the count of readers to its limit")]

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ipc_core::{Errno, Error};
use ipc_mem::{Carver, Fresh, Kind, LocalMemory, Memory, Placed, Resident};
use ipc_sync::pthread::{
    Preference, RawRwLock, RwLock, RwLockOptions, RwLockReadGuard, RwLockWriteGuard, Sharing,
};
use ipc_testkit::{Storm, watchdog};

use crate::common::{LONG, in_thread, until};

const SHORT: Duration = Duration::from_millis(20);

fn local() -> Fresh<LocalMemory> {
    LocalMemory::new(128).unwrap()
}

/// All options of a read/write lock that this system supports.
fn all() -> Vec<Placed<RawRwLock, LocalMemory>> {
    let mut all = Vec::new();
    for sharing in [Sharing::Processes, Sharing::Threads] {
        for preference in [Preference::Readers, Preference::Writers] {
            let options = RwLockOptions::new().sharing(sharing).preference(preference);
            match RawRwLock::create_in(local(), options) {
                Ok(lock) => all.push(lock),
                Err(err) => assert!(err.is_unsupported()),
            }
        }
    }
    assert!(all.len() >= 2);
    all
}

#[test]
fn several_threads_read_and_none_writes_meanwhile() {
    for lock in all() {
        let first = lock.read().unwrap();
        let others = || {
            let _also = [
                lock.read().unwrap(),
                lock.try_read().unwrap().unwrap(),
                lock.read_timeout(Duration::ZERO).unwrap().unwrap(),
                lock.read_deadline(Instant::now()).unwrap().unwrap(),
            ];
            assert!(lock.try_write().unwrap().is_none());
            let before = Instant::now();
            assert!(lock.write_timeout(SHORT).unwrap().is_none());
            assert!(lock.write_deadline(before + SHORT).unwrap().is_none());
            assert!(before.elapsed() >= SHORT);
        };
        watchdog(|| in_thread(others, || ()));
        let waiting = AtomicBool::new(false);
        let writes = || {
            waiting.store(true, Ordering::Relaxed);
            drop(lock.write().unwrap());
            drop(lock.write_timeout(LONG).unwrap().unwrap());
            drop(lock.write_deadline(Instant::now() + LONG).unwrap().unwrap());
            drop(lock.write_timeout(Duration::MAX).unwrap().unwrap());
            drop(lock.try_write().unwrap().unwrap());
        };
        let meanwhile = || {
            until(|| waiting.load(Ordering::Relaxed));
            drop(first);
        };
        watchdog(|| in_thread(writes, meanwhile));
    }
}

#[test]
fn one_thread_writes_and_no_other_holds_the_lock_meanwhile() {
    for lock in all() {
        let written = lock.write().unwrap();
        let others = || {
            assert!(lock.try_read().unwrap().is_none());
            assert!(lock.try_write().unwrap().is_none());
            let before = Instant::now();
            assert!(lock.read_timeout(SHORT).unwrap().is_none());
            assert!(before.elapsed() >= SHORT);
            let deadline = Instant::now() + SHORT;
            assert!(lock.read_deadline(deadline).unwrap().is_none());
            assert!(Instant::now() >= deadline);
        };
        watchdog(|| in_thread(others, || ()));
        let waiting = AtomicBool::new(false);
        let reads = || {
            waiting.store(true, Ordering::Relaxed);
            drop(lock.read().unwrap());
            drop(lock.read_timeout(LONG).unwrap().unwrap());
            drop(lock.read_deadline(Instant::now() + LONG).unwrap().unwrap());
        };
        let meanwhile = || {
            until(|| waiting.load(Ordering::Relaxed));
            drop(written);
        };
        watchdog(|| in_thread(reads, meanwhile));
    }
}

/// Nested read locks are counted, and each is released by itself.
#[test]
fn a_thread_may_read_twice_and_other_relocking_is_an_error() {
    let lock = RwLock::create_in(local(), 5u32).unwrap();
    let (one, another) = (lock.read().unwrap(), lock.try_read().unwrap().unwrap());
    drop(one);
    assert!(lock.try_write().unwrap().is_none());
    drop(another);
    let written = lock.write().unwrap();
    assert!(lock.try_read().unwrap().is_none());
    assert!(lock.try_write().unwrap().is_none());
    // With musl, the thread would wait for itself.
    if cfg!(target_env = "gnu") {
        assert!(Error::from(lock.read().unwrap_err()).is_deadlock());
        assert!(Error::from(lock.write().unwrap_err()).is_deadlock());
        assert!(Error::from(lock.read_timeout(LONG).unwrap_err()).is_deadlock());
    }
    drop(written);
    assert_eq!(*lock.read().unwrap(), 5);
}

/// Writes the maximum of 268,435,455 readers to the place where glibc counts them, in steps of eight.
#[test]
#[cfg(target_env = "gnu")]
fn one_reader_too_many_is_an_error() {
    const MOST: u32 = 0x8000_0000 - 8;

    let lock = RawRwLock::create_in(local(), RwLockOptions::new()).unwrap();
    // SAFETY: the first field of the lock, at the start of the memory, which C changes only atomically.
    let readers = unsafe { AtomicU32::from_ptr(lock.memory().base().as_ptr().cast()) };
    let free = readers.swap(MOST, Ordering::Relaxed);
    for one_more in [lock.read().map(Some), lock.try_read(), lock.read_timeout(SHORT)] {
        assert_eq!(Error::from(one_more.unwrap_err()).errno(), Some(Errno::EAGAIN));
    }
    assert_eq!(readers.swap(free, Ordering::Relaxed), MOST);
    assert!(lock.try_write().unwrap().is_some());
}

#[test]
#[cfg(target_env = "gnu")]
fn a_waiting_writer_is_preferred_if_asked_for() {
    for (preference, a_reader_gets_in) in
        [(Preference::Readers, true), (Preference::Writers, false)]
    {
        let lock =
            RawRwLock::create_in(local(), RwLockOptions::new().preference(preference)).unwrap();
        let first = lock.read().unwrap();
        let writes = || drop(lock.write().unwrap());
        let meanwhile = || {
            // Once the writer waits, the result does not change.
            if a_reader_gets_in {
                assert!(lock.read_timeout(SHORT).unwrap().is_some());
            } else {
                until(|| lock.try_read().unwrap().is_none());
                assert!(lock.read_timeout(SHORT).unwrap().is_none());
            }
            drop(first);
        };
        watchdog(|| in_thread(writes, meanwhile));
    }
}

#[test]
fn a_write_under_the_lock_is_never_seen_in_part() {
    const EACH: u64 = 5_000;
    let lock =
        RwLock::create_in_with(local(), [0u64; 2], RwLockOptions::new().sharing(Sharing::Threads))
            .unwrap();
    watchdog(|| {
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..EACH {
                        let mut twins = lock.write().unwrap();
                        twins[0] += 1;
                        twins[1] += 1;
                    }
                });
                scope.spawn(|| {
                    for _ in 0..EACH {
                        let twins = lock.read().unwrap();
                        assert_eq!(twins[0], twins[1]);
                    }
                });
            }
        });
    });
    assert_eq!(*lock.read().unwrap(), [2 * EACH; 2]);
}

#[test]
fn a_mapped_guard_holds_the_whole_lock() {
    let lock = RwLock::create_in(local(), [1u8, 2]).unwrap();
    let mut second = RwLockWriteGuard::map(lock.write().unwrap(), |data| &mut data[1]);
    *second = 9;
    assert!(in_thread(|| lock.try_read().unwrap().is_none(), || ()));
    drop(second);
    let second = RwLockReadGuard::map(lock.read().unwrap(), |data| &data[1]);
    assert_eq!(format!("{second:?}"), "9");
    assert!(in_thread(|| lock.try_write().unwrap().is_none(), || ()));
}

#[test]
fn signals_neither_end_a_wait_nor_make_it_shorter() {
    let lock = RwLock::create_in(local(), 0u8).unwrap();
    let _written = lock.write().unwrap();
    let waits = || {
        let storm = Storm::start(1000);
        let timeout = Duration::from_millis(200);
        let before = Instant::now();
        assert!(lock.read_timeout(timeout).unwrap().is_none());
        assert!(before.elapsed() >= timeout);
        assert!(lock.write_timeout(timeout).unwrap().is_none());
        assert!(before.elapsed() >= 2 * timeout);
        assert!(storm.deliveries() > 10);
    };
    watchdog(|| in_thread(waits, || ()));
}

#[test]
fn a_place_of_another_size_or_alignment_is_refused() {
    assert_eq!(size_of::<RawRwLock>(), size_of::<libc::pthread_rwlock_t>());
    let small = LocalMemory::new(size_of::<RawRwLock>()).unwrap();
    assert!(RwLock::create_in(small, 0u8).unwrap_err().is_invalid_argument());
    let odd = Carver::new(LocalMemory::new(256).unwrap()).unwrap().carve_at(2, 80, 2).unwrap();
    assert!(RwLock::create_in(odd, 0u8).unwrap_err().is_invalid_argument());
    assert_eq!(RwLock::<u64>::SCHEMA.kind, Kind::RWLOCK);
    assert_eq!(RwLock::<u64>::SCHEMA.fields[1].offset, size_of::<RawRwLock>());
}
