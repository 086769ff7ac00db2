//! Each message is received, whichever calls are used.

use std::thread;
use std::time::{Duration, Instant};

use std::sync::Mutex;

use ipc_hostile::message::Message;
use ipc_mem::{Fresh, LocalMemory, Memory, MemoryOptions, SharedMemory, Tag};
use ipc_ring::spsc::{Peer, Receiver, Sender};
use ipc_testkit::{LeakCheck, Timed, fixture, rounds, watchdog};

#[test]
fn messages_arrive_in_order_whatever_the_capacity() {
    let count = rounds(4_000, 200_000);
    for capacity in [1, 2, 3, 64] {
        watchdog(|| {
            let name = fixture::name();
            let sender = Sender::<Message>::create(&*name, capacity).unwrap();
            let receiver = Receiver::<Message>::open(&*name).unwrap();
            assert_eq!(sender.capacity(), capacity.next_power_of_two());
            thread::spawn(move || {
                (0..count).for_each(|number| sender.send(&Message::new(number)).unwrap());
            });
            for number in 0..count {
                assert_eq!(receiver.recv().unwrap().unwrap().checked(), number);
            }
            assert_eq!(receiver.recv().unwrap(), None, "the sender is closed");
            assert_eq!(receiver.received(), count);
        });
    }
}

#[test]
fn either_end_may_be_opened_first() {
    let name = fixture::name();
    let check = LeakCheck::of(&name);
    let receiver = Receiver::<u32>::open_or_create(&*name, 8).unwrap();
    assert_eq!(receiver.sender(), Peer::Absent);
    assert_eq!(receiver.try_recv().unwrap(), None, "no sender yet is not the end");
    let sender = Sender::<u32>::open_or_create(&*name, 8).unwrap();
    assert_eq!((sender.receiver(), receiver.sender()), (Peer::Open, Peer::Open));
    sender.send(&7).unwrap();
    assert_eq!(receiver.recv().unwrap(), Some(7));
    drop((sender, receiver));
    Sender::<u32>::unlink(&*name).unwrap();
    check.finish();
}

#[test]
fn a_full_ring_takes_no_message_and_an_empty_one_gives_none() {
    let name = fixture::name();
    let sender = Sender::<u16>::create(&*name, 4).unwrap();
    let receiver = Receiver::<u16>::open(&*name).unwrap();
    for round in 0..3 {
        assert_eq!(sender.try_send_slice(&[1, 2, 3, 4, 5, 6]).unwrap(), 4);
        assert!(!sender.try_send(&5).unwrap(), "round {round}");
        assert!(!sender.send_timeout(&5, Duration::from_millis(1)).unwrap());
        let mut some = [0; 3];
        assert_eq!(receiver.recv_into(&mut some).unwrap(), 3);
        assert_eq!(some, [1, 2, 3]);
        assert!(sender.try_send(&5).unwrap());
        assert_eq!(receiver.try_peek().unwrap(), Some(4));
        assert_eq!(receiver.peek().unwrap(), Some(4), "it is still there");
        assert!(receiver.release());
        assert_eq!(receiver.try_recv().unwrap(), Some(5));
        assert_eq!(receiver.try_recv().unwrap(), None);
        assert!(!receiver.release(), "there is nothing to remove");
        assert_eq!(receiver.try_recv_into(&mut some).unwrap(), 0);
    }
    assert_eq!((sender.sent(), receiver.received()), (15, 15));
}

#[test]
fn slices_longer_than_the_ring_arrive_whole() {
    watchdog(|| {
        let name = fixture::name();
        let sender = Sender::<u64>::create(&*name, 8).unwrap();
        let receiver = Receiver::<u64>::open(&*name).unwrap();
        let all: Vec<u64> = (0..10_000).collect();
        let sent = all.clone();
        thread::spawn(move || sender.send_slice(&sent).unwrap());
        let (mut found, mut some) = (Vec::new(), [0; 5]);
        loop {
            match receiver.recv_into(&mut some).unwrap() {
                0 => break,
                count => found.extend_from_slice(&some[..count]),
            }
        }
        assert_eq!(found, all);
    });
}

#[test]
fn an_end_that_closes_is_an_answer_after_the_last_message() {
    let name = fixture::name();
    let sender = Sender::<u8>::create(&*name, 4).unwrap();
    let receiver = Receiver::<u8>::open(&*name).unwrap();
    sender.send(&1).unwrap();
    drop(sender);
    assert_eq!(receiver.sender(), Peer::Closed);
    assert_eq!(receiver.recv().unwrap(), Some(1));
    assert_eq!(receiver.recv().unwrap(), None);
    assert!(receiver.try_recv().unwrap_err().is_closed());
    assert!(receiver.recv_timeout(Duration::from_secs(60)).unwrap_err().is_closed());
    let sender = Sender::<u8>::open(&*name).unwrap();
    sender.send(&2).unwrap();
    assert_eq!(receiver.recv().unwrap(), Some(2), "another sender continues");
    drop(receiver);
    let refused = sender.send(&3).unwrap_err();
    assert!(
        refused.is_closed() && refused.to_string().contains("the receiver has closed its end"),
        "{refused}"
    );
    let receiver = Receiver::<u8>::open(&*name).unwrap();
    sender.send(&4).unwrap();
    assert_eq!(receiver.recv().unwrap(), Some(4));
}

