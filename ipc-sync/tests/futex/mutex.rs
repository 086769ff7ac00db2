//! Native mutexes.

#![expect(unsafe_code, reason = "opens what it made before, and looks at words of any bits")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{iter, mem, thread};

use ipc_core::Errno;
use ipc_mem::{LocalMemory, MemoryOptions, Placed, Resident, SharedMemory, Tag};
use ipc_sync::LockError;
use ipc_sync::futex::{FutexMutex, Mutex, MutexGuard, RawMutex};
use ipc_testkit::{
    Child, Forked, Part, Rng, Role, Timed, Watchdog, figures, fixture, rounds, this_thread,
    thread_sleeps, watchdog,
};

use crate::common::{Memory, Shared, sleeps, until};
use crate::crowd::{Crowd, Spot, WORKERS, dwell};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("mutex killer", killer),
    ("mutex stopper", stopper),
    ("mutex parent", parent),
    ("mutex sleepers", sleep_around),
    ("mutex unlocker", unlocker),
    ("mutex holder", holder),
    ("mutex leaker", leaker),
];

struct Twins {
    counts: Shared<Mutex<[u64; 2]>>,
    occupant: Shared<AtomicU64>,
    told: Shared<AtomicU64>,
}

impl Twins {
    fn new(memory: &mut Memory) -> Self {
        Self { counts: memory.put([0; 2]), occupant: memory.put(0u64), told: memory.put(0u64) }
    }

    fn turn(&self, spot: &Spot<'_>) {
        spot.calling();
        let mut twins = match self.counts.lock() {
            Ok(twins) => twins,
            Err(LockError::OwnerDied(twins)) => self.repaired(twins),
            Err(err) => panic!("{err}"),
        };
        let me = spot.number as u64 + 1;
        assert_eq!(self.occupant.swap(me, Ordering::SeqCst), 0, "two threads hold one lock");
        spot.inside();
        assert_eq!(twins[0], twins[1], "the twins differ, and nobody was told why");
        twins[0] += 1;
        dwell();
        twins[1] += 1;
        assert_eq!(self.occupant.swap(0, Ordering::SeqCst), me, "two threads hold one lock");
        spot.calling();
        drop(twins);
    }

    fn repaired<'a>(&self, mut twins: MutexGuard<'a, [u64; 2]>) -> MutexGuard<'a, [u64; 2]> {
        self.told.fetch_add(1, Ordering::SeqCst);
        twins[0] = twins[0].max(twins[1]);
        twins[1] = twins[0];
        self.occupant.store(0, Ordering::SeqCst);
        twins.mark_consistent().unwrap();
        twins
    }
}

fn killer(role: &mut Role) {
    let kills = role.arg(1).parse().unwrap();
    let mut memory = Memory::create(role.arg(0));
    let (crowd, twins) = (Crowd::new(&mut memory), Twins::new(&mut memory));
    let killed = crowd.kill_around(role, kills, |spot| twins.turn(spot));
    // The last that died inside may have none after it but us.
    drop(twins.counts.lock().or_else(|err| match err {
        LockError::OwnerDied(guard) => Ok(twins.repaired(guard)),
        err => Err(err),
    }));
    let told = twins.told.load(Ordering::SeqCst);
    let within = killed.within + WORKERS as u64;
    assert!(
        killed.inside <= told && told <= within,
        "{} inside, {told} told, {within} within",
        killed.inside
    );
    role.say(&format!(
        "done: {kills} kills, {} inside <= {told} told <= {within} within the call",
        killed.inside
    ));
}

/// Waits until a role says that it is done, and prints the rest of the line.
pub(crate) fn done(mut child: Child) {
    let said = iter::repeat_with(|| child.hear())
        .find_map(|said| Some(said.strip_prefix("done: ")?.to_owned()));
    figures(said.unwrap());
    child.finish();
}

#[test]
fn processes_killed_around_a_mutex_stop_none_and_spoil_nothing() {
    done(Child::run("mutex killer", &[&fixture::name(), &rounds(200, 10_000).to_string()]));
}

