//! The messages that subscribers get, in one process.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use ipc_hostile::message::Message;
use ipc_ring::topic::{Publisher, Subscriber, SubscriberOptions, TopicOptions, WhenFull};
use ipc_testkit::{fixture, this_thread, thread_sleeps, watchdog};

/// Receives all that waits: the numbers, and how many were missed before each.
fn drain(orders: &Subscriber<Message>) -> Vec<(u64, u64)> {
    let mut all = Vec::new();
    while let Some(sample) = orders.try_recv().unwrap() {
        all.push((sample.get().checked(), sample.missed()));
    }
    all
}

fn publish(topic: &Publisher<Message>, numbers: std::ops::Range<u64>) {
    for number in numbers {
        topic.publish(&Message::new(number)).unwrap();
    }
}

/// Starts a thread, and returns when it sleeps.
fn asleep<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> thread::JoinHandle<R> {
    let (tell, told) = mpsc::channel();
    let thread = thread::spawn(move || {
        tell.send(this_thread()).unwrap();
        work()
    });
    let path = told.recv().unwrap();
    while !thread_sleeps(&path) {
        thread::yield_now();
    }
    thread
}

#[test]
fn every_subscriber_gets_every_message_of_every_publisher_in_order() {
    let name = fixture::name();
    let topics: Vec<_> = (0..3)
        .map(|_| Publisher::<Message>::open_or_create(&*name, TopicOptions::new()).unwrap())
        .collect();
    let all: Vec<_> = [WhenFull::Block, WhenFull::DropOldest, WhenFull::DropNewest]
        .map(|when_full| Subscriber::<Message>::open(&*name, when_full).unwrap())
        .into();
    for number in 0..30 {
        publish(&topics[[0, 2, 1, 1, 0][number % 5]], number as u64..number as u64 + 1);
    }
    let wanted: Vec<_> = (0..30).map(|number| (number, 0)).collect();
    all.iter().for_each(|orders| assert_eq!(drain(orders), wanted));
    assert_eq!(topics[0].info().unwrap().in_use, Some(0));
}

#[test]
fn a_full_queue_blocks_or_drops_as_chosen_and_misses_are_counted() {
    let name = fixture::name();
    let topic = Publisher::<Message>::create(&*name, TopicOptions::new().queue(4)).unwrap();
    let oldest = Subscriber::<Message>::open(&*name, WhenFull::DropOldest).unwrap();
    let newest = Subscriber::<Message>::open(&*name, WhenFull::DropNewest).unwrap();
    publish(&topic, 0..10);
    let block = Subscriber::<Message>::open(&*name, WhenFull::Block).unwrap();
    publish(&topic, 10..14);
    assert!(!topic.try_publish(&Message::new(14)).unwrap());
    assert!(!topic.publish_timeout(&Message::new(14), Duration::from_millis(5)).unwrap());
    assert!(!topic.publish_deadline(&Message::new(14), Instant::now()).unwrap());
    let info = topic.info().unwrap();
    let counts = info.subscribers.iter().map(|one| (one.received, one.missed, one.waiting));
    let wanted = [(0, 10, Some(4)), (0, 10, Some(4)), (0, 0, Some(4))];
    assert_eq!(counts.collect::<Vec<_>>(), wanted);

    assert_eq!(drain(&block), [(10, 0), (11, 0), (12, 0), (13, 0)]);
    assert_eq!(drain(&oldest), [(10, 10), (11, 0), (12, 0), (13, 0)]);
    assert_eq!(drain(&newest), [(0, 0), (1, 0), (2, 0), (3, 0)]);
    assert!(topic.try_publish(&Message::new(14)).unwrap());
    assert_eq!(drain(&newest), [(14, 10)]);
    assert_eq!(drain(&oldest), [(14, 0)]);
    assert_eq!((oldest.received(), oldest.missed()), (5, 10));
    assert_eq!((newest.received(), newest.missed()), (5, 10));
    drop(block);
    assert_eq!(topic.info().unwrap().in_use, Some(0));
}

#[test]
fn a_waiting_publisher_continues_after_a_receive_or_a_close() {
    watchdog(|| {
        let name = fixture::name();
        let topic = Publisher::<Message>::create(&*name, TopicOptions::new().queue(1)).unwrap();
        let orders = Subscriber::<Message>::open(&*name, WhenFull::Block).unwrap();
        publish(&topic, 0..1);
        let publisher = asleep(move || publish(&topic, 1..3));
        assert_eq!(orders.recv().unwrap().get().checked(), 0);
        while orders.info().unwrap().publishers[0].published < 2 {
            thread::yield_now();
        }
        drop(orders);
        publisher.join().unwrap();
    });
}