#[test]
fn an_end_that_closes_wakes_the_other_one() {
    watchdog(|| {
        let name = fixture::name();
        let sender = Sender::<u8>::create(&*name, 1).unwrap();
        let receiver = Receiver::<u8>::open(&*name).unwrap();
        let waits = thread::spawn(move || receiver.recv().map(|found| found.is_none()));
        drop(sender);
        assert!(waits.join().unwrap().unwrap());
        let name = fixture::name();
        let sender = Sender::<u8>::create(&*name, 1).unwrap();
        let receiver = Receiver::<u8>::open(&*name).unwrap();
        sender.send(&1).unwrap();
        let waits = thread::spawn(move || sender.send(&2));
        drop(receiver);
        assert!(waits.join().unwrap().unwrap_err().is_closed());
    });
}

#[test]
fn no_wait_of_an_end_ends_before_its_time() {
    let (full, empty) = (fixture::name(), fixture::name());
    let sender = Sender::<u8>::create(&*full, 1).unwrap();
    sender.send(&1).unwrap();
    let receiver = Receiver::<u8>::create(&*empty, 1).unwrap();
    let (sender, receiver) = (Mutex::new(sender), Mutex::new(receiver));
    let calls = [
        Timed::new(
            "send",
            |time| sender.lock().unwrap().send_timeout(&2, time).unwrap(),
            |moment| sender.lock().unwrap().send_deadline(&2, moment).unwrap(),
        ),
        Timed::new(
            "recv",
            |time| receiver.lock().unwrap().recv_timeout(time).unwrap().is_some(),
            |moment| receiver.lock().unwrap().recv_deadline(moment).unwrap().is_some(),
        ),
    ];
    Timed::never_early(&calls, rounds(10, 500));
}

#[test]
fn a_ring_that_is_another_is_refused_and_the_error_says_how() {
    let name = fixture::name();
    let receiver = Receiver::<Message>::create(&*name, 8).unwrap();
    let told = |err: ipc_core::Error, what: &str| {
        assert!(err.is_mismatch() && err.to_string().contains(what), "{err}");
    };
    told(Sender::<u64>::open(&*name).unwrap_err(), "found struct");
    told(
        Sender::<Message>::open_or_create(&*name, 16).unwrap_err(),
        "a capacity of 8, wanted a capacity of 16",
    );
    told(ipc_ring::spsc::bytes::Sender::open(&*name).unwrap_err(), "not a ring of bytes");
    assert_eq!(receiver.sender(), Peer::Absent, "a refused sender opened nothing");
    let bare = fixture::name();
    let _memory =
        SharedMemory::create(&*bare, MemoryOptions::new(4096).content(Tag::BARE)).unwrap();
    told(Sender::<u64>::open(&*bare).unwrap_err(), "found bare memory, wanted a ring");
}

#[test]
fn capacities_that_cannot_be_are_refused() {
    for capacity in [0, usize::MAX, (1 << 32) + 1] {
        let name = fixture::name();
        let err = Sender::<u64>::create(&*name, capacity).unwrap_err();
        assert!(err.is_invalid_argument() && err.to_string().contains("capacity"), "{err}");
        assert!(Sender::<u64>::open(&*name).unwrap_err().is_not_found(), "nothing is left");
    }
    let memory: Fresh<LocalMemory> = LocalMemory::new(1024).unwrap();
    let err = Sender::<u64, _>::create_in(memory, 1024).unwrap_err();
    assert!(err.is_invalid_argument(), "{err}");
}

#[test]
fn a_ring_lives_in_any_memory() {
    let sender = Sender::<u64, _>::create_in(LocalMemory::new(4096).unwrap(), 256).unwrap();
    assert_eq!(sender.try_send_slice(&[1; 300]).unwrap(), 256);
    assert_eq!(sender.memory().size(), 4096);
}

#[test]
fn a_deadline_that_has_passed_takes_what_is_there() {
    let name = fixture::name();
    let sender = Sender::<u8>::create(&*name, 1).unwrap();
    let receiver = Receiver::<u8>::open(&*name).unwrap();
    assert!(sender.send_deadline(&1, Instant::now()).unwrap());
    assert_eq!(receiver.recv_deadline(Instant::now()).unwrap(), Some(1));
    assert_eq!(receiver.recv_deadline(Instant::now()).unwrap(), None);
}
