//! Sending, and what arrives.

#![expect(unsafe_code, reason = "sets a limit and a group of processes")]

use std::collections::HashMap;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{self, Command};
use std::thread;

use ipc_core::{ProcessId, UserId};
use ipc_signal::{
    Code, PidFd, Signal, SignalMask, Signals, ThreadId, probe, probe_group, probe_thread, raise,
    send, send_to_group, send_to_own_group, send_to_thread, send_value, send_value_to_thread,
    try_wait, wait,
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
    ("wide values", wide_values),
];

/// The number of values that each sender sends.
const EACH: i32 = 100_000;

#[test]
fn values_of_two_processes_arrive_completely_and_in_order() {
    play("counter");
}

fn counter(_: &mut Role) {
    // All processes of a user share one limit: a queue full of ours would fail other tests.
    limit_queue(4096);
    let job = Signal::realtime(0).unwrap();
    let mut signals = Signals::block(job).unwrap();
    let me = process::id().to_string();
    let senders = [Child::run("sender", &[&me]), Child::run("sender", &[&me])];
    let mut next: HashMap<ProcessId, i32> =
        senders.iter().map(|child| (ProcessId::new(child.pid()), 0)).collect();
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
    let Some(root) = Root::or_skip("needs a user of its own, since the limit counts for a user")
    else {
        return;
    };
    let user = 1_000_000 + process::id();
    let mut child = Child::run(ChildOptions::role("limited").as_user(root, user), &[]);
    child.wait_for("ready");
    let (to, job) = (ProcessId::new(child.pid()), Signal::realtime(0).unwrap());
    for value in 0..8 {
        send_value(to, job, value).unwrap();
    }
    let full = send_value(to, job, 8).unwrap_err();
    assert!(full.is_queue_full() && full.call() == "sigqueue", "{full}");
    assert!(full.to_string().contains("`ulimit -i`"), "{full}");
    assert!(PidFd::open(to).unwrap().send_value(job, 8).unwrap_err().is_queue_full());
    assert!(send_value_to_thread(ThreadId::new(to, to.raw()), job, 8).unwrap_err().is_queue_full());
    send(to, job).unwrap(); // merges without an error, as documented
    child.tell("receive");
    child.wait_for("received");
    send_value(to, job, 9).unwrap();
    child.tell("receive");
    child.finish();
}

/// Limits how many signals the user of this process may have queued.
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
fn a_signal_to_a_group_reaches_each_process_of_it() {
    let mut first = Command::new("sleep").arg("3600").process_group(0).spawn().unwrap();
    let mut second =
        Command::new("sleep").arg("3600").process_group(first.id().cast_signed()).spawn().unwrap();
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
fn sending_to_a_process_of_another_user_is_refused() {
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
fn a_probe_sends_nothing_and_reports_what_sending_would() {
    let mut child = Command::new("sleep").arg("3600").process_group(0).spawn().unwrap();
    let (id, group) = (child.id(), ProcessId::from(&child));
    let process = PidFd::open(&child).unwrap();
    probe(id).unwrap();
    probe(&child).unwrap();
    probe_group(group).unwrap();
    probe_thread(ThreadId::new(group, group.raw())).unwrap();
    process.probe().unwrap();
    assert!(child.try_wait().unwrap().is_none(), "it was not ended");
    send(id, Signal::KILL).unwrap();
    watchdog(|| child.wait()).unwrap();
    let thread = ThreadId::new(group, group.raw());
    for probed in [probe(id), probe_group(group), probe_thread(thread), process.probe()] {
        let err = probed.unwrap_err();
        assert!(err.is_no_such_process() && err.to_string().contains("signal 0"), "{err}");
    }
    for refused in [probe(0), probe(-1), probe(u32::MAX), probe_group(1)] {
        assert!(refused.unwrap_err().is_invalid_argument());
    }
    probe(process::id()).unwrap();
    probe_thread(ThreadId::current()).unwrap();
}

#[test]
fn a_value_of_64_bits_arrives_whole_by_every_way() {
    play("wide values");
}

fn wide_values(_: &mut Role) {
    let job = Signal::realtime(0).unwrap();
    let signals = Signals::block(job).unwrap();
    let (me, thread) = (ProcessId::current(), ThreadId::current());
    let process = PidFd::open(me).unwrap();
    for value in [0, -7, i64::MIN, i64::MAX, 0x1234_5678_9abc_def0] {
        let next =
            [|signals: &Signals, _| signals.recv().unwrap(), |_: &Signals, job| wait(job).unwrap()];
        for next in next {
            send_value(me, job, value).unwrap();
            send_value_to_thread(thread, job, value).unwrap();
            process.send_value(job, value).unwrap();
            for _ in 0..3 {
                let info = next(&signals, job);
                assert_eq!(info.wide_value(), Some(value));
                let low = value.to_le_bytes()[..4].try_into().map(i32::from_le_bytes).unwrap();
                assert_eq!(info.value(), Some(low));
            }
        }
    }
    send_value(me, job, -7).unwrap(); // an i32
    assert_eq!(signals.recv().unwrap().wide_value(), Some(-7), "sign-extended");
    send_value(me, job, u32::MAX).unwrap();
    assert_eq!(signals.recv().unwrap().wide_value(), Some(u32::MAX.into()));
    send(me, job).unwrap();
    assert_eq!(signals.recv().unwrap().wide_value(), None);
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
fn values_reach_one_thread_of_another_process_in_order() {
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
        assert_eq!(
            (info.code(), info.process(), info.value()),
            (Code::Queue, Some(sender), Some(value))
        );
        assert_eq!(info.user(), Some(UserId::real()));
    }
}
