//! Senders and receivers that see each other.

use std::hash::RandomState;
use std::thread;

use ipc_queue::{Direction, MessageQueue, OpenQueueOptions, Receiver, Sender};
use ipc_testkit::{Child, Forked, Part, Role, fixture, watchdog};

use crate::common::queue;

pub(crate) const ROLES: &[(&str, Part)] = &[("numbers", numbers), ("siblings", siblings)];

fn open(name: &str, direction: Direction) -> MessageQueue {
    MessageQueue::open_with(name, OpenQueueOptions::new().direction(direction)).unwrap()
}

/// Sends numbers until it is killed.
fn numbers(role: &mut Role) {
    let direction = if role.arg(1) == "send" { Direction::Send } else { Direction::Both };
    let sender = Sender::<u64>::new(open(role.arg(0), direction)).unwrap();
    role.say("ready");
    for number in 0.. {
        role.wait_for("send");
        sender.send(number, 0).unwrap();
        role.say("sent");
    }
}

#[test]
fn a_receiver_ends_when_its_last_sender_was_killed_and_the_queue_is_empty() {
    let name = fixture::name();
    let _queue = queue(&name, 4);
    for direction in ["send", "both"] {
        watchdog(|| {
            let receiver = Receiver::<u64>::new(open(&name, Direction::Receive)).unwrap();
            assert!(!receiver.has_senders().unwrap());
            assert!(receiver.recv_connected().unwrap().is_none());
            let mut children = [(); 2].map(|()| Child::run("numbers", &[&name, direction]));
            for child in &mut children {
                child.wait_for("ready");
                child.tell("send");
                child.wait_for("sent");
            }
            let [first, second] = children;
            assert_eq!(receiver.recv_connected().unwrap(), Some((0, 0)));
            first.kill();
            assert!(receiver.has_senders().unwrap());
            second.kill();
            assert!(!receiver.has_senders().unwrap());
            // It was sent before the sender was killed.
            assert_eq!(receiver.recv_connected().unwrap(), Some((0, 0)));
            assert_eq!(receiver.recv_connected().unwrap(), None);
        });
    }
}

/// Forked children inherit the state of the random numbers of `std` as well.
#[test]
fn each_of_many_forked_senders_is_seen_when_it_is_the_last() {
    let name = fixture::name();
    let _queue = queue(&name, 4);
    watchdog(|| Child::run("siblings", &[&name]).finish());
}

fn siblings(role: &mut Role) {
    let name = role.arg(0).to_owned();
    let receiver = Receiver::<u64>::new(open(&name, Direction::Receive)).unwrap();
    drop(RandomState::new());
    let child = |number: u64| {
        let name = name.clone();
        Forked::run(move || {
            let sender = Sender::<u64>::new(open(&name, Direction::Send)).unwrap();
            sender.send(number, 0).unwrap();
            loop {
                thread::park();
            }
        })
    };
    let children: Vec<Forked> = (0..20).map(child).collect();
    for _ in &children {
        receiver.recv().unwrap();
    }
    for child in children {
        assert!(receiver.has_senders().unwrap());
        drop(child);
    }
    assert!(!receiver.has_senders().unwrap());
}

#[test]
fn a_waiting_receiver_notices_that_the_last_sender_has_gone() {
    let name = fixture::name();
    let receiver = Receiver::<u64>::new(queue(&name, 1)).unwrap();
    let sender = Sender::<u64>::new(open(&name, Direction::Send)).unwrap();
    watchdog(|| {
        let call = libc::SYS_mq_timedreceive;
        let sender = std::sync::Mutex::new(Some(sender));
        let wait = || receiver.recv_connected().unwrap();
        let end = || drop(sender.lock().unwrap().take());
        assert_eq!(crate::common::while_waiting(call, wait, end), None);
    });
}

#[test]
fn a_sender_sees_receivers_of_values_and_not_of_bytes() {
    let name = fixture::name();
    let sender = Sender::<u64>::new(queue(&name, 1)).unwrap();
    let bytes = open(&name, Direction::Both);
    assert!(!sender.has_receivers().unwrap());
    let receivers = [Direction::Receive, Direction::Both]
        .map(|direction| Receiver::<u64>::new(open(&name, direction)).unwrap());
    let other_sender = Sender::<u64>::new(open(&name, Direction::Send)).unwrap();
    assert!(sender.has_receivers().unwrap() && other_sender.has_receivers().unwrap());
    for receiver in receivers {
        assert!(sender.has_receivers().unwrap() && receiver.has_senders().unwrap());
        drop(receiver);
    }
    assert!(!sender.has_receivers().unwrap() && !other_sender.has_receivers().unwrap());
    drop(bytes);
}
