//! Condition variables, as the threads of one process see them.

use std::mem;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ipc_mem::{Carver, Kind, LocalMemory, Resident};
use ipc_sync::LockError;
use ipc_sync::pthread::{Condvar, Mutex, MutexGuard, MutexOptions, RawMutex, Sharing};
use ipc_testkit::{Storm, Watchdog, watchdog};

use crate::common::{LONG, in_thread, until};

type Pair = (ipc_mem::Placed<Mutex<u32>, LocalMemory>, ipc_mem::Placed<Condvar, LocalMemory>);

fn pair() -> Pair {
    let memory = || LocalMemory::new(64).unwrap();
    (Mutex::create_in(memory(), 0).unwrap(), Condvar::create_in(memory()).unwrap())
}

#[test]
fn a_notified_change_ends_the_wait_for_it() {
    for sharing in [Sharing::Processes, Sharing::Threads] {
        let (mutex, _) = pair();
        let changed =
            Condvar::create_in_with(LocalMemory::new(64).unwrap(), sharing.into()).unwrap();
        let seen = AtomicU32::new(0);
        let waits = || {
            let held = changed.wait_while(mutex.lock().unwrap(), |value| *value < 2).unwrap();
            seen.store(*held, Ordering::Relaxed);
            drop(held);
            let mut held = mutex.lock().unwrap();
            while *held < 3 {
                held = changed.wait(held).unwrap();
            }
        };
        let tells = || {
            for value in 1..=3 {
                until(|| value < 3 || seen.load(Ordering::Relaxed) == 2);
                *mutex.lock().unwrap() = value;
                changed.notify_one().unwrap();
            }
        };
        watchdog(|| in_thread(waits, tells));
    }
}

#[test]
fn notify_all_wakes_every_waiting_thread() {
    const WAITERS: u32 = 5;
    let (mutex, changed) = pair();
    let waiting = AtomicU32::new(0);
    watchdog(|| {
        thread::scope(|scope| {
            for _ in 0..WAITERS {
                scope.spawn(|| {
                    let held = mutex.lock().unwrap();
                    waiting.fetch_add(1, Ordering::Relaxed);
                    drop(changed.wait_while(held, |value| *value == 0).unwrap());
                });
            }
            // A thread that has counted itself holds the mutex until it waits.
            until(|| waiting.load(Ordering::Relaxed) == WAITERS);
            *mutex.lock().unwrap() = 1;
            changed.notify_all().unwrap();
        });
    });
}

#[test]
fn a_wait_that_times_out_reports_it_and_holds_the_mutex() {
    let (mutex, never) = pair();
    for timeout in [Duration::ZERO, Duration::from_millis(20)] {
        let before = Instant::now();
        let (held, in_time) = in_vain(|held| never.wait_timeout(held, timeout), &mutex);
        assert!(!in_time && before.elapsed() >= timeout);
        drop(held);
        let deadline = Instant::now() + timeout;
        let (held, in_time) = in_vain(|held| never.wait_deadline(held, deadline), &mutex);
        assert!(!in_time && Instant::now() >= deadline);
        drop(held);
        let before = Instant::now();
        let (held, holds) =
            never.wait_timeout_while(mutex.lock().unwrap(), timeout, |_| true).unwrap();
        assert!(!holds && before.elapsed() >= timeout);
        assert!(in_thread(|| mutex.try_lock().unwrap().is_none(), || ()));
        drop(held);
    }
    let (_, holds) =
        never.wait_timeout_while(mutex.lock().unwrap(), Duration::ZERO, |_| false).unwrap();
    assert!(holds);
}

/// Repeats waits that wake up spuriously, as they may.
fn in_vain<'a>(
    mut wait: impl FnMut(
        MutexGuard<'a, u32>,
    ) -> ipc_sync::pthread::LockResult<'a, u32, (MutexGuard<'a, u32>, bool)>,
    mutex: &'a Mutex<u32>,
) -> (MutexGuard<'a, u32>, bool) {
    loop {
        let (held, in_time) = wait(mutex.lock().unwrap()).unwrap();
        if !in_time {
            return (held, in_time);
        }
    }
}

#[test]
fn a_wait_with_any_timeout_is_ended_by_a_notification() {
    for timeout in [LONG, Duration::MAX, Duration::from_secs(u64::MAX)] {
        let (mutex, changed) = pair();
        let waiting = AtomicBool::new(false);
        let waits = || {
            let held = mutex.lock().unwrap();
            waiting.store(true, Ordering::Relaxed);
            changed.wait_timeout_while(held, timeout, |value| *value == 0).unwrap().1
        };
        let tells = || {
            until(|| waiting.load(Ordering::Relaxed));
            *mutex.lock().unwrap() = 1;
            changed.notify_one().unwrap();
        };
        assert!(watchdog(|| in_thread(waits, tells)));
    }
}

