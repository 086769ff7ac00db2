//! Native barriers and latches.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use ipc_mem::{LocalMemory, Placed, Resident};
use ipc_sync::futex::{Barrier, Broken, Latch};
use ipc_testkit::{Child, Forked, Part, Role, Timed, Watchdog, fixture, rounds, watchdog};

use crate::common::{Memory, sleeps, until};
use crate::crowd::{Crowd, THREADS, WORKERS, dwell};
use crate::mutex::done;

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("barrier killer", barrier_killer),
    ("barrier deaths", barrier_deaths),
    ("latch killer", latch_killer),
    ("gathering stopper", stopper),
];

/// All threads of all workers: so each finds a place when the dead have left theirs.
const PARTIES: usize = WORKERS * THREADS;

fn barrier_killer(role: &mut Role) {
    let kills = role.arg(1).parse().unwrap();
    let mut memory = Memory::create(role.arg(0));
    let mut crowd = Crowd::new(&mut memory);
    crowd.is_replaced_first = true;
    let line = memory.put::<Barrier<16>>(u32::try_from(PARTIES).unwrap());
    let (passed, broken) = (memory.put::<AtomicU64>(0u64), memory.put::<AtomicU64>(0u64));
    let killed = crowd.kill_around(role, kills, |spot| {
        spot.calling();
        let mut party = loop {
            match line.join() {
                Ok(party) => break party,
                Err(err) => assert!(err.is_busy(), "{err}"),
            }
            thread::yield_now();
        };
        spot.inside();
        let counter = if party.wait() == Err(Broken) { &broken } else { &passed };
        counter.fetch_add(1, Ordering::SeqCst);
        spot.calling();
        drop(party);
    });
    // All places are free in the end, and the next round is whole.
    let mut parties: Vec<_> =
        (0..PARTIES).map(|_| line.join().expect("a place of a dead party")).collect();
    assert!(line.join().is_err());
    let (mut last, others) = (parties.pop().unwrap(), parties);
    thread::scope(|scope| {
        for mut party in others {
            scope.spawn(move || party.wait().unwrap());
        }
        last.wait().unwrap();
    });
    let (passed, broken) = (passed.load(Ordering::SeqCst), broken.load(Ordering::SeqCst));
    assert!(passed > 0 && broken > 0);
    role.say(&format!(
        "done: {kills} kills, {} waiting; {passed} waits passed, {broken} were told",
        killed.inside
    ));
}

#[test]
fn processes_killed_around_a_barrier_break_rounds_and_stop_none() {
    done(Child::run("barrier killer", &[&fixture::name(), &rounds(150, 10_000).to_string()]));
}

fn barrier_deaths(role: &mut Role) {
    let mut memory = Memory::create(role.arg(0));
    let (line, told) = (memory.put::<Barrier<8>>(3u32), memory.put::<AtomicU64>(0u64));
    for round in 0..role.arg(1).parse::<u64>().unwrap() {
        let _watchdog = Watchdog::new();
        let wait = || {
            let mut party = line.join().unwrap();
            assert_eq!(party.wait(), Err(Broken), "told in the round of the death");
            told.fetch_add(1, Ordering::SeqCst);
            // With another in the place of the dead.
            party.wait().expect("not told twice");
        };
        // It joins, and is killed before it comes.
        let mut victim = Forked::run(|| {
            let _party = line.join().unwrap();
            thread::park();
        });
        until(|| line.joined() == 1);
        let (one, two) = (Forked::run(wait), Forked::run(wait));
        until(|| sleeps(one.pid()) && sleeps(two.pid()));
        victim.kill();
        until(|| told.load(Ordering::SeqCst) == 2);
        let last = Forked::run(|| {
            line.join().unwrap().wait().expect("a whole round");
        });
        [one, two, last].into_iter().for_each(Forked::finish);
        told.store(0, Ordering::SeqCst);
        assert_eq!(line.joined(), 0);
        if round % 100 == 0 {
            role.say("going on");
        }
    }
    role.say("done: each told once");
}

#[test]
fn the_death_of_a_party_is_told_once_to_each_that_waits() {
    done(Child::run("barrier deaths", &[&fixture::name(), &rounds(30, 1_000).to_string()]));
}

#[test]
fn no_thread_passes_a_barrier_before_all_have_come() {
    watchdog(|| {
        let line =
            Placed::<Barrier<8>, _>::create_in_with(LocalMemory::new(256).unwrap(), 3).unwrap();
        let come: Vec<AtomicU64> = (0..2_000).map(|_| AtomicU64::new(0)).collect();
        let last = AtomicU64::new(0);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    let mut party = line.join().unwrap();
                    for (i, round) in come.iter().enumerate() {
                        round.fetch_add(1, Ordering::SeqCst);
                        let is_last = if i % 7 == 0 {
                            // Goes away and comes again as often as its time is over.
                            std::iter::repeat_with(|| {
                                party.wait_timeout(Duration::from_micros(30)).unwrap()
                            })
                            .find_map(|x| x)
                        } else {
                            party.wait().ok()
                        };
                        last.fetch_add(u64::from(is_last.unwrap()), Ordering::SeqCst);
                        assert_eq!(round.load(Ordering::SeqCst), 3);
                    }
                });
            }
        });
        assert_eq!(last.into_inner(), 2_000, "one of them ends each round");
        assert_eq!(line.joined(), 0);
    });
}

