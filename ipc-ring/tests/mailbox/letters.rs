//! Messages that are read, with and without receipts, by one owner after the other.

use std::thread;
use std::time::{Duration, Instant};

use ipc_hostile::message::Message;
use ipc_ring::mailbox::{Mailbox, Sender};
use ipc_ring::spsc::Peer;
use ipc_testkit::{
    Child, ChildOptions, Forked, LeakCheck, Part, Role, Timed, fixture, rounds, sleepers, watchdog,
};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("owner", owner),
    ("sender", sender),
    ("patient", patient),
    ("reader that sleeps", reader),
    ("parent of a child", parent_of_a_child),
];

fn open(name: &str, capacity: usize) -> (Mailbox<u64>, Sender<u64>) {
    (Mailbox::create(name, capacity).unwrap(), Sender::open(name).unwrap())
}

#[test]
fn messages_are_read_in_order_and_receipts_say_so() {
    let name = fixture::name();
    let check = LeakCheck::of(&name);
    let (inbox, sender) = open(&name, 4);
    sender.send(&1).unwrap();
    let mut of_second = sender.send_with_receipt(&2).unwrap();
    drop(sender.send_with_receipt(&3).unwrap()); // the message stays
    assert!(sender.try_send(&4).unwrap());
    assert!(!sender.try_send(&5).unwrap());
    assert!(!sender.send_timeout(&5, Duration::from_millis(1)).unwrap());
    assert_eq!(inbox.waiting(), 4);
    assert_eq!(*inbox.recv().unwrap(), 1);
    let second = inbox.try_recv().unwrap().unwrap();
    assert_eq!((*second, second.deliveries()), (2, 1));
    assert!(!of_second.is_read().unwrap());
    assert!(!of_second.wait_timeout(Duration::from_millis(1)).unwrap());
    drop(second);
    of_second.wait().unwrap();
    assert!(of_second.is_read().unwrap(), "it stays read");
    assert_eq!([(); 2].map(|()| *inbox.recv().unwrap()), [3, 4]);
    assert!(inbox.recv_timeout(Duration::ZERO).unwrap().is_none());
    // A receipt that is dropped while the message is read keeps no place.
    let receipt = sender.send_with_receipt(&6).unwrap();
    let message = inbox.recv().unwrap();
    drop(receipt);
    drop(message);
    (0..4).for_each(|number| assert!(sender.try_send(&number).unwrap()));
    drop(of_second);
    drop((inbox, sender));
    check.finish();
}

#[test]
fn a_mailbox_has_one_owner_at_a_time_and_keeps_its_messages() {
    let name = fixture::name();
    let sender = Sender::<u64>::open_or_create(&*name, 4).unwrap();
    assert_eq!(sender.owner(), Peer::Absent);
    sender.send(&1).unwrap();
    let inbox = Mailbox::<u64>::open(&*name).unwrap();
    assert_eq!(sender.owner(), Peer::Open);
    let err = Mailbox::<u64>::open(&*name).unwrap_err();
    assert!(err.is_busy() && err.to_string().contains("one at a time"), "{err}");
    let mut receipt = sender.send_with_receipt(&2).unwrap();
    assert_eq!(*inbox.recv().unwrap(), 1);
    drop(inbox);
    assert_eq!(sender.owner(), Peer::Closed);
    assert!(!receipt.wait_timeout(Duration::from_millis(1)).unwrap(), "it waits for an owner");
    let inbox = Mailbox::<u64>::open_or_create(&*name, 4).unwrap();
    assert_eq!(*inbox.recv().unwrap(), 2);
    receipt.wait().unwrap();
    let err = Mailbox::<u32>::open(&*name).unwrap_err();
    assert!(err.is_mismatch(), "{err}");
    let err = Sender::<u64>::open_or_create(&*name, 8).unwrap_err();
    let says = "found a capacity of 4, wanted a capacity of 8";
    assert!(err.to_string().ends_with(says), "{err}");
    assert!(err.to_string().contains("wanted a capacity of 8"), "{err}");
}

