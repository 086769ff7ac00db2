//! Queues that another user uses.

use ipc_core::{Errno, GroupId, Key, Removal, Trust, UserId};
use ipc_queue::{
    Direction, MessageQueue, OpenQueueOptions, QueueOptions, Select, SysvQueue, SysvQueueOptions,
};
use ipc_testkit::{Child, ChildOptions, Part, Role, Root, fixture, watchdog};

use crate::common::{key, passing};

pub(crate) const ROLES: &[(&str, Part)] =
    &[("stranger", stranger), ("owner of little", owner_of_little), ("new owner", new_owner)];

/// Every combination of permissions for other users.
const MODES: [u32; 4] = [0o600, 0o602, 0o604, 0o606];

#[test]
fn another_user_may_do_what_the_mode_permits() {
    let Some(root) = Root::or_skip("needs a second user") else { return };
    watchdog(|| {
        for mode in MODES {
            let (name, key) = (fixture::name(), key());
            let posix =
                MessageQueue::create(&*name, QueueOptions::new(4, 64).permissions(mode)).unwrap();
            let sysv = SysvQueue::create(key, passing().permissions(mode)).unwrap();
            posix.send(b"x", 0).unwrap();
            sysv.send(b"x", 1).unwrap();
            let args = [&*name, &key.raw().to_string(), &sysv.id().to_string(), &mode.to_string()];
            Child::run(ChildOptions::role("stranger").as_user(root, Root::NOBODY), &args).finish();
            MessageQueue::open(&*name).map(drop).unwrap_or_else(|err| assert!(err.is_untrusted()));
            sysv.info().unwrap();
        }
    });
}

fn stranger(role: &mut Role) {
    let (name, key) = (role.arg(0).to_owned(), role.arg(1).parse::<i32>().unwrap());
    let (id, mode) = (role.arg(2).parse::<i32>().unwrap(), role.arg(3).parse::<u32>().unwrap());
    let (may_receive, may_send) = (mode & 0o4 != 0, mode & 0o2 != 0);
    let allowed = |done: ipc_core::Result<()>, may: bool| match done {
        Ok(()) => assert!(may, "{mode:o}"),
        Err(err) => assert!(!may && err.is_permission_denied(), "{mode:o}: {err}"),
    };
    let any = OpenQueueOptions::new().trust(Trust::Anyone);
    let both = may_receive && may_send;
    for (direction, may) in
        [(Direction::Both, both), (Direction::Send, may_send), (Direction::Receive, may_receive)]
    {
        let options = any.direction(direction);
        allowed(MessageQueue::open_with(&name, options).map(drop), may);
        allowed(SysvQueue::open_with(key, options).map(drop), may);
    }
    allowed(MessageQueue::unlink(&name), false);
    // The kernel checks permissions at every System V call.
    let sysv = SysvQueue::open_id_with(id, any).unwrap();
    allowed(sysv.send(b"y", 1), may_send);
    allowed(sysv.try_recv(Select::Any).map(drop), may_receive);
    allowed(sysv.info().map(drop), may_receive);
    allowed(sysv.set_permissions(0o666), false);
    allowed(sysv.set_owner(UserId::effective(), GroupId::effective()), false);
    allowed(sysv.set_byte_limit(1), false);
    allowed(SysvQueue::remove_id(id), false);
    allowed(SysvQueue::remove(key), false);
    // By default, a queue that others may write is not trusted, and one of root is.
    let posix =
        MessageQueue::open_with(&name, OpenQueueOptions::new().direction(Direction::Receive));
    let sysv = SysvQueue::open_with(key, OpenQueueOptions::new().direction(Direction::Receive));
    for refused in [posix.map(drop), sysv.map(drop)] {
        match mode {
            0o604 => refused.unwrap(),
            0o606 => assert!(refused.unwrap_err().is_untrusted()),
            _ => assert_eq!(refused.unwrap_err().errno(), Some(Errno::EACCES)),
        }
    }
    assert!(MessageQueue::create(&name, QueueOptions::new(1, 1)).unwrap_err().is_exists());
    assert!(SysvQueue::create(key, SysvQueueOptions::new()).unwrap_err().is_exists());
}