#[test]
fn a_subscriber_that_joins_late_gets_the_last_messages_of_each_publisher() {
    let name = fixture::name();
    let options = TopicOptions::new().history(3).queue(8);
    let [first, second] =
        [(); 2].map(|()| Publisher::<Message>::open_or_create(&*name, options).unwrap());
    let early = Subscriber::<Message>::open(&*name, WhenFull::DropOldest).unwrap();
    publish(&first, 0..5);
    publish(&second, 5..7);
    publish(&first, 7..8);
    drop(second); // its messages stay
    let late = Subscriber::<Message>::open(&*name, WhenFull::Block).unwrap();
    let later = SubscriberOptions::new(WhenFull::Block).history(1);
    let later = Subscriber::<Message>::open(&*name, later).unwrap();
    let last = SubscriberOptions::new(WhenFull::Block).history(0);
    let last = Subscriber::<Message>::open(&*name, last).unwrap();
    publish(&first, 8..10);
    assert_eq!(drain(&late), [3, 4, 5, 6, 7, 8, 9].map(|number| (number, 0)));
    assert_eq!(drain(&later), [6, 7, 8, 9].map(|number| (number, 0)));
    assert_eq!(drain(&last), [(8, 0), (9, 0)]);
    assert_eq!(drain(&early).len(), 10);
    assert_eq!(first.info().unwrap().in_use, Some(0));
}

#[test]
fn a_publisher_in_the_slot_of_another_continues_its_count() {
    let name = fixture::name();
    let options = TopicOptions::new().max_publishers(1).history(2).queue(8);
    let topic = Publisher::<Message>::create(&*name, options).unwrap();
    let orders = Subscriber::<Message>::open(&*name, WhenFull::Block).unwrap();
    publish(&topic, 0..3);
    drop(topic);
    let topic = Publisher::<Message>::open(&*name).unwrap();
    assert_eq!(topic.published(), 3);
    publish(&topic, 3..6);
    assert_eq!(drain(&orders), [0, 1, 2, 3, 4, 5].map(|number| (number, 0)));
    let late = Subscriber::<Message>::open(&*name, WhenFull::Block).unwrap();
    assert_eq!(drain(&late), [(4, 0), (5, 0)]);
}

#[test]
fn messages_of_any_length_are_written_and_read_in_place() {
    let name = fixture::name();
    let options = TopicOptions::new().max_len(1 << 17).queue(2);
    let topic = Publisher::<[u64]>::create(&*name, options).unwrap();
    let orders = Subscriber::<[u64]>::open(&*name, WhenFull::DropOldest).unwrap();
    for len in [0, 1, 7, 1 << 17] {
        let mut loan = topic.loan(len).unwrap();
        loan.fill(len as u64);
        if len > 2 {
            loan.write_at(len - 2, &[8, 9]).unwrap();
        }
        assert!(loan.write_at(len, &[1]).unwrap_err().is_invalid_argument());
        let written = loan.as_mut_ptr().addr();
        loan.publish().unwrap();
        let sample = orders.recv().unwrap();
        assert_eq!((sample.len(), sample.get(len)), (len, None));
        let mut wanted = vec![len as u64; len];
        if len > 2 {
            wanted[len - 2..].copy_from_slice(&[8, 9]);
        }
        assert_eq!(sample.to_vec(), wanted);
        let mut end = [0; 4];
        assert_eq!(sample.copy_to(len.saturating_sub(2), &mut end), len.min(2));
        assert_ne!(sample.as_ptr().addr(), written, "another mapping of the same sample");
    }
    let mut loan = topic.loan(5).unwrap();
    loan.truncate(2);
    loan.fill(3);
    loan.publish().unwrap();
    assert_eq!(orders.recv().unwrap().to_vec(), [3, 3]);
    topic.publish(&[1, 2, 3]).unwrap();
    assert_eq!(orders.recv().unwrap().to_vec(), [1, 2, 3]);
    assert!(topic.loan((1 << 17) + 1).unwrap_err().is_invalid_argument());
}

#[test]
fn a_sample_that_is_held_is_not_written_by_later_messages() {
    let name = fixture::name();
    let options = TopicOptions::new().max_publishers(1).max_subscribers(1).queue(1).max_borrowed(1);
    let topic = Publisher::<Message>::create(&*name, options).unwrap();
    let orders = Subscriber::<Message>::open(&*name, WhenFull::DropOldest).unwrap();
    publish(&topic, 0..1);
    let held = orders.recv().unwrap();
    for number in 1..100 {
        publish(&topic, number..number + 1);
        assert_eq!(held.get().checked(), 0);
    }
    drop(held);
    assert_eq!(drain(&orders), [(99, 98)]);
}

#[test]
fn a_subscriber_that_waits_is_woken_by_a_message() {
    watchdog(|| {
        let name = fixture::name();
        let topic = Publisher::<Message>::create(&*name, TopicOptions::new()).unwrap();
        let orders = Subscriber::<Message>::open(&*name, WhenFull::Block).unwrap();
        assert!(orders.recv_timeout(Duration::from_millis(5)).unwrap().is_none());
        assert!(orders.recv_deadline(Instant::now()).unwrap().is_none());
        let subscriber = asleep(move || orders.recv().unwrap().get().checked());
        publish(&topic, 7..8);
        assert_eq!(subscriber.join().unwrap(), 7);
    });
}
