//! Native locks between users, in PID namespaces, in forked children, and beside a process that
//! overwrites them.

mod natives;

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use ipc_core::{Permissions, Removal, Result, Trust};
use ipc_mem::{Memory, OpenOptions};
use ipc_shm::{MemoryOptions, Shared};
use ipc_sync::LockError;
use ipc_sync::futex::{Broken, Semaphore};
use ipc_testkit::{
    Child, ChildOptions, Forked, Part, Rng, Role, Root, adversity, figures, fixture, play, rounds,
    watchdog,
};

use natives::Natives;

const ROLES: &[(&str, Part)] = &[
    ("partner", partner),
    ("owner", owner),
    ("stranger", stranger),
    ("parent", parent),
    ("scribbler", scribbler),
    ("victim", victim),
];

#[test]
fn roles() {
    play(ROLES);
}

fn create(name: &str) -> Shared<Natives> {
    let options = MemoryOptions::new(0).permissions(Permissions::from_mode(0o666));
    Shared::create_filled(name, options, (), |_| Ok(())).unwrap()
}

fn try_open(name: &str) -> Result<Shared<Natives>> {
    Shared::open_with(name, OpenOptions::new().trust(Trust::Anyone))
}

fn open(name: &str) -> Shared<Natives> {
    try_open(name).unwrap()
}

fn partner(role: &mut Role) {
    open(role.arg(0)).turns(false);
}

/// Holds all that a killed process leaves to others.
fn owner(role: &mut Role) {
    let natives = open(role.arg(0));
    let mut twins = natives.mutex.lock_or_repair(|_| ()).unwrap();
    let _written = natives.rwlock.write().or_else(|err| match err {
        LockError::OwnerDied(mut guard) => guard.mark_consistent().map(|()| guard),
        err => Err(err.into()),
    });
    let _permit = natives.permits.acquire();
    twins[0] += 1;
    role.say("holds all");
    role.wait_for("nothing, being killed");
}

fn kill_an_owner(name: &str, options: ChildOptions) {
    let mut owner = Child::run(options, &[name]);
    owner.wait_for("holds all");
    owner.kill();
}

fn is_told_of_a_dead_owner(natives: &Natives) {
    let Err(LockError::OwnerDied(mut twins)) = natives.mutex.lock() else { panic!("not told") };
    assert_eq!(twins[0], twins[1] + 1);
    twins[1] = twins[0];
    twins.mark_consistent().unwrap();
    let Err(LockError::OwnerDied(mut twins)) = natives.rwlock.read() else { panic!("not told") };
    twins.mark_consistent().unwrap();
    drop(natives.permits.acquire());
}

/// Learns of the death of a process of another user.
fn victim(role: &mut Role) {
    let natives = open(role.arg(0));
    role.say("open");
    role.wait_for("killed");
    is_told_of_a_dead_owner(&natives);
}

#[test]
fn processes_of_two_users_share_native_locks_and_learn_of_deaths() {
    let Some(root) = Root::or_skip("needs a second user") else { return };
    watchdog(|| {
        let name = fixture::name();
        let natives = create(&name);
        let other = |role| ChildOptions::role(role).as_user(root, Root::NOBODY);
        let child = Child::run(other("partner"), &[&name]);
        natives.turns(true);
        child.finish();
        natives.check();
        for _ in 0..10 {
            kill_an_owner(&name, other("owner"));
            is_told_of_a_dead_owner(&natives);
            let mut child = Child::run(other("victim"), &[&name]);
            child.wait_for("open");
            kill_an_owner(&name, ChildOptions::role("owner"));
            child.tell("killed");
            child.finish();
        }
    });
}

/// In another PID namespace, with the same `/dev/shm`.
fn stranger(role: &mut Role) {
    adversity::enter_pid_namespace(Root::or_skip("makes a PID namespace").unwrap());
    let err = try_open(role.arg(0)).map(drop).unwrap_err();
    assert!(err.is_mismatch() && err.to_string().contains("another PID namespace"), "{err}");
    let gate = Shared::<Semaphore>::open(role.arg(1)).unwrap();
    gate.post().unwrap();
}

#[test]
fn native_locks_are_refused_in_another_pid_namespace() {
    let Some(_root) = Root::or_skip("makes a PID namespace") else { return };
    watchdog(|| {
        let (name, gate) = (fixture::name(), fixture::name());
        let (natives, gate_of_both) = (create(&name), Shared::<Semaphore>::create(&*gate).unwrap());
        let child = Child::run("stranger", &[&name, &gate]);
        child.finish();
        // A semaphore names no process.
        assert!(gate_of_both.try_wait());
        assert!(natives.mutex.try_lock().unwrap().is_some());
    });
}

