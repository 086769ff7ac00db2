//! Owners of a robust mutex that are killed at any moment.

#![expect(unsafe_code, reason = "opens what it made before; forks, and kills whom it forked")]

use std::mem;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use ipc_core::{Carver, Part, Placed, Resident};
use ipc_sync::LockError;
use ipc_sync::pthread::{
    Condvar, Mutex, MutexGuard, MutexKind, MutexOptions, RawMutex, RawRwLock, RwLockOptions, Sharing,
};
use ipc_testkit::{Child, Rng, Role, Watchdog, fixture};

use crate::common::{FileMemory, until};

pub(crate) const ROLES: &[(&str, ipc_testkit::Part)] =
    &[("killer", killer), ("holder", holder), ("reader", reader), ("leaker", leaker), ("forker of locks", forker)];

const WORKERS: usize = 4;

/// Where a worker is; what it was when it was killed is told by the kernel's copy of its last word.
const OUTSIDE: u32 = 0;
const CALLING: u32 = 1;
const INSIDE: u32 = 2;
const LEAVING: u32 = 3;

type Shared<T> = Placed<T, Part<FileMemory>>;

struct Twins {
    counts: Shared<Mutex<[u64; 2]>>,
    phases: Shared<[AtomicU32; WORKERS]>,
    /// How often a worker was told that the owner died.
    told: Shared<AtomicU64>,
    done: Shared<AtomicU64>,
}

