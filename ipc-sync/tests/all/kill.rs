//! Owners of a robust mutex that are killed at any time.

#![expect(unsafe_code, reason = "opens locks that it created before")]

use std::iter;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ipc_mem::{Carver, Placed, Resident};
use ipc_sync::LockError;
use ipc_sync::pthread::{
    Mutex, MutexGuard, MutexOptions, Protocol, RawMutex, RawRwLock, RwLockOptions,
};
use ipc_testkit::{Child, Forked, Rng, Role, Watchdog, figures, fixture, rounds};

use crate::common::{Shared, new_file, open_file, until};

pub(crate) const ROLES: &[(&str, ipc_testkit::Part)] =
    &[("killer", killer), ("stopper", stopper), ("holder", holder), ("reader", reader)];

const WORKERS: usize = 4;

/// The phases of a worker, stored in shared memory, where they can be read after its death.
const OUTSIDE: u32 = 0;
const CALLING: u32 = 1;
const INSIDE: u32 = 2;
const LEAVING: u32 = 3;

struct Twins {
    counts: Shared<Mutex<[u64; 2]>>,
    phases: Shared<[AtomicU32; WORKERS]>,
    /// The number of times that a worker got `OwnerDied`.
    told: Shared<AtomicU64>,
    done: Shared<AtomicU64>,
}

impl Twins {
    fn new(name: &str, options: MutexOptions) -> Self {
        let mut carver = Carver::new(new_file(name)).unwrap();
        let mut part = || carver.carve(128, 64).unwrap(); // a mutex of aarch64 is larger
        Self {
            counts: Mutex::create_in_with(part(), [0; 2], options).unwrap(),
            phases: Placed::create_in(part()).unwrap(),
            told: Placed::create_in(part()).unwrap(),
            done: Placed::create_in(part()).unwrap(),
        }
    }

    /// One turn of a worker.
    fn count(&self, phase: &AtomicU32) {
        phase.store(CALLING, Ordering::SeqCst);
        let mut twins = match self.counts.lock() {
            Ok(twins) => twins,
            Err(LockError::OwnerDied(twins)) => self.repaired(twins),
            Err(err) => panic!("{err}"),
        };
        phase.store(INSIDE, Ordering::SeqCst);
        assert_eq!(twins[0], twins[1], "the twins differ, and no owner had died");
        twins[0] += 1;
        (0..300).for_each(|_| std::hint::spin_loop());
        twins[1] += 1;
        phase.store(LEAVING, Ordering::SeqCst);
        drop(twins);
        phase.store(OUTSIDE, Ordering::SeqCst);
        self.done.fetch_add(1, Ordering::SeqCst);
    }

    fn repaired<'a>(&self, mut twins: MutexGuard<'a, [u64; 2]>) -> MutexGuard<'a, [u64; 2]> {
        twins[0] = twins[0].max(twins[1]);
        twins[1] = twins[0];
        twins.mark_consistent().unwrap();
        self.told.fetch_add(1, Ordering::SeqCst);
        twins
    }

    fn start_worker(&self, me: usize) -> Forked {
        self.phases[me].store(OUTSIDE, Ordering::SeqCst);
        Forked::run(|| {
            loop {
                self.count(&self.phases[me]);
            }
        })
    }

    /// Stops a worker, and returns its phase.
    fn stopped(&self, worker: &mut Forked, me: usize) -> u32 {
        worker.stop();
        self.phases[me].load(Ordering::SeqCst)
    }
}

