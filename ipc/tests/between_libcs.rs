//! Every kind of object, shared by this program and its children, in both directions, and with a
//! process that is killed.
//!
//! By default the children are this program. `cargo xtask platforms --between` runs the test with
//! children that are the same test built with another C library, in the root of another Debian
//! release.

mod natives;

use std::fs::File;
use std::os::fd::AsRawFd;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::{Key, ProcessId, Removal};
use ipc_mem::{Plain, Resident, Tag};
use ipc_queue::{MessageQueue, QueueOptions, Select, SysvQueue, SysvQueueOptions};
use ipc_shm::{AnonymousMemory, MappedFile, MemoryOptions, Shared, SysvMemory};
use ipc_shmarray::{ShmArray, SnapshotArray};
use ipc_signal::{Signal, SignalMask, send_value};
use ipc_sync::pthread::{
    Barrier, Condvar, Mutex, MutexOptions, Protocol, RecursiveMutex, RwLock, SpinLock,
};
use ipc_sync::sysv::{Operation, SemaphoreSet, SetOptions};
use ipc_sync::{Initial, LockError, NamedSemaphore, Snapshot, posix::Semaphore};
use ipc_testkit::{Child, Part, Role, fixture, play, watchdog};

use natives::Natives;

const ROLES: &[(&str, Part)] = &[
    ("locks", locks),
    ("native locks", native_locks),
    ("owner", owner),
    ("condition variable", condition_variable),
    ("values in other memory", values),
    ("arrays", arrays),
    ("named semaphore", named_semaphore),
    ("semaphore set", semaphore_set),
    ("queues", queues),
    ("signals", signals),
];

#[test]
fn roles() {
    play(ROLES);
}

const TURNS: u64 = 5_000;

#[derive(Clone, Copy, Debug, PartialEq, Plain)]
#[repr(C)]
struct Twins {
    one: u64,
    other: u64,
}

const NOTHING: Twins = Twins { one: 0, other: 0 };

impl Twins {
    /// Does half of the work, then the other half: both sides see a difference if both are inside.
    fn turn(&mut self) {
        assert_eq!(self.one, self.other, "two are inside");
        self.one += 1;
        self.other += 1;
    }
}

/// All locks whose layout no glibc has changed since the oldest supported one.
#[derive(Debug, Resident)]
#[repr(C)]
struct Locks {
    mutex: Mutex<Twins>,
    #[ipc(options = Initial::new(NOTHING).options(inherit()))]
    inheriting: Mutex<Twins>,
    recursive: RecursiveMutex<u64>,
    rwlock: RwLock<Twins>,
    spin: SpinLock<Twins>,
    ready: Semaphore,
    #[ipc(options = 2.into())]
    barrier: Barrier,
    picture: Snapshot<Twins>,
    turns: AtomicU64,
}

fn inherit() -> MutexOptions {
    MutexOptions::new().protocol(Protocol::Inherit)
}

impl Locks {
    fn create(name: &str) -> Shared<Self> {
        Shared::create(name).unwrap()
    }

    /// Does the work of both sides, concurrently.
    fn turns(&self) {
        self.barrier.wait().unwrap();
        for _ in 0..TURNS {
            self.mutex.lock().unwrap().turn();
            self.inheriting.lock().unwrap().turn();
            self.rwlock.write().unwrap().turn();
            let seen = self.rwlock.read().unwrap();
            assert_eq!(seen.one, seen.other, "a reader beside a writer");
            drop(seen);
            self.spin.lock().unwrap().turn();
            self.picture.update(Twins::turn).unwrap();
            self.ready.post().unwrap();
            self.turns.fetch_add(1, Ordering::SeqCst);
        }
        self.barrier.wait().unwrap();
    }
}

