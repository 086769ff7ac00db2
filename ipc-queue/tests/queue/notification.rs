//! Signals that tell of messages. They come to a process, so processes of their own receive them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ipc_core::{Errno, Signal};
use ipc_queue::{MessageQueue, QueueOptions};
use ipc_testkit::{Child, Forked, Part, Role, fixture, watchdog};

use crate::common::queue;
use crate::sys;

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("told", told),
    ("consumer", consumer),
    ("second", second),
    ("forking consumer", forking_consumer),
    ("forking among threads", forking_among_threads),
];

const URGENT: Signal = Signal::URG; // does nothing unless it is received

fn told(role: &mut Role) {
    let queue = MessageQueue::open(role.arg(0)).unwrap();
    let signal = Signal::realtime(1).unwrap();
    sys::block(signal);
    let mut news = queue.notify(signal, -42).unwrap();
    role.say("ready");
    let (code, sender, value) = sys::take_signal(signal);
    assert_eq!((code, sender.to_string(), value), (libc::SI_MESGQ, role.arg(1).to_owned(), -42));
    // Once: what came later gave no signal, and is here.
    role.say("told");
    role.wait_for("go on");
    let got: Vec<_> = news.messages().unwrap().map(|message| message.unwrap().bytes).collect();
    assert_eq!(got, [b"urgent".to_vec(), b"first".to_vec()]);
    // And the next is announced again.
    role.say("ready");
    assert_eq!(sys::take_signal(signal).2, -42);
    assert_eq!(news.messages().unwrap().count(), 1);
    assert_eq!(news.queue().len().unwrap(), 0);
}

#[test]
fn the_first_message_to_an_empty_queue_is_told_with_the_value_and_the_sender() {
    watchdog(|| {
        let name = fixture::name();
        let queue = queue(&name, 4);
        let mut child = Child::run("told", &[&name, &std::process::id().to_string()]);
        child.wait_for("ready");
        queue.send(b"first", 0).unwrap();
        child.wait_for("told");
        queue.send(b"urgent", 1).unwrap();
        child.tell("go on");
        child.wait_for("ready");
        queue.send(b"again", 0).unwrap();
        child.finish();
    });
}

/// If one were missed, nobody would receive it: this would wait for ever.
fn consumer(role: &mut Role) {
    let queue = MessageQueue::open(role.arg(0)).unwrap();
    sys::block(Signal::USR1);
    let mut news = queue.notify(Signal::USR1, 0).unwrap();
    role.say("ready");
    let mut next = 0_u32;
    while next < role.arg(1).parse().unwrap() {
        sys::take_signal(Signal::USR1);
        for message in news.messages().unwrap() {
            assert_eq!(message.unwrap().bytes, next.to_le_bytes());
            next += 1;
        }
    }
}

#[test]
fn no_message_is_missed_however_fast_they_come() {
    const COUNT: u32 = 3000;
    watchdog(|| {
        let name = fixture::name();
        let queue = MessageQueue::create(&*name, QueueOptions::new(10, 4)).unwrap();
        let mut child = Child::run("consumer", &[&name, &COUNT.to_string()]);
        child.wait_for("ready");
        for number in 0..COUNT {
            queue.send(&number.to_le_bytes(), 0).unwrap();
            // Now and then let it find the queue empty.
            while number % 7 == 0 && !queue.is_empty().unwrap() {
                std::thread::yield_now();
            }
        }
        child.finish();
    });
}

fn second(role: &mut Role) {
    let queue = MessageQueue::open(role.arg(0)).unwrap();
    loop {
        match role.hear().as_str() {
            "busy" => {
                let err = queue.notify(URGENT, 0).unwrap_err();
                assert!(err.is_busy());
                assert_eq!((err.errno(), err.call(), err.object()), (Some(Errno::EBUSY), "mq_notify", role.arg(0)));
                role.say("it is");
            }
            "take" => {
                let order = queue.notify(URGENT, 0).unwrap();
                role.say("taken");
                role.wait_for("give");
                drop(order);
                role.say("given");
            }
            _ => return,
        }
    }
}

