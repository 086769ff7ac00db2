//! Permits that know their owners, and plain semaphores.

use std::mem;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use ipc_mem::{LocalMemory, Placed, Resident};
use ipc_sync::futex::{Permits, Semaphore};
use ipc_testkit::{Child, Forked, Part, Role, Timed, Watchdog, fixture, rounds, watchdog};

use crate::common::{Memory, sleeps, until};
use crate::crowd::{Crowd, dwell};
use crate::mutex::{done, stop_inside};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("permit killer", killer),
    ("permit parent", parent),
    ("permit stopper", stopper),
    ("woken killer", woken),
];

const TOTAL: usize = 3;

fn killer(role: &mut Role) {
    let kills = role.arg(1).parse().unwrap();
    let mut memory = Memory::create(role.arg(0));
    let crowd = Crowd::new(&mut memory);
    let permits = memory.put::<Permits<8>>(u32::try_from(TOTAL).unwrap());
    let killed = crowd.kill_around(role, kills, |spot| {
        spot.calling();
        let permit = permits.acquire();
        spot.inside();
        dwell();
        spot.calling();
        drop(permit);
    });
    let mine: Vec<_> = (0..TOTAL).map(|_| permits.acquire()).collect();
    assert!(permits.acquire_timeout(Duration::ZERO).is_none(), "a permit too many");
    drop(mine);
    assert_eq!(permits.available(), TOTAL, "a permit is lost");
    role.say(&format!(
        "done: {kills} kills, {} with a permit, all of which came back",
        killed.inside
    ));
}

#[test]
fn permits_of_killed_processes_come_back_and_none_is_held_twice() {
    done(Child::run("permit killer", &[&fixture::name(), &rounds(200, 10_000).to_string()]));
}

#[test]
fn no_more_threads_than_there_are_permits_are_inside() {
    watchdog(|| {
        let permits =
            Placed::<Permits<8>, _>::create_in_with(LocalMemory::new(128).unwrap(), 2).unwrap();
        let inside = AtomicU32::new(0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..20_000 {
                        let _permit = permits.acquire();
                        assert!(inside.fetch_add(1, Ordering::SeqCst) < 2);
                        inside.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(permits.available(), 2);
    });
}

#[test]
fn more_permits_than_there_are_places_are_refused() {
    let refused =
        Placed::<Permits<8>, _>::create_in_with(LocalMemory::new(128).unwrap(), 9).unwrap_err();
    assert!(refused.is_invalid_argument(), "{refused}");
    assert!(Permits::<8>::SCHEMA.kind.has_owner() && !Semaphore::SCHEMA.kind.has_owner());
}

fn parent(role: &mut Role) {
    let permits = Memory::create(role.arg(0)).put::<Permits<8>>(u32::try_from(TOTAL).unwrap());
    let mut copy = Some(permits.acquire());
    Forked::run(|| drop(copy.take())).finish();
    assert_eq!(permits.available(), TOTAL - 1, "a forked child returned a permit of its parent");
    mem::forget(copy.take());
    Forked::run(|| mem::forget(permits.acquire())).finish();
    assert_eq!(permits.available(), TOTAL - 2);
    let mine: Vec<_> = (0..TOTAL - 1).map(|_| permits.acquire()).collect();
    assert_eq!((mine.len(), permits.available()), (TOTAL - 1, 0));
    assert!(
        permits.acquire_timeout(Duration::from_millis(5)).is_none(),
        "the leaked permit belongs to this process"
    );
    role.say("done: all where they belong");
}

#[test]
fn leaked_permits_come_back_when_their_process_ends_and_not_before() {
    done(Child::run("permit parent", &[&fixture::name()]));
}

fn stopper(role: &mut Role) {
    let mut memory = Memory::create(role.arg(0));
    let (permits, inside) = (memory.put::<Permits<8>>(1u32), memory.put::<AtomicU64>(0u64));
    let mut worker = Forked::run(|| {
        loop {
            let _permit = permits.acquire();
            inside.store(1, Ordering::SeqCst);
            dwell();
            inside.store(0, Ordering::SeqCst);
        }
    });
    for _ in 0..role.arg(1).parse().unwrap() {
        let _watchdog = Watchdog::new();
        stop_inside(&mut worker, &inside);
        assert!(permits.acquire_timeout(Duration::from_millis(5)).is_none(), "a permit was stolen");
        worker.cont();
        drop(permits.acquire());
    }
    worker.kill();
    role.say("done: nothing stolen");
}

#[test]
fn a_stopped_process_keeps_its_permit() {
    done(Child::run("permit stopper", &[&fixture::name(), &rounds(50, 1_000).to_string()]));
}

/// Of two that wait for a plain permit, the first is killed when it is woken.
fn woken(role: &mut Role) {
    let mut memory = Memory::create(role.arg(0));
    let (gate, got) = (memory.put::<Semaphore>(0u32), memory.put::<AtomicU64>(0u64));
    let (mut gone, rounds) = (0, role.arg(1).parse::<u64>().unwrap());
    for round in 0..rounds {
        let _watchdog = Watchdog::new();
        let wait = || {
            gate.wait();
            got.fetch_add(1, Ordering::SeqCst);
            thread::park();
        };
        let mut waiters = [Forked::run(wait), Forked::run(wait)];
        until(|| waiters.iter().all(|waiter| sleeps(waiter.pid())));
        let before = got.load(Ordering::SeqCst);
        gate.post().unwrap();
        waiters[0].kill();
        // Either it died with the permit, or the other one gets it.
        until(|| gate.value() == 0);
        gone += u64::from(got.load(Ordering::SeqCst) == before);
        waiters[1].kill();
        while gate.try_wait() {}
        if round % 100 == 0 {
            role.say("going on");
        }
    }
    role.say(&format!("done: {rounds} killed when they were woken, {gone} permits gone with them"));
}

#[test]
fn a_permit_that_a_killed_process_did_not_acquire_goes_to_another() {
    done(Child::run("woken killer", &[&fixture::name(), &rounds(50, 10_000).to_string()]));
}

#[test]
fn a_semaphore_counts_between_threads() {
    watchdog(|| {
        let gate =
            Placed::<Semaphore, _>::create_in_with(LocalMemory::new(64).unwrap(), 0).unwrap();
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| (0..50_000).for_each(|_| gate.post().unwrap()));
                scope.spawn(|| (0..50_000).for_each(|_| gate.wait()));
            }
        });
        assert_eq!(gate.value(), 0);
    });
}