#[test]
fn locks_semaphores_barriers_and_snapshots_exclude_and_wake_both() {
    watchdog(|| {
        let name = fixture::name();
        let locks = Locks::create(&name);
        let child = Child::run("locks", &[&name]);
        locks.turns();
        child.finish();
        let all = Twins { one: 2 * TURNS, other: 2 * TURNS };
        assert_eq!(*locks.mutex.lock().unwrap(), all);
        assert_eq!(*locks.inheriting.lock().unwrap(), all);
        assert_eq!(*locks.rwlock.read().unwrap(), all);
        assert_eq!(*locks.spin.lock().unwrap(), all);
        assert_eq!(locks.picture.read(), all);
        assert_eq!(locks.turns.load(Ordering::SeqCst), 2 * TURNS);
        assert_eq!(u64::from(locks.ready.value().unwrap()), 2 * TURNS);
    });
}

fn locks(role: &mut Role) {
    Shared::<Locks>::open(role.arg(0)).unwrap().turns();
}

#[test]
fn native_locks_exclude_and_wake_both() {
    watchdog(|| {
        let name = fixture::name();
        let natives = Shared::<Natives>::create(&*name).unwrap();
        let child = Child::run("native locks", &[&name]);
        natives.turns(true);
        child.finish();
        natives.check();
    });
}

fn native_locks(role: &mut Role) {
    Shared::<Natives>::open(role.arg(0)).unwrap().turns(false);
}

#[test]
fn the_death_of_either_owner_is_reported_to_the_other() {
    watchdog(|| {
        let name = fixture::name();
        let locks = Locks::create(&name);
        for _ in 0..20 {
            let mut child = Child::run("owner", &[&name]);
            child.wait_for("holds both");
            child.kill();
            let mut twins = match locks.mutex.lock() {
                Err(LockError::OwnerDied(twins)) => twins,
                other => panic!("{other:?}"),
            };
            twins.other = twins.one;
            twins.mark_consistent().unwrap();
            drop(twins);
            let inheriting =
                locks.inheriting.lock_or_repair(|twins| twins.other = twins.one).unwrap();
            assert_eq!(inheriting.one, inheriting.other);
            drop(inheriting);
            let mut recursive = match locks.recursive.lock() {
                Err(LockError::OwnerDied(recursive)) => recursive,
                other => panic!("{other:?}"),
            };
            recursive.mark_consistent().unwrap();
        }
        // The other direction: an owner on the child's side dies, and the child acquires the lock.
        let mut child = Child::run("owner", &[&name, "repair"]);
        child.wait_for("got the locks");
        child.finish();
        assert_eq!(locks.mutex.lock().unwrap().one, 21);
    });
}

fn owner(role: &mut Role) {
    let locks = Shared::<Locks>::open(role.arg(0)).unwrap();
    if role.args().len() > 1 {
        let mut owner = Child::run("owner", &[role.arg(0)]);
        owner.wait_for("holds both");
        owner.kill();
        let mutex = locks.mutex.lock_or_repair(|twins| twins.other = twins.one).unwrap();
        drop(mutex);
        drop(locks.inheriting.lock_or_repair(|twins| twins.other = twins.one).unwrap());
        return role.say("got the locks");
    }
    let mut mutex = locks.mutex.lock().unwrap();
    mutex.one += 1;
    let mut inheriting = locks.inheriting.lock().unwrap();
    inheriting.one += 1;
    let recursive = locks.recursive.lock().unwrap();
    role.say("holds both");
    role.wait_for("nothing, being killed");
    drop(recursive);
}

#[derive(Debug, Resident)]
#[repr(C)]
struct Telegraph {
    turn: Mutex<u64>,
    changed: Condvar,
}

impl Telegraph {
    /// Each side waits for its turn, 1 for the parent and 0 for the child.
    fn turns(&self, mine: u64) {
        let mut turn = self.turn.lock().unwrap();
        while *turn < TURNS {
            if *turn % 2 == mine {
                *turn += 1;
                self.changed.notify_one().unwrap();
            } else {
                turn = self.changed.wait(turn).unwrap();
            }
        }
    }
}

/// Returns the C library of this side, such as `glibc 2.41`.
fn libc() -> String {
    let told = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    let told = told.map(|told| String::from_utf8_lossy(&told.stdout).trim().to_owned());
    told.unwrap_or_else(|_| "another than glibc".into())
}

