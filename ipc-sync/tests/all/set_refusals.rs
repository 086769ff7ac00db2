//! Arguments that a set of semaphores refuses, and the names of sets in errors.

#![expect(unsafe_code, reason = "a namespace with limits of its own")]

use std::fs;
use std::time::{Duration, Instant};

use ipc_core::Key;
use ipc_sync::sysv::{Operation, SemaphoreSet};
use ipc_testkit::{Child, Part, Role, Root};

use crate::semaphore_set::TestKey;

pub(crate) const ROLES: &[(&str, Part)] = &[("set with few steps", few_steps)];

#[test]
fn a_number_of_permits_that_is_impossible_is_refused() {
    let (key, second) = (TestKey::new(), Duration::from_secs(1));
    let set = SemaphoreSet::create(*key, [2, 0]).unwrap();
    for count in [0, Operation::MAX + 1, u16::MAX] {
        for err in [
            set.acquire(1, count).map(drop).unwrap_err(),
            set.try_acquire(1, count).map(drop).unwrap_err(),
            set.acquire_timeout(1, count, second).map(drop).unwrap_err(),
            set.acquire_deadline(1, count, Instant::now() + second).map(drop).unwrap_err(),
        ] {
            assert!(err.is_invalid_argument() && err.object() == key.to_string(), "{err}");
            let why = format!(": {count} permits of semaphore 1: 1 to 32767 are possible");
            assert!(err.to_string().ends_with(&why), "{err}");
        }
    }
    assert_eq!(set.values().unwrap(), [2, 0]);
}

#[test]
fn a_set_without_a_key_is_named_by_its_id_in_each_error() {
    let set = SemaphoreSet::create(Key::PRIVATE, [1, 0]).unwrap();
    let name = format!("set id {}", set.id());
    let err = set.get(7).unwrap_err();
    let says = format!("semctl {name}: index 7; the set has 2 semaphores, 0 to 1");
    assert_eq!(err.to_string(), says);
    let err = set.set(0, Operation::MAX + 1).unwrap_err();
    assert!(err.is_overflow() && err.to_string().ends_with("a value is at most 32767"), "{err}");
    for err in [
        set.operate(&[]).unwrap_err(),
        set.operate(&[Operation::add(0, 1); 1000]).unwrap_err(),
        set.set_values(&[1]).unwrap_err(),
        set.set_permissions(0o7777_u32).unwrap_err(),
    ] {
        assert!(err.is_invalid_argument() && err.object() == name, "{err}");
    }
}

/// In an IPC namespace of this thread's own, whose limits are not those of the machine.
fn few_steps(_: &mut Role) {
    // SAFETY: the call takes a number.
    assert_eq!(unsafe { libc::unshare(libc::CLONE_NEWIPC) }, 0);
    for limit in [1, 3] {
        fs::write("/proc/sys/kernel/sem", format!("250 32000 {limit} 128")).unwrap();
        for values in [vec![0], vec![1], vec![0, 4], vec![Operation::MAX, 0], vec![2, 2, 2]] {
            let set = SemaphoreSet::create(Key::PRIVATE, values.clone()).unwrap();
            assert_eq!(set.values().unwrap(), values);
            assert!(set.info().unwrap().last_operation.is_some());
        }
        let set = SemaphoreSet::create(Key::PRIVATE, [9]).unwrap();
        set.operate(&vec![Operation::take(0, 1); limit]).unwrap();
        let err = set.operate(&vec![Operation::take(0, 1); limit + 1]).unwrap_err();
        let says = format!(
            "semop set id {}: found {} steps, wanted at most {limit}: SEMOPM, the third number of \
             /proc/sys/kernel/sem, which root can raise with `sysctl kernel.sem`",
            set.id(),
            limit + 1
        );
        assert!(err.is_invalid_argument(), "{err}");
        assert_eq!(err.to_string(), says);
    }
}

#[test]
fn a_limit_of_one_step_permits_sets_and_is_named_by_longer_operations() {
    if Root::or_skip("needs limits of its own").is_some() {
        Child::run("set with few steps", &[]).finish();
    }
}
