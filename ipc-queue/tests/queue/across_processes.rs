//! Several processes at one queue, some of which are killed or interrupted by signals.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use ipc_queue::{Carrier, MessageQueue, QueueOptions, Receiver, Select, Sender, SysvQueue};
use ipc_testkit::{Child, Part, Rng, Role, Storm, fixture, kill_at_random, watchdog};

use crate::common::{is_in, queue, sleeps, sysv, wait_until_in};
use crate::sys;

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("waiter", waiter),
    ("typed waiter", typed_waiter),
    ("victim", victim),
    ("sysv victim", sysv_victim),
    ("echo", echo),
    ("sysv echo", sysv_echo),
];

fn id(role: &Role, index: usize) -> i32 {
    role.arg(index).parse().unwrap()
}

fn waiter(role: &mut Role) {
    let queue = MessageQueue::open(role.arg(0)).unwrap();
    role.say(&sys::thread_id().to_string());
    let message = queue.recv().unwrap();
    role.say(&String::from_utf8(message.bytes).unwrap());
}

fn typed_waiter(role: &mut Role) {
    let queue = SysvQueue::open_id(id(role, 0)).unwrap();
    role.say(&sys::thread_id().to_string());
    let message = queue.recv(Select::Type(role.arg(1).parse().unwrap())).unwrap();
    role.say(&String::from_utf8(message.bytes).unwrap());
}

/// Starts a child in a role, and returns when it waits for a message.
fn wait_in(call: i64, role: &str, args: &[&str]) -> (Child, i32) {
    let mut child = Child::run(role, args);
    let tid = child.hear().parse().unwrap();
    wait_until_in(call, child.pid(), tid);
    (child, tid)
}

/// Sends messages one after the other, and checks that each wakes one process and no other.
fn each_wakes_one(call: i64, waiters: Vec<(Child, i32)>, send: impl Fn(usize, &str)) {
    let mut waiters: Vec<_> =
        waiters.into_iter().map(|(child, tid)| (sleeps(child.pid(), tid), child, tid)).collect();
    for i in 0..waiters.len() {
        let text = format!("message {i}");
        send(i, &text);
        let (_, mut woken, _) = waiters.remove(0);
        woken.wait_for(&text);
        woken.finish();
        for (before, asleep, tid) in &waiters {
            assert!(is_in(call, asleep.pid(), *tid));
            assert_eq!(sleeps(asleep.pid(), *tid), *before);
        }
    }
}

#[test]
fn a_message_wakes_exactly_one_process_the_one_that_waited_longest() {
    watchdog(|| {
        let name = fixture::name();
        let queue = queue(&name, 10);
        let call = libc::SYS_mq_timedreceive;
        let waiters = (0..3).map(|_| wait_in(call, "waiter", &[&name])).collect();
        each_wakes_one(call, waiters, |_, text| queue.send(text.as_bytes(), 0).unwrap());
        assert!(queue.is_empty().unwrap());
    });
}

#[test]
fn a_message_wakes_exactly_one_of_the_processes_that_wait_for_its_type() {
    watchdog(|| {
        let queue = sysv();
        let (call, id) = (libc::SYS_msgrcv, queue.id().to_string());
        let kinds = ["1", "2", "1", "3"];
        let waiters = kinds.map(|kind| wait_in(call, "typed waiter", &[&id, kind]));
        each_wakes_one(call, waiters.into(), |i, text| {
            queue.send(text.as_bytes(), kinds[i].parse().unwrap()).unwrap();
        });
    });
}

#[test]
fn a_receiver_killed_during_its_wait_loses_no_message() {
    watchdog(|| {
        let name = fixture::name();
        let (queue, sysv) = (queue(&name, 1), sysv());
        wait_in(libc::SYS_mq_timedreceive, "waiter", &[&name]).0.kill();
        queue.send(b"x", 0).unwrap();
        assert_eq!(queue.try_recv().unwrap().unwrap().bytes, b"x");
        wait_in(libc::SYS_msgrcv, "typed waiter", &[&sysv.id().to_string(), "1"]).0.kill();
        sysv.send(b"x", 1).unwrap();
        assert_eq!(sysv.try_recv(Select::Any).unwrap().unwrap().bytes, b"x");
    });
}

/// Forwards every number that it receives, until it is killed.
fn tell<Q: Carrier>(role: &mut Role, from: Receiver<u64, Q>, to: Sender<u64, Q>) {
    role.say("receiving");
    loop {
        let (number, tag) = from.recv().unwrap();
        to.send(number, tag).unwrap();
    }
}

fn victim(role: &mut Role) {
    let open = |index| MessageQueue::open(role.arg(index)).unwrap();
    let (from, to) = (Receiver::new(open(0)).unwrap(), Sender::new(open(1)).unwrap());
    tell(role, from, to);
}

fn sysv_victim(role: &mut Role) {
    let open = |index| SysvQueue::open_id(id(role, index)).unwrap();
    let (from, to) = (Receiver::new(open(0)).unwrap(), Sender::new(open(1)).unwrap());
    tell(role, from, to);
}

