//! Sets of System V semaphores, in one process and between several.

#![expect(unsafe_code, reason = "forks")]

use std::fs;
use std::mem;
use std::ops::Deref;
use std::process;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

use ipc_core::{Key, Permissions, ProcessId, Removal, Trust, UserId};
use ipc_sync::sysv::{Operation, SemaphoreSet, SetOptions};
use ipc_testkit::{Child, ChildOptions, Forked, Part, Role, Root, Storm, c_program, watchdog};

use crate::common::{LONG, in_thread, until};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("set user", user),
    ("set stranger", stranger),
    ("set forker", forker),
    ("set permits", permits),
];

/// A key that no other test uses; dropping it removes the objects with that key.
pub(crate) struct TestKey(Key);

impl TestKey {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicI32 = AtomicI32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(Key::new((process::id().cast_signed() << 7) | next))
    }

    pub(crate) fn text(&self) -> String {
        self.raw().to_string()
    }
}

impl Deref for TestKey {
    type Target = Key;

    fn deref(&self) -> &Key {
        &self.0
    }
}

impl Drop for TestKey {
    fn drop(&mut self) {
        let _ = SemaphoreSet::remove(self.0);
    }
}

pub(crate) fn key(role: &Role) -> Key {
    Key::new(role.arg(0).parse().unwrap())
}

fn private<const N: usize>(values: [u16; N]) -> SemaphoreSet {
    SemaphoreSet::create(Key::PRIVATE, SetOptions::new(values).removal(Removal::OnDrop)).unwrap()
}

#[test]
fn two_handles_of_a_key_share_one_set() {
    let key = TestKey::new();
    assert!(SemaphoreSet::open(*key).unwrap_err().is_not_found());
    let made = SemaphoreSet::create(*key, [1, 2, 0]).unwrap();
    let err = SemaphoreSet::create(*key, [1]).unwrap_err();
    assert!(err.is_exists());
    assert_eq!((err.call(), err.object()), ("semget", key.to_string().as_str()));
    let found = SemaphoreSet::open(*key).unwrap();
    assert!(made.was_created() && !found.was_created());
    assert_eq!((found.len(), found.id(), found.key()), (3, made.id(), *key));
    found.operate(&[Operation::take(1, 2), Operation::add(2, 5)]).unwrap();
    assert_eq!(made.values().unwrap(), [1, 0, 5]);
    assert_eq!(SemaphoreSet::open_id(made.id()).unwrap().values().unwrap(), [1, 0, 5]);
    drop((made, found));
    assert_eq!(SemaphoreSet::open(*key).unwrap().get(2).unwrap(), 5);
}

#[test]
fn open_or_create_does_whichever_is_possible() {
    let key = TestKey::new();
    let first = SemaphoreSet::open_or_create(*key, [3, 3]).unwrap();
    let second = SemaphoreSet::open_or_create(*key, vec![9, 9]).unwrap();
    assert!(first.was_created() && !second.was_created());
    assert_eq!(second.values().unwrap(), [3, 3]);
    let err = SemaphoreSet::open_or_create(*key, [1, 2, 3]).unwrap_err();
    assert!(err.is_mismatch());
    assert!(err.to_string().contains("found 2 semaphores, wanted 3"), "{err}");
    let (a, b) = (private([0]), private([0]));
    assert_ne!(a.id(), b.id());
    assert!(SemaphoreSet::open(Key::PRIVATE).unwrap_err().is_invalid_argument());
}

/// The kernel counts each sleep as a voluntary context switch.
#[test]
fn a_try_never_sleeps() {
    const TIMES: u64 = 1000;
    let given_up = || {
        let status = fs::read_to_string("/proc/thread-self/status").unwrap();
        let count = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:\t"));
        count.unwrap().parse::<u64>().unwrap()
    };
    let set = private([0]);
    let before = given_up();
    for _ in 0..TIMES {
        assert!(!set.try_operate(&[Operation::take(0, 1).undo()]).unwrap());
        assert!(!set.operate_timeout(&[Operation::take(0, 1)], Duration::ZERO).unwrap());
        assert!(!set.operate_deadline(&[Operation::take(0, 1)], Instant::now()).unwrap());
    }
    assert!(given_up() - before < TIMES);
}

