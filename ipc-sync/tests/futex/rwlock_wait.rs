//! Condition variables with read/write locks.

use std::thread;

use ipc_mem::LocalMemory;
use ipc_sync::LockError;
use ipc_sync::futex::{Condvar, RwLock, RwLockReadGuard};
use ipc_testkit::{Child, Forked, Part, Role, Timed, Watchdog, fixture, rounds, watchdog};

use crate::common::{Memory, sleeps, until};
use crate::mutex::done;

pub(crate) const ROLES: &[(&str, Part)] = &[("waiting readers", waiting_readers)];

/// Readers wait, one of them is killed, and then the writer: the other reader is told.
fn waiting_readers(role: &mut Role) {
    let mut memory = Memory::create(role.arg(0));
    let (lock, change) = (memory.put::<RwLock<u64>>(0), memory.put::<Condvar>(()));
    for round in 0..role.arg(1).parse::<u64>().unwrap() {
        let _watchdog = Watchdog::new();
        let read = || {
            let seen = change.wait_rwlock_while(lock.read().unwrap(), |value| *value <= round);
            assert_eq!(*seen.unwrap(), round + 1);
        };
        let (mut first, second) = (Forked::run(read), Forked::run(read));
        until(|| sleeps(first.pid()) && sleeps(second.pid()));
        assert!(lock.try_write().unwrap().is_some(), "a thread that waits holds no lock");
        first.kill();
        *lock.write().unwrap() = round + 1;
        change.notify_all().unwrap();
        second.finish();

        let waiter = Forked::run(|| {
            let writer = lock.write().unwrap();
            let told = change.wait_rwlock_while(writer, |value| *value == round + 1);
            let Err(LockError::OwnerDied(mut value)) = told else { panic!("nobody was told") };
            *value = round + 1;
            value.mark_consistent().unwrap();
        });
        until(|| sleeps(waiter.pid()));
        let mut writer = Forked::run(|| {
            let mut value = lock.write().unwrap();
            *value = 0;
            change.notify_one().unwrap();
            thread::park();
        });
        // It has written and notified, or is about to: then the waiter looks again by itself.
        until(|| lock.try_read().unwrap().is_none());
        writer.kill();
        waiter.finish();
    }
    role.say("done: each was told");
}

#[test]
fn readers_and_writers_that_wait_survive_each_other() {
    done(Child::run("waiting readers", &[&fixture::name(), &rounds(20, 500).to_string()]));
}

#[test]
fn readers_wait_beside_each_other_and_writers_in_turn() {
    watchdog(|| {
        let lock = RwLock::create_in(LocalMemory::new(4096).unwrap(), 0u64).unwrap();
        let change = Condvar::create_in(LocalMemory::new(64).unwrap()).unwrap();
        let turns = 2_000;
        thread::scope(|scope| {
            for side in 0..2 {
                let (lock, change) = (&lock, &change);
                scope.spawn(move || {
                    for _ in 0..turns {
                        let writer = lock.write().unwrap();
                        let mut turn =
                            change.wait_rwlock_while(writer, |turn| *turn % 2 != side).unwrap();
                        *turn += 1;
                        change.notify_all().unwrap();
                    }
                });
                scope.spawn(move || {
                    let reader = lock.read().unwrap();
                    let seen = change.wait_rwlock_while(reader, |turn| *turn < 2 * turns).unwrap();
                    // Both read at once.
                    let _other = lock.read().unwrap();
                    assert_eq!(*seen, 2 * turns);
                });
            }
        });
        let late = |wait: &dyn Fn(RwLockReadGuard<'_, u64>) -> bool| wait(lock.read().unwrap());
        let calls = [Timed::new(
            "wait_rwlock_while",
            |time| {
                late(&|guard| change.wait_rwlock_timeout_while(guard, time, |_| true).unwrap().1)
            },
            |moment| {
                late(&|guard| change.wait_rwlock_deadline_while(guard, moment, |_| true).unwrap().1)
            },
        )];
        Timed::never_early(&calls, rounds(20, 1_000));
        drop(change.wait_rwlock(lock.read().unwrap()).unwrap());
    });
}
