//! Values instead of bytes.

use std::time::Instant;

use ipc_core::{Error, Key};
use ipc_mem::Plain;
use ipc_queue::{MessageQueue, QueueOptions, Receiver, Select, Sender, SysvQueue, Unsent};
use ipc_testkit::{Fixture, fixture};

use crate::common::{SHORT, passing, queue, sysv};

#[derive(Clone, Copy, Debug, PartialEq, Plain)]
#[repr(C)]
struct Job {
    id: u64,
    colour: [u8; 4],
    size: f32,
}

const JOB: Job = Job { id: 7, colour: *b"blue", size: 1.5 };

fn receiver<T: ipc_queue::Payload>(name: &Fixture) -> Receiver<T> {
    Receiver::new(MessageQueue::open(&**name).unwrap()).unwrap()
}

#[test]
fn a_plain_value_arrives_as_its_bytes_through_either_kind() {
    let name = fixture::name();
    let sender = Sender::new(queue(&name, 2)).unwrap();
    sender.send(JOB, 3).unwrap();
    sender.send(Job { id: 8, ..JOB }, 4).unwrap();
    let jobs = receiver::<Job>(&name);
    assert_eq!(jobs.recv().unwrap(), (Job { id: 8, ..JOB }, 4));
    let raw = jobs.queue().recv().unwrap().bytes;
    assert_eq!(raw, [&7_u64.to_ne_bytes()[..], b"blue", &1.5_f32.to_ne_bytes()].concat());
    let sysv = sysv();
    let jobs = Receiver::<Job, _>::new(SysvQueue::open_id(sysv.id()).unwrap())
        .unwrap()
        .only(Select::UpTo(5));
    let sender = Sender::new(sysv).unwrap();
    for (id, kind) in [(1, 9), (2, 5), (3, 4)] {
        sender.send(Job { id, ..JOB }, kind).unwrap();
    }
    assert_eq!(jobs.recv().unwrap(), (Job { id: 3, ..JOB }, 4));
    assert_eq!(jobs.try_recv().unwrap().unwrap().0.id, 2);
    assert_eq!(jobs.try_recv().unwrap(), None);
    assert_eq!(jobs.only(Select::Any).recv().unwrap().0.id, 1);
}

#[test]
fn a_value_that_was_not_sent_is_returned() {
    let name = fixture::name();
    let sender = Sender::new(queue(&name, 1)).unwrap();
    sender.send(JOB, 0).unwrap();
    let start = Instant::now();
    let unsent = [
        sender.try_send(JOB, 0),
        sender.send_timeout(JOB, 0, SHORT),
        sender.send_deadline(JOB, 0, start),
    ];
    assert!(start.elapsed() >= SHORT);
    for unsent in unsent.map(Result::unwrap_err) {
        assert!(matches!(unsent, Unsent::NoRoom(JOB)));
        assert!(Error::from(unsent).is_queue_full());
    }
    let unsent = sender.send(JOB, MessageQueue::MAX_PRIORITY + 1).unwrap_err();
    assert!(matches!(&unsent, Unsent::Failed(JOB, err) if err.is_invalid_argument()));
    assert_eq!(unsent.into_message(), JOB);
    let full = SysvQueue::create(Key::PRIVATE, passing().byte_limit(16)).unwrap();
    let sender = Sender::new(full).unwrap();
    sender.send(JOB, 1).unwrap();
    assert_eq!(sender.try_send(JOB, 1).unwrap_err().into_message(), JOB);
    SysvQueue::remove_id(sender.queue().id()).unwrap();
    assert!(matches!(sender.send(JOB, 1), Err(Unsent::Failed(JOB, err)) if err.is_removed()));
}

