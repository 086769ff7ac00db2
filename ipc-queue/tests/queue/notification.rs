//! Signals that announce messages. They are sent to a process, so roles receive them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ipc_core::{Errno, Signal};
use ipc_queue::{MessageQueue, QueueOptions};
use ipc_testkit::{Child, Forked, Part, Role, fixture, watchdog};

use crate::common::queue;
use crate::sys;

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("told", told),
    ("wide values", wide_values),
    ("consumer", consumer),
    ("second", second),
    ("forking consumer", forking_consumer),
    ("forking among threads", forking_among_threads),
];

/// The kernel would kill or stop the process with the next message.
#[test]
fn a_signal_that_no_process_can_handle_is_refused() {
    let name = fixture::name();
    let queue = queue(&name, 1);
    for signal in [Signal::KILL, Signal::STOP] {
        let err = queue.notify(signal, 0).unwrap_err();
        assert!(err.is_invalid_argument() && err.object() == &*name, "{err}");
        assert!(err.to_string().contains(&signal.to_string()), "{err}");
    }
    drop(queue.notify(URGENT, 0).unwrap()); // nothing was registered
}

const URGENT: Signal = Signal::URG; // discarded unless it is received

fn told(role: &mut Role) {
    let queue = MessageQueue::open(role.arg(0)).unwrap();
    let signal = Signal::realtime(1).unwrap();
    sys::block(signal);
    let mut news = queue.notify(signal, -42).unwrap();
    role.say("ready");
    let (code, sender, value) = sys::take_signal(signal);
    assert_eq!((code, sender.to_string(), value), (libc::SI_MESGQ, role.arg(1).to_owned(), -42));
    // One registration sends one signal; later messages sent none, and are in the queue.
    role.say("told");
    role.wait_for("go on");
    let got: Vec<_> = news.messages().unwrap().map(|message| message.unwrap().bytes).collect();
    assert_eq!(got, [b"urgent".to_vec(), b"first".to_vec()]);
    // The next message is announced again.
    role.say("ready");
    assert_eq!(sys::take_signal(signal).2, -42);
    assert_eq!(news.messages().unwrap().count(), 1);
    assert_eq!(news.queue().len().unwrap(), 0);
}

#[test]
fn the_first_message_to_an_empty_queue_sends_a_signal_with_the_value() {
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

#[test]
fn a_value_of_64_bits_arrives_whole_and_an_i32_sign_extended() {
    watchdog(|| Child::run("wide values", &[&fixture::name()]).finish());
}

fn wide_values(role: &mut Role) {
    let queue = MessageQueue::create(role.arg(0), QueueOptions::new(1, 1)).unwrap();
    MessageQueue::unlink(role.arg(0)).unwrap();
    let signal = Signal::realtime(1).unwrap();
    sys::block(signal);
    let announced = |news: ipc_core::Result<ipc_queue::Notification<'_>>| {
        let _news = news.unwrap();
        queue.send(b"", 0).unwrap();
        queue.recv().unwrap();
        sys::take_signal(signal).2
    };
    assert_eq!(announced(queue.notify(signal, -7)), -7);
    assert_eq!(announced(queue.notify(signal, i64::MIN + 1)), i64::MIN + 1);
    assert_eq!(announced(queue.notify(signal, u32::MAX)), u32::MAX.into());
}

