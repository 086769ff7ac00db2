//! Sets whose creators are killed, slow, or programs in C.

#![expect(unsafe_code, reason = "a user namespace")]

use std::sync::atomic::{AtomicBool, Ordering};

use ipc_core::{Key, Removal};
use ipc_sync::sysv::{Operation, SemaphoreSet, SetOptions};
use ipc_testkit::{Child, Forked, Part, Role, Root, c_program, crash_points, watchdog};

use crate::common::{in_thread, until};
use crate::semaphore_set::{TestKey, key};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("set creator", creator),
    ("set maker", maker),
    ("set creator without a number", without_number),
];

fn creator(role: &mut Role) {
    SemaphoreSet::create(key(role), [5, 7]).unwrap();
}

/// A set is visible between its creation and its first values, as Stevens describes.
#[test]
fn a_set_of_a_killed_creator_is_whole_or_refused_or_replaced() {
    let key = TestKey::new();
    let points = crash_points("set creator", &[&key.text()]);
    assert_eq!(points.len(), 4, "{points:?}");
    SemaphoreSet::remove(*key).unwrap();
    for (point, _) in points {
        let is_complete =
            !["set.create.without-values", "set.create.with-values"].contains(&&*point);
        Child::run_crashing("set creator", &[&key.text()], &point, 1).crash();
        match SemaphoreSet::open(*key) {
            Ok(set) => {
                assert!(is_complete, "{point}");
                assert_eq!(set.values().unwrap(), [5, 7]);
            }
            Err(err) => assert!(err.is_mismatch() && !is_complete, "{point}: {err}"),
        }
        let set = SemaphoreSet::open_or_create(*key, [5, 7]).unwrap();
        assert_eq!(set.values().unwrap(), [5, 7], "{point}");
        assert_eq!(set.was_created(), !is_complete, "{point}");
        SemaphoreSet::remove(*key).unwrap();
    }
}

fn maker(role: &mut Role) {
    let (key, enough) = (key(role), AtomicBool::new(false));
    let make = || {
        let mut made = 0;
        while made < 1000 || !enough.load(Ordering::Relaxed) {
            drop(
                SemaphoreSet::create(key, SetOptions::new([5, 7]).removal(Removal::OnDrop))
                    .unwrap(),
            );
            made += 1;
        }
    };
    in_thread(make, || {
        role.wait_for("enough");
        enough.store(true, Ordering::Relaxed);
    });
}

#[test]
fn an_open_beside_creators_finds_a_whole_set_or_none() {
    let key = TestKey::new();
    let mut making = Child::run("set maker", &[&key.text()]);
    watchdog(|| {
        let mut seen = 0;
        while seen < 100 {
            match SemaphoreSet::open(*key).and_then(|set| set.values()) {
                Ok(values) => {
                    assert_eq!(values, [5, 7]);
                    seen += 1;
                }
                Err(err) => assert!(err.is_not_found() || err.is_removed(), "{err}"),
            }
        }
        making.tell("enough");
        making.finish();
    });
}

/// Creates a set of zeros and waits on it, as a program does that gives no values.
const C_ZEROS: &str = r#"
    #include <sys/ipc.h>
    #include <sys/sem.h>
    int main(int argc, char **argv) {
        must(argc == 2);
        int set = semget(atoi(argv[1]), 3, IPC_CREAT | IPC_EXCL | 0600);
        must(set >= 0);
        say("ready");
        struct sembuf down = {0, -1, 0};
        must(semop(set, &down, 1) == 0);
        return 0;
    }
"#;

#[test]
fn a_set_of_zeros_on_which_a_c_program_waits_is_opened_and_not_replaced() {
    let key = TestKey::new();
    watchdog(|| {
        let mut c = Child::run(&c_program("zeros", C_ZEROS), &[&key.text()]);
        c.wait_for("ready");
        let err = SemaphoreSet::open_or_create(*key, [1]).unwrap_err();
        assert!(err.is_mismatch(), "{err}");
        assert!(err.to_string().ends_with("found 3 semaphores, wanted 1"), "{err}");
        let opened = SemaphoreSet::open(*key).unwrap();
        let set = SemaphoreSet::open_or_create(*key, [5, 5, 5]).unwrap();
        assert!(!set.was_created() && set.id() == opened.id());
        assert_eq!(set.values().unwrap(), [0, 0, 0]);
        until(|| set.waiting_for_more(0).unwrap() == 1);
        set.operate(&[Operation::add(0, 1)]).unwrap();
        c.finish();
    });
}

/// A program that opens a set of another program as Stevens describes: `sem_otime` says that the
/// set is complete.
const C_OPENS: &str = r#"
    #include <errno.h>
    #include <sys/ipc.h>
    #include <sys/sem.h>
    int main(int argc, char **argv) {
        must(argc == 2);
        say("ready");
        for (int seen = 0; seen < 1000;) {
            int set = semget(atoi(argv[1]), 2, 0600);
            struct semid_ds state = {0};
            union { struct semid_ds *buf; } ask = {&state};
            while (set >= 0 && state.sem_otime == 0)
                if (semctl(set, 0, IPC_STAT, ask) != 0)
                    set = -1;
            int first = set < 0 ? -1 : semctl(set, 0, GETVAL), second = set < 0 ? -1 : semctl(set, 1, GETVAL);
            if (first < 0 || second < 0) {
                must(errno == ENOENT || errno == EIDRM || errno == EINVAL);
                continue;
            }
            must(first == 5 && second == 7);
            seen++;
        }
        say("done");
        return 0;
    }
"#;

#[test]
fn a_c_program_that_waits_for_the_time_finds_a_whole_set_or_none() {
    let key = TestKey::new();
    watchdog(|| {
        let mut making = Child::run("set maker", &[&key.text()]);
        let mut c = Child::run(&c_program("opens", C_OPENS), &[&key.text()]);
        c.wait_for("ready");
        c.wait_for("done");
        c.finish();
        making.tell("enough");
        making.finish();
    });
}

/// In a user namespace that maps no user, in which the system refuses to change a mode.
fn without_number(_: &mut Role) {
    let create = || {
        // SAFETY: the call takes a number.
        assert_eq!(unsafe { libc::unshare(libc::CLONE_NEWUSER) }, 0);
        let set = SemaphoreSet::create(Key::PRIVATE, [5, 7]).unwrap();
        assert_eq!(set.values().unwrap(), [5, 7]);
        assert!(set.info().unwrap().last_operation.is_some());
        let id = set.id();
        drop(set);
        assert!(SemaphoreSet::open_id(id).unwrap_err().is_removed());
    };
    Forked::run(create).finish();
}

#[test]
fn a_process_without_a_number_creates_and_removes_sets() {
    if Root::or_skip("needs a user namespace").is_some() {
        Child::run("set creator without a number", &[]).finish();
    }
}
