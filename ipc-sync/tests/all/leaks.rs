//! Leaked guards, and the memory of their locks, which is unmapped afterwards or not.

use std::time::Duration;
use std::{fs, mem};

use ipc_mem::{Placed, SharedMemory};
use ipc_sync::LockError;
use ipc_sync::pthread::{
    Condvar, Mutex, MutexKind, MutexOptions, Protocol, RawMutex, RawRwLock, RawSpinLock,
    RwLockOptions, Sharing,
};
use ipc_testkit::{Child, Rng, Role, Watchdog, figures, fixture, rounds};

use crate::common::{in_thread, inode, is_mapped, new_file, thread_id, until};

pub(crate) const ROLES: &[(&str, ipc_testkit::Part)] =
    &[("leaker", leaker), ("random leaker", random_leaker)];

/// Mutexes of every kind, in memory that really is unmapped.
fn leaker(role: &mut Role) {
    let kinds = [MutexKind::Normal, MutexKind::ErrorChecking, MutexKind::Recursive];
    let robust = kinds.map(|kind| MutexOptions::new().kind(kind));
    let all = robust.into_iter().flat_map(|options| [options, options.stalled()]);
    for (i, options) in all.enumerate() {
        let name = |what| format!("{}-{i}{what}", role.arg(0));
        let leaked = RawMutex::create_in(new_file(&name("a")), options).unwrap();
        let other = RawMutex::create_in(new_file(&name("b")), options).unwrap();
        let leak = move || {
            mem::forget(leaked.lock().unwrap());
            drop(leaked);
            // The C library writes to the next mutex in its list of those that the thread holds.
            let first = other.lock().unwrap();
            let second = Mutex::create_in(ipc_mem::LocalMemory::new(64).unwrap(), 0u8).unwrap();
            drop(second.lock().unwrap());
            drop(first);
        };
        leak(); // in this thread, which lives on
        let leaked = Mutex::create_in_with(new_file(&name("c")), 0u8, MutexOptions::new()).unwrap();
        let changed = Condvar::create_in(new_file(&name("d"))).unwrap();
        in_thread(
            || {
                let held = leaked.as_raw().lock().unwrap();
                mem::forget(changed.wait_raw_timeout(held, Duration::ZERO).unwrap());
            },
            || (),
        );
        drop(leaked); // of a thread that has ended
        for what in ["a", "b", "c", "d"] {
            fs::remove_file(format!("/dev/shm{}", name(what))).unwrap();
        }
    }
}

#[test]
fn a_leaked_guard_and_a_dropped_mapping_crash_no_process() {
    Child::run("leaker", &[&fixture::name()]).finish();
}

enum Kind {
    Mutex(Placed<RawMutex, SharedMemory>),
    RwLock(Placed<RawRwLock, SharedMemory>),
    SpinLock(Placed<RawSpinLock, SharedMemory>),
}

#[derive(Clone, Copy, PartialEq)]
enum Held {
    Not,
    /// By a living thread.
    Here,
    /// By a thread that has ended.
    ByTheDead,
}

struct Leaky {
    lock: Kind,
    /// `true` if the kernel knows of the lock while it is held.
    is_robust: bool,
    /// `true` if the lock keeps the thread id of its owner where a robust mutex does.
    names_its_owner: bool,
    held: Held,
    file: u64,
}

impl Leaky {
    fn new(rng: &mut Rng, name: &str) -> Self {
        let kind = *rng.pick(&[MutexKind::Normal, MutexKind::ErrorChecking, MutexKind::Recursive]);
        let protocol = *rng.pick(&[Protocol::None, Protocol::Inherit]);
        let options = MutexOptions::new().kind(kind).protocol(protocol);
        let is_robust = rng.below(2) == 0;
        let options = if is_robust { options.robust() } else { options.stalled() };
        let memory = new_file(name);
        let file = inode(name);
        fs::remove_file(format!("/dev/shm{name}")).unwrap();
        let which = rng.below(6);
        let lock = match which {
            0 => Kind::RwLock(RawRwLock::create_in(memory, RwLockOptions::new()).unwrap()),
            1 => Kind::SpinLock(RawSpinLock::create_in(memory, Sharing::Processes).unwrap()),
            _ => Kind::Mutex(RawMutex::create_in(memory, options).unwrap()),
        };
        let names_its_owner = which > 1 && (is_robust || protocol == Protocol::Inherit);
        Self { lock, is_robust: which > 1 && is_robust, names_its_owner, held: Held::Not, file }
    }