#[test]
fn messages_of_one_thread_are_read_in_order_beside_others() {
    watchdog(|| {
        let name = fixture::name();
        // Marks in several words.
        let inbox = Mailbox::<Message>::create(&*name, 256).unwrap();
        let sender = Sender::<Message>::open(&*name).unwrap();
        let (threads, each) = (4, rounds(5_000, 50_000));
        thread::scope(|scope| {
            for of in 0..threads {
                let sender = &sender;
                scope.spawn(move || {
                    for number in 0..each {
                        let message = Message::new(of << 32 | number);
                        if number % 16 == 15 {
                            sender.send_with_receipt(&message).unwrap().wait().unwrap();
                        } else {
                            sender.send(&message).unwrap();
                        }
                    }
                });
            }
            let mut next = [0; 4];
            for _ in 0..threads * each {
                let number = inbox.recv().unwrap().checked();
                let next = &mut next[usize::try_from(number >> 32).unwrap()];
                assert_eq!(number & 0xFFFF_FFFF, *next);
                *next += 1;
            }
        });
        assert_eq!(inbox.waiting(), 0);
    });
}

/// Owns a mailbox, and keeps a message in each of two threads.
fn owner(role: &mut Role) {
    let inbox = Mailbox::<u64>::open(role.arg(0)).unwrap();
    assert_eq!(*inbox.recv().unwrap(), 1);
    thread::scope(|scope| {
        scope.spawn(|| std::mem::forget(inbox.recv().unwrap()));
        std::mem::forget(inbox.recv().unwrap());
    });
    role.say("reads");
    role.wait_for("never");
}

#[test]
fn the_messages_of_a_dead_owner_go_to_the_next() {
    watchdog(|| {
        let name = fixture::name();
        let sender = Sender::<u64>::open_or_create(&*name, 8).unwrap();
        let mut receipts = [1, 2, 3, 4].map(|number| sender.send_with_receipt(&number).unwrap());
        let mut owner = Child::run("owner", &[&name]);
        owner.wait_for("reads");
        assert!(Mailbox::<u64>::open(&*name).unwrap_err().is_busy());
        owner.stop();
        assert!(Mailbox::<u64>::open(&*name).unwrap_err().is_busy(), "it is stopped, not dead");
        assert!(!receipts[1].wait_timeout(Duration::from_millis(50)).unwrap());
        owner.cont();
        owner.kill();
        receipts[0].wait().unwrap();
        for receipt in &mut receipts[1..] {
            let err = receipt.wait().unwrap_err();
            assert!(err.is_owner_died() && err.to_string().contains("owner"), "{err}");
        }
        assert_eq!(sender.owner(), Peer::Dead);
        let inbox = Mailbox::<u64>::open(&*name).unwrap();
        let mut read = Vec::new();
        while let Some(message) = inbox.try_recv().unwrap() {
            read.push((*message, message.deliveries()));
        }
        assert_eq!(read, [(2, 2), (3, 2), (4, 1)]);
        receipts.iter_mut().for_each(|receipt| receipt.wait().unwrap());
    });
}

/// Sends messages in two threads, and keeps the receipts.
fn sender(role: &mut Role) {
    let sender = Sender::<u64>::open(role.arg(0)).unwrap();
    sender.send(&1).unwrap();
    std::mem::forget(sender.send_with_receipt(&2).unwrap());
    thread::scope(|scope| {
        let mut receipt = sender.send_with_receipt(&3).unwrap();
        scope.spawn(move || receipt.wait());
        role.say("sent");
        role.wait_for("never");
    });
}

#[test]
fn the_messages_of_a_dead_sender_are_read_and_keep_no_place() {
    watchdog(|| {
        let name = fixture::name();
        let (inbox, sender) = open(&name, 4);
        let mut other = Child::run("sender", &[&name]);
        other.wait_for("sent");
        other.kill();
        assert_eq!([(); 3].map(|()| *inbox.recv().unwrap()), [1, 2, 3]);
        let time = Duration::from_secs(20);
        (4..8).for_each(|number| assert!(sender.send_timeout(&number, time).unwrap()));
        let mut rest = [(); 4].map(|()| *inbox.recv().unwrap());
        rest.sort_unstable();
        assert_eq!(rest, [4, 5, 6, 7]);
    });
}