#[test]
fn one_at_a_time_is_told_until_it_lets_go() {
    watchdog(|| {
        let name = fixture::name();
        let queue = queue(&name, 2);
        let mut child = Child::run("second", &[&name]);
        let mut ask = |what, answer| {
            child.tell(what);
            child.wait_for(answer);
        };
        let mut ours = queue.notify(URGENT, 0).unwrap();
        assert!(queue.notify(URGENT, 0).unwrap_err().is_busy()); // and leaves the first one alone
        ask("busy", "it is");
        assert_eq!(ours.messages().unwrap().count(), 0); // given anew although it was still given
        ask("busy", "it is");
        drop(ours);
        ask("take", "taken");
        assert!(queue.notify(URGENT, 0).unwrap_err().is_busy());
        ask("give", "given");
        // Once told, the place is free: somebody else may take it, and the next attempt says so.
        let mut ours = queue.notify(URGENT, 0).unwrap();
        queue.send(b"x", 0).unwrap();
        ask("take", "taken");
        assert!(ours.messages().unwrap_err().is_busy());
        drop(ours); // which is not theirs to end
        assert!(queue.notify(URGENT, 0).unwrap_err().is_busy());
        ask("give", "given");
        child.tell("end");
        child.finish();
    });
}

fn forking_consumer(role: &mut Role) {
    let queue = MessageQueue::open(role.arg(0)).unwrap();
    let mut order = Some(queue.notify(URGENT, 0).unwrap());
    assert_eq!(sys::fork(|| drop(order.take())), 0);
    assert!(queue.notify(URGENT, 0).unwrap_err().is_busy());
    drop(order);
    drop(queue.notify(URGENT, 0).unwrap());
    // Whoever ends lets go.
    std::mem::forget(queue.notify(URGENT, 0).unwrap());
}

#[test]
fn an_order_is_its_processs_own() {
    let name = fixture::name();
    let queue = queue(&name, 1);
    watchdog(|| Child::run("forking consumer", &[&name]).finish());
    drop(queue.notify(URGENT, 0).unwrap());
}

/// As the kernel has it, and as the documentation says.
#[test]
fn an_order_ends_when_its_process_closes_another_handle_and_can_be_given_anew() {
    let name = fixture::name();
    let queue = queue(&name, 1);
    let mut ours = queue.notify(URGENT, 0).unwrap();
    drop(MessageQueue::open(&*name).unwrap());
    let second = queue.notify(URGENT, 0).unwrap();
    drop(second);
    assert_eq!(ours.messages().unwrap().count(), 0);
    assert!(queue.notify(URGENT, 0).unwrap_err().is_busy());
}

/// Has the standing order obeyed, which leaves the place free.
fn obeyed(queue: &MessageQueue) {
    queue.send(b"x", 0).unwrap();
    queue.recv().unwrap();
}

#[test]
fn an_older_notification_neither_ends_nor_replaces_a_newer_one() {
    let name = fixture::name();
    let queue = queue(&name, 1);
    let is_given = || queue.notify(URGENT, 0).is_err_and(|err| err.is_busy());
    let mut old = queue.notify(URGENT, 0).unwrap();
    obeyed(&queue);
    let mut new = queue.notify(URGENT, 0).unwrap();
    assert!(old.messages().unwrap_err().is_busy());
    assert_eq!(new.messages().unwrap().count(), 0); // which replaces its own
    // The place is free for the older as well; then that is the newer.
    obeyed(&queue);
    assert_eq!(old.messages().unwrap().count(), 0);
    assert!(new.messages().unwrap_err().is_busy());
    drop(new);
    assert!(is_given());
    assert_eq!(old.messages().unwrap().count(), 0);
    obeyed(&queue);
    let new = queue.notify(URGENT, 0).unwrap();
    drop(old);
    assert!(is_given());
    drop(new);
    assert!(!is_given());
}

#[test]
fn whoever_drops_a_notification_ends_none_that_another_thread_gives_just_then() {
    let name = fixture::name();
    let queue = queue(&name, 2);
    let give_and_drop = || {
        let mut given = 0;
        while given < 100_000 {
            if let Ok(order) = queue.notify(URGENT, 0) {
                assert!(queue.notify(URGENT, 0).unwrap_err().is_busy(), "ended by the other thread");
                queue.send(b"x", 0).unwrap(); // which obeys it, so the other may give one now
                drop(order);
                queue.recv().unwrap();
                given += 1;
            }
        }
    };
    watchdog(|| {
        thread::scope(|scope| {
            scope.spawn(give_and_drop);
            give_and_drop();
        });
    });
}

/// What one thread of the parent holds at the fork is held for ever in the child, where that thread is not.
fn forking_among_threads(role: &mut Role) {
    let queue = MessageQueue::open(role.arg(0)).unwrap();
    let mut order = Some(queue.notify(URGENT, 0).unwrap());
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                assert!(queue.notify(URGENT, 0).unwrap_err().is_busy());
            }
        });
        for _ in 0..100 {
            Forked::run(|| drop(order.take())).finish();
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_forked_child_that_drops_a_notification_waits_for_no_thread_of_its_parent() {
    let name = fixture::name();
    let _queue = queue(&name, 1);
    watchdog(|| Child::run("forking among threads", &[&name]).finish());
}