/// Sends numbers to receivers that are killed one after the other: all arrive, in order, except at
/// most the one that each receiver held when it was killed.
fn survives<Q: Carrier + Sync>(numbers: Q, told: Q, tag: Q::Tag, start: impl Fn() -> Child) {
    const KILLS: u64 = 25;
    let (sender, receiver) =
        (Sender::<u64, Q>::new(numbers).unwrap(), Receiver::<u64, Q>::new(told).unwrap());
    let end = AtomicBool::new(false);
    let tick = Duration::from_millis(1);
    let told = thread::scope(|scope| {
        let feeding = scope.spawn(|| {
            let (mut next, mut told) = (0, Vec::new());
            while !end.load(Ordering::Relaxed) {
                next += u64::from(sender.send_timeout(next, tag, tick).is_ok());
                told.extend(
                    std::iter::from_fn(|| receiver.try_recv().unwrap()).map(|(number, _)| number),
                );
            }
            (next, told)
        });
        let mut rng = Rng::new();
        for _ in 0..KILLS {
            let mut child = start();
            child.wait_for("receiving");
            kill_at_random(child, &mut rng, Duration::ZERO..tick * 4);
        }
        end.store(true, Ordering::Relaxed);
        feeding.join().unwrap()
    });
    let (sent, mut told) = told;
    // The next receiver finds a queue that works.
    let mut last = start();
    last.wait_for("receiving");
    sender.send(sent, tag).unwrap();
    while told.last() != Some(&sent) {
        told.push(receiver.recv().unwrap().0);
    }
    last.kill();
    assert!(told.is_sorted_by(|a, b| a < b), "{told:?}");
    let lost = sent + 1 - told.len() as u64;
    assert!(lost <= KILLS, "{lost} of {sent} messages lost");
    assert!(sent > 0);
}

#[test]
fn receivers_killed_at_any_moment_leave_a_posix_queue_intact() {
    watchdog(|| {
        let (there, back) = (fixture::tagged("there"), fixture::tagged("back"));
        survives(queue(&there, 4), queue(&back, 4), 0, || Child::run("victim", &[&there, &back]));
    });
}

#[test]
fn receivers_killed_at_any_moment_leave_a_system_v_queue_intact() {
    watchdog(|| {
        let (there, back) = (sysv(), sysv());
        let ids = [there.id().to_string(), back.id().to_string()];
        survives(there, back, 1, || Child::run("sysv victim", &[&ids[0], &ids[1]]));
    });
}

/// Sends back each message that it receives, until an empty one.
fn echo(role: &mut Role) {
    let open = |index| MessageQueue::open(role.arg(index)).unwrap();
    let (from, to) = (open(0), open(1));
    let storm = Storm::start(1000);
    loop {
        let message = from.recv().unwrap();
        to.send(&message.bytes, message.priority).unwrap();
        if message.bytes.is_empty() {
            break;
        }
    }
    assert!(storm.deliveries() > 0);
}

fn sysv_echo(role: &mut Role) {
    let open = |index| SysvQueue::open_id(id(role, index)).unwrap();
    let (from, to) = (open(0), open(1));
    let storm = Storm::start(1000);
    loop {
        let message = from.recv(Select::Any).unwrap();
        to.send(&message.bytes, message.kind).unwrap();
        if message.bytes.is_empty() {
            break;
        }
    }
    assert!(storm.deliveries() > 0);
}

/// Signals interrupt every wait of both sides; no message is lost, duplicated or out of order.
#[test]
fn a_storm_of_signals_loses_no_message_of_a_posix_queue() {
    watchdog(|| {
        let (there, back) = (fixture::tagged("there"), fixture::tagged("back"));
        let small = QueueOptions::new(1, 8);
        let (to, from) = (
            MessageQueue::create(&*there, small).unwrap(),
            MessageQueue::create(&*back, small).unwrap(),
        );
        let child = Child::run("echo", &[&there, &back]);
        let storm = Storm::start(1000);
        for number in 0_u64.. {
            to.send(&number.to_le_bytes(), 5).unwrap();
            assert_eq!(from.recv().unwrap().bytes, number.to_le_bytes());
            if storm.deliveries() >= 200 {
                break;
            }
        }
        to.send(b"", 0).unwrap();
        assert_eq!(from.recv().unwrap().bytes, b"");
        child.finish();
    });
}

#[test]
fn a_storm_of_signals_loses_no_message_of_a_system_v_queue() {
    watchdog(|| {
        let (to, from) = (sysv(), sysv());
        let child = Child::run("sysv echo", &[&to.id().to_string(), &from.id().to_string()]);
        let storm = Storm::start(1000);
        for number in 0_u64.. {
            to.send(&number.to_le_bytes(), 5).unwrap();
            assert_eq!(from.recv(Select::Type(5)).unwrap().bytes, number.to_le_bytes());
            if storm.deliveries() >= 200 {
                break;
            }
        }
        to.send(b"", 1).unwrap();
        assert_eq!(from.recv(Select::Any).unwrap().bytes, b"");
        child.finish();
    });
}
