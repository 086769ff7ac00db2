//! Holders of permits of a System V set that are killed at any time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::{array, iter};

use ipc_mem::{Carver, Placed};
use ipc_sync::sysv::{Operation, SemaphoreSet};
use ipc_testkit::{Child, Forked, Rng, Role, Watchdog, figures, fixture, rounds};

use crate::common::{Shared, new_file, until};
use crate::semaphore_set::{TestKey, key};

pub(crate) const ROLES: &[(&str, ipc_testkit::Part)] = &[("killer of holders", killer)];

const PERMITS: usize = 2;
const WORKERS: usize = 4;

/// A permit is a counter that is 1 while it is free, and is acquired with undo. After those, each worker has a counter
/// without undo, which the same operations change: it is 1 if the worker holds a permit, or held one when it died.
struct Permits {
    set: SemaphoreSet,
    /// The holder of each permit, as the number of its life; 0 means no holder.
    holders: Shared<[AtomicU64; PERMITS]>,
    /// The last life of each worker that has ended.
    over: Shared<[AtomicU64; WORKERS]>,
    done: Shared<AtomicU64>,
}

fn index(index: usize) -> u16 {
    u16::try_from(index).unwrap()
}

/// The number of the `nth` life of a worker.
fn life(worker: usize, nth: usize) -> u64 {
    (1 + nth * WORKERS + worker) as u64
}

impl Permits {
    fn new(role: &Role) -> Self {
        let mut carver = Carver::new(new_file(role.arg(1))).unwrap();
        let mut part = || carver.carve(64, 64).unwrap();
        let values: [u16; PERMITS + WORKERS] = array::from_fn(|i| u16::from(i < PERMITS));
        Self {
            set: SemaphoreSet::create(key(role), values).unwrap(),
            holders: Placed::create_in(part()).unwrap(),
            over: Placed::create_in(part()).unwrap(),
            done: Placed::create_in(part()).unwrap(),
        }
    }

    /// Acquires a permit and releases it.
    fn turn(&self, worker: usize, life: u64, permit: usize) {
        let (counter, mine) = (index(permit), index(PERMITS + worker));
        self.set.operate(&[Operation::take(counter, 1).undo(), Operation::add(mine, 1)]).unwrap();
        let before = self.holders[permit].swap(life, Ordering::SeqCst);
        let of = usize::try_from(before).unwrap() + WORKERS - 1;
        assert!(
            before == 0 || before <= self.over[of % WORKERS].load(Ordering::SeqCst),
            "two have one permit"
        );
        (0..300).for_each(|_| std::hint::spin_loop());
        assert_eq!(self.holders[permit].swap(0, Ordering::SeqCst), life, "two have one permit");
        self.set.operate(&[Operation::add(counter, 1).undo(), Operation::take(mine, 1)]).unwrap();
        self.done.fetch_add(1, Ordering::SeqCst);
    }

    fn start_worker(&self, worker: usize, nth: usize) -> Forked {
        Forked::run(|| {
            loop {
                (0..PERMITS).for_each(|permit| {
                    self.turn(worker, life(worker, nth), (worker + permit) % PERMITS);
                });
            }
        })
    }

    fn has_one(&self, worker: usize) -> bool {
        self.set.get(index(PERMITS + worker)).unwrap() == 1
    }

    /// Checks that all permits exist, without the counter of a dead worker, which it resets.
    fn expect_all_but_of(&self, dead: usize) {
        let values = self.set.values().unwrap();
        let had = values[PERMITS + dead];
        let (free, taken) = values.split_at(PERMITS);
        let all = free.iter().chain(taken).sum::<u16>() - had;
        assert_eq!(usize::from(all), PERMITS, "permits were lost or made: {values:?}");
        if had > 0 {
            self.set.operate(&[Operation::take(index(PERMITS + dead), had)]).unwrap();
        }
    }
}

fn killer(role: &mut Role) {
    let kills: usize = role.arg(2).parse().unwrap();
    let permits = Permits::new(role);
    let mut workers: Vec<_> = (0..WORKERS).map(|worker| permits.start_worker(worker, 0)).collect();
    let (mut lives, mut inside) = ([0; WORKERS], 0);
    let mut rng = Rng::new();
    for kill in 0..kills {
        let _watchdog = Watchdog::new(); // ends the test if it makes no progress
        // Half of the victims die at any place, and half with a permit.
        let (victim, has_one) = loop {
            let victim = rng.index(WORKERS);
            workers[victim].stop();
            let has_one = permits.has_one(victim);
            if kill % 2 == 0 || has_one {
                break (victim, has_one);
            }
            workers[victim].cont();
        };
        inside += usize::from(has_one);
        permits.over[victim].store(life(victim, lives[victim]), Ordering::SeqCst);
        workers[victim].kill();
        permits.expect_all_but_of(victim);
        lives[victim] += 1;
        workers[victim] = permits.start_worker(victim, lives[victim]);
        let done = permits.done.load(Ordering::SeqCst);
        until(|| permits.done.load(Ordering::SeqCst) > done);
        if kill % 10 == 0 {
            role.say("going on");
        }
    }
    for (worker, forked) in workers.iter_mut().enumerate() {
        forked.kill();
        permits.expect_all_but_of(worker);
    }
    assert_eq!(permits.set.values().unwrap(), [1, 1, 0, 0, 0, 0]);
    assert!(inside * 4 >= kills, "the test kills too few inside");
    let turns = permits.done.load(Ordering::SeqCst);
    role.say(&format!(
        "done: {kills} kills, {inside} with a permit, all of which came back, among {turns} turns"
    ));
}

#[test]
fn permits_of_the_killed_return_and_none_is_held_twice() {
    let (key, name) = (TestKey::new(), fixture::name());
    let mut child =
        Child::run("killer of holders", &[&key.text(), &name, &rounds(200, 10_000).to_string()]);
    figures(
        iter::repeat_with(|| child.hear())
            .find_map(|said| Some(said.strip_prefix("done: ")?.to_owned()))
            .unwrap(),
    );
    child.finish();
}