/// Returns which of glibc's two condition variables it is: the one before 2.41, or the one since.
fn era(libc: &str) -> Option<bool> {
    let minor: u32 = libc.strip_prefix("glibc 2.")?.parse().ok()?;
    Some(minor >= 41)
}

#[test]
fn a_condition_variable_wakes_both_or_is_refused_by_layout() {
    watchdog(|| {
        let name = fixture::name();
        let telegraph = Shared::<Telegraph>::create(&*name).unwrap();
        let mut child = Child::run("condition variable", &[&name]);
        let (ours, theirs) = (libc(), child.hear());
        println!("{ours} with {theirs}");
        let fits = era(&ours) == era(&theirs);
        child.wait_for(if fits { "open" } else { "refused" });
        if fits {
            telegraph.turns(1);
        }
        child.finish();
    });
}

fn condition_variable(role: &mut Role) {
    role.say(&libc());
    match Shared::<Telegraph>::open(role.arg(0)) {
        Ok(telegraph) => {
            role.say("open");
            telegraph.turns(0);
        }
        Err(why) => {
            assert!(why.is_mismatch() && why.to_string().contains("glibc"), "{why}");
            role.say("refused");
        }
    }
}

fn memory() -> MemoryOptions {
    MemoryOptions::new(1 << 16).content(Tag::VALUE)
}

#[test]
fn values_in_every_kind_of_memory_are_shared_by_both() {
    watchdog(|| {
        let directory = fixture::dir();
        let path = directory.join("value");
        let file = Shared::<AtomicU64, _>::create_in(MappedFile::create(&path, memory()).unwrap())
            .unwrap();
        let segment =
            SysvMemory::create(Key::PRIVATE, memory().removal(Removal::LastDetach)).unwrap();
        let segment = Shared::<AtomicU64, _>::create_in(segment).unwrap();
        let unnamed = AnonymousMemory::create("unnamed", memory()).unwrap();
        let unnamed = Shared::<AtomicU64, _>::create_in(unnamed).unwrap();
        let id = segment.memory().id().to_string();
        let descriptor = unnamed.memory().try_clone_fd().unwrap();
        let place = format!("/proc/{}/fd/{}", std::process::id(), descriptor.as_raw_fd());
        Child::run("values in other memory", &[path.to_str().unwrap(), &id, &place]).finish();
        let all = [
            file.load(Ordering::SeqCst),
            segment.load(Ordering::SeqCst),
            unnamed.load(Ordering::SeqCst),
        ];
        assert_eq!(all, [1, 2, 3]);
    });
}

fn values(role: &mut Role) {
    let file = Shared::<AtomicU64, _>::open_in(MappedFile::open(role.arg(0)).unwrap()).unwrap();
    file.fetch_add(1, Ordering::SeqCst);
    let segment = SysvMemory::open_id(role.arg(1).parse().unwrap()).unwrap();
    Shared::<AtomicU64, _>::open_in(segment).unwrap().fetch_add(2, Ordering::SeqCst);
    let unnamed = File::options().read(true).write(true).open(role.arg(2)).unwrap();
    let unnamed = AnonymousMemory::from_fd(unnamed).unwrap();
    Shared::<AtomicU64, _>::open_in(unnamed).unwrap().fetch_add(3, Ordering::SeqCst);
}

#[test]
fn arrays_and_snapshots_have_the_same_elements_for_both() {
    watchdog(|| {
        let (named, picture) = (fixture::name(), fixture::name());
        let array = ShmArray::<f64>::create(&*named, [3, 4]).unwrap();
        array.set([2, 3], 1.5).unwrap();
        let frames = SnapshotArray::<u32>::create(&*picture, [1_000]).unwrap();
        frames.write_from(&[7; 1_000]).unwrap();
        Child::run("arrays", &[&named, &picture]).finish();
        assert_eq!(array.get([0, 1]).unwrap(), 3.0);
        let mut seen = [0; 1_000];
        frames.read_into(&mut seen).unwrap();
        assert_eq!(seen, [8; 1_000]);
    });
}