fn killer(role: &mut Role) {
    let kills: u32 = role.arg(1).parse().unwrap();
    let protocol = if role.arg(2) == "inherit" { Protocol::Inherit } else { Protocol::None };
    let twins = Twins::new(role.arg(0), MutexOptions::new().protocol(protocol));
    let mut workers: Vec<_> = (0..WORKERS).map(|me| twins.start_worker(me)).collect();
    let mut rng = Rng::new();
    let (mut inside, mut within_the_call) = (0, 0);
    for kill in 0..kills {
        let _watchdog = Watchdog::new(); // ends the test if it makes no progress
        // Half of the victims die in any phase, and half inside.
        let (victim, phase) = loop {
            let victim = usize::try_from(rng.below(WORKERS as u64)).unwrap();
            let phase = twins.stopped(&mut workers[victim], victim);
            if kill % 2 == 0 || phase == INSIDE {
                break (victim, phase);
            }
            workers[victim].cont();
        };
        inside += u64::from(phase == INSIDE);
        within_the_call += u64::from(phase != OUTSIDE);
        workers[victim].kill();
        workers[victim] = twins.start_worker(victim);
        let done = twins.done.load(Ordering::SeqCst);
        until(|| twins.done.load(Ordering::SeqCst) > done);
        if kill % 10 == 0 {
            role.say("going on");
        }
    }
    workers.iter_mut().for_each(Forked::kill);
    // After the last death inside, this process may be the next owner.
    within_the_call += WORKERS as u64;
    twins.count(&twins.phases[0]);
    let told = twins.told.load(Ordering::SeqCst);
    assert!(inside <= told && told <= within_the_call);
    assert!(inside * 4 >= u64::from(kills), "the test kills too few inside");
    role.say(&format!(
        "done: {kills} kills, {inside} inside <= {told} told <= {within_the_call} within the call"
    ));
}

fn kill_around(protocol: &str) {
    let name = fixture::name();
    let mut child = Child::run("killer", &[&name, &rounds(200, 10_000).to_string(), protocol]);
    figures(
        iter::repeat_with(|| child.hear())
            .find_map(|said| Some(said.strip_prefix("done: ")?.to_owned()))
            .unwrap(),
    );
    child.finish();
}

#[test]
fn kills_around_a_robust_mutex_block_no_process_and_spoil_no_data() {
    kill_around("none");
}

#[test]
fn kills_around_a_priority_inheriting_mutex_block_no_process() {
    kill_around("inherit");
}

fn stopper(role: &mut Role) {
    let twins = Twins::new(role.arg(0), MutexOptions::new());
    let mut worker = twins.start_worker(0);
    let mut rng = Rng::new();
    for round in 0..role.arg(1).parse().unwrap() {
        let _watchdog = Watchdog::new();
        while twins.stopped(&mut worker, 0) != INSIDE {
            worker.cont();
        }
        let timeout = rng.duration(Duration::from_micros(100)..Duration::from_millis(5));
        let before = Instant::now();
        assert!(
            twins.counts.lock_timeout(timeout).unwrap().is_none(),
            "a lock was taken from who holds it"
        );
        assert!(before.elapsed() >= timeout);
        worker.cont();
        drop(twins.counts.lock().unwrap());
        if round % 100 == 0 {
            role.say("going on");
        }
    }
    worker.kill();
    role.say("done");
}

#[test]
fn an_owner_that_is_stopped_keeps_its_lock_and_the_others_their_time() {
    let (name, stops) = (fixture::name(), rounds(50, 1_000));
    let mut child = Child::run("stopper", &[&name, &stops.to_string()]);
    while child.hear() != "done" {}
    child.finish();
    figures(format_args!("{stops} stops inside, nothing taken"));
}

fn holder(role: &mut Role) {
    // SAFETY: the parent created the mutex, and destroys it after this process has ended.
    let mutex = unsafe { RawMutex::open_in(open_file(role.arg(0))) }.unwrap();
    let _held = mutex.lock().unwrap();
    role.say("holding");
    role.wait_for("never");
}

#[test]
fn a_mutex_that_another_process_holds_keeps_no_memory_of_ours() {
    let name = fixture::name();
    let mutex = RawMutex::create_in(new_file(&name), MutexOptions::new()).unwrap();
    let mut child = Child::run("holder", &[&name]);
    child.wait_for("holding");
    assert!(mutex.try_lock().unwrap().is_none());
    assert!(mutex.may_unmap());
    child.kill();
}

fn reader(role: &mut Role) {
    // SAFETY: the parent created the mutex, and destroys it after this process has ended.
    let lock = unsafe { RawRwLock::open_in(open_file(role.arg(0))) }.unwrap();
    let _held = lock.read().unwrap();
    role.say("reading");
    role.wait_for("never");
}

#[test]
fn a_killed_reader_keeps_writers_out_until_their_time_is_over() {
    let name = fixture::name();
    let lock = RawRwLock::create_in(new_file(&name), RwLockOptions::new()).unwrap();
    let mut child = Child::run("reader", &[&name]);
    child.wait_for("reading");
    child.kill();
    assert!(lock.write_timeout(Duration::from_millis(20)).unwrap().is_none());
    assert!(lock.try_read().unwrap().is_some());
}