impl Twins {
    fn new(name: &str, options: MutexOptions) -> Self {
        let mut carver = Carver::new(FileMemory::create(name)).unwrap();
        let mut part = || carver.carve(64, 64).unwrap();
        Self {
            counts: Mutex::create_with(part(), [0; 2], options).unwrap(),
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
        assert_eq!(twins[0], twins[1], "the twins differ, and nobody was told why");
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

    fn start_worker(&self, me: usize) -> i32 {
        self.phases[me].store(OUTSIDE, Ordering::SeqCst);
        // SAFETY: the child calls nothing that another thread of this process may have locked for ever.
        match unsafe { libc::fork() } {
            0 => {
                // SAFETY: takes numbers; dies with its parent.
                unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
                loop {
                    self.count(&self.phases[me]);
                }
            }
            worker => worker,
        }
    }
}

/// Stops a worker, and tells where it stands.
fn stopped(worker: i32, phase: &AtomicU32) -> u32 {
    let mut status = 0;
    // SAFETY: takes numbers; the worker is a child of ours that nobody has waited for.
    assert_eq!(unsafe { libc::kill(worker, libc::SIGSTOP) }, 0);
    // SAFETY: writes one integer, which is ours.
    assert_eq!(unsafe { libc::waitpid(worker, &mut status, libc::WUNTRACED) }, worker);
    assert!(libc::WIFSTOPPED(status), "a worker ended by itself: {status:x}");
    phase.load(Ordering::SeqCst)
}

fn killer(role: &mut Role) {
    let kills: u32 = role.arg(1).parse().unwrap();
    let twins = Twins::new(role.arg(0), MutexOptions::new());
    let mut workers: Vec<i32> = (0..WORKERS).map(|me| twins.start_worker(me)).collect();
    let mut rng = Rng::new();
    let (mut inside, mut within_the_call) = (0, 0);
    for kill in 0..kills {
        let _watchdog = Watchdog::new(); // stuck is what never gets on
        // Half of them die where they are, and half inside.
        let (victim, phase) = loop {
            let victim = usize::try_from(rng.below(WORKERS as u64)).unwrap();
            let phase = stopped(workers[victim], &twins.phases[victim]);
            if kill % 2 == 0 || phase == INSIDE {
                break (victim, phase);
            }
            // SAFETY: takes numbers; the worker is a child of ours that nobody has waited for.
            assert_eq!(unsafe { libc::kill(workers[victim], libc::SIGCONT) }, 0);
        };
        inside += u64::from(phase == INSIDE);
        within_the_call += u64::from(phase != OUTSIDE);
        // SAFETY: as above.
        assert_eq!(unsafe { libc::kill(workers[victim], libc::SIGKILL) }, 0);
        // SAFETY: as above.
        assert_eq!(unsafe { libc::waitpid(workers[victim], std::ptr::null_mut(), 0) }, workers[victim]);
        workers[victim] = twins.start_worker(victim);
        let done = twins.done.load(Ordering::SeqCst);
        until(|| twins.done.load(Ordering::SeqCst) > done);
        if kill % 10 == 0 {
            role.say("going on");
        }
    }
    for worker in workers {
        // SAFETY: a child of ours that nobody has waited for.
        assert_eq!(unsafe { libc::kill(worker, libc::SIGKILL) }, 0);
        // SAFETY: as above.
        assert_eq!(unsafe { libc::waitpid(worker, std::ptr::null_mut(), 0) }, worker);
    }
    // The last of those who died inside may have nobody after it but us.
    within_the_call += WORKERS as u64;
    twins.count(&twins.phases[0]);
    let told = twins.told.load(Ordering::SeqCst);
    assert!(inside <= told && told <= within_the_call);
    assert!(inside * 4 >= u64::from(kills), "the test kills too few inside");
    role.say(&format!("done: {kills} kills, {inside} inside, {told} told, {within_the_call} within the call"));
}

/// `IPC_TEST_KILLS` says how many, 200 if not set.
#[test]
fn who_is_killed_around_a_robust_mutex_stops_nobody_and_spoils_nothing() {
    let kills = std::env::var("IPC_TEST_KILLS").unwrap_or_else(|_| "200".into());
    let name = fixture::name();
    let mut child = Child::run("killer", &[&name, &kills]);
    loop {
        let said = child.hear();
        if let Some(counts) = said.strip_prefix("done: ") {
            println!("{counts}");
            break;
        }
    }
    child.finish();
}

fn holder(role: &mut Role) {
    // SAFETY: the parent made it, and ends it after this process.
    let mutex = unsafe { RawMutex::open_in(FileMemory::open(role.arg(0))) }.unwrap();
    let _held = mutex.lock().unwrap();
    role.say("holding");
    role.wait_for("never");
}

#[test]
fn a_mutex_that_another_process_holds_keeps_no_memory_of_ours() {
    let name = fixture::name();
    let mutex = RawMutex::create_in(FileMemory::create(&name), MutexOptions::new()).unwrap();
    let mut child = Child::run("holder", &[&name]);
    child.wait_for("holding");
    assert!(mutex.try_lock().unwrap().is_none());
    assert!(mutex.may_unmap());
    child.kill();
}

fn reader(role: &mut Role) {
    // SAFETY: the parent made it, and ends it after this process.
    let lock = unsafe { RawRwLock::open_in(FileMemory::open(role.arg(0))) }.unwrap();
    let _held = lock.read().unwrap();
    role.say("reading");
    role.wait_for("never");
}

#[test]
fn a_killed_reader_keeps_writers_out_until_their_time_is_over() {
    let name = fixture::name();
    let lock = RawRwLock::create_in(FileMemory::create(&name), RwLockOptions::new()).unwrap();
    let mut child = Child::run("reader", &[&name]);
    child.wait_for("reading");
    child.kill();
    assert!(lock.write_timeout(Duration::from_millis(20)).unwrap().is_none());
    assert!(lock.try_read().unwrap().is_some());
}

/// Every mutex there is, in memory that is really unmapped.
fn leaker(role: &mut Role) {
    let kinds = [MutexKind::Normal, MutexKind::ErrorChecking, MutexKind::Recursive];
    let robust = kinds.map(|kind| MutexOptions::new().kind(kind));
    let all = robust.into_iter().flat_map(|options| [options, options.stalled(), options.sharing(Sharing::Threads)]);
    for (i, options) in all.enumerate() {
        let name = |what| format!("{}-{i}{what}", role.arg(0));
        let leaked = RawMutex::create_in(FileMemory::create(&name("a")), options).unwrap();
        let other = RawMutex::create_in(FileMemory::create(&name("b")), options).unwrap();
        let leak = move || {
            mem::forget(leaked.lock().unwrap());
            drop(leaked);
            // The C library writes to what is next in its list of those that the thread holds.
            let first = other.lock().unwrap();
            let second = Mutex::create_in(ipc_core::LocalMemory::new(64).unwrap(), 0u8).unwrap();
            drop(second.lock().unwrap());
            drop(first);
        };
        leak(); // in this thread, which lives on
        let leaked = Mutex::create_with(FileMemory::create(&name("c")), 0u8, MutexOptions::new()).unwrap();
        let changed = Condvar::create_in(FileMemory::create(&name("d"))).unwrap();
        crate::common::in_thread(
            || {
                let held = leaked.lock().unwrap();
                mem::forget(changed.wait_timeout(held, Duration::ZERO).unwrap());
            },
            || (),
        );
        drop(leaked); // of a thread that has ended
        for what in ["a", "b", "c", "d"] {
            std::fs::remove_file(format!("/dev/shm{}", name(what))).unwrap();
        }
    }
}

#[test]
fn a_leaked_guard_and_a_dropped_mapping_crash_nobody() {
    Child::run("leaker", &[&fixture::name()]).finish();
}

fn forker(role: &mut Role) {
    let mutex = Mutex::create_in(FileMemory::create(role.arg(0)), 7u32).unwrap();
    let held = mutex.lock().unwrap();
    // SAFETY: the child calls nothing that another thread of this process may have locked for ever.
    match unsafe { libc::fork() } {
        0 => {
            drop(held); // is its parent's
            drop(mutex);
            // SAFETY: ends the process and nothing else.
            unsafe { libc::_exit(0) }
        }
        child => {
            let mut status = 0;
            // SAFETY: writes one integer, which is ours.
            assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
            assert_eq!(status, 0);
        }
    }
    assert!(crate::common::in_thread(|| mutex.try_lock().unwrap().is_none(), || ()));
    drop(held);
    assert_eq!(crate::common::in_thread(|| *mutex.lock().unwrap(), || ()), 7);
}

#[test]
fn a_forked_child_gives_back_nothing_that_its_parent_holds() {
    Child::run("forker of locks", &[&fixture::name()]).finish();
}
