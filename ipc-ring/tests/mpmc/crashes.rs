//! Senders and receivers that are killed at every single step.

use std::time::Duration;

use ipc_hostile::message::Message;
use ipc_ring::mpmc::{QueueOptions, Received, Receiver, Sender};
use ipc_testkit::{Child, Part, Role, crash_points, fixture, watchdog};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("three sent", three_sent),
    ("three received", three_received),
    ("gave up", gave_up),
    ("takes over", takes_over),
];

fn options() -> QueueOptions {
    QueueOptions::new(8).senders(1)
}

/// The sender of three messages.
fn three_sent(role: &mut Role) {
    let sender = Sender::<Message>::open(role.arg(0)).unwrap();
    (0..3).for_each(|number| sender.send(&Message::new(number)).unwrap());
}

/// Receives all that is there or on its way: the messages, and the number of those lost.
pub(crate) fn drain(queue: &Receiver<Message>) -> (Vec<u64>, u64) {
    let (mut numbers, mut lost) = (Vec::new(), 0);
    while let Some(found) = queue.recv_timeout(Duration::from_millis(100)).unwrap() {
        match found {
            Received::Message(message) => numbers.push(message.checked()),
            Received::Lost(count) => lost += count,
        }
    }
    (numbers, lost)
}

#[test]
fn a_sender_killed_at_any_step_leaves_whole_messages_and_an_exact_count() {
    watchdog(|| {
        let name = fixture::name();
        let _queue = Receiver::<Message>::create(&*name, options()).unwrap();
        let points = crash_points("three sent", &[&name]);
        assert!(
            points.iter().any(|(point, hits)| point == "queue: a cell is claimed" && *hits == 3)
        );
        for (point, hits) in points {
            for hit in 1..=hits {
                let name = fixture::name();
                let queue = Receiver::<Message>::create(&*name, options()).unwrap();
                Child::run_crashing("three sent", &[&name], &point, hit).crash();
                // The only slot is that of the dead, which has to be cleared.
                let sender = Sender::<Message>::open(&*name).unwrap();
                sender.send(&Message::new(9)).unwrap();
                let (mut numbers, lost) = drain(&queue);
                assert_eq!(numbers.pop(), Some(9), "{point}:{hit}");
                let whole: Vec<_> = (0..numbers.len() as u64).collect();
                assert_eq!(numbers, whole, "{point}:{hit}");
                let inside = [
                    "queue: a cell is claimed",
                    "queue: before a message is written",
                    "queue: a message is written",
                ];
                assert_eq!(lost, u64::from(inside.contains(&&*point)), "{point}:{hit}");
            }
        }
    });
}

/// The receiver of three messages.
fn three_received(role: &mut Role) {
    let queue = Receiver::<Message>::open(role.arg(0)).unwrap();
    (0..3).for_each(|_| assert!(queue.recv().unwrap().message().is_some()));
}

#[test]
fn a_receiver_killed_at_any_step_leaves_the_rest_to_the_others() {
    watchdog(|| {
        let prepared = || {
            let name = fixture::name();
            let sender = Sender::<Message>::create(&*name, options()).unwrap();
            (0..8).for_each(|number| sender.send(&Message::new(number)).unwrap());
            (name, sender)
        };
        let (name, _sender) = prepared();
        for (point, hits) in crash_points("three received", &[&name]) {
            for hit in 1..=hits {
                let (name, sender) = prepared();
                Child::run_crashing("three received", &[&name], &point, hit).crash();
                let queue = Receiver::<Message>::open(&*name).unwrap();
                let (numbers, lost) = drain(&queue);
                let gone = 8 - numbers.len() as u64;
                assert_eq!((numbers, lost), ((gone..8).collect(), 0), "{point}:{hit}");
                match &*point {
                    "queue: a message is copied" => assert_eq!(gone, u64::from(hit) - 1),
                    "queue: a message is received" => assert_eq!(gone, u64::from(hit)),
                    _ => {}
                }
                (0..8).for_each(|number| assert!(sender.try_send(&Message::new(number)).unwrap()));
                assert_eq!(drain(&queue).0, [0, 1, 2, 3, 4, 5, 6, 7]);
            }
        }
    });
}

/// A queue in which one message is of a sender that is dead, and others are behind it.
fn with_a_dead_sender() -> (fixture::Fixture, Receiver<Message>, Sender<Message>) {
    let name = fixture::name();
    let queue = Receiver::<Message>::create(&*name, QueueOptions::new(4).senders(2)).unwrap();
    let sender = Sender::<Message>::open(&*name).unwrap();
    Child::run_crashing("three sent", &[&name], "queue: a message is written", 1).crash();
    sender.send(&Message::new(7)).unwrap();
    (name, queue, sender)
}

/// Receives what a dead sender left.
fn gave_up(role: &mut Role) {
    let queue = Receiver::<Message>::open(role.arg(0)).unwrap();
    assert_eq!(queue.recv().unwrap(), Received::Lost(1));
}

#[test]
fn a_receiver_killed_at_giving_up_a_message_leaves_that_to_the_others() {
    watchdog(|| {
        let (name, _queue, _sender) = with_a_dead_sender();
        let points = crash_points("gave up", &[&name]);
        assert!(points.iter().any(|(point, _)| point == "queue: before a position is given up"));
        let counted_at = points.iter().position(|(point, _)| point == "queue: a loss is counted");
        for (at, (point, hits)) in points.into_iter().enumerate() {
            for hit in 1..=hits {
                let (name, queue, _sender) = with_a_dead_sender();
                Child::run_crashing("gave up", &[&name], &point, hit).crash();
                let counted = u64::from(Some(at) >= counted_at);
                assert_eq!(drain(&queue), (vec![7], 1 - counted), "{point}:{hit}");
            }
        }
    });
}

/// Takes the slot of a dead sender over.
fn takes_over(role: &mut Role) {
    let sender = Sender::<Message>::open(role.arg(0)).unwrap();
    assert!(sender.try_send(&Message::new(8)).unwrap());
}

#[test]
fn a_sender_killed_at_taking_a_slot_over_leaves_that_to_the_others() {
    watchdog(|| {
        let (name, _queue, _sender) = with_a_dead_sender();
        let points = crash_points("takes over", &[&name]);
        assert!(points.iter().any(|(point, _)| point == "queue: a slot is taken over"));
        let sent_at = points.iter().position(|(point, _)| point == "queue: a message is published");
        for (at, (point, hits)) in points.into_iter().enumerate() {
            for hit in 1..=hits {
                let (name, queue, _sender) = with_a_dead_sender();
                Child::run_crashing("takes over", &[&name], &point, hit).crash();
                Sender::<Message>::open(&*name).unwrap().send(&Message::new(9)).unwrap();
                let (numbers, lost) = drain(&queue);
                let wanted = if Some(at) >= sent_at { vec![7, 8, 9] } else { vec![7, 9] };
                assert_eq!(numbers, wanted, "{point}:{hit}");
                let claimed = ["queue: a cell is claimed", "queue: before a message is written"];
                let inside = claimed.contains(&&*point) || point == "queue: a message is written";
                assert_eq!(lost, 1 + u64::from(inside), "{point}:{hit}");
            }
        }
    });
}
