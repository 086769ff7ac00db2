//! Creation and removal of queues: modes, races, forks, killed creators, and a missing file system.

use std::fs::File;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::thread;

use ipc_core::{Key, Permissions, Removal};
use ipc_queue::{
    MessageQueue, OpenQueueOptions, QueueOptions, Select, SysvQueue, SysvQueueOptions,
};
use ipc_testkit::{Child, ChildOptions, Part, Role, Root, crash_points, fixture, watchdog};

use crate::common::{key, passing, queue, sysv};
use crate::sys;

pub(crate) const ROLES: &[(&str, Part)] =
    &[("masked", masked), ("forker", forker), ("creator", creator), ("unmounted", unmounted)];

fn small() -> QueueOptions {
    QueueOptions::new(2, 64)
}

fn mode(queue: &MessageQueue) -> u32 {
    File::from(queue.as_fd().try_clone_to_owned().unwrap()).metadata().unwrap().mode() & 0o7777
}

/// The umask belongs to the process, so only a child changes it.
#[test]
fn the_mode_is_exactly_the_one_asked_for_whatever_the_umask() {
    Child::run("masked", &[]).finish();
}

fn masked(_: &mut Role) {
    for mask in [0o000, 0o022, 0o077, 0o777] {
        Permissions::set_umask(Permissions::from_mode(mask));
        for wanted in [0o600, 0o640, 0o660, 0o666, 0o400, 0o000, 0o777] {
            let name = fixture::name();
            let queue = MessageQueue::create(&*name, small().permissions(wanted)).unwrap();
            assert_eq!(mode(&queue), wanted, "umask {mask:03o}");
            let sysv = SysvQueue::create(Key::PRIVATE, passing().permissions(wanted)).unwrap();
            assert_eq!(sysv.info().unwrap().permissions, Permissions::from_mode(wanted));
        }
        assert_eq!(Permissions::set_umask(Permissions::from_mode(mask)).mode(), mask);
    }
}

#[test]
fn by_default_only_the_owner_may_use_a_queue() {
    let name = fixture::name();
    assert_eq!(mode(&queue(&name, 1)), 0o600);
    assert_eq!(sysv().info().unwrap().permissions, Permissions::OWNER);
}

#[test]
fn a_name_stays_until_unlinked_and_a_queue_until_closed() {
    let name = fixture::name();
    let first = queue(&name, 1);
    first.send(b"x", 0).unwrap();
    drop(first);
    let second = MessageQueue::open(&*name).unwrap();
    MessageQueue::unlink(&*name).unwrap();
    MessageQueue::unlink(&*name).unwrap();
    assert!(MessageQueue::open(&*name).unwrap_err().is_not_found());
    let third = queue(&name, 1);
    assert_eq!(second.recv().unwrap().bytes, b"x");
    assert!(third.is_empty().unwrap());
    assert!(MessageQueue::create(&*name, small()).unwrap_err().is_exists());
}

#[test]
fn on_drop_removes_the_name_of_that_queue_and_of_no_other() {
    let name = fixture::name();
    let passing = small().removal(Removal::OnDrop);
    drop(MessageQueue::create(&*name, passing).unwrap());
    assert!(MessageQueue::open(&*name).unwrap_err().is_not_found());
    // By then the name refers to another queue.
    let ours = MessageQueue::create(&*name, passing).unwrap();
    MessageQueue::unlink(&*name).unwrap();
    let theirs = queue(&name, 1);
    drop(ours);
    drop(theirs);
    drop(MessageQueue::open_or_create(&*name, passing.removal(Removal::OnDrop)).unwrap_err());
    drop(MessageQueue::open(&*name).unwrap());
}

#[test]
fn a_queue_of_another_capacity_or_size_is_an_error_that_names_both() {
    let name = fixture::name();
    let _made = queue(&name, 3);
    let err = MessageQueue::open_or_create(&*name, QueueOptions::new(3, 32)).unwrap_err();
    assert!(err.is_mismatch());
    assert!(err.to_string().contains("found 3 messages of 64 bytes, wanted 3 of 32"), "{err}");
    assert!(!MessageQueue::open_or_create(&*name, QueueOptions::new(3, 64)).unwrap().was_created());
}

/// A queue that others may write is not trusted, unless the caller would have created it like that.
#[test]
fn a_queue_for_other_users_is_opened_by_its_creator_as_created() {
    let (name, key) = (fixture::name(), key());
    let (posix, sysv) = (small().permissions(0o660), passing().permissions(0o660));
    let _made = MessageQueue::open_or_create(&*name, posix).unwrap();
    assert!(!MessageQueue::open_or_create(&*name, posix).unwrap().was_created());
    assert!(MessageQueue::open_or_create(&*name, small()).unwrap_err().is_untrusted());
    let _made = SysvQueue::open_or_create(key, sysv).unwrap();
    assert!(!SysvQueue::open_or_create(key, sysv).unwrap().was_created());
    assert!(SysvQueue::open_or_create(key, passing()).unwrap_err().is_untrusted());
}