#[test]
fn a_message_of_another_length_is_an_error_and_is_removed() {
    let name = fixture::name();
    let queue = queue(&name, 2);
    let jobs = receiver::<Job>(&name);
    queue.send(&[0; 15], 0).unwrap();
    Sender::new(queue).unwrap().send(JOB, 0).unwrap();
    let err = jobs.recv().unwrap_err();
    assert!(
        err.is_mismatch() && err.to_string().contains("found 15 bytes, wanted the 16"),
        "{err}"
    );
    assert_eq!(jobs.recv().unwrap().0, JOB);
    assert_eq!(jobs.recv_timeout(SHORT).unwrap(), None);
    assert_eq!(jobs.recv_deadline(Instant::now()).unwrap(), None);
}

#[test]
fn a_queue_for_messages_shorter_than_a_value_is_refused() {
    let name = fixture::name();
    let make = || MessageQueue::open_or_create(&*name, QueueOptions::new(1, 15)).unwrap();
    for err in [Sender::<Job>::new(make()).map(drop), Receiver::<Job>::new(make()).map(drop)] {
        let err = err.unwrap_err();
        assert!(
            err.is_mismatch() && err.to_string().contains("up to 15 bytes, wanted the 16"),
            "{err}"
        );
    }
    let small = SysvQueue::create(Key::PRIVATE, passing().byte_limit(15)).unwrap();
    assert!(Sender::<Job, _>::new(small).unwrap_err().is_mismatch());
    // The system's limit of one message is lower than the queue's limit of all messages.
    let limit = std::fs::read_to_string("/proc/sys/kernel/msgmax").unwrap();
    let limit: usize = limit.trim().parse().unwrap();
    if limit < 1 << 14 {
        let err = Sender::<[u8; 1 << 14], _>::new(sysv()).unwrap_err();
        let words = format!("found messages of up to {limit} bytes, wanted the 16384");
        assert!(err.is_mismatch() && err.to_string().contains(&words), "{err}");
        assert!(Receiver::<[u8; 1 << 14], _>::new(sysv()).unwrap_err().is_mismatch());
    }
}

#[cfg(feature = "postcard")]
mod postcard {
    use ipc_queue::Postcard;
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Order {
        Stop,
        Paint { colour: String, layers: Vec<u16> },
    }

    fn paint() -> Order {
        Order::Paint { colour: "red".into(), layers: vec![1, 300] }
    }

    #[test]
    fn a_serde_value_arrives_in_the_bytes_of_the_format() {
        let name = fixture::name();
        let sender = Sender::new(queue(&name, 4)).unwrap();
        let orders = receiver::<Postcard<Order>>(&name);
        sender.send(Postcard(paint()), 0).unwrap();
        sender.send(Postcard(Order::Stop), 5).unwrap();
        assert_eq!(orders.recv().unwrap(), (Postcard(Order::Stop), 5));
        assert_eq!(orders.try_recv().unwrap().unwrap().0, Postcard(paint()));
        sender.send(Postcard(paint()), 0).unwrap();
        assert_eq!(orders.queue().recv().unwrap().bytes, *b"\x01\x03red\x02\x01\xac\x02");
    }

    #[test]
    fn a_value_that_is_too_long_is_returned() {
        let name = fixture::name();
        let sender = Sender::new(queue(&name, 1)).unwrap();
        let long = || Order::Paint { colour: "x".repeat(64), layers: Vec::new() };
        let unsent = sender.try_send(Postcard(long()), 0).unwrap_err();
        assert!(matches!(&unsent, Unsent::Failed(_, err) if err.is_too_long()));
        assert_eq!(unsent.into_message().0, long());
    }

    #[test]
    fn bytes_that_are_not_a_value_are_an_error_and_are_removed() {
        let name = fixture::name();
        let queue = queue(&name, 4);
        let orders = receiver::<Postcard<Order>>(&name);
        for bytes in [&b""[..], b"\x02", b"\x01\xff", b"\x01\xff\xff\xff\xff\x0f", b"\x00more"] {
            queue.send(bytes, 0).unwrap();
            let err = orders.recv().unwrap_err();
            assert!(err.is_mismatch() && err.to_string().contains("Order"), "{err}");
        }
        assert!(queue.is_empty().unwrap());
    }
}
