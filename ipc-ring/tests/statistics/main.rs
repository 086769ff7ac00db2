//! Statistics of every kind of ring and queue: what they count, and what a kill leaves.

use std::time::Duration;

use ipc_hostile::memory::bytes as image;
use ipc_mem::Memory;
use ipc_ring::frames::{FrameReader, FrameWriter, FramesInfo};
use ipc_ring::mailbox::{self, Mailbox};
use ipc_ring::mpmc::{self, QueueOptions};
use ipc_ring::service::{Client, Server, ServiceOptions};
use ipc_ring::topic::{Publisher, Subscriber, TopicInfo, TopicOptions, WhenFull};
use ipc_ring::{Depth, JobOptions, JobQueue, RingInfo, Statistics, spsc};
use ipc_testkit::{Child, Part, Role, crash_points, fixture, watchdog};

/// Long enough for a thread to fall asleep, however busy the machine is: it sleeps until this time.
const A_SLEEP: Duration = Duration::from_millis(3);

const ROLES: &[(&str, Part)] =
    &[("sends three", sends_three), ("does a job", does_a_job), ("answers", answers)];

#[test]
fn roles() {
    ipc_testkit::play(ROLES);
}

fn counts(found: Statistics) -> [u64; 3] {
    [found.sent, found.received, found.lost]
}

fn sleeps(found: Statistics) -> [u64; 2] {
    [found.sender_sleeps, found.receiver_sleeps]
}

/// The statistics that a program reads from the bytes of an object, which are those of its handles.
fn of_bytes(memory: &impl Memory) -> Statistics {
    RingInfo::of_bytes(&image(memory)).unwrap().statistics.unwrap()
}

#[test]
fn a_ring_counts_messages_and_sleeps() {
    let name = fixture::name();
    let sender = spsc::Sender::<u32>::create(&*name, 2).unwrap();
    let receiver = spsc::Receiver::<u32>::open(&*name).unwrap();
    assert!(receiver.recv_timeout(A_SLEEP).unwrap().is_none());
    (0..2).for_each(|n| sender.send(&n).unwrap());
    assert!(!sender.send_timeout(&3, A_SLEEP).unwrap());
    assert!(!sender.try_send(&3).unwrap(), "does not sleep");
    receiver.recv().unwrap();
    let found = sender.statistics();
    assert_eq!((counts(found), sleeps(found)), ([2, 1, 0], [1, 1]));
    assert_eq!((receiver.statistics(), of_bytes(sender.memory())), (found, found));
}

#[test]
fn a_ring_of_bytes_counts_messages_and_not_units() {
    let name = fixture::name();
    let sender = spsc::bytes::Sender::create(&*name, 128).unwrap();
    let receiver = spsc::bytes::Receiver::open(&*name).unwrap();
    let mut message = Vec::new();
    assert!(!receiver.recv_timeout(&mut message, A_SLEEP).unwrap());
    for _ in 0..10 {
        sender.send(&[7; 40]).unwrap(); // every third one begins at the start of the ring
        assert!(receiver.recv(&mut message).unwrap());
    }
    sender.send(&[7; 40]).unwrap();
    let found = receiver.statistics();
    assert_eq!((counts(found), sleeps(found)), ([11, 10, 0], [0, 1]));
    assert_eq!((sender.statistics(), of_bytes(sender.memory())), (found, found));
}

#[test]
fn a_queue_counts_messages_and_sleeps() {
    let name = fixture::name();
    let sender = mpmc::Sender::<[u16; 3]>::create(&*name, 4).unwrap();
    let receiver = mpmc::Receiver::<[u16; 3]>::open(&*name).unwrap();
    assert!(receiver.recv_timeout(A_SLEEP).unwrap().is_none());
    for _ in 0..5 {
        sender.send(&[1; 3]).unwrap();
        receiver.recv().unwrap();
    }
    (0..4).for_each(|_| sender.send(&[2; 3]).unwrap());
    assert!(!sender.send_timeout(&[3; 3], A_SLEEP).unwrap());
    let found = sender.statistics();
    assert_eq!((counts(found), sleeps(found)), ([9, 5, 0], [1, 1]));
    assert_eq!((receiver.statistics(), of_bytes(sender.memory())), (found, found));
    let part = RingInfo::of_bytes(&image(sender.memory())[..700]).unwrap();
    assert_eq!(part.statistics, None, "the bytes end before the last cell");
}