#[test]
fn of_many_concurrent_open_or_create_calls_one_creates() {
    watchdog(|| {
        for _ in 0..50 {
            let (name, key) = (fixture::name(), key());
            let options = SysvQueueOptions::new();
            let at_once = || {
                let posix = MessageQueue::open_or_create(&*name, small()).unwrap().was_created();
                (posix, SysvQueue::open_or_create(key, options).unwrap().was_created())
            };
            let made: Vec<_> = thread::scope(|scope| {
                let threads = [(); 4].map(|()| scope.spawn(at_once));
                threads.map(|thread| thread.join().unwrap()).into()
            });
            SysvQueue::remove(key).unwrap();
            assert_eq!(made.iter().filter(|(posix, _)| *posix).count(), 1);
            assert_eq!(made.iter().filter(|(_, sysv)| *sysv).count(), 1);
        }
    });
}

#[test]
fn a_forked_child_removes_no_queue_of_its_parent() {
    Child::run("forker", &[]).finish();
}

fn forker(_: &mut Role) {
    let name = fixture::name();
    let posix = MessageQueue::create(&*name, small().removal(Removal::OnDrop)).unwrap();
    let sysv = sysv();
    let (mut ours, mut theirs) = (Some((posix, sysv)), None);
    let ended = sys::fork(|| {
        let (posix, sysv) = ours.take().unwrap();
        posix.send(b"x", 0).unwrap();
        sysv.send(b"y", 1).unwrap();
        drop((posix, sysv));
        // The child removes the queue that it created.
        theirs = Some(
            MessageQueue::create(&*format!("{}-child", &*name), small().removal(Removal::OnDrop))
                .unwrap(),
        );
        drop(theirs.take());
    });
    assert_eq!(ended, 0);
    let (posix, sysv) = ours.unwrap();
    assert_eq!(MessageQueue::open(&*name).unwrap().recv().unwrap().bytes, b"x");
    let again = SysvQueue::open_id(sysv.id()).unwrap();
    assert_eq!(again.recv(Select::Any).unwrap().bytes, b"y");
    drop((posix, sysv));
    assert!(MessageQueue::open(&*name).unwrap_err().is_not_found());
    assert!(MessageQueue::open(&*format!("{}-child", &*name)).unwrap_err().is_not_found());
    assert!(again.info().unwrap_err().is_removed());
}

fn creator(role: &mut Role) {
    let key = Key::new(role.arg(1).parse().unwrap());
    drop(MessageQueue::create(role.arg(0), small()).unwrap());
    drop(SysvQueue::create(key, SysvQueueOptions::new().byte_limit(1000)).unwrap());
}

#[test]
fn a_creator_killed_at_any_step_leaves_a_queue_that_works_or_none() {
    watchdog(|| {
        let run = |test: &dyn Fn(&str, Key)| {
            let (name, key) = (fixture::name(), key());
            test(&name, key);
            SysvQueue::remove(key).unwrap();
        };
        let steps = [("queue.create.made".to_owned(), 1), ("sysv_queue.create.made".to_owned(), 1)];
        run(&|name, key| {
            assert_eq!(crash_points("creator", &[name, &key.raw().to_string()]), steps);
        });
        for (point, hits) in &steps {
            run(&|name, key| {
                Child::run_crashing("creator", &[name, &key.raw().to_string()], point, *hits)
                    .crash();
                let posix = MessageQueue::open_or_create(name, small()).unwrap();
                posix.send(b"x", 0).unwrap();
                assert_eq!(posix.recv().unwrap().bytes, b"x");
                let sysv = SysvQueue::open_or_create(key, SysvQueueOptions::new()).unwrap();
                sysv.send(b"x", 1).unwrap();
                assert_eq!(sysv.recv(Select::Any).unwrap().bytes, b"x");
            });
        }
    });
}

#[test]
fn queues_work_without_their_file_system_but_cannot_be_listed() {
    let Some(root) = Root::or_skip("mounts and unmounts") else { return };
    Child::run(ChildOptions::role("unmounted").small_shm(root, 1 << 20), &[]).finish();
}

fn unmounted(_: &mut Role) {
    sys::unmount_queues();
    let name = fixture::name();
    let made = queue(&name, 2);
    MessageQueue::open_with(&*name, OpenQueueOptions::new()).unwrap().send(b"x", 0).unwrap();
    assert_eq!(made.recv().unwrap().bytes, b"x");
    let err = MessageQueue::names().unwrap_err();
    assert!(err.is_unsupported() && err.to_string().contains("mount -t mqueue"), "{err}");
    let place = fixture::dir();
    sys::mount_queues(&place);
    assert_eq!(MessageQueue::names().unwrap(), [made.name().clone()]);
    MessageQueue::unlink(&*name).unwrap();
    assert_eq!(MessageQueue::names().unwrap(), []);
    sys::unmount(place.to_str().unwrap());
}
