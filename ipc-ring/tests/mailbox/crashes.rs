//! Senders and owners that are killed at every single step.

use std::time::Duration;

use ipc_hostile::message::Message;
use ipc_ring::mailbox::{Mailbox, Sender};
use ipc_testkit::{Child, Part, Role, crash_points, fixture, watchdog};

pub(crate) const ROLES: &[(&str, Part)] = &[("writer", writer), ("reader", reader)];

/// Sends with and without receipts, and drops one.
fn writer(role: &mut Role) {
    let sender = Sender::<Message>::open(role.arg(0)).unwrap();
    sender.send(&Message::new(1)).unwrap();
    let kept = sender.send_with_receipt(&Message::new(2)).unwrap();
    drop(sender.send_with_receipt(&Message::new(3)).unwrap());
    std::mem::forget(kept);
}

/// Reads what is there: two messages without receipts, and two with receipts.
fn reader(role: &mut Role) {
    let inbox = Mailbox::<Message>::open(role.arg(0)).unwrap();
    (1..5).for_each(|number| assert_eq!(inbox.recv().unwrap().checked(), number));
}

/// Reads everything that is there, and returns the numbers. No place is lost.
fn drain(name: &str, sender: &Sender<Message>) -> Vec<u64> {
    let inbox = Mailbox::<Message>::open(name).unwrap();
    let mut numbers = Vec::new();
    while let Some(message) = inbox.recv_timeout(Duration::from_millis(1)).unwrap() {
        numbers.push(message.checked());
    }
    let capacity = sender.capacity() as u64;
    for number in 0..capacity {
        let time = Duration::from_secs(20);
        assert!(sender.send_timeout(&Message::new(number), time).unwrap(), "a place is lost");
    }
    assert!(!sender.try_send(&Message::new(0)).unwrap());
    for number in 0..capacity {
        assert_eq!(inbox.recv().unwrap().checked(), number);
    }
    numbers
}

#[test]
fn a_sender_killed_at_any_step_has_sent_whole_messages_in_order() {
    watchdog(|| {
        let name = fixture::name();
        let _sender = Sender::<Message>::open_or_create(&*name, 4).unwrap();
        for (point, hits) in crash_points("writer", &[&name]) {
            for hit in 1..=hits {
                let name = fixture::name();
                let sender = Sender::<Message>::open_or_create(&*name, 4).unwrap();
                Child::run_crashing("writer", &[&name], &point, hit).crash();
                let sent = match &*point {
                    "call: a place is claimed" | "call: a request is written" => Some(hit - 1),
                    "call: a call is submitted" | "call: a call is marked" => Some(hit),
                    _ => None,
                };
                let read = drain(&name, &sender);
                let wanted = u64::from(sent.unwrap_or(u32::try_from(read.len()).unwrap()));
                assert_eq!(read, (1..=wanted).collect::<Vec<_>>(), "{point}:{hit}");
            }
        }
    });
}

#[test]
fn an_owner_killed_at_any_step_has_read_a_message_or_leaves_it() {
    watchdog(|| {
        let prepared = || {
            let name = fixture::name();
            let sender = Sender::<Message>::open_or_create(&*name, 4).unwrap();
            (name, sender)
        };
        let send = |sender: &Sender<Message>| {
            (1..3).for_each(|number| sender.send(&Message::new(number)).unwrap());
        };
        let (name, sender) = prepared();
        send(&sender);
        let receipts = [3, 4].map(|number| sender.send_with_receipt(&Message::new(number)));
        let points = crash_points("reader", &[&name]);
        drop(receipts);
        let last = points.iter().position(|(point, _)| point == "call: a call is finished");
        assert!(last.is_some(), "{points:?}");
        for (at, (point, hits)) in points.into_iter().enumerate() {
            for hit in 1..=hits {
                let (name, sender) = prepared();
                send(&sender);
                let mut receipts =
                    [3, 4].map(|number| sender.send_with_receipt(&Message::new(number)).unwrap());
                Child::run_crashing("reader", &[&name], &point, hit).crash();
                let read = match &*point {
                    "call: a quiet call is finished" => hit,
                    "call: a call is finished" => 2 + hit,
                    point if point.starts_with("call: ") => hit - 1,
                    _ if Some(at) > last => 4,
                    _ => 0,
                };
                for (receipt, number) in receipts.iter_mut().zip(3..) {
                    let is_read = match receipt.wait_timeout(Duration::ZERO) {
                        Ok(is_read) => is_read,
                        Err(err) => {
                            assert!(err.is_owner_died(), "{err}");
                            false
                        }
                    };
                    assert_eq!(is_read, number <= read, "{point}:{hit}");
                }
                drop(receipts);
                let left = (u64::from(read) + 1..5).collect::<Vec<_>>();
                assert_eq!(drain(&name, &sender), left, "{point}:{hit}");
            }
        }
    });
}
