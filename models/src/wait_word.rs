//! The word that threads sleep on: no wake-up is lost between a look and a sleep, and the bit that
//! saves the system call is cleared only if no thread sleeps.
//!
//! | here | there |
//! |---|---|
//! | [`Gate::wait`] | `WaitWord::wait_with`, one turn of its loop, in `ipc-mem/src/wait_word.rs` |
//! | [`Gate::post`] | `Semaphore::post` and `WaitWord::notify_one`, `wake_one` |
//! | [`Gate::open`] | `Once`, `Event`, `Latch`: a change, then `notify_all`, `wake_all` |
//! | the mutex of loom | the queue of the kernel, which compares and sleeps in one step |
//!
//! Loom takes a sequentially consistent load for one that acquires; a fence before it stands for the
//! rest. A thread that would sleep stays in the queue, and the model looks at the end whether it would
//! have been woken: slices, which would wake it, are left out.

use loom::sync::atomic::{AtomicU32, Ordering, fence};
use loom::sync::{Arc, Mutex};
use loom::thread;

pub const MUTANTS: &[&str] = &[
    "announced after the look",
    "no look after the announcement",
    "notified before the change",
    "looks relaxed for sleepers",
    "the bit is cleared although threads sleep",
    "a thread that slept before the bit was cleared sleeps on",
];

/// Threads may sleep.
const SLEEPERS: u32 = 1;
const CHANGE: u32 = 2;

struct Gate {
    futex: AtomicU32,
    permits: AtomicU32,
    /// The threads that sleep in the kernel.
    queue: Mutex<u32>,
    mutant: &'static str,
}

pub fn run(mutant: &'static str) {
    // The number of threads that wait, and whether each post is for one or opens for all.
    for (waiters, posts, all) in [(1, 1, false), (2, 1, true), (2, 2, false)] {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(3);
        builder.check(move || try_all(waiters, posts, all, mutant));
    }
}

fn try_all(waiters: u32, posts: u32, all: bool, mutant: &'static str) {
    let gate = Arc::new(Gate {
        futex: AtomicU32::new(0),
        permits: AtomicU32::new(0),
        queue: Mutex::new(0),
        mutant,
    });
    let waiting: Vec<_> = (0..waiters)
        .map(|_| {
            let gate = Arc::clone(&gate);
            thread::spawn(move || gate.wait(all))
        })
        .collect();
    for _ in 0..posts {
        if all { gate.open() } else { gate.post() }
    }
    for thread in waiting {
        thread.join().unwrap();
    }
    let (asleep, left) = (*gate.queue.lock().unwrap(), gate.permits.load(Ordering::SeqCst));
    assert!(asleep == 0 || left == 0, "broken: {asleep} threads sleep beside {left} permits");
}

impl Gate {
    fn is(&self, mutant: &str) -> bool {
        self.mutant == mutant
    }

    /// Acquires a permit, or passes a gate that is open.
    fn attempt(&self, all: bool) -> bool {
        if all {
            return self.permits.load(Ordering::SeqCst) > 0;
        }
        let less = |permits: u32| permits.checked_sub(1);
        self.permits.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok()
    }

    /// Looks until it would sleep.
    fn wait(&self, all: bool) {
        loop {
            let late = self.is("announced after the look") && self.attempt(all);
            if late {
                return;
            }
            let seen = self.futex.fetch_or(SLEEPERS, Ordering::SeqCst) | SLEEPERS;
            fence(Ordering::SeqCst);
            let looks =
                !self.is("announced after the look") && !self.is("no look after the announcement");
            if looks && self.attempt(all) {
                return;
            }
            let mut queue = self.queue.lock().unwrap();
            if self.futex.load(Ordering::SeqCst) == seen {
                *queue += 1;
                return;
            }
            drop(queue);
            if self.attempt(all) {
                return;
            }
        }
    }

    fn has_sleepers(&self) -> bool {
        if !self.is("looks relaxed for sleepers") {
            fence(Ordering::SeqCst);
        }
        self.futex.load(Ordering::SeqCst) & SLEEPERS != 0
    }

    fn post(&self) {
        let early = self.is("notified before the change") && self.has_sleepers();
        self.permits.fetch_add(1, Ordering::SeqCst);
        if early || !self.is("notified before the change") && self.has_sleepers() {
            self.wake_one();
        }
    }

    fn open(&self) {
        self.permits.store(1, Ordering::SeqCst);
        if self.has_sleepers() {
            let change = |word: u32| Some(word.wrapping_add(CHANGE) & !SLEEPERS);
            let _ = self.futex.fetch_update(Ordering::SeqCst, Ordering::SeqCst, change);
            *self.queue.lock().unwrap() = 0;
        }
    }

    fn wake_one(&self) {
        let changed = self.futex.fetch_add(CHANGE, Ordering::SeqCst) + CHANGE;
        let although = self.is("the bit is cleared although threads sleep");
        if self.wake(1) > 0 && !although {
            return;
        }
        let cleared = (changed + CHANGE) & !SLEEPERS;
        let (success, failure) = (Ordering::SeqCst, Ordering::Relaxed);
        let sleeps_on = self.is("a thread that slept before the bit was cleared sleeps on");
        if self.futex.compare_exchange(changed, cleared, success, failure).is_ok()
            && !although
            && !sleeps_on
        {
            self.wake(u32::MAX);
        }
    }

    /// Wakes threads that sleep, which go on with their loops here.
    fn wake(&self, most: u32) -> u32 {
        let mut queue = self.queue.lock().unwrap();
        let woken = (*queue).min(most);
        *queue -= woken;
        drop(queue);
        (0..woken).for_each(|_| self.wait(false));
        woken
    }
}
