//! Native condition variables, events and initialisations.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use std::{mem, thread};

use ipc_mem::{LocalMemory, Placed, Resident};
use ipc_sync::futex::{Begin, Condvar, Event, Mutex, MutexGuard, Once, OnceValue, Reset};
use ipc_testkit::{Child, Forked, Part, Rng, Role, Timed, Watchdog, fixture, rounds, watchdog};

use crate::common::{Memory, Shared, sleeps, until};
use crate::crowd::{Crowd, Spot, dwell};
use crate::mutex::done;

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("condvar killer", condvar_killer),
    ("condvar sleepers", condvar_sleepers),
    ("event killer", event_killer),
    ("once killer", once_killer),
    ("handler stopper", stopper),
];

/// A queue of at most a few, of which only the counts matter.
struct Queue {
    counts: Shared<Mutex<[u64; 2]>>,
    more: Shared<Condvar>,
    less: Shared<Condvar>,
}

const FULL: u64 = 2;

impl Queue {
    fn lock(&self) -> MutexGuard<'_, [u64; 2]> {
        self.counts.lock_or_repair(|_| ()).unwrap()
    }

    fn wait<'a>(
        &'a self,
        for_change: &Condvar,
        guard: MutexGuard<'a, [u64; 2]>,
        condition: impl Fn(u64) -> bool,
    ) -> MutexGuard<'a, [u64; 2]> {
        let mut guard = guard;
        while condition(guard[0] - guard[1]) {
            guard = match for_change.wait(guard) {
                Ok(guard) => guard,
                Err(err) => {
                    drop(ipc_core::Error::from(err));
                    self.lock()
                }
            };
        }
        guard
    }

    fn turn(&self, spot: &Spot<'_>) {
        spot.calling();
        let (change, wake, at) = if spot.number.is_multiple_of(2) {
            (&self.less, &self.more, 0)
        } else {
            (&self.more, &self.less, 1)
        };
        let is_closed = |queued| if at == 0 { queued == FULL } else { queued == 0 };
        let mut counts = self.wait(change, self.lock(), is_closed);
        spot.inside();
        counts[at] += 1;
        drop(counts);
        dwell();
        wake.notify_one().unwrap();
        spot.calling();
    }
}

fn condvar_killer(role: &mut Role) {
    let kills = role.arg(1).parse().unwrap();
    let mut memory = Memory::create(role.arg(0));
    let crowd = Crowd::new(&mut memory);
    let queue = Queue { counts: memory.put([0; 2]), more: memory.put(()), less: memory.put(()) };
    let killed = crowd.kill_around(role, kills, |spot| queue.turn(spot));
    let counts = *queue.lock();
    assert!(counts[0] >= counts[1] && counts[0] - counts[1] <= FULL);
    role.say(&format!(
        "done: {kills} kills, {} about to notify, {} passed on",
        killed.inside, counts[1]
    ));
}

#[test]
fn processes_killed_around_a_condition_variable_stop_none() {
    done(Child::run("condvar killer", &[&fixture::name(), &rounds(100, 10_000).to_string()]));
}

/// Waiters that are killed in their sleep, and then notifications of a healthy process.
fn condvar_sleepers(role: &mut Role) {
    let mut memory = Memory::create(role.arg(0));
    let (lock, change) = (memory.put::<Mutex<u64>>(0), memory.put::<Condvar>(()));
    for round in 0..role.arg(1).parse::<u64>().unwrap() {
        let _watchdog = Watchdog::new();
        let wait =
            || drop(change.wait_while(lock.lock().unwrap(), |value| *value <= round).unwrap());
        let (mut first, second) = (Forked::run(wait), Forked::run(wait));
        until(|| sleeps(first.pid()) && sleeps(second.pid()));
        first.kill();
        *lock.lock().unwrap() = round + 1;
        change.notify_one().unwrap();
        second.finish();
        for _ in 0..6 {
            change.notify_one().unwrap();
            change.notify_all().unwrap();
        }
    }
    role.say("done: no notification waited for the dead");
}

#[test]
fn a_waiter_killed_in_its_sleep_stops_no_notification() {
    done(Child::run("condvar sleepers", &[&fixture::name(), &rounds(50, 2_000).to_string()]));
}