#[test]
fn a_creator_removes_a_queue_it_may_not_use_and_others_distrust_it() {
    let Some(root) = Root::or_skip("needs a second user") else { return };
    watchdog(|| {
        let (name, key) = (fixture::name(), key());
        let options = ChildOptions::role("owner of little").as_user(root, Root::NOBODY);
        let mut child = Child::run(options, &[&name, &key.raw().to_string()]);
        child.wait_for("made");
        let trusting = OpenQueueOptions::new().trust(Trust::User(UserId::new(Root::NOBODY)));
        let err = MessageQueue::open(&*name).unwrap_err();
        assert!(err.is_untrusted() && err.to_string().contains("65534"), "{err}");
        MessageQueue::open_with(&*name, trusting).unwrap();
        assert!(SysvQueue::open(key).unwrap_err().is_untrusted());
        SysvQueue::open_with(key, trusting).unwrap();
        child.tell("end");
        child.finish();
        assert!(MessageQueue::open(&*name).unwrap_err().is_not_found());
        assert!(SysvQueue::open(key).unwrap_err().is_not_found());
    });
}

fn owner_of_little(role: &mut Role) {
    let options = QueueOptions::new(1, 1).permissions(0o000).removal(Removal::OnDrop);
    let posix = MessageQueue::create(role.arg(0), options).unwrap();
    let key: i32 = role.arg(1).parse().unwrap();
    let sysv = SysvQueue::create(key, passing().permissions(0o000)).unwrap();
    assert!(sysv.send(b"", 1).unwrap_err().is_permission_denied());
    assert!(sysv.info().unwrap_err().is_permission_denied());
    // A limit above the system's needs a privilege.
    let most: usize =
        std::fs::read_to_string("/proc/sys/kernel/msgmnb").unwrap().trim().parse().unwrap();
    let usual = SysvQueue::create(ipc_core::Key::PRIVATE, passing()).unwrap();
    let err = usual.set_byte_limit(most + 1).unwrap_err();
    assert!(
        err.is_permission_denied() && err.to_string().contains(&format!("the {most} of")),
        "{err}"
    );
    let err =
        SysvQueue::create(ipc_core::Key::PRIVATE, passing().byte_limit(most + 1)).unwrap_err();
    assert!(err.is_permission_denied());
    role.say("made");
    role.wait_for("end");
    drop(posix);
    drop(sysv);
}

#[test]
fn a_queue_given_to_another_user_may_still_be_changed_by_its_creator() {
    let Some(root) = Root::or_skip("needs a second user") else { return };
    let queue = SysvQueue::create(key(), passing()).unwrap();
    let owners = || {
        queue.info().map(|info| (info.owner.raw(), info.group.raw(), info.creator.raw())).unwrap()
    };
    for (user, group) in [(u32::MAX, 0), (0, u32::MAX)] {
        let err = queue.set_owner(UserId::new(user), GroupId::new(group)).unwrap_err();
        assert!(err.is_invalid_argument() && err.to_string().contains("4294967295"), "{err}");
    }
    assert_eq!(owners(), (0, 0, 0));
    queue.set_owner(UserId::new(Root::NOBODY), GroupId::new(7)).unwrap();
    assert_eq!(owners(), (Root::NOBODY, 7, 0));
    let key = queue.key().raw().to_string();
    watchdog(|| {
        Child::run(ChildOptions::role("new owner").as_user(root, Root::NOBODY), &[&key]).finish();
    });
    assert_eq!(owners(), (0, 8, 0));
    assert_eq!(queue.recv(Select::Any).unwrap().bytes, b"mine");
}

fn new_owner(role: &mut Role) {
    let queue = SysvQueue::open(role.arg(0).parse::<i32>().unwrap()).unwrap();
    queue.send(b"mine", 1).unwrap();
    queue.set_permissions(0o600).unwrap();
    queue.set_owner(UserId::new(0), GroupId::new(8)).unwrap();
    assert!(queue.set_permissions(0o600).unwrap_err().is_permission_denied());
    let made = SysvQueue::create(Key::PRIVATE, passing()).unwrap();
    made.set_owner(UserId::new(0), GroupId::new(0)).unwrap();
    made.send(b"", 1).unwrap();
    made.set_owner(UserId::effective(), GroupId::effective()).unwrap();
}