#[test]
fn a_waiting_thread_gets_owner_died() {
    let (mutex, changed) = pair();
    let waiting = AtomicBool::new(false);
    let wait = || {
        let held = mutex.lock_or_repair(|_| ()).unwrap();
        waiting.store(true, Ordering::Relaxed);
        let mut held = held;
        loop {
            // It may wake up spuriously.
            match changed.wait(held) {
                Ok(again) => held = again,
                Err(err) => return err,
            }
        }
    };
    let die = || {
        watchdog(|| until(|| waiting.load(Ordering::Relaxed)));
        in_thread(
            || {
                let held = mutex.as_raw().lock().unwrap();
                changed.notify_one().unwrap();
                mem::forget(held);
            },
            || (),
        );
        waiting.store(false, Ordering::Relaxed);
    };
    watchdog(|| {
        thread::scope(|scope| {
            scope.spawn(|| {
                let LockError::OwnerDied(mut held) = wait() else { panic!() };
                held.mark_consistent().unwrap();
            });
            scope.spawn(die).join().unwrap();
        });
        thread::scope(|scope| {
            scope.spawn(|| drop(wait())); // with the guard, unmarked
            scope.spawn(die).join().unwrap();
        });
    });
    assert!(matches!(mutex.lock(), Err(LockError::NotRecoverable)));
}

/// As in C, with the data next to the lock.
#[test]
fn a_wait_is_possible_with_a_lock_that_has_no_data() {
    let _watchdog = Watchdog::new();
    let lock = RawMutex::create_in(LocalMemory::new(64).unwrap(), MutexOptions::new()).unwrap();
    let (turn, changed) = (AtomicU32::new(0), pair().1);
    let next = |value| {
        turn.store(value, Ordering::Relaxed);
        changed.notify_one().unwrap();
    };
    let waits = || {
        let mut held = lock.lock().unwrap();
        next(1);
        while turn.load(Ordering::Relaxed) != 2 {
            held = changed.wait_raw(held).unwrap();
        }
        assert!(in_thread(|| lock.try_lock().unwrap().is_none(), || ()));
        next(3);
    };
    let tells = || {
        let mut held = lock.lock().unwrap();
        while turn.load(Ordering::Relaxed) != 1 {
            held = changed.wait_raw_timeout(held, LONG).unwrap().0;
        }
        next(2);
        while turn.load(Ordering::Relaxed) != 3 {
            held = changed.wait_raw_deadline(held, Instant::now() + LONG).unwrap().0;
        }
    };
    in_thread(waits, tells);
    let (mut held, mut in_time, end) =
        (lock.lock().unwrap(), true, Instant::now() + Duration::from_millis(20));
    while in_time {
        (held, in_time) = changed.wait_raw_deadline(held, end).unwrap();
    }
    assert!(Instant::now() >= end);
    drop(held);
}

#[test]
fn signals_neither_end_a_wait_nor_make_it_shorter() {
    let (mutex, changed) = pair();
    watchdog(|| {
        let storm = Storm::start(1000);
        let timeout = Duration::from_millis(300);
        let before = Instant::now();
        let (_, in_time) =
            changed.wait_timeout_while(mutex.lock().unwrap(), timeout, |_| true).unwrap();
        assert!(!in_time && before.elapsed() >= timeout);
        assert!(storm.deliveries() > 10);
    });
}

/// C's `pthread_cond_destroy` would wait for a waiter that was killed.
#[test]
fn dropping_a_condition_variable_does_not_wait() {
    let (mutex, changed) = pair();
    let stalled =
        Mutex::create_in_with(LocalMemory::new(64).unwrap(), 0u32, MutexOptions::new().stalled())
            .unwrap();
    drop(changed.wait_timeout(stalled.lock().unwrap(), Duration::ZERO).unwrap());
    watchdog(|| drop(changed));
    drop(mutex);
}

#[test]
fn a_place_of_another_size_or_alignment_is_refused() {
    assert_eq!(size_of::<Condvar>(), size_of::<libc::pthread_cond_t>());
    assert_eq!((Condvar::SCHEMA.kind, Condvar::SCHEMA.size), (Kind::CONDVAR, size_of::<Condvar>()));
    let small = LocalMemory::new(size_of::<Condvar>() - 1).unwrap();
    assert!(Condvar::create_in(small).unwrap_err().is_invalid_argument());
    let odd = Carver::new(LocalMemory::new(256).unwrap()).unwrap().carve_at(2, 64, 2).unwrap();
    assert!(Condvar::create_in(odd).unwrap_err().is_invalid_argument());
}
