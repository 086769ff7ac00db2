//! Values of types that serde knows, through every object that carries bytes.

#![cfg(feature = "postcard")]

use std::cell::Cell;
use std::time::Duration;

use ipc_ring::mailbox::{self, Mailbox};
use ipc_ring::mpmc::{self, Received};
use ipc_ring::service::{Client, Server, ServiceOptions};
use ipc_ring::spsc::bytes::{Receiver, Sender};
use ipc_ring::topic::{Publisher, Subscriber, TopicOptions, WhenFull};
use ipc_ring::{Encoded, JobQueue, spsc};
use ipc_testkit::{Child, Part, Rng, Role, fixture, watchdog};
use serde::{Deserialize, Serialize, Serializer};

const ROLES: &[(&str, Part)] = &[("sends values", sends_values)];

#[test]
fn roles() {
    ipc_testkit::play(ROLES);
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
enum Event<'a> {
    Opened { door: u32, by: &'a str },
    Counts(Vec<u64>),
    Closed,
}

fn event(number: u64) -> Event<'static> {
    match number % 3 {
        0 => Event::Opened { door: u32::try_from(number).unwrap(), by: "ada" },
        1 => Event::Counts((0..number % 50).collect()),
        _ => Event::Closed,
    }
}

fn sends_values(role: &mut Role) {
    let mut sender = Sender::open(role.arg(0)).unwrap();
    (0..1000).for_each(|number| sender.send_value(&event(number)).unwrap());
}

#[test]
fn values_of_another_process_arrive_through_a_ring_of_bytes() {
    watchdog(|| {
        let name = fixture::name();
        let receiver = Receiver::create(&*name, 1024).unwrap();
        let child = Child::run("sends values", &[&name]);
        let (mut buffer, mut number) = (Vec::new(), 0);
        receiver.wait_for_sender();
        while let Some(found) = receiver.recv_value::<Event<'_>>(&mut buffer).unwrap() {
            assert_eq!(found, event(number));
            number += 1;
        }
        assert_eq!(number, 1000);
        child.finish();
    });
}

#[test]
fn a_ring_of_bytes_refuses_what_does_not_fit_and_reports_what_is_no_value() {
    let name = fixture::name();
    let mut sender = Sender::create(&*name, 128).unwrap();
    let mut receiver = Receiver::open(&*name).unwrap();
    let mut buffer = Vec::new();
    let err = sender.send_value(&[7_u8; 100][..]).unwrap_err();
    assert!(err.is_too_long(), "{err}");
    let told = format!("encode {}", &*name);
    assert!(err.to_string().starts_with(&told), "{err}");
    assert!(err.to_string().contains("found a value of 101 bytes, wanted at most 56"), "{err}");
    assert!(sender.try_send_value(&event(0)).unwrap());
    let found = receiver.try_recv_value::<Event<'_>>(&mut buffer).unwrap();
    assert_eq!(found, Some(event(0)));
    assert_eq!(receiver.try_recv_value::<Event<'_>>(&mut buffer).unwrap(), None);
    let wait = Duration::from_millis(1);
    assert_eq!(receiver.recv_value_timeout::<u8>(&mut buffer, wait).unwrap(), None);
    for bytes in [&[9][..], &[0, 5], &[2, 0]] {
        sender.send(bytes).unwrap();
        let err = receiver.recv_value::<Event<'_>>(&mut buffer).unwrap_err();
        assert!(err.is_mismatch(), "{err}");
        assert_eq!(buffer, bytes, "it is in the buffer, and no longer in the ring");
    }
    sender.send_value("in place").unwrap();
    let message = receiver.peek().unwrap().unwrap();
    assert_eq!(message.value::<&str>(&mut buffer).unwrap(), "in place");
    message.release();
    while sender.try_send_value(&event(0)).unwrap() {}
    assert!(!sender.send_value_timeout(&event(0), wait).unwrap(), "the ring is full");
}

/// A value that is longer each time that it is encoded, or shorter.
struct Fickle(Cell<u64>, i64);

impl Serialize for Fickle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.set(self.0.get().wrapping_add_signed(self.1));
        "x".repeat(usize::try_from(self.0.get()).unwrap()).serialize(serializer)
    }
}

#[test]
fn a_value_that_changes_while_it_is_encoded_is_not_sent() {
    let name = fixture::name();
    let mut sender = Sender::create(&*name, 4096).unwrap();
    let topic = format!("{}-topic", &*name);
    let options = TopicOptions::new().max_len(100);
    let publisher = Publisher::<[u8]>::create(&*topic, options).unwrap();
    for change in [1, -1] {
        let err = sender.send_value(&Fickle(Cell::new(9), change)).unwrap_err();
        assert!(err.is_invalid_argument(), "{err}");
        let err = publisher.publish_value(&Fickle(Cell::new(9), change)).unwrap_err();
        assert!(err.is_invalid_argument(), "{err}");
        assert!(Encoded::<50>::new(&Fickle(Cell::new(9), change)).is_err());
    }
    assert_eq!((sender.statistics().sent, publisher.published()), (0, 0));
    assert_eq!(publisher.info().unwrap().in_use, Some(0), "no loan is left");
}

