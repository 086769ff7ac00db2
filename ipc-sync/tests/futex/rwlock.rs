//! Native read/write locks.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use ipc_core::Error;
use ipc_mem::{LocalMemory, Resident};
use ipc_sync::LockError;
use ipc_sync::futex::{RwLock, RwLockWriteGuard};
use ipc_testkit::{Child, Forked, Part, Role, Timed, Watchdog, fixture, rounds, watchdog};

use crate::common::{Memory, Shared, until};
use crate::crowd::{Crowd, Spot, WORKERS, dwell};
use crate::mutex::done;

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("rwlock killer", killer),
    ("rwlock stopper", stopper),
    ("rwlock parent", parent),
    ("rwlock deaths", deaths),
];

struct Twins {
    counts: Shared<RwLock<[u64; 2]>>,
    writer: Shared<AtomicU64>,
    told: Shared<AtomicU64>,
}

impl Twins {
    fn new(memory: &mut Memory) -> Self {
        Self { counts: memory.put([0; 2]), writer: memory.put(0u64), told: memory.put(0u64) }
    }

    fn write(&self, spot: &Spot<'_>) {
        spot.calling();
        let mut twins = self.write_lock();
        let me = spot.number as u64 + 1;
        assert_eq!(self.writer.swap(me, Ordering::SeqCst), 0, "two threads write");
        spot.inside();
        assert_eq!(twins[0], twins[1], "the twins differ, and nobody was told why");
        twins[0] += 1;
        dwell();
        twins[1] += 1;
        assert_eq!(self.writer.swap(0, Ordering::SeqCst), me, "two threads write");
        spot.calling();
        drop(twins);
    }

    fn write_lock(&self) -> RwLockWriteGuard<'_, [u64; 2]> {
        match self.counts.write() {
            Ok(twins) => twins,
            Err(LockError::OwnerDied(mut twins)) => {
                self.told.fetch_add(1, Ordering::SeqCst);
                twins[0] = twins[0].max(twins[1]);
                twins[1] = twins[0];
                self.writer.store(0, Ordering::SeqCst);
                twins.mark_consistent().unwrap();
                twins
            }
            Err(err) => panic!("{err}"),
        }
    }

    fn read(&self, spot: &Spot<'_>) {
        spot.calling();
        let twins = match self.counts.read() {
            Ok(twins) => twins,
            Err(err) => {
                // Given back, for a writer to repair.
                drop(Error::from(err));
                return drop(self.write_lock());
            }
        };
        spot.inside();
        assert_eq!(self.writer.load(Ordering::SeqCst), 0, "a thread writes while another reads");
        assert_eq!(twins[0], twins[1], "the twins differ, and nobody was told why");
        dwell();
        assert_eq!(self.writer.load(Ordering::SeqCst), 0, "a thread writes while another reads");
        spot.calling();
        drop(twins);
    }

    fn upgrade(&self, spot: &Spot<'_>) {
        spot.calling();
        let seen = match self.counts.upgradable_read() {
            Ok(seen) => seen,
            Err(err) => {
                drop(Error::from(err));
                return drop(self.write_lock());
            }
        };
        spot.inside();
        let before = *seen;
        assert_eq!(before[0], before[1], "the twins differ, and nobody was told why");
        let mut twins = seen.upgrade().unwrap();
        assert_eq!(*twins, before, "a thread wrote between reading and upgrading");
        twins[0] += 1;
        twins[1] += 1;
        let seen = RwLockWriteGuard::downgrade_to_upgradable(twins);
        assert_eq!(seen[0], before[0] + 1);
        spot.calling();
        drop(seen.downgrade());
    }
}

fn killer(role: &mut Role) {
    let kills = role.arg(1).parse().unwrap();
    let mut memory = Memory::create(role.arg(0));
    let (crowd, twins, turn) =
        (Crowd::new(&mut memory), Twins::new(&mut memory), AtomicU64::new(0));
    let killed = crowd.kill_around(role, kills, |spot| {
        match (turn.fetch_add(1, Ordering::Relaxed) + spot.number as u64) % 4 {
            0 => twins.write(spot),
            1 => twins.upgrade(spot),
            _ => twins.read(spot),
        }
    });
    drop(twins.write_lock());
    let told = twins.told.load(Ordering::SeqCst);
    assert!(told <= killed.within + WORKERS as u64);
    role.say(&format!(
        "done: {kills} kills, {} inside, {told} told of a dead writer",
        killed.inside
    ));
}

#[test]
fn processes_killed_around_a_rwlock_stop_none_and_spoil_nothing() {
    done(Child::run("rwlock killer", &[&fixture::name(), &rounds(200, 10_000).to_string()]));
}