    /// Acquires the lock, and releases it unless `leak`.
    fn lock(&self, leak: bool) {
        match &self.lock {
            Kind::Mutex(mutex) => match mutex.lock() {
                Err(LockError::OwnerDied(mut held)) => {
                    assert!(self.held == Held::ByTheDead);
                    held.mark_consistent().unwrap();
                    if leak {
                        mem::forget(held);
                    }
                }
                held if leak => mem::forget(held.unwrap()),
                held => drop(held.unwrap()),
            },
            Kind::RwLock(lock) if leak => mem::forget(lock.read().unwrap()),
            Kind::RwLock(lock) => drop(lock.write().unwrap()),
            Kind::SpinLock(lock) if leak => mem::forget(lock.lock().unwrap()),
            Kind::SpinLock(lock) => drop(lock.lock().unwrap()),
        }
    }

    fn can_be_locked(&self) -> bool {
        self.held == Held::Not || self.held == Held::ByTheDead && self.is_robust
    }

    /// Drops the lock; returns `true` if its memory stays mapped.
    fn unmap(self) -> bool {
        let Self { lock, file, names_its_owner, held, .. } = self;
        drop(lock);
        let stays = is_mapped(file);
        assert_eq!(stays, names_its_owner && held == Held::Here, "file {file} is mapped: {stays}");
        stays
    }
}

/// Locks, leaks, drops and unmaps at random. When the thread ends, the kernel accesses the locks that it leaked.
fn leak_at_random(rng: &mut Rng, prefix: &str) -> u64 {
    let (mut locks, mut stay) = (Vec::<Leaky>::new(), 0);
    for step in 0..30 {
        if locks.is_empty() || rng.below(4) == 0 {
            locks.push(Leaky::new(rng, &format!("{prefix}-{step}")));
        }
        let at = rng.index(locks.len());
        let leaky = &mut locks[at];
        match rng.below(6) {
            0 => stay += u64::from(locks.swap_remove(at).unmap()),
            _ if !leaky.can_be_locked() => {}
            1 => {
                leaky.lock(true);
                leaky.held = Held::Here;
            }
            2 => {
                let dead = in_thread(
                    || {
                        leaky.lock(true);
                        thread_id()
                    },
                    || (),
                );
                // A joined thread still exists for a short time.
                until(|| !fs::exists(format!("/proc/self/task/{dead}")).unwrap());
                leaky.held = Held::ByTheDead;
            }
            _ => {
                leaky.lock(false);
                leaky.held = Held::Not;
            }
        }
    }
    stay + locks.into_iter().map(|leaky| u64::from(leaky.unmap())).sum::<u64>()
}

fn random_leaker(role: &mut Role) {
    let (mut rng, mut stay) = (Rng::new(), 0);
    for sequence in 0..role.arg(1).parse::<u64>().unwrap() {
        let _watchdog = Watchdog::new();
        let prefix = format!("{}-{sequence}", role.arg(0));
        stay += in_thread(|| leak_at_random(&mut rng, &prefix), || ());
        if sequence % 100 == 0 {
            role.say("going on");
        }
    }
    role.say(&format!("done: {stay}"));
}

#[test]
fn memory_stays_mapped_while_a_living_thread_has_leaked_a_robust_lock() {
    let (name, sequences) = (fixture::name(), rounds(20, 1_000));
    let mut child = Child::run("random leaker", &[&name, &sequences.to_string()]);
    let mut stay = None;
    while stay.is_none() {
        stay = child.hear().strip_prefix("done: ").map(str::to_owned);
    }
    child.finish();
    figures(format_args!("{sequences} sequences, {} memories stayed", stay.unwrap()));
}
