//! Each message is received by one receiver, in the order of each sender.

use std::collections::HashMap;
use std::fs::File;
use std::iter;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ipc_hostile::message::Message;
use ipc_mem::LocalMemory;
use ipc_ring::mpmc::{QueueOptions, Received, Receiver, Sender};
use ipc_testkit::{Child, Forked, LeakCheck, Part, Role, Timed, fixture, rounds, watchdog};

pub(crate) const ROLES: &[(&str, Part)] =
    &[("sender", sender), ("parent", parent), ("poller", poller)];

/// Messages of sender `who`, in order.
fn numbered(who: u64, number: u64) -> Message {
    Message::new(who << 32 | number)
}

fn sender(role: &mut Role) {
    let sender = Sender::<Message>::open(role.arg(0)).unwrap();
    let (who, count) = (role.arg(1).parse().unwrap(), role.arg(2).parse().unwrap());
    (0..count).for_each(|number| sender.send(&numbered(who, number)).unwrap());
}

#[test]
fn each_message_is_received_once_and_in_the_order_of_its_sender() {
    watchdog(|| {
        for (capacity, senders, receivers) in [(1, 2, 2), (4, 3, 1), (64, 1, 3), (1024, 4, 4)] {
            let name = fixture::name();
            let queue = Receiver::<Message>::create(&*name, capacity).unwrap();
            let each = rounds(3_000, 200_000);
            let children: Vec<_> = (0..senders)
                .map(|who: u64| Child::run("sender", &[&name, &who.to_string(), &each.to_string()]))
                .collect();
            let total = senders * each;
            let count = AtomicU64::new(0);
            let receive = || {
                let mut last = HashMap::new();
                while count.load(Ordering::SeqCst) < total {
                    let Some(found) = queue.recv_timeout(Duration::from_millis(20)).unwrap() else {
                        continue;
                    };
                    let number = found.message().unwrap().checked();
                    let next = last.entry(number >> 32).or_insert(0);
                    assert!(number & 0xFFFF_FFFF >= *next, "{number:x} after {next}");
                    *next = (number & 0xFFFF_FFFF) + 1;
                    count.fetch_add(1, Ordering::SeqCst);
                }
                last
            };
            thread::scope(|scope| {
                (0..receivers).for_each(|_| {
                    scope.spawn(receive);
                });
            });
            children.into_iter().for_each(Child::finish);
            assert_eq!(queue.try_recv().unwrap(), None, "a message came twice");
        }
    });
}

#[test]
fn a_full_queue_takes_no_message_and_an_empty_one_gives_none() {
    let name = fixture::name();
    let check = LeakCheck::of(&name);
    let queue = Receiver::<u16>::open_or_create(&*name, 4).unwrap();
    let sender = Sender::<u16>::open_or_create(&*name, 4).unwrap();
    for round in 0..5 {
        assert_eq!(queue.try_recv().unwrap(), None);
        (0..4).for_each(|number| assert!(sender.try_send(&number).unwrap(), "round {round}"));
        assert!(!sender.try_send(&4).unwrap());
        assert!(!sender.send_timeout(&4, Duration::from_millis(1)).unwrap());
        let another = Receiver::<u16>::open(&*name).unwrap();
        assert_eq!(another.recv().unwrap(), Received::Message(0));
        assert!(sender.try_send(&4).unwrap());
        (1..5).for_each(|number| assert_eq!(queue.recv().unwrap(), Received::Message(number)));
    }
    drop((queue, sender));
    check.finish();
}

#[test]
fn queues_that_cannot_be_are_refused_and_the_error_says_how() {
    let name = fixture::name();
    for options in [
        QueueOptions::new(0),
        QueueOptions::new(usize::MAX),
        QueueOptions::new(8).senders(0),
        QueueOptions::new(8).senders(4097),
    ] {
        let err = Sender::<u64>::create(&*name, options).unwrap_err();
        assert!(err.is_invalid_argument() && err.to_string().contains("possible"), "{err}");
    }
    let queue = Receiver::<Message>::create(&*name, QueueOptions::new(8).senders(2)).unwrap();
    let told = |err: ipc_core::Error, what: &str| {
        assert!(err.is_mismatch() && err.to_string().contains(what), "{err}");
    };
    told(Sender::<u64>::open(&*name).unwrap_err(), "found struct");
    let other = QueueOptions::new(16).senders(2);
    told(
        Sender::<Message>::open_or_create(&*name, other).unwrap_err(),
        "wanted a capacity of 16 for 2",
    );
    told(ipc_ring::spsc::Sender::<Message>::open(&*name).unwrap_err(), "found a queue");
    let two = [(); 2].map(|()| Sender::<Message>::open(&*name).unwrap());
    let busy = Sender::<Message>::open(&*name).unwrap_err();
    assert!(busy.is_busy() && busy.to_string().contains("2 of 2 senders are open: "), "{busy}");
    drop(two);
    Sender::<Message>::open(&*name).unwrap().send(&Message::new(7)).unwrap();
    assert_eq!(queue.recv().unwrap().message().unwrap().checked(), 7);
}