/// Stops a worker while it is inside.
pub(crate) fn stop_inside(worker: &mut Forked, inside: &AtomicU64) {
    loop {
        until(|| inside.load(Ordering::SeqCst) == 1);
        worker.stop();
        if inside.load(Ordering::SeqCst) == 1 {
            break;
        }
        worker.cont();
    }
}

fn stopper(role: &mut Role) {
    let stops = role.arg(1).parse().unwrap();
    let mut memory = Memory::create(role.arg(0));
    let (lock, inside) = (memory.put::<Mutex<u64>>(0), memory.put::<AtomicU64>(0u64));
    let mut worker = Forked::run(|| {
        loop {
            let mut held = lock.lock().unwrap();
            inside.store(1, Ordering::SeqCst);
            *held += 1;
            dwell();
            inside.store(0, Ordering::SeqCst);
        }
    });
    let mut rng = Rng::new();
    for round in 0..stops {
        let _watchdog = Watchdog::new();
        stop_inside(&mut worker, &inside);
        let timeout = rng.duration(
            Duration::from_micros(100)..Duration::from_millis(if round % 20 == 0 { 50 } else { 5 }),
        );
        let before = Instant::now();
        assert!(
            lock.lock_timeout(timeout).unwrap().is_none(),
            "a lock was stolen from a stopped process"
        );
        assert!(before.elapsed() >= timeout);
        worker.cont();
        drop(lock.lock().unwrap());
        if round % 100 == 0 {
            role.say("going on");
        }
    }
    worker.kill();
    role.say(&format!("done: {stops} stops inside, nothing stolen"));
}

#[test]
fn a_stopped_owner_keeps_its_mutex_and_the_others_their_timeouts() {
    done(Child::run("mutex stopper", &[&fixture::name(), &rounds(50, 1_000).to_string()]));
}

/// Of two that sleep, the first is killed when it has been woken: its wake-up is not the last.
fn sleep_around(role: &mut Role) {
    let rounds: u64 = role.arg(1).parse().unwrap();
    let lock = Memory::create(role.arg(0)).put::<Mutex<u64>>(0);
    for round in 0..rounds {
        let _watchdog = Watchdog::new();
        let held = lock.lock_or_repair(|_| ()).unwrap();
        let mut first = Forked::run(|| {
            let _held = lock.lock_or_repair(|_| ()).unwrap();
            thread::park();
        });
        until(|| sleeps(first.pid()));
        let second = Forked::run(|| drop(lock.lock_or_repair(|_| ()).unwrap()));
        until(|| sleeps(second.pid()));
        drop(held);
        first.kill();
        second.finish();
        if round % 100 == 0 {
            role.say("going on");
        }
    }
    role.say(&format!("done: {rounds} killed when they were woken, all others went on"));
}

#[test]
fn a_wake_up_that_a_killed_process_received_is_not_the_last() {
    done(Child::run("mutex sleepers", &[&fixture::name(), &rounds(50, 2_000).to_string()]));
}

fn unlocker(role: &mut Role) {
    let lock = open(role.arg(0));
    let held = lock.lock().unwrap();
    role.say("held");
    role.wait_for("unlock");
    drop(held);
}

#[test]
fn a_process_killed_between_release_and_wake_up_leaves_a_free_mutex() {
    watchdog(|| {
        let name = fixture::name();
        let lock = create(&name);
        let mut child = Child::run_crashing("mutex unlocker", &[&name], "before futex_wake", 1);
        child.wait_for("held");
        let (tell, told) = mpsc::channel();
        let guard = thread::scope(|scope| {
            let waiter = scope.spawn(|| {
                tell.send(this_thread()).unwrap();
                lock.lock().is_ok()
            });
            let waiting = told.recv().unwrap();
            until(|| thread_sleeps(&waiting));
            child.tell("unlock");
            child.crash();
            waiter.join().unwrap()
        });
        assert!(guard, "the owner released it before it died");
    });
}