#[test]
fn the_bytes_of_a_job_queue_say_how_many_jobs_are_in_each_state() {
    let name = fixture::name();
    let jobs = JobQueue::<u8>::create(&*name, JobOptions::new(8).max_deliveries(1)).unwrap();
    let depth = || {
        let info = RingInfo::of_bytes(&image(jobs.memory())).unwrap();
        assert_eq!(info.depth, Some(jobs.depth()));
        let Depth { ready, delayed, taken, dead_letters, .. } = jobs.depth();
        [ready, delayed, taken, dead_letters]
    };
    assert_eq!(depth(), [0; 4]);
    (0..4).for_each(|job| jobs.submit(&job).unwrap());
    jobs.submit_after(&4, Duration::from_secs(3600)).unwrap();
    assert_eq!(depth(), [5, 1, 0, 0]);
    drop(jobs.take().unwrap()); // it was delivered as often as possible
    let taken = jobs.take().unwrap();
    assert_eq!(depth(), [3, 1, 1, 1]);
    taken.done().unwrap();
    assert_eq!(depth(), [3, 1, 0, 1]);
    let part = RingInfo::of_bytes(&image(jobs.memory())[..700]).unwrap();
    assert_eq!(part.depth, None, "without all places");
}

#[test]
fn a_job_queue_counts_jobs_that_are_done() {
    let name = fixture::name();
    let jobs = JobQueue::<u8>::create(&*name, 2).unwrap();
    assert!(jobs.take_timeout(A_SLEEP).unwrap().is_none());
    for n in 0..3 {
        jobs.submit(&n).unwrap();
        jobs.take().unwrap().retry().unwrap();
        jobs.take().unwrap().done().unwrap();
    }
    jobs.submit(&3).unwrap();
    jobs.submit(&4).unwrap();
    assert!(!jobs.submit_timeout(&5, A_SLEEP).unwrap());
    let taken = jobs.take().unwrap();
    let found = jobs.statistics();
    assert_eq!((counts(found), sleeps(found)), ([5, 3, 0], [1, 1]));
    assert_eq!(of_bytes(jobs.memory()), found);
    drop(taken);
}

#[test]
fn a_service_counts_calls() {
    let name = fixture::name();
    let server = Server::<u8, u8>::create(&*name, ServiceOptions::new(2)).unwrap();
    let client = Client::<u8, u8>::open(&*name).unwrap();
    assert!(server.recv_timeout(A_SLEEP).unwrap().is_none());
    let answered = client.submit(&1).unwrap();
    server.recv().unwrap().reply(&1).unwrap();
    let waiting = client.submit(&2).unwrap();
    assert!(client.try_submit(&3).unwrap().is_none(), "a call that finds no place is not sent");
    assert!(client.submit_timeout(&3, A_SLEEP).unwrap().is_none());
    answered.wait().unwrap();
    let cancelled = client.submit(&4).unwrap();
    assert!(cancelled.cancel().unwrap());
    let found = client.statistics();
    assert_eq!((counts(found), sleeps(found)), ([3, 1, 1], [1, 1]));
    assert_eq!((server.statistics(), of_bytes(client.memory())), (found, found));
    drop(waiting);
    assert_eq!(counts(server.statistics()), [3, 1, 2]);
}

#[test]
fn a_mailbox_counts_messages() {
    let name = fixture::name();
    let inbox = Mailbox::<u8>::create(&*name, 2).unwrap();
    let sender = mailbox::Sender::<u8>::open(&*name).unwrap();
    assert!(inbox.recv_timeout(A_SLEEP).unwrap().is_none());
    (0..2).for_each(|n| sender.send(&n).unwrap());
    assert!(!sender.send_timeout(&3, A_SLEEP).unwrap());
    drop(inbox.recv().unwrap());
    let found = sender.statistics();
    assert_eq!((counts(found), sleeps(found)), ([2, 1, 0], [1, 1]));
    assert_eq!((inbox.statistics(), of_bytes(sender.memory())), (found, found));
}

#[test]
fn a_topic_counts_messages_of_all_publishers_and_subscribers() {
    let name = fixture::name();
    let options = TopicOptions::new().queue(2).max_publishers(2).max_subscribers(2);
    let publisher = Publisher::<u64>::create(&*name, options).unwrap();
    let subscriber = Subscriber::<u64>::open(&*name, WhenFull::Block).unwrap();
    assert!(subscriber.recv_timeout(A_SLEEP).unwrap().is_none());
    (0..2).for_each(|n| publisher.publish(&n).unwrap());
    assert!(!publisher.publish_timeout(&2, A_SLEEP).unwrap());
    drop(subscriber.recv().unwrap());
    let found = publisher.info().unwrap();
    assert_eq!((counts(found.statistics), sleeps(found.statistics)), ([2, 1, 0], [1, 1]));
    assert_eq!((found.publishers[0].sleeps, found.subscribers[0].sleeps), (1, 1));
    let read = TopicInfo::of_bytes(&image(publisher.memory())).unwrap();
    assert_eq!(read.statistics, found.statistics);
    let slow = Subscriber::<u64>::open(&*name, WhenFull::DropNewest).unwrap();
    drop(subscriber.recv().unwrap());
    for n in 3..6 {
        publisher.publish(&n).unwrap();
        drop(subscriber.recv().unwrap());
    }
    assert_eq!(counts(publisher.info().unwrap().statistics), [5, 5, 1]);
    drop((publisher, slow));
    let found = subscriber.info().unwrap().statistics;
    assert_eq!(
        counts(found),
        [5, 5, 0],
        "a publisher that is closed counts, a subscriber does not"
    );
}