#[test]
fn no_wait_at_a_queue_ends_before_its_time() {
    let memory = || LocalMemory::new(4096).unwrap();
    let full = Sender::<u8, _>::create_in(memory(), 1).unwrap();
    full.send(&1).unwrap();
    let empty = Receiver::<u8, _>::create_in(memory(), 1).unwrap();
    let calls = [
        Timed::new(
            "send",
            |time| full.send_timeout(&2, time).unwrap(),
            |moment| full.send_deadline(&2, moment).unwrap(),
        ),
        Timed::new(
            "recv",
            |time| empty.recv_timeout(time).unwrap().is_some(),
            |moment| empty.recv_deadline(moment).unwrap().is_some(),
        ),
    ];
    Timed::never_early(&calls, rounds(20, 1_000));
}

fn parent(role: &mut Role) {
    let queue = Receiver::<u64>::create(role.arg(0), QueueOptions::new(8).senders(1)).unwrap();
    let mut copy = Some(Sender::<u64>::open(role.arg(0)).unwrap());
    Forked::run(|| {
        let sender = copy.take().unwrap();
        let refused = sender.send(&1).unwrap_err();
        assert!(refused.is_invalid_argument(), "{refused}");
        drop(sender);
        assert!(Sender::<u64>::open(role.arg(0)).unwrap_err().is_busy());
    })
    .finish();
    copy.take().unwrap().send(&1).unwrap();
    Forked::run(|| assert_eq!(queue.recv().unwrap(), Received::Message(1))).finish();
    assert_eq!(queue.try_recv().unwrap(), None, "a child may receive");
    role.say("done");
}

#[test]
fn a_forked_child_neither_uses_nor_closes_the_sender_of_its_parent() {
    let name = fixture::name();
    let mut child = Child::run("parent", &[&name]);
    child.wait_for("done");
    child.finish();
}

/// Forks while another thread polls, beside a message that is on its way.
fn poller(role: &mut Role) {
    for _ in 0..8 {
        let name = fixture::name();
        let queue = Receiver::<u64>::create(&*name, QueueOptions::new(8).senders(1)).unwrap();
        let mut sending = Forked::run(|| {
            // The loop below may have the slot for a moment.
            let _sender = iter::repeat_with(|| Sender::<u64>::open(&*name)).find(|it| it.is_ok());
            loop {
                thread::park();
            }
        });
        while Sender::<u64>::open(&*name).is_ok() {
            thread::yield_now();
        }
        // As if it were in the middle of its first message.
        let file = File::options().read(true).write(true).open(format!("/dev/shm{}", &*name));
        let file = file.unwrap();
        let mut fixed = [0; 64];
        file.read_exact_at(&mut fixed, 0).unwrap();
        let described = u64::from(u32::from_ne_bytes(std::array::from_fn(|i| fixed[12 + i])));
        let control = (64_u64 + described).next_multiple_of(128);
        let cells = (control + 384 + 8).next_multiple_of(128);
        file.write_all_at(&1_u64.to_ne_bytes(), cells).unwrap();
        let is_over = AtomicBool::new(false);
        let child = thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    assert_eq!(queue.try_recv().unwrap(), None);
                }
            });
            let child = Forked::run(|| {
                let start = Instant::now();
                while queue.try_recv().unwrap() != Some(Received::Lost(1)) {
                    assert!(start.elapsed() < Duration::from_secs(20), "it proves no death");
                }
            });
            is_over.store(true, Ordering::Relaxed);
            child
        });
        sending.kill();
        child.finish();
    }
    role.say("done");
}

#[test]
fn a_child_forked_while_its_parent_polls_proves_deaths_as_well() {
    let mut child = Child::run("poller", &[]);
    child.wait_for("done");
    child.finish();
}