fn arrays(role: &mut Role) {
    let array = ShmArray::<f64>::open(role.arg(0)).unwrap();
    array.set([0, 1], 2.0 * array.get([2, 3]).unwrap()).unwrap();
    let frames = SnapshotArray::<u32>::open(role.arg(1)).unwrap();
    let mut seen = [0; 1_000];
    frames.read_into(&mut seen).unwrap();
    frames.write_from(&seen.map(|element| element + 1)).unwrap();
}

#[test]
fn named_semaphores_wake_both() {
    watchdog(|| {
        let names = [fixture::tagged("ping"), fixture::tagged("pong")];
        let [ping, pong] = names.each_ref().map(|name| NamedSemaphore::create(&**name, 0).unwrap());
        let child = Child::run("named semaphore", &[&names[0], &names[1]]);
        for _ in 0..TURNS {
            ping.post().unwrap();
            pong.wait().unwrap();
        }
        child.finish();
    });
}

fn named_semaphore(role: &mut Role) {
    let [ping, pong] = [0, 1].map(|i| NamedSemaphore::open(role.arg(i)).unwrap());
    for _ in 0..TURNS {
        ping.wait().unwrap();
        pong.post().unwrap();
    }
}

#[test]
fn system_v_permits_of_either_side_come_back_when_it_is_killed() {
    watchdog(|| {
        let options = SetOptions::new([3]).removal(Removal::OnDrop);
        let set = SemaphoreSet::create(Key::PRIVATE, options).unwrap();
        let mut child = Child::run("semaphore set", &[&set.id().to_string()]);
        child.wait_for("holds two");
        assert_eq!(set.get(0).unwrap(), 1);
        child.kill();
        set.operate(&[Operation::take(0, 3)]).unwrap();
    });
}

fn semaphore_set(role: &mut Role) {
    let set = SemaphoreSet::open_id(role.arg(0).parse().unwrap()).unwrap();
    set.operate(&[Operation::take(0, 2).undo()]).unwrap();
    role.say("holds two");
    role.wait_for("nothing, being killed");
}

#[test]
fn messages_arrive_whole_and_in_order_at_both() {
    watchdog(|| {
        let name = fixture::name();
        let posix = MessageQueue::create(&*name, QueueOptions::new(4, 64)).unwrap();
        let options = SysvQueueOptions::new().removal(Removal::OnDrop);
        let sysv = SysvQueue::create(Key::PRIVATE, options).unwrap();
        let child = Child::run("queues", &[&name, &sysv.id().to_string()]);
        for turn in 0..TURNS {
            posix.send(&turn.to_ne_bytes(), 1).unwrap();
            let answer = sysv.recv(Select::Type(7)).unwrap();
            assert_eq!(answer.bytes, turn.to_ne_bytes());
        }
        child.finish();
    });
}

fn queues(role: &mut Role) {
    let posix = MessageQueue::open(role.arg(0)).unwrap();
    let sysv = SysvQueue::open_id(role.arg(1).parse().unwrap()).unwrap();
    for _ in 0..TURNS {
        sysv.send(&posix.recv().unwrap().bytes, 7).unwrap();
    }
}

#[test]
fn a_signal_arrives_at_either_with_its_sender_and_value() {
    watchdog(|| {
        let mut child = Child::run("signals", &[]);
        child.wait_for("ready");
        for value in [1, -7, i64::from(i32::MAX)] {
            send_value(child.pid(), Signal::USR1, value).unwrap();
            child.wait_for(&value.to_string());
        }
        child.finish();
    });
}

fn signals(role: &mut Role) {
    SignalMask::block(Signal::USR1).unwrap().keep();
    role.say("ready");
    for _ in 0..3 {
        let info = ipc_signal::wait(Signal::USR1).unwrap();
        assert_eq!(info.process(), Some(ProcessId::parent()));
        role.say(&info.value().unwrap().to_string());
    }
}
