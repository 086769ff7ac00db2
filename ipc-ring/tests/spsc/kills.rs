//! Ends of several threads that are killed and stopped wherever they are.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ipc_hostile::message::Message;
use ipc_mem::{MemoryOptions, Placed, SharedMemory, Tag};
use ipc_ring::spsc::{Receiver, Sender};
use ipc_testkit::{Child, Forked, Part, Rng, Role, fixture, rounds};

pub(crate) const ROLES: &[(&str, Part)] =
    &[("sender killer", sender_killer), ("receiver killer", receiver_killer), ("stopper", stopper)];

const CAPACITY: usize = 16;
const THREADS: usize = 3;

/// Threads that take turns with an end, until the process is killed.
fn forever(turn: impl Fn() + Sync) {
    thread::scope(|scope| {
        (0..THREADS).for_each(|_| {
            scope.spawn(|| {
                loop {
                    turn();
                }
            });
        });
    });
}

fn pause(rng: &mut Rng) {
    let end = Instant::now() + rng.duration(Duration::ZERO..Duration::from_micros(300));
    while Instant::now() < end {
        thread::yield_now();
    }
}

/// Receives what senders send that are killed, one after the other.
fn sender_killer(role: &mut Role) {
    let (name, kills) = (role.arg(0).to_owned(), role.arg(1).parse::<u64>().unwrap());
    let receiver = Receiver::<Message>::create(&*name, CAPACITY).unwrap();
    let (mut rng, mut next, mut longest) = (Rng::new(), 0, Duration::ZERO);
    for kill in 0..kills {
        let mut victim = Forked::run(|| {
            let sender = Mutex::new(Sender::<Message>::open(&*name).unwrap());
            forever(|| {
                let sender = sender.lock().unwrap();
                sender.send(&Message::new(sender.sent())).unwrap();
            });
        });
        receiver.wait_for_sender();
        let some = 1 + rng.below(40);
        for _ in 0..some {
            assert_eq!(receiver.recv().unwrap().unwrap().checked(), next, "kill {kill}");
            next += 1;
        }
        if kill % 2 == 0 {
            pause(&mut rng);
        }
        victim.kill();
        let killed = Instant::now();
        while let Some(message) = receiver.recv().unwrap() {
            assert_eq!(message.checked(), next, "kill {kill}");
            next += 1;
        }
        longest = longest.max(killed.elapsed());
        if kill % 64 == 0 {
            role.say("going on");
        }
    }
    role.say(&format!(
        "done: {kills} senders of {THREADS} threads killed, {next} messages once each, the death \
         known after {longest:?} at most"
    ));
}

#[test]
fn senders_that_are_killed_lose_and_repeat_no_message() {
    Child::run("sender killer", &[&fixture::name(), &rounds(100, 10_000).to_string()]).figures();
}

/// Sends to receivers that are killed, one after the other.
fn receiver_killer(role: &mut Role) {
    let (name, kills) = (role.arg(0).to_owned(), role.arg(1).parse::<u64>().unwrap());
    let handled = SharedMemory::create(role.arg(2), MemoryOptions::new(4096).content(Tag::BARE));
    // The number of messages handled, and how often one was handled again.
    let handled = Placed::<[AtomicU64; 2], _>::create_in(handled.unwrap()).unwrap();
    let sender = Sender::<Message>::create(&*name, CAPACITY).unwrap();
    let mut rng = Rng::new();
    for kill in 0..kills {
        let mut victim = Forked::run(|| {
            let receiver = Mutex::new(Receiver::<Message>::open(&*name).unwrap());
            forever(|| {
                let receiver = receiver.lock().unwrap();
                let message = receiver.peek().unwrap().unwrap();
                let (number, last) = (message.checked(), handled[0].load(Ordering::SeqCst));
                assert_eq!(number, receiver.received());
                assert!(number == last || number + 1 == last, "{number} after {last}");
                if number == last {
                    handled[0].store(number + 1, Ordering::SeqCst);
                } else {
                    handled[1].fetch_add(1, Ordering::SeqCst);
                }
                (0..300).for_each(|_| std::hint::spin_loop());
                receiver.release();
            });
        });
        sender.wait_for_receiver();
        for _ in 0..1 + rng.below(40) {
            sender.send(&Message::new(sender.sent())).unwrap();
        }
        if kill % 2 == 0 {
            pause(&mut rng);
        }
        victim.kill();
        let patience = Duration::from_secs(30);
        while let Ok(true) = sender.send_timeout(&Message::new(sender.sent()), patience) {}
        assert!(sender.send(&Message::new(sender.sent())).unwrap_err().is_closed(), "kill {kill}");
        if kill % 64 == 0 {
            role.say("going on");
        }
    }
    let receiver = Receiver::<Message>::open(&*name).unwrap();
    let (mut number, last) = (receiver.received(), handled[0].load(Ordering::SeqCst));
    assert!(number == last || number + 1 == last, "{number} after {last}");
    let total = sender.sent();
    drop(sender);
    while let Some(message) = receiver.recv().unwrap() {
        assert_eq!(message.checked(), number);
        number += 1;
    }
    assert_eq!(number, total, "a message is lost");
    let again = handled[1].load(Ordering::SeqCst);
    role.say(&format!(
        "done: {kills} receivers of {THREADS} threads killed, {total} messages, {again} of them \
         killed between handling and release"
    ));
}

#[test]
fn receivers_that_are_killed_leave_every_message_to_the_next() {
    let kills = rounds(100, 10_000).to_string();
    Child::run("receiver killer", &[&fixture::name(), &kills, &fixture::name()]).figures();
}

/// Stops a sender wherever it is. No other takes its place, and nothing is lost.
fn stopper(role: &mut Role) {
    let (name, stops) = (role.arg(0).to_owned(), role.arg(1).parse::<u64>().unwrap());
    let receiver = Receiver::<Message>::create(&*name, CAPACITY).unwrap();
    let mut victim = Forked::run(|| {
        let sender = Mutex::new(Sender::<Message>::open(&*name).unwrap());
        forever(|| {
            let sender = sender.lock().unwrap();
            sender.send(&Message::new(sender.sent())).unwrap();
        });
    });
    let mut next = 0;
    let mut wanted = |receiver: &Receiver<Message>, time| {
        let found = receiver.recv_timeout(time).unwrap();
        if let Some(message) = found {
            assert_eq!(message.checked(), next);
            next += 1;
        }
        found.is_some()
    };
    for stop in 0..stops {
        (0..100).for_each(|_| assert!(wanted(&receiver, Duration::from_secs(30))));
        victim.stop();
        assert!(Sender::<Message>::open(&*name).unwrap_err().is_busy(), "stop {stop}");
        while wanted(&receiver, Duration::from_millis(5)) {}
        victim.cont();
    }
    role.say(&format!("done: {stops} stops, {next} messages once each"));
}

#[test]
fn a_sender_that_is_stopped_keeps_its_end_and_loses_nothing() {
    Child::run("stopper", &[&fixture::name(), &rounds(20, 1_000).to_string()]).figures();
}
