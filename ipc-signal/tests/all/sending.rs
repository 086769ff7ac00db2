//! Sending, and what arrives.

#![expect(unsafe_code, reason = "sets a limit and a group of processes")]

use std::collections::HashMap;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{self, Command};
use std::thread;

use ipc_core::{ProcessId, UserId};
use ipc_signal::{
    Code, PidFd, Signal, SignalMask, Signals, ThreadId, raise, send, send_to_group, send_to_own_group, send_to_thread,
    send_value, send_value_to_thread, try_wait, wait,
};
use ipc_testkit::{Child, ChildOptions, Part, Role, Root, watchdog};

use crate::play;

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("counter", counter),
    ("sender", sender),
    ("limited", limited),
    ("own group", own_group),
    ("addressee", addressee),
    ("stranger", stranger),
    ("receiving thread", receiving_thread),
];

/// How many each of the two senders sends; also in a debug build.
const EACH: i32 = 100_000;

#[test]
fn a_hundred_thousand_values_from_each_of_two_processes_arrive_complete_and_in_order() {
    play("counter");
}

fn counter(_: &mut Role) {
    // The queue is that of all processes of the user: one that is full of ours would fail others' tests.
    limit_queue(4096);
    let job = Signal::realtime(0).unwrap();
    let mut signals = Signals::block(job).unwrap();
    let me = process::id().to_string();
    let senders = [Child::run("sender", &[&me]), Child::run("sender", &[&me])];
    let mut next: HashMap<ProcessId, i32> = senders.iter().map(|child| (ProcessId::new(child.pid()), 0)).collect();
    for info in signals.by_ref().take(2 * EACH as usize) {
        let info = info.unwrap();
        assert_eq!(info.code(), Code::Queue);
        let next = next.get_mut(&info.process().unwrap()).expect("one of the senders");
        assert_eq!(info.value(), Some(*next));
        *next += 1;
    }
    assert!(next.values().all(|next| *next == EACH), "{next:?}");
    senders.into_iter().for_each(Child::finish);
    assert!(signals.try_recv().unwrap().is_none());
}

fn sender(role: &mut Role) {
    let (to, job) = (ProcessId::new(role.arg(0).parse().unwrap()), Signal::realtime(0).unwrap());
    for value in 0..EACH {
        while let Err(err) = send_value(to, job, value) {
            assert!(err.is_queue_full(), "{err}");
            thread::yield_now();
        }
    }
}

#[test]
fn the_ninth_of_eight_is_queue_full_and_nothing_is_lost() {
    let Some(root) = Root::or_skip("needs a user of its own, since the limit counts for a user") else { return };
    let user = 1_000_000 + process::id();
    let mut child = Child::run(ChildOptions::role("limited").as_user(root, user), &[]);
    child.wait_for("ready");
    let (to, job) = (ProcessId::new(child.pid()), Signal::realtime(0).unwrap());
    for value in 0..8 {
        send_value(to, job, value).unwrap();
    }
    let full = send_value(to, job, 8).unwrap_err();
    assert!(full.is_queue_full() && full.call() == "sigqueue", "{full}");
    assert!(PidFd::open(to).unwrap().send_value(job, 8).unwrap_err().is_queue_full());
    assert!(send_value_to_thread(ThreadId::new(to, to.raw()), job, 8).unwrap_err().is_queue_full());
    send(to, job).unwrap(); // merges, and nobody is told: as documented
    child.tell("receive");
    child.wait_for("received");
    send_value(to, job, 9).unwrap();
    child.tell("receive");
    child.finish();
}

/// Lets this process receive only while its user has no more queued.
fn limit_queue(signals: u64) {
    let limit = libc::rlimit { rlim_cur: signals, rlim_max: signals };
    // SAFETY: the call reads a limit, alive until it returns.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_SIGPENDING, &limit) }, 0);
}

fn limited(role: &mut Role) {
    limit_queue(8);
    let signals = Signals::block(Signal::realtime(0).unwrap()).unwrap();
    role.say("ready");
    role.wait_for("receive");
    for value in 0..8 {
        let info = signals.try_recv().unwrap().unwrap();
        assert_eq!((info.value(), info.user()), (Some(value), Some(UserId::new(0))));
    }
    assert!(signals.try_recv().unwrap().is_none());
    role.say("received");
    role.wait_for("receive");
    assert_eq!(signals.try_recv().unwrap().unwrap().value(), Some(9));
}

#[test]
fn a_group_gets_what_is_sent_to_it() {
    let mut first = Command::new("sleep").arg("3600").process_group(0).spawn().unwrap();
    let mut second = Command::new("sleep").arg("3600").process_group(first.id().cast_signed()).spawn().unwrap();
    let group = ProcessId::from(&first);
    send_to_group(group, Signal::TERM).unwrap();
    for child in [&mut first, &mut second] {
        assert_eq!(watchdog(|| child.wait()).unwrap().signal(), Some(Signal::TERM.raw()));
    }
    assert!(send_to_group(group, Signal::TERM).unwrap_err().is_no_such_process());
    play("own group");
}