#[test]
fn a_post_to_a_full_semaphore_is_refused() {
    let gate =
        Placed::<Semaphore, _>::create_in_with(LocalMemory::new(64).unwrap(), Semaphore::MAX_VALUE)
            .unwrap();
    assert!(gate.post().unwrap_err().is_overflow());
    assert!(gate.try_wait());
    gate.post().unwrap();
}

#[test]
fn posts_that_a_full_semaphore_refuses_add_nothing() {
    let gate =
        Placed::<Semaphore, _>::create_in_with(LocalMemory::new(64).unwrap(), Semaphore::MAX_VALUE)
            .unwrap();
    let turn = |i: u32| match i % 3 {
        0 => -i64::from(gate.try_wait()),
        _ => gate.post().map_or(0, |()| 1),
    };
    let change: i64 = thread::scope(|scope| {
        let threads = [(); 3].map(|()| scope.spawn(|| (0..60_000).map(turn).sum::<i64>()));
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(i64::from(gate.value()), i64::from(Semaphore::MAX_VALUE) + change);
}

#[test]
fn no_wait_for_a_permit_ends_before_its_time() {
    let gate = Placed::<Semaphore, _>::create_in_with(LocalMemory::new(64).unwrap(), 0).unwrap();
    let permits =
        Placed::<Permits<8>, _>::create_in_with(LocalMemory::new(128).unwrap(), 0).unwrap();
    let calls = [
        Timed::new(
            "semaphore",
            |time| gate.wait_timeout(time),
            |moment| gate.wait_deadline(moment),
        ),
        Timed::new(
            "permits",
            |time| permits.acquire_timeout(time).is_some(),
            |moment| permits.acquire_deadline(moment).is_some(),
        ),
    ];
    Timed::never_early(&calls, rounds(20, 1_000));
}
