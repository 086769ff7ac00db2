//! Publishers and subscribers that are killed at every single step.

use std::time::Duration;

use ipc_hostile::message::Message;
use ipc_ring::topic::{Publisher, Subscriber, TopicOptions, WhenFull};
use ipc_testkit::{Child, Fixture, Part, Role, crash_points, fixture, watchdog};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("publisher", publisher),
    ("subscriber", subscriber),
    ("second publisher", second_publisher),
    ("second subscriber", second_subscriber),
    ("keeper", keeper),
];

const PATIENCE: Duration = Duration::from_secs(20);

fn options() -> TopicOptions {
    TopicOptions::new().max_publishers(1).max_subscribers(4).queue(2).history(2)
}

fn open_publisher(name: &str) -> Publisher<Message> {
    Publisher::open_or_create(name, options()).unwrap()
}

fn open_subscriber(name: &str, when_full: WhenFull) -> Subscriber<Message> {
    Subscriber::open_or_create(name, options(), when_full).unwrap()
}

/// Publishes messages that say their number, and drops one before it is written and one that is.
fn publish(topic: &Publisher<Message>, count: u64) {
    for _ in 0..count {
        drop(topic.loan().unwrap());
        let message = Message::new(topic.published() + 1);
        topic.loan().unwrap().write(message);
        assert!(topic.publish_timeout(&message, PATIENCE).unwrap(), "a dead subscriber blocks");
    }
}

/// The messages that a subscriber received, and those that it counted as missed.
#[derive(Default)]
struct Seen {
    received: u64,
    missed: u64,
    last: u64,
}

impl Seen {
    /// Receives all that waits: whole messages in order, with exact counts.
    fn drain(&mut self, orders: &Subscriber<Message>) {
        while let Some(sample) = orders.try_recv().unwrap() {
            let number = sample.get().checked();
            assert_eq!(number, sample.sequence());
            assert_eq!(sample.missed(), number - self.last - 1, "{number} after {}", self.last);
            self.last = number;
            self.received += 1;
            self.missed += sample.missed();
        }
    }
}

/// Opens a publisher in the only slot, and another subscriber, and checks that every subscriber gets
/// or counts everything, and that no sample is lost. The subscribers have read the first `read`
/// messages.
fn all_go_on(name: &str, subscribers: &[Subscriber<Message>], read: u64, what: &str) {
    let topic = Publisher::<Message>::open(name).unwrap();
    let begun = topic.published();
    let late = Subscriber::<Message>::open(name, WhenFull::Block).unwrap();
    let mut history = Seen { last: begun.saturating_sub(2), ..Seen::default() };
    history.drain(&late);
    assert_eq!((history.last, history.missed), (begun, 0), "{what}: the history");
    let before = || Seen { received: read, last: read, missed: 0 };
    let mut seen: Vec<_> = subscribers.iter().map(|_| before()).collect();
    seen.iter_mut().zip(subscribers).for_each(|(seen, orders)| seen.drain(orders));
    for count in 1..=40 {
        publish(&topic, 1);
        if count == 1 {
            // The number of a message that was not published is used again.
            let late = Subscriber::<Message>::open(name, WhenFull::Block);
            let mut seen = Seen { last: begun.saturating_sub(1), ..Seen::default() };
            seen.drain(&late.unwrap());
            assert_eq!((seen.last, seen.missed), (begun + 1, 0), "{what}: the history after it");
        }
        seen.iter_mut().zip(subscribers).for_each(|(seen, orders)| seen.drain(orders));
        history.drain(&late);
    }
    for seen in &seen {
        assert_eq!(seen.received + seen.missed, topic.published(), "{what}");
        assert!(seen.received >= 40, "{what}: only {} received", seen.received);
    }
    assert_eq!((history.last, history.missed), (begun + 40, 0), "{what}");
    assert_eq!(topic.info().unwrap().in_use, Some(0), "{what}: a sample is lost");
}

/// A topic with two subscribers, whose queues are full after a few messages.
fn prepared() -> (Fixture, [Subscriber<Message>; 2]) {
    let name = fixture::name();
    let subscribers =
        [WhenFull::DropOldest, WhenFull::DropNewest].map(|full| open_subscriber(&name, full));
    (name, subscribers)
}

/// Runs a role to each of its steps, in a world that is prepared again each time.
fn at_every_step<W>(
    role: &str,
    must_pass: &[&str],
    prepare: impl Fn() -> (Fixture, W),
    check: impl Fn(&str, W, &str),
) {
    let (name, world) = prepare();
    let points = crash_points(role, &[&name]);
    drop(world);
    for point in must_pass {
        assert!(points.iter().any(|(passed, _)| passed == point), "{role} does not pass {point}");
    }
    for (point, hits) in points {
        // The later ones differ in nothing but the number.
        for hit in (1..=hits).filter(|hit| *hit <= 4 || *hit == hits) {
            let (name, world) = prepare();
            Child::run_crashing(role, &[&name], &point, hit).crash();
            check(&name, world, &format!("{role} killed at {point}:{hit}"));
        }
    }
}