#[test]
fn all_handles_of_a_removed_set_report_it() {
    let key = TestKey::new();
    SemaphoreSet::remove(*key).unwrap();
    let set = SemaphoreSet::create(*key, SetOptions::new([0]).removal(Removal::OnDrop)).unwrap();
    let waits = || set.operate(&[Operation::take(0, 1)]).unwrap_err();
    let removes = || {
        until(|| set.waiting_for_more(0).unwrap() == 1);
        SemaphoreSet::remove(*key).unwrap();
    };
    assert!(watchdog(|| in_thread(waits, removes)).is_removed());
    let other = SemaphoreSet::create(*key, [7]).unwrap();
    for err in [
        set.operate(&[Operation::add(0, 1)]).unwrap_err(),
        set.get(0).unwrap_err(),
        set.set(0, 1).unwrap_err(),
        set.values().unwrap_err(),
        set.info().unwrap_err(),
        set.set_permissions(0o600).unwrap_err(),
    ] {
        assert!(err.is_removed(), "{err}");
    }
    drop(set); // of another set
    assert_eq!(other.values().unwrap(), [7]);
}

#[test]
fn all_steps_are_done_together_or_none() {
    let set = private([2, 0, 0]);
    let both = [Operation::take(0, 1), Operation::take(1, 1)];
    assert!(!set.try_operate(&both).unwrap());
    assert_eq!(set.values().unwrap(), [2, 0, 0]);
    let waits = || set.operate(&both).unwrap();
    let adds = || {
        until(|| set.waiting_for_more(1).unwrap() == 1);
        set.operate(&[Operation::add(1, 1)]).unwrap();
    };
    watchdog(|| in_thread(waits, adds));
    assert_eq!(set.values().unwrap(), [1, 0, 0]);
    let free = [Operation::wait_for_zero(0), Operation::add(0, 1)];
    let waits = || set.operate_timeout(&free, LONG).unwrap();
    let takes = || {
        until(|| set.waiting_for_zero(0).unwrap() == 1);
        assert!(set.operate_deadline(&[Operation::take(0, 1)], Instant::now()).unwrap());
    };
    assert!(watchdog(|| in_thread(waits, takes)));
    assert_eq!(set.values().unwrap(), [1, 0, 0]);
    // More operations than fit without allocated memory.
    let many: Vec<_> = (0..100).map(|_| Operation::add(2, 3)).collect();
    assert!(set.try_operate(&many).unwrap());
    assert_eq!(set.last_process(2).unwrap(), Some(ProcessId::current()));
    assert_eq!(
        (set.get(2).unwrap(), set.last_process(1).unwrap()),
        (300, Some(ProcessId::current()))
    );
}

#[test]
fn values_are_set_one_by_one_or_all_at_once() {
    let set = private([0, Operation::MAX]);
    assert_eq!(set.values().unwrap(), [0, 32767]);
    set.set(0, 5).unwrap();
    assert_eq!(set.get(0).unwrap(), 5);
    set.set_values(&[1, 2]).unwrap();
    assert_eq!(set.values().unwrap(), [1, 2]);
    set.set(1, Operation::MAX).unwrap();
    assert!(set.operate(&[Operation::add(1, 1)]).unwrap_err().is_overflow());
    for err in
        [set.set(0, Operation::MAX + 1).unwrap_err(), set.set_values(&[1, u16::MAX]).unwrap_err()]
    {
        assert!(err.is_overflow(), "{err}");
    }
    for err in [
        set.get(2).unwrap_err(),
        set.set(2, 0).unwrap_err(),
        set.set_values(&[1]).unwrap_err(),
        set.last_process(2).unwrap_err(),
        set.waiting_for_more(u16::MAX).unwrap_err(),
        set.operate(&[Operation::add(2, 1)]).unwrap_err(),
        set.operate(&[]).unwrap_err(),
        set.operate(&[Operation::add(0, 1); 100_000]).unwrap_err(),
    ] {
        assert!(err.is_invalid_argument(), "{err}");
    }
    assert_eq!(set.values().unwrap(), [1, Operation::MAX]);
    assert!(std::panic::catch_unwind(|| Operation::take(0, 0)).is_err());
    assert!(std::panic::catch_unwind(|| Operation::add(0, 32768)).is_err());
}

#[test]
fn impossible_sets_are_refused_and_leave_nothing() {
    let key = TestKey::new();
    for values in [vec![], vec![0; 70_000], vec![0; 65_535], vec![0, 32768]] {
        let err = SemaphoreSet::create(*key, values).unwrap_err();
        assert!(err.is_invalid_argument(), "{err}");
    }
    let options = SetOptions::new([1]).removal(Removal::LastDetach);
    assert!(SemaphoreSet::create(*key, options).unwrap_err().is_unsupported());
    assert!(SemaphoreSet::open(*key).unwrap_err().is_not_found());
    assert!(SemaphoreSet::open_id(-1).unwrap_err().is_removed());
}