#[test]
fn notifications_reach_threads_that_wait_and_time_is_kept() {
    watchdog(|| {
        let lock = Mutex::create_in(LocalMemory::new(64).unwrap(), 0u64).unwrap();
        let change = Condvar::create_in(LocalMemory::new(64).unwrap()).unwrap();
        let turns = 2_000;
        thread::scope(|scope| {
            for side in 0..2 {
                let (lock, change) = (&lock, &change);
                scope.spawn(move || {
                    for _ in 0..turns {
                        let mut turn = change
                            .wait_while(lock.lock().unwrap(), |turn| *turn % 2 != side)
                            .unwrap();
                        *turn += 1;
                        change.notify_one().unwrap();
                    }
                });
            }
        });
        assert_eq!(lock.get().unwrap(), turns * 2);
        let late = |wait: &dyn Fn(MutexGuard<'_, u64>) -> bool| wait(lock.lock().unwrap());
        let calls = [Timed::new(
            "wait_while",
            |time| late(&|guard| change.wait_timeout_while(guard, time, |_| true).unwrap().1),
            |moment| late(&|guard| change.wait_deadline_while(guard, moment, |_| true).unwrap().1),
        )];
        Timed::never_early(&calls, rounds(20, 1_000));
    });
}

fn event_killer(role: &mut Role) {
    let kills = role.arg(1).parse().unwrap();
    let mut memory = Memory::create(role.arg(0));
    let crowd = Crowd::new(&mut memory);
    let (baton, runner, again) = (
        memory.put::<Event>(Reset::Auto),
        memory.put::<AtomicU64>(0u64),
        memory.put::<AtomicU64>(0u64),
    );
    baton.set();
    let killed = crowd.kill_around(role, kills, |spot| {
        spot.calling();
        let signal = baton.receive();
        let me = spot.number as u64 + 1;
        if signal.is_redelivered() {
            again.fetch_add(1, Ordering::SeqCst);
            runner.store(0, Ordering::SeqCst);
        }
        assert_eq!(runner.swap(me, Ordering::SeqCst), 0, "two threads handle one signal");
        spot.inside();
        dwell();
        assert_eq!(runner.swap(0, Ordering::SeqCst), me, "two threads handle one signal");
        baton.set(); // passes it on
        spot.calling();
        drop(signal);
    });
    assert!(baton.receive_timeout(Duration::from_secs(20)).is_some(), "the signal is lost");
    let again = again.load(Ordering::SeqCst);
    assert!(again + 12 >= killed.inside, "{again} redelivered of {}", killed.inside);
    role.say(&format!(
        "done: {kills} kills, {} with the signal, {again} redelivered",
        killed.inside
    ));
}

#[test]
fn a_signal_that_a_killed_process_received_is_redelivered_once() {
    done(Child::run("event killer", &[&fixture::name(), &rounds(200, 10_000).to_string()]));
}

#[test]
fn an_event_lets_all_through_or_one() {
    watchdog(|| {
        let gate = Placed::<Event, _>::create_in(LocalMemory::new(64).unwrap()).unwrap();
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| gate.wait());
            }
            gate.set();
        });
        assert!(gate.is_set() && gate.wait_timeout(Duration::ZERO));
        gate.reset();
        assert!(!gate.wait_timeout(Duration::from_millis(1)));
        let news =
            Placed::<Event, _>::create_in_with(LocalMemory::new(64).unwrap(), Reset::Auto).unwrap();
        news.set();
        news.set();
        let signal = news.try_receive().unwrap();
        news.set();
        assert!(news.try_receive().is_none(), "one at a time");
        drop(signal);
        drop(news.try_receive().unwrap());
        assert!(news.try_receive().is_none());
        assert!(Event::SCHEMA.kind.has_owner());
        let calls = [
            Timed::new("wait", |time| news.wait_timeout(time), |moment| news.wait_deadline(moment)),
            Timed::new(
                "receive",
                |time| news.receive_timeout(time).is_some(),
                |moment| news.receive_deadline(moment).is_some(),
            ),
        ];
        Timed::never_early(&calls, rounds(20, 1_000));
    });
}