#[test]
fn a_topic_of_bytes_carries_values() {
    let name = fixture::name();
    let options = TopicOptions::new().max_len(60);
    let publisher = Publisher::<[u8]>::create(&*name, options).unwrap();
    let subscriber = Subscriber::<[u8]>::open(&*name, WhenFull::Block).unwrap();
    publisher.publish_value(&event(3)).unwrap();
    assert!(publisher.loan_value(&event(1)).unwrap().try_publish().unwrap().is_none());
    let mut buffer = Vec::new();
    for number in [3, 1] {
        let sample = subscriber.recv().unwrap();
        assert_eq!(sample.value::<Event<'_>>(&mut buffer).unwrap(), event(number));
    }
    let err = publisher.publish_value(&[7_u8; 100][..]).unwrap_err();
    assert!(err.is_too_long() && err.to_string().contains("101 bytes"), "{err}");
    publisher.publish(&[9]).unwrap();
    let err = subscriber.recv().unwrap().value::<Event<'_>>(&mut buffer).unwrap_err();
    assert!(err.is_mismatch() && err.to_string().contains(&*name), "{err}");
}

#[test]
fn messages_of_one_size_carry_values_that_fit() {
    type Message = Encoded<60>;

    let name = fixture::name();
    let sent = Message::new(&event(3)).unwrap();
    let check = |found: &Message| assert_eq!(found.value::<Event<'_>>().unwrap(), event(3));
    let tasks = mpmc::Sender::<Message>::create(format!("{}-q", &*name), 4).unwrap();
    tasks.send(&sent).unwrap();
    let mine = mpmc::Receiver::<Message>::open(format!("{}-q", &*name)).unwrap();
    let Received::Message(found) = mine.recv().unwrap() else { panic!("lost") };
    check(&found);
    let ring = spsc::Sender::<Message>::create(format!("{}-r", &*name), 4).unwrap();
    ring.send(&sent).unwrap();
    let found = spsc::Receiver::<Message>::open(format!("{}-r", &*name)).unwrap().recv().unwrap();
    check(&found.unwrap());
    let jobs = JobQueue::<Message>::create(format!("{}-j", &*name), 4).unwrap();
    jobs.submit(&sent).unwrap();
    check(&jobs.take().unwrap());
    let inbox = Mailbox::<Message>::create(format!("{}-m", &*name), 4).unwrap();
    mailbox::Sender::open(format!("{}-m", &*name)).unwrap().send(&sent).unwrap();
    check(&inbox.recv().unwrap());
    let options = ServiceOptions::new(4);
    let server = Server::<Message, Message>::create(format!("{}-s", &*name), options).unwrap();
    let client = Client::<Message, Message>::open(format!("{}-s", &*name)).unwrap();
    let pending = client.submit(&sent).unwrap();
    let call = server.recv().unwrap();
    check(&call);
    call.reply(&sent).unwrap();
    check(&pending.wait().unwrap());
}

#[test]
fn any_bytes_as_an_encoded_value_are_a_value_or_an_error() {
    let sent = Encoded::<20>::new(&event(4)).unwrap();
    let mut rng = Rng::new();
    // Through memory that another process could have written.
    let memory = ipc_mem::LocalMemory::new(4096).unwrap();
    let queue = mpmc::Sender::<Encoded<20>, _>::create_in(memory, 1).unwrap();
    queue.send(&sent).unwrap();
    let image = ipc_hostile::memory::bytes(queue.memory());
    let pages = ipc_hostile::memory::Pages::new(image.len());
    let encoded = [6, 0, 0, 0, 1, 4, 0, 1, 2, 3];
    let at = image.windows(10).position(|bytes| bytes == encoded).unwrap();
    let (mut right, mut wrong) = (0, 0);
    for _ in 0..2_000 {
        let damaged = rng.damage(&image, at..at + 10);
        let opened = mpmc::Receiver::<Encoded<20>, _>::open_in(pages.with(&damaged));
        let Ok(received) = opened.and_then(|queue| queue.try_recv()) else { continue };
        match received.and_then(Received::message).map(|found| found.value::<Event<'_>>().is_ok()) {
            Some(true) => right += 1,
            Some(false) => wrong += 1,
            None => {}
        }
    }
    assert!(right > 10 && wrong > 10, "{right} right, {wrong} wrong");
}
