//! Queues with several priorities.

use std::thread;
use std::time::{Duration, Instant};

use ipc_core::Deadline;
use ipc_hostile::memory::bytes as image;
use ipc_hostile::message::Message;
use ipc_ring::mpmc::{QueueOptions, Received, Receiver, Sender};
use ipc_ring::{RingInfo, Statistics};
use ipc_testkit::{Child, ChildOptions, Part, Role, crash_points, fixture, watchdog};

use crate::crashes::drain;

pub(crate) const ROLES: &[(&str, Part)] =
    &[("one of each sent", one_of_each_sent), ("both wait", both_wait)];

fn options(capacity: usize) -> QueueOptions {
    QueueOptions::new(capacity).senders(1).priorities(3)
}

#[test]
fn the_highest_priority_comes_first_and_each_in_its_order() {
    let name = fixture::name();
    let sender = Sender::<u64>::create(&*name, options(8)).unwrap();
    let queue = Receiver::<u64>::open(&*name).unwrap();
    for number in 0..9 {
        let priority = usize::try_from(number % 3).unwrap();
        sender.with_priority(priority).unwrap().send(&number).unwrap();
    }
    let info = RingInfo::of_bytes(&image(sender.memory())).unwrap();
    assert_eq!((info.priorities, info.capacity, info.waiting), (3, 8, Some(9)));
    assert_eq!(info.statistics, Some(sender.statistics()));
    let end = Deadline::after(Duration::from_millis(1));
    let mut received = Vec::new();
    while let Some(Received::Message(found)) = queue.recv_with_priority(end).unwrap() {
        received.push(found);
    }
    let wanted = [2, 5, 8, 1, 4, 7, 0, 3, 6].map(|number| (number, (number % 3) as usize));
    assert_eq!(received, wanted);
    assert_eq!(sender.statistics().received, 9);
    sender.send(&7).unwrap();
    assert_eq!(queue.recv().unwrap(), Received::Message(7), "the lowest, as without priorities");
}

#[test]
fn a_priority_that_cannot_be_is_refused() {
    for priorities in [0, 9] {
        let options = QueueOptions::new(8).priorities(priorities);
        let err = Sender::<u64>::create("/ipc-no-priorities", options).unwrap_err();
        assert!(err.is_invalid_argument(), "{err}");
        assert!(err.to_string().contains(&format!("{priorities} priorities: 1 to 8")), "{err}");
    }
    let name = fixture::name();
    let sender = Sender::<u64>::create(&*name, options(8)).unwrap();
    let err = sender.with_priority(3).unwrap_err();
    assert!(err.is_invalid_argument() && err.to_string().contains("wanted one below 3"), "{err}");
    let other = QueueOptions::new(8).senders(1);
    let err = Receiver::<u64>::open_or_create(&*name, other).unwrap_err();
    assert!(err.is_mismatch() && err.to_string().contains("3 priorities"), "{err}");
}

/// Senders of two priorities that are full, of which the one that began to wait later has to wake
/// first. No thread looks again without a wake-up.
fn both_wait(role: &mut Role) {
    let options = QueueOptions::new(1).priorities(2);
    let sender = Sender::<u64>::create(role.arg(0), options).unwrap();
    let queue = Receiver::<u64>::open(role.arg(0)).unwrap();
    let urgent = sender.with_priority(1).unwrap();
    sender.send(&1).unwrap();
    urgent.send(&2).unwrap();
    assert!(!sender.try_send(&3).unwrap() && !urgent.try_send(&3).unwrap());
    let until = Instant::now() + Duration::from_millis(1);
    assert!(!urgent.send_deadline(&3, until).unwrap());
    let wait_for = |is_so: &dyn Fn(Statistics) -> bool| {
        while !is_so(sender.statistics()) {
            thread::yield_now();
        }
    };
    let next = || queue.recv().unwrap().message().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| sender.send(&3).unwrap());
        wait_for(&|found| found.sender_sleeps == 2);
        scope.spawn(|| assert!(urgent.send_timeout(&4, Duration::from_secs(60)).unwrap()));
        wait_for(&|found| found.sender_sleeps == 3);
        assert_eq!(next(), 2);
        wait_for(&|found| found.sent == 3);
        assert_eq!([next(), next(), next()], [4, 1, 3]);
    });
    role.say("done");
}

#[test]
fn a_full_priority_holds_up_no_other_and_its_senders_wake() {
    for _ in 0..5 {
        let options = ChildOptions::role("both wait").env("IPC_SWITCHED_OFF", "slices");
        let name = fixture::name();
        let mut child = Child::run(options, &[&name]);
        child.wait_for("done");
        child.finish();
    }
}

/// The sender of one message of each priority, the highest first.
fn one_of_each_sent(role: &mut Role) {
    let sender = Sender::<Message>::open(role.arg(0)).unwrap();
    for priority in (0..3).rev() {
        let message = Message::new(priority as u64);
        sender.with_priority(priority).unwrap().send(&message).unwrap();
    }
}

#[test]
fn a_sender_killed_at_any_priority_leaves_its_slot_and_an_exact_count() {
    watchdog(|| {
        let name = fixture::name();
        let _queue = Receiver::<Message>::create(&*name, options(4)).unwrap();
        for (point, hits) in crash_points("one of each sent", &[&name]) {
            for hit in 1..=hits {
                for takes_over in [false, true] {
                    let name = fixture::name();
                    let queue = Receiver::<Message>::create(&*name, options(4)).unwrap();
                    Child::run_crashing("one of each sent", &[&name], &point, hit).crash();
                    if takes_over {
                        // Clears the cells of the dead sender, whose slot is the only one.
                        let sender = Sender::<Message>::open(&*name).unwrap();
                        sender.with_priority(1).unwrap().send(&Message::new(9)).unwrap();
                    }
                    let (mut numbers, lost) = drain(&queue);
                    assert_eq!(numbers.contains(&9), takes_over, "{point}:{hit}");
                    numbers.retain(|number| *number != 9);
                    let sent = numbers.len() as u64;
                    assert_eq!(numbers, (3 - sent..3).rev().collect::<Vec<_>>(), "{point}:{hit}");
                    let inside = [
                        "queue: a cell is claimed",
                        "queue: before a message is written",
                        "queue: a message is written",
                    ];
                    assert_eq!(lost, u64::from(inside.contains(&&*point)), "{point}:{hit}");
                    assert_eq!(queue.statistics().lost, lost, "{point}:{hit}");
                }
            }
        }
    });
}