/// A process that holds something until it is killed.
fn holding(held: &AtomicU64, hold: &dyn Fn()) -> Forked {
    held.store(0, Ordering::SeqCst);
    let holder = Forked::run(|| {
        hold();
        held.store(1, Ordering::SeqCst);
        thread::park();
    });
    until(|| held.load(Ordering::SeqCst) == 1);
    holder
}

/// Each kind of holder dies once, and is seen to have died as it has to be.
fn deaths(role: &mut Role) {
    let mut memory = Memory::create(role.arg(0));
    let (lock, held) = (memory.put::<RwLock<u64>>(0), memory.put::<AtomicU64>(0u64));
    let die = |hold: &dyn Fn()| holding(&held, hold).kill();
    for _ in 0..role.arg(1).parse().unwrap() {
        let _watchdog = Watchdog::new();
        // A reader has spoilt nothing.
        die(&|| std::mem::forget(lock.read().unwrap()));
        *lock.write().unwrap() += 1;
        // Nor has one that could have become a writer.
        die(&|| std::mem::forget(lock.upgradable_read().unwrap()));
        drop(lock.upgradable_read().unwrap());
        // A writer may have, and readers learn of it as well as writers.
        die(&|| std::mem::forget(lock.write().unwrap()));
        let Err(LockError::OwnerDied(mut held)) = lock.read() else { panic!("nobody was told") };
        assert!(*held > 0);
        held.mark_consistent().unwrap();
    }
    role.say("done: each told as it has to be");
}

#[test]
fn a_dead_reader_is_discounted_and_a_dead_writer_is_told() {
    done(Child::run("rwlock deaths", &[&fixture::name(), &rounds(20, 350).to_string()]));
}

fn stopper(role: &mut Role) {
    let mut memory = Memory::create(role.arg(0));
    let (lock, held) = (memory.put::<RwLock<u64>>(0), memory.put::<AtomicU64>(0u64));
    for _ in 0..role.arg(1).parse().unwrap() {
        let _watchdog = Watchdog::new();
        let holds: [&dyn Fn(); 3] = [
            &|| std::mem::forget(lock.read().unwrap()),
            &|| std::mem::forget(lock.upgradable_read().unwrap()),
            &|| std::mem::forget(lock.write().unwrap()),
        ];
        for (i, hold) in holds.iter().enumerate() {
            let mut holder = holding(&held, hold);
            holder.stop();
            assert!(
                lock.write_timeout(Duration::from_millis(10)).unwrap().is_none(),
                "stolen from a stopped process"
            );
            assert_eq!(lock.read_timeout(Duration::from_millis(5)).unwrap().is_some(), i < 2);
            holder.kill();
            match lock.write() {
                Ok(_) => assert!(i < 2),
                Err(LockError::OwnerDied(mut held)) => held.mark_consistent().unwrap(),
                Err(err) => panic!("{err}"),
            }
        }
    }
    role.say("done: nothing stolen");
}

#[test]
fn a_stopped_reader_or_writer_keeps_its_lock() {
    done(Child::run("rwlock stopper", &[&fixture::name(), &rounds(20, 350).to_string()]));
}

fn parent(role: &mut Role) {
    let lock = Memory::create(role.arg(0)).put::<RwLock<u64>>(0);
    for _ in 0..role.arg(1).parse().unwrap() {
        let mut copy = Some(lock.read().unwrap());
        Forked::run(|| drop(copy.take())).finish();
        assert!(
            lock.try_write().unwrap().is_none(),
            "a forked child released a lock of its parent"
        );
        drop(copy.take());
        let mut copy = Some(lock.write().unwrap());
        Forked::run(|| drop(copy.take())).finish();
        assert!(lock.try_read().unwrap().is_none(), "a forked child released a lock of its parent");
        Forked::run(|| drop(RwLockWriteGuard::downgrade(copy.take().unwrap()))).finish();
        assert!(lock.try_read().unwrap().is_none(), "a forked child released a lock of its parent");
        drop(copy.take());
        let mut copy = Some(lock.upgradable_read().unwrap());
        Forked::run(|| drop(copy.take())).finish();
        Forked::run(|| assert!(copy.take().unwrap().upgrade().is_err())).finish();
        assert!(
            lock.try_upgradable_read().unwrap().is_none(),
            "a forked child released a lock of its parent"
        );
        drop(copy.take());
        assert!(lock.try_write().unwrap().is_some());
    }
    role.say("done: nothing released");
}

#[test]
fn a_forked_child_releases_no_read_or_write_lock() {
    done(Child::run("rwlock parent", &[&fixture::name(), &rounds(20, 500).to_string()]));
}