#[test]
fn a_barrier_has_as_many_places_as_parties() {
    let create =
        |parties| Placed::<Barrier<8>, _>::create_in_with(LocalMemory::new(256).unwrap(), parties);
    assert!(
        create(0).unwrap_err().is_invalid_argument()
            && create(9).unwrap_err().is_invalid_argument()
    );
    let line = create(2).unwrap();
    let mut one = line.join().unwrap();
    let two = line.join().unwrap();
    assert!(line.join().is_err());
    drop(two);
    assert_eq!(one.wait_timeout(Duration::from_millis(2)), Ok(None));
    drop(line.join().unwrap());
    assert!(Barrier::<8>::SCHEMA.kind.has_owner() && Latch::<8>::SCHEMA.kind.has_owner());
}

fn latch_killer(role: &mut Role) {
    let kills = role.arg(1).parse().unwrap();
    let mut memory = Memory::create(role.arg(0));
    let crowd = Crowd::new(&mut memory);
    let parts = memory.put::<Latch<8>>(3u32);
    let killed = crowd.kill_around(role, kills, |spot| {
        spot.calling();
        let part = parts.begin().expect("a part that is not done");
        spot.inside();
        dwell();
        spot.calling();
        drop(part);
    });
    assert!(!parts.wait_timeout(Duration::from_millis(5)), "no part is done");
    for left in (0..3).rev() {
        parts.begin().unwrap().done();
        assert_eq!(parts.left(), left);
    }
    assert!(parts.begin().is_none() && parts.is_open());
    parts.wait();
    role.say(&format!(
        "done: {kills} kills, {} with a task, each of which was done in the end",
        killed.inside
    ));
}

#[test]
fn tasks_of_killed_processes_are_handed_out_again() {
    done(Child::run("latch killer", &[&fixture::name(), &rounds(150, 10_000).to_string()]));
}

#[test]
fn a_latch_opens_when_all_tasks_are_done_and_stays_open() {
    watchdog(|| {
        let parts =
            Placed::<Latch<8>, _>::create_in_with(LocalMemory::new(128).unwrap(), 8).unwrap();
        let work = AtomicU64::new(0);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while let Some(part) = parts.begin() {
                        if work.fetch_add(1, Ordering::SeqCst).is_multiple_of(3) {
                            drop(part);
                        } else {
                            part.done();
                        }
                    }
                });
            }
            parts.wait();
        });
        assert!(
            parts.is_open() && parts.wait_timeout(Duration::ZERO) && parts.try_begin().is_none()
        );
        let closed =
            Placed::<Latch<8>, _>::create_in_with(LocalMemory::new(128).unwrap(), 1).unwrap();
        let _task = closed.begin().unwrap();
        let calls = [
            Timed::new(
                "latch",
                |time| closed.wait_timeout(time),
                |moment| closed.wait_deadline(moment),
            ),
            Timed::new(
                "task",
                |time| closed.begin_timeout(time).is_some(),
                |moment| closed.begin_deadline(moment).is_some(),
            ),
        ];
        Timed::never_early(&calls, rounds(20, 1_000));
    });
}

/// A stopped party keeps its place, and a stopped worker its task.
fn stopper(role: &mut Role) {
    let mut memory = Memory::create(role.arg(0));
    let (line, parts) = (memory.put::<Barrier<8>>(2u32), memory.put::<Latch<8>>(1u32));
    let mut holder = Forked::run(|| {
        let _held = (line.join().unwrap(), parts.begin().unwrap());
        thread::park();
    });
    until(|| line.joined() == 1 && parts.try_begin().is_none());
    let mut party = line.join().unwrap();
    for _ in 0..role.arg(1).parse().unwrap() {
        let _watchdog = Watchdog::new();
        holder.stop();
        assert_eq!(
            party.wait_timeout(Duration::from_millis(3)),
            Ok(None),
            "a stopped party is not dead"
        );
        assert!(parts.begin_timeout(Duration::from_millis(3)).is_none(), "a task was stolen");
        holder.cont();
    }
    holder.kill();
    assert_eq!(party.wait(), Err(Broken));
    assert!(parts.begin().is_some());
    role.say("done: nothing stolen");
}

#[test]
fn a_stopped_party_is_not_dead_and_a_stopped_worker_keeps_its_task() {
    done(Child::run("gathering stopper", &[&fixture::name(), &rounds(20, 1_000).to_string()]));
}