/// One mutex alone in shared memory.
fn create(name: &str) -> Placed<Mutex<u64>, SharedMemory> {
    let memory = SharedMemory::create(name, MemoryOptions::new(4096).content(Tag::BARE)).unwrap();
    Mutex::create_in(memory, 0).unwrap()
}

fn open(name: &str) -> Placed<Mutex<u64>, SharedMemory> {
    // SAFETY: `create` made it, and keeps it until this process has ended; only its own functions
    // write it.
    unsafe { Mutex::open_in(SharedMemory::open(name).unwrap()) }.unwrap()
}

fn holder(role: &mut Role) {
    let lock = open(role.arg(0));
    let touched = vec![1u8; role.arg(1).parse().unwrap()];
    let workers: Vec<_> = (0..2)
        .map(|_| {
            thread::spawn(|| {
                loop {
                    std::hint::spin_loop();
                }
            })
        })
        .collect();
    let held = lock.lock_or_repair(|_| ()).unwrap();
    role.say("held");
    role.wait_for("never");
    drop((held, touched, workers));
}

#[test]
fn the_death_of_an_owner_is_told_whatever_its_size() {
    let (name, mut told) = (fixture::name(), Vec::new());
    let lock = create(&name);
    for mib in [0, 1024] {
        let mut times = Vec::new();
        for _ in 0..rounds(2, 50) {
            let mut child = Child::run("mutex holder", &[&name, &(mib << 20).to_string()]);
            child.wait_for("held");
            let (tell, told) = mpsc::channel();
            let time = thread::scope(|scope| {
                let waiter = scope.spawn(|| {
                    tell.send(this_thread()).unwrap();
                    let Err(LockError::OwnerDied(mut held)) = lock.lock() else { return None };
                    let told = Instant::now();
                    held.mark_consistent().unwrap();
                    Some(told)
                });
                let waiting = told.recv().unwrap();
                until(|| thread_sleeps(&waiting));
                let killed = Instant::now();
                child.signal(libc::SIGKILL);
                waiter.join().unwrap().expect("an owner that died").duration_since(killed)
            });
            child.kill();
            times.push(time);
        }
        times.sort();
        told.push(format!(
            "{mib} MiB: p50 {:?}, worst {:?}",
            times[times.len() / 2],
            times[times.len() - 1]
        ));
    }
    figures(told.join("; "));
}

fn parent(role: &mut Role) {
    let lock = Memory::create(role.arg(0)).put::<Mutex<u64>>(0);
    for _ in 0..role.arg(1).parse().unwrap() {
        let held = lock.lock().unwrap();
        // The child drops its copy of the guard.
        let mut copy = Some(held);
        Forked::run(|| {
            drop(copy.take());
            assert!(
                lock.try_lock().unwrap().is_none(),
                "a forked child released a lock of its parent"
            );
        })
        .finish();
        Forked::run(|| assert!(lock.try_lock().unwrap().is_none())).finish();
        drop(copy);
        Forked::run(|| drop(lock.try_lock().unwrap().expect("a free lock"))).finish();
    }
    role.say("done: nothing released");
}

#[test]
fn a_forked_child_owns_nothing_that_its_parent_holds() {
    done(Child::run("mutex parent", &[&fixture::name(), &rounds(20, 500).to_string()]));
}

#[test]
fn a_leaked_guard_keeps_the_mutex_until_the_process_ends() {
    let name = fixture::name();
    let lock = create(&name);
    let mut child = Child::run("mutex leaker", &[&name]);
    child.wait_for("leaked");
    assert!(lock.lock_timeout(Duration::from_millis(20)).unwrap().is_none());
    child.tell("end");
    child.finish();
    watchdog(|| assert!(matches!(lock.lock(), Err(LockError::OwnerDied(_)))));
}

fn leaker(role: &mut Role) {
    let lock = open(role.arg(0));
    thread::scope(|scope| scope.spawn(|| mem::forget(lock.lock().unwrap())).join().unwrap());
    role.say("leaked");
    role.wait_for("end");
}

