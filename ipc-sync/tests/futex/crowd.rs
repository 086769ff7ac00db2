//! Processes of several threads that take turns at something, and are killed and stopped wherever
//! they are.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use ipc_testkit::{Forked, Rng, Role};

use crate::common::{Memory, Shared, until};

pub(crate) const WORKERS: usize = 4;
pub(crate) const THREADS: usize = 3;

const OUTSIDE: u64 = 0;
const CALLING: u64 = 1;
const INSIDE: u64 = 2;

/// The words in shared memory in which the threads say where they are.
pub(crate) struct Crowd {
    phases: Shared<[AtomicU64; WORKERS * THREADS]>,
    done: Shared<AtomicU64>,
    /// The others get on only with another worker in the place of the dead one.
    pub(crate) is_replaced_first: bool,
}

/// The counts of the killer.
pub(crate) struct Killed {
    /// Victims of which a thread was inside.
    pub(crate) inside: u64,
    /// Victims of which a thread was inside or in a call.
    pub(crate) within: u64,
}

/// The place of a thread.
pub(crate) struct Spot<'a> {
    phase: &'a AtomicU64,
    /// A number for each thread of each worker.
    pub(crate) number: usize,
}

impl Spot<'_> {
    pub(crate) fn calling(&self) {
        self.phase.store(CALLING, Ordering::SeqCst);
    }

    pub(crate) fn inside(&self) {
        self.phase.store(INSIDE, Ordering::SeqCst);
    }
}

/// A stretch of time inside, in which other threads may run: so also on a busy machine a process is
/// found inside.
pub(crate) fn dwell() {
    (0..100).for_each(|_| std::hint::spin_loop());
    thread::yield_now();
}

impl Crowd {
    pub(crate) fn new(memory: &mut Memory) -> Self {
        Self { phases: memory.put(0u64), done: memory.put(0u64), is_replaced_first: false }
    }

    fn start(&self, worker: usize, turn: &(impl Fn(&Spot<'_>) + Sync)) -> Forked {
        let first = worker * THREADS;
        let phases = &self.phases[first..first + THREADS];
        phases.iter().for_each(|phase| phase.store(OUTSIDE, Ordering::SeqCst));
        let work = |phase, number| {
            loop {
                turn(&Spot { phase, number });
                phase.store(OUTSIDE, Ordering::SeqCst);
                self.done.fetch_add(1, Ordering::SeqCst);
            }
        };
        Forked::run(|| {
            thread::scope(|scope| {
                for (i, phase) in phases.iter().enumerate() {
                    scope.spawn(move || work(phase, first + i));
                }
            });
        })
    }

    fn farthest(&self, worker: usize) -> u64 {
        let phases = &self.phases[worker * THREADS..][..THREADS];
        phases.iter().map(|phase| phase.load(Ordering::SeqCst)).max().unwrap()
    }

    /// Waits for a while until a thread is inside. One that was continued a moment ago may not have
    /// run since.
    fn wait_for_inside(&self, worker: usize) {
        for _ in 0..1_000 {
            if self.farthest(worker) == INSIDE {
                break;
            }
            thread::yield_now();
        }
    }

    /// Has workers take turns, and kills them: half of them wherever they are, half of them inside.
    /// After each kill the others have to get on; if they do not, the parent ends all, since it
    /// hears nothing any more. No watchdog runs here: a thread that starts at the moment of a fork
    /// leaves a lock of `std` held in the child.
    pub(crate) fn kill_around(
        &self,
        role: &mut Role,
        kills: u64,
        turn: impl Fn(&Spot<'_>) + Sync,
    ) -> Killed {
        let mut workers: Vec<_> = (0..WORKERS).map(|worker| self.start(worker, &turn)).collect();
        let mut rng = Rng::new();
        let mut killed = Killed { inside: 0, within: 0 };
        for kill in 0..kills {
            let (victim, phase) = loop {
                let victim = rng.index(WORKERS);
                if kill % 2 == 1 {
                    self.wait_for_inside(victim);
                }
                workers[victim].stop();
                let phase = self.farthest(victim);
                if kill % 2 == 0 || phase == INSIDE {
                    break (victim, phase);
                }
                workers[victim].cont();
            };
            killed.inside += u64::from(phase == INSIDE);
            killed.within += u64::from(phase != OUTSIDE);
            workers[victim].kill();
            let done = self.done.load(Ordering::SeqCst);
            if self.is_replaced_first {
                workers[victim] = self.start(victim, &turn);
            }
            until(|| self.done.load(Ordering::SeqCst) > done);
            if !self.is_replaced_first {
                workers[victim] = self.start(victim, &turn);
            }
            role.say("going on");
        }
        workers.iter_mut().for_each(Forked::kill);
        assert!(killed.inside * 4 >= kills, "the test kills too few inside");
        killed
    }
}
