//! To which process an end belongs.

use std::time::Duration;

use ipc_ring::spsc::{Peer, Receiver, Sender};
use ipc_testkit::{Child, Forked, Part, Role, fixture, watchdog};

pub(crate) const ROLES: &[(&str, Part)] = &[("holder", holder), ("parent", parent)];

fn holder(role: &mut Role) {
    let _sender = Sender::<u64>::open(role.arg(0)).unwrap();
    role.say("open");
    role.wait_for("never");
}

#[test]
fn an_end_is_open_in_one_process_until_that_closes_it_or_is_dead() {
    watchdog(|| {
        let name = fixture::name();
        let receiver = Receiver::<u64>::create(&*name, 8).unwrap();
        let busy = Receiver::<u64>::open(&*name).unwrap_err();
        assert!(busy.is_busy() && busy.to_string().contains("open in this process"), "{busy}");
        let mut child = Child::run("holder", &[&name]);
        child.wait_for("open");
        let busy = Sender::<u64>::open(&*name).unwrap_err();
        assert!(busy.is_busy() && busy.to_string().contains("open in another process"), "{busy}");
        child.stop();
        assert!(Sender::<u64>::open(&*name).unwrap_err().is_busy(), "stopped is not dead");
        assert_eq!(receiver.recv_timeout(Duration::from_millis(50)).unwrap(), None);
        assert_eq!(receiver.sender(), Peer::Open);
        child.kill();
        assert_eq!(receiver.sender(), Peer::Dead);
        assert_eq!(receiver.recv().unwrap(), None);
        let sender = Sender::<u64>::open(&*name).unwrap();
        sender.send(&1).unwrap();
        assert_eq!(receiver.recv().unwrap(), Some(1));
    });
}

#[test]
fn the_messages_of_a_sender_that_came_and_went_end_the_wait_for_one() {
    watchdog(|| {
        let name = fixture::name();
        let receiver = Receiver::<u64>::create(&*name, 8).unwrap();
        drop(Sender::<u64>::open(&*name).unwrap());
        assert_eq!(receiver.recv().unwrap(), None);
        assert!(!receiver.wait_for_sender_timeout(Duration::from_millis(1)));
        Sender::<u64>::open(&*name).unwrap().send(&1).unwrap();
        receiver.wait_for_sender();
        assert_eq!(receiver.recv().unwrap(), Some(1));
        assert!(!receiver.wait_for_sender_timeout(Duration::ZERO));
    });
}

fn parent(role: &mut Role) {
    let sender = Sender::<u64>::create(role.arg(0), 8).unwrap();
    let receiver = Receiver::<u64>::open(role.arg(0)).unwrap();
    let mut copies = Some((sender, receiver));
    Forked::run(|| {
        let (sender, receiver) = copies.take().unwrap();
        let refused = sender.send(&1).unwrap_err();
        assert!(refused.is_invalid_argument(), "{refused}");
        assert!(receiver.recv().unwrap_err().is_invalid_argument());
        drop((sender, receiver));
        assert!(Sender::<u64>::open(role.arg(0)).unwrap_err().is_busy());
    })
    .finish();
    let (sender, receiver) = copies.take().unwrap();
    assert_eq!((sender.receiver(), receiver.sender()), (Peer::Open, Peer::Open));
    sender.send(&1).unwrap();
    assert_eq!(receiver.recv().unwrap(), Some(1));
    role.say("done");
}

#[test]
fn a_forked_child_neither_uses_nor_closes_the_ends_of_its_parent() {
    let name = fixture::name();
    let mut child = Child::run("parent", &[&name]);
    child.wait_for("done");
    child.finish();
}
