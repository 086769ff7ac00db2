//! System V queues that are created in two steps, and ids that come again.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use ipc_core::{Key, Permissions, Removal};
use ipc_queue::{OpenQueueOptions, SysvQueue, SysvQueueInfo, SysvQueueOptions};
use ipc_testkit::{Child, ChildOptions, Part, Role, Root, watchdog};

use crate::common::{key, passing};

pub(crate) const ROLES: &[(&str, Part)] =
    &[("creates with a limit", creates_with_a_limit), ("finds unfinished", finds_unfinished)];

fn limited() -> SysvQueueOptions {
    SysvQueueOptions::new().byte_limit(4096).permissions(0o640)
}

fn creates_with_a_limit(role: &mut Role) {
    SysvQueue::open_or_create(role.arg(0).parse::<i32>().unwrap(), limited()).unwrap();
}

fn finds_unfinished(role: &mut Role) {
    let key = Key::new(role.arg(0).parse().unwrap());
    // By themselves these do not finish it, and say why it may not be used.
    for opened in [SysvQueue::open(key), SysvQueue::open_with(key, OpenQueueOptions::new())] {
        match opened {
            Ok(queue) => assert_eq!(queue.info().unwrap().permissions.mode(), 0),
            Err(err) => assert!(err.is_permission_denied(), "{err}"),
        }
    }
    let queue = SysvQueue::open_or_create(key, limited()).unwrap();
    assert!(!queue.was_created());
    let info = queue.info().unwrap();
    assert_eq!((info.byte_limit, info.permissions), (4096, Permissions::from_mode(0o640)));
    queue.send(b"x", 1).unwrap();
    assert!(SysvQueue::open_or_create(key, limited().byte_limit(4095)).unwrap_err().is_mismatch());
    SysvQueue::remove(key).unwrap();
}

#[test]
fn a_queue_of_a_creator_killed_between_its_two_steps_is_finished() {
    watchdog(|| {
        let users = Root::or_skip("needs a user without rights").map(|root| (root, Root::NOBODY));
        for user in [None, users] {
            let key = key().raw().to_string();
            let role = |name| match user {
                None => ChildOptions::role(name),
                Some((root, user)) => ChildOptions::role(name).as_user(root, user),
            };
            let creator = role("creates with a limit").crash_at("sysv_queue.create.made", 1);
            Child::run(creator, &[&key]).crash();
            Child::run(role("finds unfinished"), &[&key]).finish();
        }
    });
}

#[test]
fn all_of_many_that_open_or_create_a_limited_queue_at_once_succeed() {
    const THREADS: usize = 8;
    let (key, barrier) = (key(), Barrier::new(THREADS));
    watchdog(|| {
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    for _ in 0..500 {
                        barrier.wait();
                        let queue = SysvQueue::open_or_create(key, limited()).unwrap();
                        assert_eq!(queue.info().unwrap().byte_limit, 4096);
                        if barrier.wait().is_leader() {
                            SysvQueue::remove(key).unwrap();
                        }
                    }
                });
            }
        });
    });
}

/// Creates and removes queues until one has this id: the first one where the kernel can be asked
/// for it, as programs that restore processes do, and otherwise after millions.
fn queue_with_id(id: i32) -> SysvQueue {
    let ask = || std::fs::write("/proc/sys/kernel/msg_next_id", id.to_string()).is_ok();
    let mut can_ask = true;
    loop {
        // Each time, as a queue of another test may have got it.
        can_ask = can_ask && ask();
        let queue = SysvQueue::create(Key::PRIVATE, passing().removal(Removal::Never)).unwrap();
        if queue.id() == id {
            return queue;
        }
        SysvQueue::remove_id(queue.id()).unwrap();
    }
}

#[test]
fn a_queue_that_got_the_id_of_a_removed_one_is_not_removed_in_its_place() {
    watchdog(|| {
        let ours = SysvQueue::create(Key::PRIVATE, passing()).unwrap();
        let created = ours.info().unwrap().changed;
        SysvQueue::remove_id(ours.id()).unwrap();
        // The kernel counts seconds, by a clock that is a little late.
        while crate::common::sysv().info().unwrap().changed == created {
            // SLEEP: until the next second of the kernel
            thread::sleep(Duration::from_millis(10));
        }
        let theirs = queue_with_id(ours.id());
        drop(ours);
        theirs.info().unwrap();
        SysvQueue::remove_id(theirs.id()).unwrap();
    });
}

#[test]
fn a_private_queue_goes_with_its_creator_unless_asked_otherwise() {
    let exists = |id| SysvQueueInfo::of_id(id).is_ok();
    let private = SysvQueue::create(Key::PRIVATE, SysvQueueOptions::new()).unwrap();
    let other = SysvQueue::open_id(private.id()).unwrap();
    drop(private.try_clone().unwrap());
    drop(SysvQueue::open_id(private.id()).unwrap());
    assert!(exists(other.id()), "only the creator removes it");
    private.set_permissions(0o640).unwrap();
    private.set_byte_limit(1000).unwrap();
    drop(private);
    assert!(!exists(other.id()), "also after it has changed it");
    let never = SysvQueueOptions::new().removal(Removal::Never);
    let kept = SysvQueue::create(Key::PRIVATE, never).unwrap();
    let (id, key) = (kept.id(), key());
    drop(kept);
    assert!(exists(id));
    SysvQueue::remove_id(id).unwrap();
    drop(SysvQueue::create(key, SysvQueueOptions::new()).unwrap());
    SysvQueueInfo::of_key(key).unwrap();
    SysvQueue::remove(key).unwrap();
}
