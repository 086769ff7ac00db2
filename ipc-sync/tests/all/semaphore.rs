//! Unnamed semaphores in one process.

#![expect(unsafe_code, reason = "opens semaphores that it created")]

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ipc_mem::{Carver, Kind, LocalMemory, Memory, Placed, Resident};
use ipc_sync::posix::Semaphore;
use ipc_testkit::{Storm, fixture, watchdog};

use crate::common::{LONG, in_thread, inode, is_mapped, new_file, open_file, until};

fn local(value: u32) -> Placed<Semaphore, LocalMemory> {
    Semaphore::create_in(LocalMemory::new(64).unwrap(), value).unwrap()
}

#[test]
fn two_handles_at_one_place_share_one_counter() {
    let name = fixture::name();
    let a = Semaphore::create_in(new_file(&name), 0).unwrap();
    // SAFETY: created there just before, and destroyed later.
    let b = unsafe { Semaphore::open_in(open_file(&name)) }.unwrap();
    assert_ne!(a.memory().base(), b.memory().base());
    a.post().unwrap();
    b.post().unwrap();
    assert_eq!((a.value().unwrap(), b.value().unwrap()), (2, 2));
    watchdog(|| b.wait()).unwrap();
    assert!(a.try_wait().unwrap());
    assert!(!b.try_wait().unwrap());
    let before = Instant::now();
    assert!(!a.wait_timeout(Duration::from_millis(100)).unwrap());
    assert!(before.elapsed() >= Duration::from_millis(100));
    drop(b); // ends nothing
    a.post().unwrap();
    assert!(a.try_wait().unwrap());
}

#[test]
fn values_end_at_the_maximum() {
    let err =
        Semaphore::create_in(LocalMemory::new(64).unwrap(), Semaphore::MAX_VALUE + 1).unwrap_err();
    assert!(err.is_invalid_argument());
    assert!(
        err.to_string().starts_with("sem_init local memory: an initial value of 2147483648"),
        "{err}"
    );
    let full = local(Semaphore::MAX_VALUE);
    let err = full.post().unwrap_err();
    let says = format!("the value is the maximum, {}", Semaphore::MAX_VALUE);
    assert!(err.is_overflow() && err.to_string().ends_with(&says), "{err}");
    assert_eq!((err.call(), full.value().unwrap()), ("sem_post", Semaphore::MAX_VALUE));
    full.wait().unwrap();
    full.post().unwrap();
}

#[test]
fn a_semaphore_needs_a_place_of_its_size_and_alignment() {
    let size = size_of::<Semaphore>();
    assert_eq!(
        (size, align_of::<Semaphore>()),
        (size_of::<libc::sem_t>(), align_of::<libc::sem_t>())
    );
    let err = Semaphore::create_in(LocalMemory::new(size - 1).unwrap(), 0).unwrap_err();
    assert!(err.is_invalid_argument());
    assert!(err.to_string().contains("do not fit"), "{err}");
    let mut carver = Carver::new(LocalMemory::new(256).unwrap()).unwrap();
    let odd = Carver::new(LocalMemory::new(256).unwrap()).unwrap().carve_at(2, 64, 2).unwrap();
    let err = Semaphore::create_in(odd, 0).unwrap_err();
    assert!(err.is_invalid_argument());
    assert!(err.to_string().contains(&format!("boundary of {}", align_of::<Semaphore>())), "{err}");
    let at_64 = carver.carve_at(64, size, align_of::<Semaphore>()).unwrap();
    let (behind, sem) = (carver.carve(size, 8).unwrap(), Semaphore::create_in(at_64, 1).unwrap());
    let second = Semaphore::create_in(behind, 2).unwrap();
    assert_eq!((sem.value().unwrap(), second.value().unwrap()), (1, 2));
}

/// The memory of an unnamed semaphore is unmapped after the semaphore is destroyed.
#[test]
fn the_memory_goes_with_the_semaphore_in_it() {
    let name = fixture::name();
    let sem = Semaphore::create_in(new_file(&name), 1).unwrap();
    let file = inode(&name);
    sem.wait().unwrap();
    assert!(is_mapped(file));
    thread::spawn(move || drop(sem)).join().unwrap(); // any thread may drop it
    assert!(!is_mapped(file));
}

#[test]
fn a_semaphore_reports_what_it_is() {
    assert_eq!(Semaphore::SCHEMA.kind, Kind::SEMAPHORE);
    assert_eq!(Semaphore::SCHEMA.size, size_of::<Semaphore>());
    let sem = Placed::<Semaphore, _>::create_in(LocalMemory::new(64).unwrap()).unwrap();
    assert_eq!(format!("{:?}", *sem), "Semaphore(0)");
}

#[test]
fn a_waiter_gets_each_post_exactly_once() {
    const EACH: u32 = 20_000;
    let (sem, taken) = (local(0), AtomicU32::new(0));
    watchdog(|| {
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| (0..EACH).for_each(|_| sem.post().unwrap()));
                scope.spawn(|| {
                    for turn in 0..EACH {
                        let got = match turn % 3 {
                            0 => sem.wait().is_ok(),
                            1 => sem.wait_timeout(LONG).unwrap(),
                            _ => sem.wait_deadline(Instant::now() + LONG).unwrap(),
                        };
                        taken.fetch_add(u32::from(got), Ordering::Relaxed);
                    }
                });
            }
        });
    });
    assert_eq!((taken.into_inner(), sem.value().unwrap()), (2 * EACH, 0));
}

/// In IPC.jl, a signal ends a wait with EINTR; here it does not.
#[test]
fn signals_neither_end_a_wait_nor_make_it_shorter() {
    let sem = local(0);
    watchdog(|| {
        let storm = Storm::start(1000);
        let timeout = Duration::from_millis(300);
        let before = Instant::now();
        assert!(!sem.wait_timeout(timeout).unwrap());
        assert!(before.elapsed() >= timeout);
        let deadline = Instant::now() + timeout;
        assert!(!sem.wait_deadline(deadline).unwrap());
        assert!(Instant::now() >= deadline);
        assert!(storm.deliveries() > 10);
    });
    let begun = AtomicBool::new(false);
    let ended = AtomicBool::new(false);
    watchdog(|| {
        in_thread(
            || {
                let storm = Storm::start(1000);
                begun.store(true, Ordering::Relaxed);
                sem.wait().unwrap();
                ended.store(true, Ordering::Relaxed);
                assert!(storm.deliveries() > 10);
            },
            || {
                until(|| begun.load(Ordering::Relaxed));
                let storm = Storm::start(1000);
                until(|| storm.deliveries() > 200);
                assert!(!ended.load(Ordering::Relaxed));
                sem.post().unwrap();
            },
        );
    });
}

/// A process that is killed between adding a permit and waking a waiter leaves the waiter asleep although there is a
/// permit.
#[test]
#[cfg(target_env = "gnu")]
fn a_lost_wake_up_keeps_no_thread_asleep_for_ever() {
    let sem = local(0);
    let count = sem.memory().base().cast::<u64>();
    // SAFETY: glibc keeps the value in the lower and the number of waiters in the upper half of one
    // atomic word at the beginning, which lives as long as `sem`.
    let count = unsafe { std::sync::atomic::AtomicU64::from_ptr(count.as_ptr()) };
    watchdog(|| {
        in_thread(
            || sem.wait().unwrap(),
            || {
                until(|| count.load(Ordering::Relaxed) >> 32 == 1);
                count.fetch_add(1, Ordering::Release);
            },
        );
    });
    assert_eq!(sem.value().unwrap(), 0);
}