#[test]
fn waits_end_at_their_time_whatever_signals_come() {
    let set = private([0]);
    watchdog(|| {
        let storm = Storm::start(1000);
        for timeout in [Duration::ZERO, Duration::from_millis(1), Duration::from_millis(300)] {
            let before = Instant::now();
            assert!(!set.operate_timeout(&[Operation::take(0, 1)], timeout).unwrap());
            assert!(before.elapsed() >= timeout);
            let deadline = Instant::now() + timeout;
            assert!(!set.operate_deadline(&[Operation::take(0, 1)], deadline).unwrap());
            assert!(Instant::now() >= deadline);
        }
        assert!(storm.deliveries() > 10);
    });
    let waits = || {
        let storm = Storm::start(1000);
        set.operate(&[Operation::take(0, 1)]).unwrap();
        assert!(storm.deliveries() > 10);
    };
    let adds = || {
        let storm = Storm::start(1000);
        until(|| storm.deliveries() > 100);
        set.operate(&[Operation::add(0, 1)]).unwrap();
    };
    watchdog(|| in_thread(waits, adds));
    for timeout in [LONG, Duration::MAX] {
        set.set(0, 1).unwrap();
        assert!(set.operate_timeout(&[Operation::take(0, 1)], timeout).unwrap());
    }
}

/// IPC.jl has a struct for this information, but no function that fills it.
#[test]
fn the_information_about_a_set_has_owners_modes_and_times() {
    let options = SetOptions::new([0, 0]).permissions(0o640).removal(Removal::OnDrop);
    let set = SemaphoreSet::create(Key::PRIVATE, options).unwrap();
    let info = set.info().unwrap();
    assert_eq!((info.len, info.permissions), (2, Permissions::from_mode(0o640)));
    assert_eq!((info.owner, info.creator), (UserId::effective(), UserId::effective()));
    assert!(info.last_operation.unwrap() <= info.last_change);
    set.set_permissions(0o600).unwrap();
    assert_eq!(set.info().unwrap().permissions, Permissions::OWNER);
}

fn user(role: &mut Role) {
    let set = SemaphoreSet::open(key(role)).unwrap();
    set.operate(&[Operation::take(0, 2).undo(), Operation::add(1, 1)]).unwrap();
    role.say("has them");
    role.wait_for("never");
}

#[test]
fn the_permits_of_a_killed_process_are_released() {
    let key = TestKey::new();
    let set = SemaphoreSet::create(*key, [3, 0]).unwrap();
    let mut child = Child::run("set user", &[&key.text()]);
    child.wait_for("has them");
    assert_eq!(set.values().unwrap(), [1, 1]);
    assert_eq!(set.last_process(0).unwrap(), Some(ProcessId::new(child.pid())));
    let waits = || set.operate(&[Operation::take(0, 3)]).unwrap();
    let kills = || {
        until(|| set.waiting_for_more(0).unwrap() == 1);
        child.kill();
    };
    watchdog(|| in_thread(waits, kills));
    assert_eq!(set.values().unwrap(), [0, 1]);
}

fn stranger(role: &mut Role) {
    let theirs = SemaphoreSet::open_with(key(role), Trust::User(UserId::new(0)));
    role.say(&theirs.map_or_else(
        |err| format!("denied: {}", err.is_permission_denied()),
        |set| format!("{:?}", set.values().unwrap()),
    ));
    assert!(SemaphoreSet::remove(key(role)).is_err());
    SemaphoreSet::create(
        Key::new(role.arg(1).parse().unwrap()),
        SetOptions::new([1]).permissions(0o644),
    )
    .unwrap();
}

#[test]
fn another_user_has_access_only_where_the_mode_permits_it() {
    let Some(root) = Root::or_skip("needs a second user") else { return };
    for (mode, answer) in [(0o600, "denied: true"), (0o666, "[4, 2]")] {
        let (key, squatted) = (TestKey::new(), TestKey::new());
        let set = SemaphoreSet::create(*key, SetOptions::new([4, 2]).permissions(mode)).unwrap();
        assert_eq!(set.info().unwrap().permissions, Permissions::from_mode(mode));
        let stranger = ChildOptions::role("set stranger").as_user(root, Root::NOBODY);
        let mut child = Child::run(stranger, &[&key.text(), &squatted.text()]);
        child.wait_for(answer);
        child.finish();
        assert!(SemaphoreSet::open(*squatted).unwrap_err().is_untrusted());
        let nobody = Trust::User(UserId::new(Root::NOBODY));
        assert_eq!(SemaphoreSet::open_with(*squatted, nobody).unwrap().values().unwrap(), [1]);
    }
}