/// A message that is missed would never be received, and this would wait for ever.
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
            // From time to time, let the consumer empty the queue.
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
                assert_eq!(
                    (err.errno(), err.call(), err.object().split(',').next().unwrap()),
                    (Some(Errno::EBUSY), "mq_notify", role.arg(0))
                );
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
fn one_process_at_a_time_is_registered_until_it_drops_that() {
    watchdog(|| {
        let name = fixture::name();
        let queue = queue(&name, 2);
        let mut child = Child::run("second", &[&name]);
        let mut ask = |what, answer| {
            child.tell(what);
            child.wait_for(answer);
        };
        let mut ours = queue.notify(URGENT, 0).unwrap();
        assert!(queue.notify(URGENT, 0).unwrap_err().is_busy()); // which leaves the first one alone
        ask("busy", "it is");
        assert_eq!(ours.messages().unwrap().count(), 0); // registered again although it still was
        ask("busy", "it is");
        drop(ours);
        ask("take", "taken");
        assert!(queue.notify(URGENT, 0).unwrap_err().is_busy());
        ask("give", "given");
        // After the signal the place is free: another process takes it, and the next attempt fails.
        let mut ours = queue.notify(URGENT, 0).unwrap();
        queue.send(b"x", 0).unwrap();
        ask("take", "taken");
        assert!(ours.messages().unwrap_err().is_busy());
        drop(ours); // which does not end theirs
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
    // The registration ends with the process.
    std::mem::forget(queue.notify(URGENT, 0).unwrap());
}

#[test]
fn a_registration_belongs_to_its_process() {
    let name = fixture::name();
    let queue = queue(&name, 1);
    watchdog(|| Child::run("forking consumer", &[&name]).finish());
    drop(queue.notify(URGENT, 0).unwrap());
}

/// The kernel does this, and the documentation says so.
#[test]
fn closing_another_handle_ends_a_registration_which_can_be_renewed() {
    let name = fixture::name();
    let queue = queue(&name, 1);
    let mut ours = queue.notify(URGENT, 0).unwrap();
    drop(MessageQueue::open(&*name).unwrap());
    let second = queue.notify(URGENT, 0).unwrap();
    drop(second);
    assert_eq!(ours.messages().unwrap().count(), 0);
    assert!(queue.notify(URGENT, 0).unwrap_err().is_busy());
}

/// Uses up the registration, which leaves the place free.
fn use_up(queue: &MessageQueue) {
    queue.send(b"x", 0).unwrap();
    queue.recv().unwrap();
}

#[test]
fn an_older_notification_neither_ends_nor_replaces_a_newer_one() {
    let name = fixture::name();
    let queue = queue(&name, 1);
    let is_registered = || queue.notify(URGENT, 0).is_err_and(|err| err.is_busy());
    let mut old = queue.notify(URGENT, 0).unwrap();
    use_up(&queue);
    let mut new = queue.notify(URGENT, 0).unwrap();
    assert!(old.messages().unwrap_err().is_busy());
    assert_eq!(new.messages().unwrap().count(), 0); // which replaces its own registration
    // The older one may take the free place as well, and is the newer one then.
    use_up(&queue);
    assert_eq!(old.messages().unwrap().count(), 0);
    assert!(new.messages().unwrap_err().is_busy());
    drop(new);
    assert!(is_registered());
    assert_eq!(old.messages().unwrap().count(), 0);
    use_up(&queue);
    let new = queue.notify(URGENT, 0).unwrap();
    drop(old);
    assert!(is_registered());
    drop(new);
    assert!(!is_registered());
}

#[test]
fn dropping_a_notification_ends_none_that_another_thread_just_made() {
    let name = fixture::name();
    let queue = queue(&name, 2);
    let register_and_drop = || {
        let mut given = 0;
        while given < 100_000 {
            if let Ok(order) = queue.notify(URGENT, 0) {
                assert!(
                    queue.notify(URGENT, 0).unwrap_err().is_busy(),
                    "ended by the other thread"
                );
                // This uses it up, so the other thread may register now.
                queue.send(b"x", 0).unwrap();
                drop(order);
                queue.recv().unwrap();
                given += 1;
            }
        }
    };
    watchdog(|| {
        thread::scope(|scope| {
            scope.spawn(register_and_drop);
            register_and_drop();
        });
    });
}

/// A lock that another thread of the parent holds at the fork would stay locked in the child.
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
            // The parent is registered, so this fails with EBUSY; it must not block.
            let child = || drop((order.take(), queue.notify(URGENT, 0)));
            Forked::run(child).finish();
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_forked_child_never_waits_for_a_thread_of_its_parent() {
    let name = fixture::name();
    let _queue = queue(&name, 1);
    watchdog(|| Child::run("forking among threads", &[&name]).finish());
}
