//! Ends that are killed at every single step.

use ipc_hostile::message::Message;
use ipc_ring::spsc::{Receiver, Sender};
use ipc_testkit::{Child, Part, Role, crash_points, fixture, watchdog};

pub(crate) const ROLES: &[(&str, Part)] =
    &[("three sent", three_sent), ("three received", three_received)];

/// The sender of three messages, which then closes.
fn three_sent(role: &mut Role) {
    let sender = Sender::<Message>::open_or_create(role.arg(0), 4).unwrap();
    (0..3).for_each(|_| sender.send(&Message::new(sender.sent())).unwrap());
}

#[test]
fn a_sender_killed_at_any_step_has_sent_each_message_whole_or_not() {
    watchdog(|| {
        let name = fixture::name();
        let points = crash_points("three sent", &[&name]);
        assert!(
            points.iter().any(|(point, hits)| point == "ring: a message is sent" && *hits == 3)
        );
        for (point, hits) in points {
            for hit in 1..=hits {
                let name = fixture::name();
                Child::run_crashing("three sent", &[&name], &point, hit).crash();
                let sender = Sender::<Message>::open_or_create(&*name, 4).unwrap();
                let receiver = Receiver::<Message>::open(&*name).unwrap();
                let sent = sender.sent();
                while sender.sent() < 4 {
                    sender.send(&Message::new(sender.sent())).unwrap();
                }
                drop(sender);
                for number in 0..4 {
                    let found = receiver.recv().unwrap().unwrap().checked();
                    assert_eq!(found, number, "{point}:{hit}, {sent} sent");
                }
                assert_eq!(receiver.recv().unwrap(), None);
            }
        }
    });
}

/// The receiver of three messages, which then closes.
fn three_received(role: &mut Role) {
    let receiver = Receiver::<Message>::open(role.arg(0)).unwrap();
    (0..3).for_each(|_| assert!(receiver.recv().unwrap().is_some()));
}

#[test]
fn a_receiver_killed_at_any_step_leaves_the_rest_to_the_next() {
    watchdog(|| {
        let prepared = || {
            let name = fixture::name();
            let sender = Sender::<Message>::create(&*name, 4).unwrap();
            (0..4).for_each(|number| sender.send(&Message::new(number)).unwrap());
            (name, sender)
        };
        let (name, _sender) = prepared();
        let points = crash_points("three received", &[&name]);
        assert!(points.iter().any(|(point, _)| point == "ring: a message is received"));
        for (point, hits) in points {
            for hit in 1..=hits {
                let (name, sender) = prepared();
                Child::run_crashing("three received", &[&name], &point, hit).crash();
                let receiver = Receiver::<Message>::open(&*name).unwrap();
                for number in receiver.received()..4 {
                    let found = receiver.recv().unwrap().unwrap().checked();
                    assert_eq!(found, number, "{point}:{hit}");
                }
                sender.send(&Message::new(4)).unwrap();
                assert_eq!(receiver.recv().unwrap().unwrap().checked(), 4);
            }
        }
    });
}