fn forker(role: &mut Role) {
    let set =
        SemaphoreSet::create(key(role), SetOptions::new([0]).removal(Removal::OnDrop)).unwrap();
    // SAFETY: the child calls nothing that another thread of this process may have locked for ever.
    match unsafe { libc::fork() } {
        0 => {
            set.operate(&[Operation::add(0, 1)]).unwrap();
            drop(set);
            // SAFETY: ends the process without running any other code of it.
            unsafe { libc::_exit(0) }
        }
        child => {
            assert_eq!((ipc_testkit::reap(child), set.values().unwrap()), (0, vec![1]));
        }
    }
}

#[test]
fn a_forked_child_uses_its_parents_set_and_does_not_remove_it() {
    Child::run("set forker", &[&TestKey::new().text()]).finish();
}

const C_SET: &str = r#"
    #include <sys/ipc.h>
    #include <sys/sem.h>
    int main(int argc, char **argv) {
        must(argc == 3);
        int ours = semget(atoi(argv[1]), 2, IPC_CREAT | IPC_EXCL | 0600);
        must(ours >= 0);
        struct sembuf up = {0, 4, 0}, down = {1, -1, 0};
        must(semop(ours, &up, 1) == 0);
        int theirs = semget(atoi(argv[2]), 2, 0);
        must(theirs >= 0);
        must(semctl(theirs, 0, GETVAL) == 6);
        say("ready");
        must(semop(ours, &down, 1) == 0);
        down.sem_num = 0;
        must(semop(theirs, &down, 1) == 0);
        return 0;
    }
"#;

#[test]
fn a_c_program_and_we_use_each_others_sets() {
    let (theirs, ours) = (TestKey::new(), TestKey::new());
    let set = SemaphoreSet::create(*ours, [6, 0]).unwrap();
    let mut c = Child::run(&c_program("set", C_SET), &[&theirs.text(), &ours.text()]);
    c.wait_for("ready");
    let found = SemaphoreSet::open(*theirs).unwrap();
    assert_eq!(found.get(0).unwrap(), 4);
    found.operate(&[Operation::add(1, 1)]).unwrap();
    c.finish();
    assert_eq!((set.get(0).unwrap(), found.get(1).unwrap()), (5, 0));
}

/// Runs in a process of one thread, which can be forked.
fn permits(_: &mut Role) {
    let set = SemaphoreSet::create(Key::PRIVATE, [3, 1]).unwrap();
    let permit = set.acquire(0, 2).unwrap();
    assert!(set.try_acquire(0, 2).unwrap().is_none());
    assert!(set.acquire_timeout(0, 2, Duration::from_millis(1)).unwrap().is_none());
    assert!(set.acquire_deadline(0, 2, Instant::now()).unwrap().is_none());
    Forked::run(|| drop(permit)).finish();
    assert_eq!(set.values().unwrap(), [3, 1], "returned by the parent alone");
    Forked::run(|| mem::forget(set.acquire(0, 3).unwrap())).finish();
    assert_eq!(set.values().unwrap(), [3, 1], "returned by the system, once");
    Forked::run(|| drop(set.acquire(0, 3).unwrap())).finish();
    assert_eq!(set.values().unwrap(), [3, 1], "returned by the permit, once");
    Forked::run(|| set.acquire(0, 1).unwrap().keep().unwrap()).finish();
    assert_eq!(set.values().unwrap(), [2, 1], "kept");
    set.try_acquire(0, 2).unwrap().unwrap().release().unwrap();
    drop(set.acquire(1, 1).unwrap());
    assert_eq!(set.values().unwrap(), [2, 1]);
}

#[test]
fn a_permit_is_returned_once_by_its_guard_or_by_the_system() {
    Child::run("set permits", &[]).finish();
}

#[test]
fn a_private_set_goes_with_its_handle_unless_it_is_to_stay() {
    let gone = SemaphoreSet::create(Key::PRIVATE, [1]).unwrap().id();
    assert!(SemaphoreSet::open_id(gone).unwrap_err().is_removed());
    let stays = SemaphoreSet::create(Key::PRIVATE, SetOptions::new([1]).removal(Removal::Never))
        .unwrap()
        .id();
    SemaphoreSet::open_id(stays).unwrap().destroy().unwrap();
    assert!(SemaphoreSet::open_id(stays).unwrap_err().is_removed());
}