#[test]
fn an_unrepaired_mutex_is_refused_unless_its_guard_was_passed_on() {
    let name = fixture::name();
    let lock = create(&name);
    let die = || {
        let mut child = Child::run("mutex holder", &[&name, "0"]);
        child.wait_for("held");
        child.kill();
    };
    die();
    // `?` gives the guard back.
    let told = || -> ipc_core::Result<u64> { Ok(*lock.lock()?) };
    assert_eq!(told().unwrap_err().errno(), Some(Errno::EOWNERDEAD));
    assert_eq!(told().unwrap_err().errno(), Some(Errno::EOWNERDEAD));
    assert!(
        lock.try_lock().is_err_and(|err| matches!(err, LockError::OwnerDied(_))),
        "dropped without repair"
    );
    assert!(matches!(lock.lock(), Err(LockError::NotRecoverable)));
    assert!(matches!(lock.try_lock(), Err(LockError::NotRecoverable)));
}

#[test]
fn a_repaired_mutex_works_as_before() {
    let name = fixture::name();
    let lock = create(&name);
    assert!(lock.lock().unwrap().mark_consistent().unwrap_err().is_invalid_argument());
    let mut child = Child::run("mutex holder", &[&name, "0"]);
    child.wait_for("held");
    child.kill();
    assert_eq!(*lock.lock_or_repair(|data| *data = 7).unwrap(), 7);
    assert_eq!(lock.get().unwrap(), 7);
}

#[test]
fn threads_exclude_each_other() {
    watchdog(|| {
        let lock = Mutex::create_in(LocalMemory::new(64).unwrap(), 0u64).unwrap();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..50_000).for_each(|_| *lock.lock().unwrap() += 1));
            }
        });
        assert_eq!(lock.get().unwrap(), 200_000);
    });
}

#[test]
fn no_wait_for_a_mutex_ends_before_its_time() {
    let lock = RawMutex::create_in(LocalMemory::new(64).unwrap(), ()).unwrap();
    let _held = lock.lock().unwrap();
    let free = |got: Result<Option<_>, _>| got.unwrap().is_some();
    let calls = [Timed::new(
        "lock",
        |time| free(lock.lock_timeout(time)),
        |moment| free(lock.lock_deadline(moment)),
    )];
    Timed::never_early(&calls, rounds(20, 1_000));
}

/// Words of any bits, as another process could write them.
#[test]
fn damaged_words_cause_errors_or_waits_that_time_out() {
    watchdog(|| {
        let mut rng = Rng::new();
        for _ in 0..rounds(300, 5_000) {
            let memory = LocalMemory::new(64).unwrap();
            let lock = Placed::<[AtomicU64; 4], _>::create_in(memory).unwrap();
            let mut bits = [0; 32];
            rng.fill(&mut bits);
            for (word, bits) in lock.iter().zip(bits.chunks_exact(8)) {
                let bits = u64::from_ne_bytes(bits.try_into().unwrap());
                // Also few bits, and processes that exist.
                let bits =
                    *rng.pick(&[bits, bits & 0xF800_0000_0000_0000, bits | 1 << 58, bits & 3, 1]);
                word.store(bits, Ordering::Relaxed);
            }
            // SAFETY: every bit pattern is a mutex (`Resident` of `FutexMutex`), which fits into
            // these words.
            let mutex = unsafe { &*lock.as_ptr().cast::<Mutex<u64>>() };
            drop(mutex.try_lock());
            drop(mutex.lock_timeout(Duration::from_micros(100)));
            drop(
                mutex
                    .lock_timeout(Duration::ZERO)
                    .map(|guard| guard.map(|mut guard| guard.mark_consistent())),
            );
        }
    });
}

#[test]
fn a_mutex_has_the_layout_that_other_programs_expect() {
    assert_eq!((size_of::<FutexMutex>(), align_of::<FutexMutex>()), (24, 8));
    assert_eq!(size_of::<Mutex<u64>>(), 32);
    assert!(Mutex::<u64>::SCHEMA.kind.has_owner() && !Mutex::<u64>::SCHEMA.kind.is_of_libc());
}