#[test]
fn no_wait_for_a_message_or_a_receipt_ends_before_its_time() {
    let (inbox, sender) = open(&fixture::name(), 1);
    let calls = [Timed::new(
        "recv",
        |time| inbox.recv_timeout(time).unwrap().is_some(),
        |moment| inbox.recv_deadline(moment).unwrap().is_some(),
    )];
    Timed::never_early(&calls, rounds(10, 500));
    let mut receipt = sender.send_with_receipt(&1).unwrap();
    let start = Instant::now();
    assert!(!receipt.wait_deadline(start + Duration::from_millis(20)).unwrap());
    assert!(start.elapsed() >= Duration::from_millis(20));
    let calls = [Timed::new(
        "send",
        |time| sender.send_timeout(&2, time).unwrap(),
        |moment| sender.send_deadline(&2, moment).unwrap(),
    )];
    Timed::never_early(&calls, rounds(10, 500));
}

/// Sends with receipts, and waits for each.
fn patient(role: &mut Role) {
    let sender = Sender::<u64>::open(role.arg(0)).unwrap();
    role.say("open");
    (0..3).for_each(|number| sender.send_with_receipt(&number).unwrap().wait().unwrap());
}

/// Reads a few messages.
fn reader(role: &mut Role) {
    let inbox = Mailbox::<u64>::open(role.arg(0)).unwrap();
    role.say("open");
    (0..3).for_each(|number| assert_eq!(*inbox.recv().unwrap(), number));
}

#[test]
fn messages_and_receipts_wake_those_that_wait_for_them() {
    watchdog(|| {
        let name = fixture::name();
        let (inbox, sender) = open(&name, 4);
        // They look for no lost wake-up, and so go on only if they are woken.
        let run = |role: &str| {
            let options = ChildOptions::role(role).env("IPC_SWITCHED_OFF", "slices");
            let mut child = Child::run(options, &[&name]);
            child.wait_for("open");
            child
        };
        let asleep = |child: &Child| {
            while sleepers(child.pid()) != 1 {
                thread::yield_now();
            }
        };
        let patient = run("patient");
        for _ in 0..3 {
            let message = inbox.recv().unwrap();
            asleep(&patient);
            drop(message);
        }
        patient.finish();
        drop(inbox);
        let reader = run("reader that sleeps");
        for number in 0..3 {
            asleep(&reader);
            sender.send_with_receipt(&number).unwrap().wait().unwrap();
        }
        reader.finish();
    });
}

/// Forks a child, which has nothing of what this process has.
fn parent_of_a_child(role: &mut Role) {
    fn refused<T>(result: ipc_core::Result<T>) {
        let Err(err) = result else { panic!("a forked child has it") };
        assert!(err.is_invalid_argument() && err.to_string().contains("forked"), "{err}");
    }

    let name = role.arg(0);
    let (inbox, sender) = open(name, 4);
    let mut receipts = [1, 2].map(|number| Some(sender.send_with_receipt(&number).unwrap()));
    let mut message = Some(inbox.recv().unwrap());
    let mut spare = Some(Sender::<u64>::open(name).unwrap());
    let other = format!("{name}-other");
    let mut mine = Some(Mailbox::<u64>::create(&other, 1).unwrap());
    Forked::run(|| {
        refused(inbox.recv());
        refused(inbox.try_recv());
        refused(sender.send(&3));
        refused(sender.send_with_receipt(&3));
        let [first, second] = receipts.each_mut().map(Option::take);
        let mut first = first.unwrap();
        refused(first.wait());
        refused(first.is_read());
        drop((first, second, message.take(), spare.take(), mine.take()));
        assert!(Mailbox::<u64>::open(name).unwrap_err().is_busy());
        assert!(Mailbox::<u64>::open(&other).unwrap_err().is_busy());
    })
    .finish();
    assert_eq!(inbox.waiting(), 1);
    let [first, second] = receipts.map(Option::unwrap);
    let mut both = [first, second];
    assert!(both.iter_mut().all(|receipt| !receipt.is_read().unwrap()));
    drop(message);
    assert_eq!(*inbox.recv().unwrap(), 2);
    assert!(both.iter_mut().all(|receipt| receipt.is_read().unwrap()));
    assert_eq!(Sender::<u64>::open(&other).unwrap().owner(), Peer::Open);
}

#[test]
fn a_forked_child_has_nothing_of_its_parent() {
    watchdog(|| Child::run("parent of a child", &[&fixture::name()]).finish());
}