fn own_group(_: &mut Role) {
    // SAFETY: the call takes numbers.
    assert_eq!(unsafe { libc::setpgid(0, 0) }, 0);
    let signals = Signals::block(Signal::USR1).unwrap();
    send_to_own_group(Signal::USR1).unwrap();
    assert_eq!(signals.recv().unwrap().process(), Some(ProcessId::current()));
}

#[test]
fn a_descriptor_of_a_process_carries_signals_and_values() {
    let mut child = Child::run("addressee", &[&process::id().to_string()]);
    let process = PidFd::open(child.pid()).unwrap();
    child.wait_for("ready");
    process.send(Signal::USR1).unwrap();
    child.wait_for("got SIGUSR1 User None");
    process.send_value(Signal::USR2, i32::MIN).unwrap();
    child.wait_for("got SIGUSR2 Queue Some(-2147483648)");
    child.finish();
    assert!(process.send(Signal::USR1).unwrap_err().is_no_such_process());
    assert!(process.send_value(Signal::USR1, 0).unwrap_err().is_no_such_process());
}

fn addressee(role: &mut Role) {
    let signals = Signals::block([Signal::USR1, Signal::USR2]).unwrap();
    role.say("ready");
    for _ in 0..2 {
        let info = signals.recv().unwrap();
        assert_eq!(info.process(), Some(ProcessId::new(role.arg(0).parse().unwrap())));
        assert_eq!(info.user(), Some(UserId::real()));
        role.say(&format!("got {} {:?} {:?}", info.signal(), info.code(), info.value()));
    }
}

#[test]
fn another_user_s_process_is_not_to_be_sent_to() {
    let Some(root) = Root::or_skip("needs a second user") else { return };
    let me = process::id().to_string();
    Child::run(ChildOptions::role("stranger").as_user(root, Root::NOBODY), &[&me]).finish();
}

fn stranger(role: &mut Role) {
    let other = ProcessId::new(role.arg(0).parse().unwrap());
    assert!(send(other, Signal::URG).unwrap_err().is_permission_denied());
    assert!(send_value(other, Signal::URG, 0).unwrap_err().is_permission_denied());
    assert!(PidFd::open(other).unwrap().send(Signal::URG).unwrap_err().is_permission_denied());
    let thread = ThreadId::new(other, other.raw());
    assert!(send_to_thread(thread, Signal::URG).unwrap_err().is_permission_denied());
    assert!(send_value_to_thread(thread, Signal::URG, 0).unwrap_err().is_permission_denied());
}

#[test]
fn raise_reaches_this_thread_only() {
    let mask = SignalMask::block(Signal::USR2).unwrap();
    raise(Signal::USR2).unwrap();
    thread::spawn(|| assert!(try_wait(Signal::USR2).unwrap().is_none())).join().unwrap();
    assert!(try_wait(Signal::USR2).unwrap().is_some());
    drop(mask);
}

#[test]
fn values_for_a_thread_of_another_process_reach_that_thread_only_and_in_order() {
    let mut child = Child::run("receiving thread", &[&process::id().to_string()]);
    let thread = ThreadId::new(ProcessId::new(child.pid()), child.hear().parse().unwrap());
    for value in [7, i32::MIN] {
        send_value_to_thread(thread, Signal::realtime(0).unwrap(), value).unwrap();
    }
    child.tell("sent");
    watchdog(|| child.finish());
    let err = send_value_to_thread(thread, Signal::realtime(0).unwrap(), 0).unwrap_err();
    assert!(err.is_no_such_process() && err.call() == "rt_tgsigqueueinfo", "{err}");
    let nobody = ThreadId::new(ProcessId::new(0), 1);
    assert!(send_value_to_thread(nobody, Signal::USR1, 0).unwrap_err().is_invalid_argument());
}

fn receiving_thread(role: &mut Role) {
    let job = Signal::realtime(0).unwrap();
    let _mask = SignalMask::block(job).unwrap();
    let sender = ProcessId::new(role.arg(0).parse().unwrap());
    role.say(&ThreadId::current().raw().to_string());
    role.wait_for("sent");
    thread::spawn(move || assert!(try_wait(job).unwrap().is_none())).join().unwrap();
    for value in [7, i32::MIN] {
        let info = wait(job).unwrap();
        assert_eq!((info.code(), info.process(), info.value()), (Code::Queue, Some(sender), Some(value)));
        assert_eq!(info.user(), Some(UserId::real()));
    }
}