/// A child owns nothing that its parent holds, and says so.
fn parent(role: &mut Role) {
    let natives = create(role.arg(0));
    for _ in 0..role.arg(1).parse().unwrap() {
        natives.news.set();
        let mut held = Some((
            natives.mutex.lock().unwrap(),
            natives.rwlock.write().unwrap(),
            natives.permits.acquire(),
            natives.news.receive(),
            natives.line.join().unwrap(),
            natives.parts.begin().unwrap(),
        ));
        natives.news.set();
        Forked::run(|| {
            let (mut mutex, mut rwlock, permit, signal, mut party, task) = held.take().unwrap();
            assert!(mutex.mark_consistent().unwrap_err().is_invalid_argument());
            assert!(rwlock.mark_consistent().unwrap_err().is_invalid_argument());
            assert_eq!(party.wait(), Err(Broken));
            assert!(!task.done());
            drop((mutex, rwlock, permit, signal, party));
            assert!(natives.mutex.try_lock().unwrap().is_none());
            assert!(natives.rwlock.try_read().unwrap().is_none());
            assert!(natives.permits.try_acquire().is_none());
            assert!(natives.news.try_receive().is_none());
        })
        .finish();
        assert_eq!((natives.line.joined(), natives.parts.left()), (1, 2));
        assert!(natives.mutex.try_lock().unwrap().is_none());
        drop(held.take());
        drop(natives.news.receive());
        assert!(natives.rwlock.try_write().unwrap().is_some());
        assert_eq!((natives.permits.available(), natives.line.joined()), (1, 0));
    }
    natives.once.call(|_| {
        // The child returns from the initialiser of its parent, and waits for it.
        let child = Forked::run(|| assert!(!natives.once.try_call(|_| ())));
        child.finish();
    });
    role.say("nothing");
}

#[test]
fn a_forked_child_owns_nothing_of_its_parent_and_says_so() {
    watchdog(|| {
        let name = fixture::name();
        let mut child = Child::run("parent", &[&name, &rounds(20, 1_000).to_string()]);
        child.wait_for("nothing");
        child.finish();
    });
}

/// Overwrites words of the value: with few bits, with words that were there, and with any.
fn scribbler(role: &mut Role) {
    let file = File::options().read(true).write(true).open(role.arg(0)).unwrap();
    let whole = std::fs::read(role.arg(0)).unwrap();
    let (first, words) = (role.arg(1).parse::<u64>().unwrap(), role.arg(2).parse::<u64>().unwrap());
    let mut rng = Rng::new();
    role.say("writing");
    loop {
        let word = match rng.below(6) {
            0 => 0,
            1 => 1 << rng.below(64),
            2 => rng.next_u64(),
            // The id of a process that exists, and flags.
            3 => u64::from(std::process::id()) << 37 | rng.next_u64() << 59,
            _ => {
                let at = usize::try_from(rng.below(whole.len() as u64 / 8)).unwrap() * 8;
                u64::from_ne_bytes(whole[at..at + 8].try_into().unwrap())
            }
        };
        let at = first + 8 * rng.below(words);
        file.write_all_at(&word.to_ne_bytes(), at).unwrap();
    }
}

/// Every call that has a limit of time.
fn call_all(natives: &Natives) {
    const SOON: Duration = Duration::from_micros(50);

    drop(natives.mutex.try_lock());
    if let Err(LockError::OwnerDied(mut guard)) = natives.mutex.lock_timeout(SOON) {
        let _ = guard.mark_consistent();
    }
    drop(natives.rwlock.try_read());
    drop(natives.rwlock.try_write());
    drop(natives.rwlock.read_timeout(SOON));
    if let Ok(Some(guard)) = natives.rwlock.upgradable_read_timeout(SOON) {
        drop(guard.upgrade_timeout(SOON));
    }
    drop(natives.rwlock.write_timeout(SOON));
    if let Ok(Some(guard)) = natives.turn.lock_timeout(SOON) {
        // It waits for the mutex without a limit afterwards, as all condition variables do.
        drop(guard);
        let _ = natives.changed.notify_all();
    }
    let _ = natives.gate.post();
    let _ = natives.gate.wait_timeout(SOON);
    drop(natives.permits.try_acquire());
    drop(natives.permits.acquire_timeout(SOON));
    natives.news.set();
    drop(natives.news.receive_timeout(SOON));
    let _ = natives.news.wait_timeout(SOON);
    let _ = natives.once.try_call(|_| ());
    let _ = natives.once.call_timeout(SOON, |_| ());
    if let Ok(mut party) = natives.line.join() {
        let _ = party.wait_timeout(SOON);
    }
    if let Some(task) = natives.parts.begin_timeout(SOON) {
        let _ = task.done();
    }
    let _ = natives.parts.wait_timeout(SOON);
    let _ = format!("{natives:?}");
}

#[test]
fn rubbish_in_native_locks_causes_errors_or_waits_that_time_out() {
    watchdog(|| {
        let name = fixture::name();
        let options = MemoryOptions::new(0).removal(Removal::Never);
        let natives = Shared::<Natives>::create_filled(&*name, options, (), |_| Ok(())).unwrap();
        let path = format!("/dev/shm{}", &*name);
        let place = std::ptr::from_ref::<Natives>(&natives).addr();
        let first = place - natives.memory().base().addr().get();
        let words = size_of::<Natives>() / 8;
        let mut scribbler =
            Child::run("scribbler", &[&path, &first.to_string(), &words.to_string()]);
        scribbler.wait_for("writing");
        let calls = rounds(200, 2_000);
        (0..calls).for_each(|_| call_all(&natives));
        scribbler.kill();
        figures(format_args!(
            "{calls} times all calls, beside a process that overwrites the words"
        ));
    });
}