/// Of two processes that want a value, the one that computes it is killed on the way.
fn once_killer(role: &mut Role) {
    let mut rng = Rng::new();
    let rounds = role.arg(1).parse::<u64>().unwrap();
    let mut memory = Memory::create(role.arg(0));
    let (killed, tables) = (memory.put::<AtomicU64>(0u64), memory.put::<AtomicU64>(0u64));
    let mut resumed = 0;
    for round in 0..rounds {
        let _watchdog = Watchdog::new();
        let value =
            Memory::create(&format!("{}-{round}", role.arg(0))).put::<OnceValue<[u64; 4]>>(());
        let stage = &*killed;
        stage.store(0, Ordering::SeqCst);
        let last = rng.below(5);
        let mut first = Forked::run(|| {
            value.get_or_init(|table| {
                for (i, word) in table.iter_mut().enumerate() {
                    stage.store(i as u64 + 1, Ordering::SeqCst);
                    if i as u64 == last {
                        thread::park();
                    }
                    *word = i as u64 + 7;
                }
            });
            stage.store(5, Ordering::SeqCst);
            thread::park();
        });
        until(|| stage.load(Ordering::SeqCst) == last + 1);
        let second = Forked::run(|| {
            let table = value.get_or_init(|table| {
                // The words that the other has written are there.
                assert!(
                    (0..last).zip(&*table).all(|(i, word)| *word == i + 7),
                    "{table:?} after {last}"
                );
                tables.fetch_add(1, Ordering::SeqCst);
                *table = [7, 8, 9, 10];
            });
            assert_eq!(table, &[7, 8, 9, 10]);
        });
        if last < 4 && round % 2 == 0 {
            until(|| sleeps(second.pid()));
        }
        first.kill();
        second.finish();
        assert_eq!(value.get(), Some(&[7, 8, 9, 10]));
        resumed += u64::from(last < 4);
        ipc_mem::SharedMemory::unlink(format!("{}-{round}", role.arg(0)).as_str()).unwrap();
        if round % 100 == 0 {
            role.say("going on");
        }
    }
    assert_eq!(tables.load(Ordering::SeqCst), resumed, "each dead initialiser is replaced once");
    role.say(&format!(
        "done: {rounds} initialisers killed, {resumed} replaced, all others had finished"
    ));
}

#[test]
fn an_initialiser_that_is_killed_is_replaced_once() {
    done(Child::run("once killer", &[&fixture::name(), &rounds(60, 10_000).to_string()]));
}

#[test]
fn an_initialisation_happens_once_and_again_after_a_panic() {
    watchdog(|| {
        let once = Placed::<Once, _>::create_in(LocalMemory::new(64).unwrap()).unwrap();
        let panicked =
            thread::scope(|scope| scope.spawn(|| once.call(|_| panic!("on purpose"))).join());
        assert!(panicked.is_err() && !once.is_done());
        let runs = AtomicU64::new(0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    once.call(|begin| {
                        assert_eq!(begin, Begin::Again);
                        runs.fetch_add(1, Ordering::SeqCst);
                    });
                });
            }
        });
        assert_eq!(runs.into_inner(), 1);
        assert!(once.is_done() && once.try_call(|_| panic!("done already")));
        let slow = Placed::<Once, _>::create_in(LocalMemory::new(64).unwrap()).unwrap();
        slow.call(|begin| {
            assert_eq!(begin, Begin::First);
            // Another thread is at it.
            assert!(!slow.try_call(|_| ()) && !slow.call_timeout(Duration::from_millis(2), |_| ()));
        });
        mem::drop(slow);
        assert!(Once::SCHEMA.kind.has_owner());
    });
}

/// A stopped process keeps the signal that it handles, and goes on to initialise.
fn stopper(role: &mut Role) {
    let mut memory = Memory::create(role.arg(0));
    let (news, once) = (memory.put::<Event>(Reset::Auto), memory.put::<Once>(()));
    let begun = memory.put::<AtomicU64>(0u64);
    news.set();
    let mut holder = Forked::run(|| {
        let _signal = news.receive();
        once.call(|_| {
            begun.store(1, Ordering::SeqCst);
            thread::park();
        });
    });
    until(|| begun.load(Ordering::SeqCst) == 1);
    news.set();
    for _ in 0..role.arg(1).parse().unwrap() {
        let _watchdog = Watchdog::new();
        holder.stop();
        assert!(news.receive_timeout(Duration::from_millis(3)).is_none(), "a signal was stolen");
        let is_done = once.call_timeout(Duration::from_millis(3), |_| panic!("replaced alive"));
        assert!(!is_done);
        holder.cont();
    }
    holder.kill();
    assert!(news.receive().is_redelivered());
    once.call(|begin| assert_eq!(begin, Begin::Again));
    role.say("done: nothing stolen");
}

#[test]
fn a_stopped_process_keeps_its_signal_and_its_initialisation() {
    done(Child::run("handler stopper", &[&fixture::name(), &rounds(20, 1_000).to_string()]));
}