fn publisher(role: &mut Role) {
    publish(&open_publisher(role.arg(0)), 4);
}

#[test]
fn a_publisher_killed_at_any_step_leaves_no_loan_and_no_uncounted_message() {
    watchdog(|| {
        let must_pass = [
            "topic: a sample is loaned",
            "topic: a message is published",
            "topic: a message is dropped",
            "topic: references are set",
            "topic: a message is queued",
        ];
        at_every_step("publisher", &must_pass, prepared, |name, subscribers, what| {
            all_go_on(name, &subscribers, 0, what);
        });
        // Messages go to cells whose messages were taken.
        let prepare = || {
            let (name, subscribers) = prepared();
            publish(&open_publisher(&name), 2);
            for orders in &subscribers {
                Seen::default().drain(orders);
            }
            (name, subscribers)
        };
        at_every_step("publisher", &must_pass, prepare, |name, subscribers, what| {
            all_go_on(name, &subscribers, 2, what);
        });
    });
}

/// Receives the history and messages, and leaves.
fn subscriber(role: &mut Role) {
    let orders = open_subscriber(role.arg(0), WhenFull::Block);
    let topic = open_publisher(role.arg(0));
    publish(&topic, 2);
    for _ in 0..2 {
        drop(orders.recv().unwrap());
    }
    let held = [orders.recv().unwrap(), orders.recv().unwrap()];
    publish(&topic, 1);
    drop(held);
    drop(orders);
}

#[test]
fn a_subscriber_killed_at_any_step_blocks_no_publisher_and_no_sample() {
    watchdog(|| {
        let prepare = || {
            let (name, subscribers) = prepared();
            publish(&open_publisher(&name), 2);
            (name, subscribers)
        };
        let must_pass = [
            "topic: a subscriber is served",
            "topic: a sample of the history is held",
            "topic: a message is taken",
            "topic: before a message is released",
            "topic: all references of a subscriber are dropped",
        ];
        at_every_step("subscriber", &must_pass, prepare, |name, subscribers, what| {
            all_go_on(name, &subscribers, 0, what);
        });
    });
}

fn second_publisher(role: &mut Role) {
    publish(&open_publisher(role.arg(0)), 1);
}

#[test]
fn a_publisher_killed_while_it_repairs_leaves_that_to_the_next() {
    watchdog(|| {
        for point in [
            "topic: a sample is loaned",
            "topic: a message is written",
            "topic: references are set",
            "topic: a message is dropped",
        ] {
            let prepare = || {
                let (name, subscribers) = prepared();
                publish(&open_publisher(&name), 2);
                Child::run_crashing("second publisher", &[&name], point, 1).crash();
                (name, subscribers)
            };
            let must_pass = ["topic: before a slot is taken over"];
            at_every_step("second publisher", &must_pass, prepare, |name, subscribers, what| {
                all_go_on(name, &subscribers, 0, &format!("{what} after {point}"));
            });
        }
    });
}

fn second_subscriber(role: &mut Role) {
    drop(open_subscriber(role.arg(0), WhenFull::DropOldest));
}

#[test]
fn a_killed_process_leaves_the_clearing_of_a_subscriber_to_the_next() {
    watchdog(|| {
        let prepare = || {
            let (name, subscribers) = prepared();
            publish(&open_publisher(&name), 2);
            Child::run_crashing("subscriber", &[&name], "topic: a message is released", 2).crash();
            (name, subscribers)
        };
        let must_pass = ["topic: before a dead subscriber is replaced"];
        at_every_step("second subscriber", &must_pass, prepare, |name, subscribers, what| {
            all_go_on(name, &subscribers, 0, what);
        });
    });
}

/// A subscriber that receives nothing, and that publishers wait for.
fn keeper(role: &mut Role) {
    let _orders = open_subscriber(role.arg(0), WhenFull::Block);
    role.say("open");
    role.wait_for("never");
}

#[test]
fn a_publisher_that_waits_for_a_subscriber_goes_on_when_it_is_killed() {
    watchdog(|| {
        let name = fixture::name();
        let topic = open_publisher(&name);
        let mut keeper = Child::run("keeper", &[&name]);
        keeper.wait_for("open");
        publish(&topic, 2);
        assert!(!topic.try_publish(&Message::new(3)).unwrap());
        keeper.kill();
        publish(&topic, 8);
        assert_eq!(topic.info().unwrap().in_use, Some(0));
    });
}