#[test]
fn frames_count_what_their_readers_read_and_missed() {
    let name = fixture::name();
    let mut camera = FrameWriter::<u8>::create(&*name, [2]).unwrap();
    let mut viewer = FrameReader::<u8>::open(&*name).unwrap();
    assert!(viewer.wait_next_timeout(A_SLEEP).unwrap().is_none());
    for n in 0..3 {
        camera.write(&[n; 2]).unwrap();
    }
    assert_eq!(viewer.wait_next().unwrap().sequence(), 1);
    assert_eq!(viewer.wait_latest().unwrap().sequence(), 3);
    let found = FramesInfo::of(&*name).unwrap();
    assert_eq!((counts(found.statistics), sleeps(found.statistics)), ([3, 2, 1], [0, 1]));
    assert_eq!((found.readers[0].received, found.readers[0].sleeps), (2, 1));
}

fn sends_three(role: &mut Role) {
    let sender = mpmc::Sender::<u64>::open(role.arg(0)).unwrap();
    (0..3).for_each(|n| sender.send(&n).unwrap());
}

#[test]
fn what_a_killed_sender_lost_is_counted_once() {
    watchdog(|| {
        let options = QueueOptions::new(4);
        let name = fixture::name();
        let _queue = mpmc::Receiver::<u64>::create(&*name, options).unwrap();
        let points = crash_points("sends three", &[&name]);
        assert!(points.iter().any(|(point, _)| point == "queue: a message is written"));
        for (point, hits) in points {
            for hit in 1..=hits {
                let name = fixture::name();
                let queue = mpmc::Receiver::<u64>::create(&*name, options).unwrap();
                Child::run_crashing("sends three", &[&name], &point, hit).crash();
                // All positions of the dead, then one of a process that lives.
                mpmc::Sender::<u64>::open(&*name).unwrap().send(&9).unwrap();
                let (mut received, mut lost) = (0, 0);
                loop {
                    match queue.recv().unwrap() {
                        mpmc::Received::Message(9) => break,
                        mpmc::Received::Message(_) => received += 1,
                        mpmc::Received::Lost(count) => lost += count,
                    }
                }
                let found = queue.statistics();
                let wanted = [received + lost + 1, received + 1, lost];
                assert_eq!(counts(found), wanted, "{point}:{hit}");
                assert_eq!(of_bytes(queue.memory()), found, "{point}:{hit}");
            }
        }
    });
}

fn does_a_job(role: &mut Role) {
    let jobs = JobQueue::<u64>::open(role.arg(0)).unwrap();
    jobs.submit(&2).unwrap();
    jobs.take().unwrap().done().unwrap();
}

#[test]
fn a_killed_worker_leaves_the_counts_of_jobs_wrong_by_one_at_most() {
    watchdog(|| {
        let name = fixture::name();
        let jobs = JobQueue::<u64>::create(&*name, 4).unwrap();
        jobs.submit(&1).unwrap();
        for (point, hits) in crash_points("does a job", &[&name]) {
            for hit in 1..=hits {
                let name = fixture::name();
                let jobs = JobQueue::<u64>::create(&*name, 4).unwrap();
                jobs.submit(&1).unwrap();
                Child::run_crashing("does a job", &[&name], &point, hit).crash();
                // A search for the dead, and all that is left.
                let mut done = 0;
                while let Some(job) = jobs.take_timeout(Duration::from_millis(100)).unwrap() {
                    job.done().unwrap();
                    done += 1;
                }
                let found = jobs.statistics();
                assert_eq!(found.sent, found.received, "{point}:{hit}: nothing waits");
                let over = found.received.checked_sub(done).unwrap();
                assert!(over <= 1, "{point}:{hit}: {found:?}, {done} done here");
                assert!(found.lost <= 1, "{point}:{hit}: {found:?}");
                let taken = ["jobs: a job is taken", "jobs: a delivery is counted"];
                assert!(found.lost == 1 || !taken.contains(&&*point), "{point}:{hit}: {found:?}");
            }
        }
    });
}

fn answers(role: &mut Role) {
    let server = Server::<u64, u64>::open(role.arg(0)).unwrap();
    server.recv().unwrap().reply(&1).unwrap();
}

#[test]
fn a_call_whose_server_was_killed_counts_as_lost() {
    watchdog(|| {
        let name = fixture::name();
        let client = Client::<u64, u64>::open_or_create(&*name, 4).unwrap();
        let pending = client.submit(&7).unwrap();
        Child::run_crashing("answers", &[&name], "call: a delivery is counted", 1).crash();
        assert!(pending.wait().unwrap_err().is_owner_died());
        assert_eq!(counts(client.statistics()), [1, 0, 1]);
    });
}