#[test]
fn threads_that_write_exclude_all_others() {
    watchdog(|| {
        let lock = RwLock::create_in(LocalMemory::new(4096).unwrap(), [0u64; 2]).unwrap();
        thread::scope(|scope| {
            for writes in [true, true, false, false] {
                scope.spawn({
                    let lock = &lock;
                    move || {
                        for i in 0..20_000 {
                            if writes {
                                let mut twins = lock.write().unwrap();
                                twins[0] += 1;
                                twins[1] += 1;
                            } else if i % 3 == 0 {
                                let mut twins = lock.upgradable_read().unwrap().upgrade().unwrap();
                                assert_eq!(twins[0], twins[1]);
                                *twins = [twins[0]; 2];
                            } else {
                                let twins = lock.read().unwrap();
                                assert_eq!(twins[0], twins[1]);
                            }
                        }
                    }
                });
            }
        });
        assert_eq!(lock.get().unwrap(), [40_000; 2]);
    });
}

#[test]
fn a_reader_becomes_a_writer_only_if_it_is_alone() {
    let lock = RwLock::create_in(LocalMemory::new(4096).unwrap(), 7u64).unwrap();
    let another = RwLock::create_in(LocalMemory::new(4096).unwrap(), 7u64).unwrap();
    let (one, two) = (lock.read().unwrap(), lock.read().unwrap());
    let one = lock.try_upgrade(one).unwrap_err();
    let one = another.try_upgrade(one).unwrap_err();
    drop(two);
    let mut writer = lock.try_upgrade(one).unwrap();
    *writer += 1;
    assert!(lock.try_read().unwrap().is_none());
    let upgradable = RwLockWriteGuard::downgrade_to_upgradable(writer);
    let reader = lock.try_read().unwrap().unwrap();
    assert!(lock.try_into_upgradable(reader).is_err_and(|reader| *reader == 8));
    let reader = lock.try_read().unwrap();
    let upgradable = upgradable.try_upgrade().unwrap_err();
    let upgradable = upgradable.upgrade_timeout(Duration::from_millis(5)).unwrap_err();
    assert!(lock.try_read().unwrap().is_some(), "readers are let in again");
    drop(reader);
    drop(upgradable.upgrade().unwrap());
    assert!(lock.try_write().unwrap().is_some());
}

#[test]
fn a_part_of_the_data_that_is_read_is_never_written() {
    static SEVEN: u64 = 7;
    let lock = RwLock::create_in(LocalMemory::new(4096).unwrap(), 1u64).unwrap();
    let part = ipc_sync::lock::RwLockReadGuard::map(lock.read().unwrap(), |_| &SEVEN);
    let mut writer = lock.try_upgrade(part).unwrap();
    assert_eq!(*writer, 1, "the data itself, not the part");
    *writer = 2;
    assert_eq!(SEVEN, 7);
}

#[test]
fn a_writer_that_waits_is_let_through_before_new_readers() {
    watchdog(|| {
        let lock = RwLock::create_in(LocalMemory::new(4096).unwrap(), 0u64).unwrap();
        thread::scope(|scope| {
            let reader = lock.read().unwrap();
            let writer = scope.spawn(|| *lock.write().unwrap() += 1);
            until(|| lock.try_read().unwrap().is_none());
            drop(reader);
            writer.join().unwrap();
        });
        assert_eq!(lock.get().unwrap(), 1);
    });
}

#[test]
fn more_readers_of_one_process_than_a_slot_counts_read_at_once() {
    let lock = RwLock::create_in(LocalMemory::new(4096).unwrap(), 0u64).unwrap();
    let readers: Vec<_> = (0..100).map(|_| lock.read().unwrap()).collect();
    assert!(lock.try_write().unwrap().is_none());
    drop(readers);
    assert!(lock.try_write().unwrap().is_some());
}

#[test]
fn no_wait_for_a_rwlock_ends_before_its_time() {
    let lock = RwLock::create_in(LocalMemory::new(4096).unwrap(), 0u64).unwrap();
    let writer = lock.write().unwrap();
    let read = Timed::new(
        "read",
        |time| lock.read_timeout(time).unwrap().is_some(),
        |moment| lock.read_deadline(moment).unwrap().is_some(),
    );
    let upgradable = Timed::new(
        "upgradable_read",
        |time| lock.upgradable_read_timeout(time).unwrap().is_some(),
        |moment| lock.upgradable_read_deadline(moment).unwrap().is_some(),
    );
    Timed::never_early(&[read, upgradable], rounds(20, 1_000));
    drop(writer);
    let _reader = lock.read().unwrap();
    let write = Timed::new(
        "write",
        |time| lock.write_timeout(time).unwrap().is_some(),
        |moment| lock.write_deadline(moment).unwrap().is_some(),
    );
    Timed::never_early(&[write], rounds(20, 1_000));
}

#[test]
fn a_rwlock_says_what_it_is() {
    let schema = RwLock::<u64>::SCHEMA;
    assert!(schema.kind.has_owner() && !schema.kind.is_of_libc());
    assert_eq!(size_of::<RwLock<u64>>() % 64, 0);
}
