//! The receiver.

#![expect(unsafe_code, reason = "polls a descriptor, and installs a handler")]

use std::ffi::c_int;
use std::os::fd::{AsFd, AsRawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ipc_core::{ProcessId, UserId};
use ipc_signal::{
    Action, Code, Handler, Reaction, Signal, SignalMask, SignalSet, Signals, ThreadId, pending,
    raise, send, send_to_thread, send_value, try_wait, wait_timeout,
};
use ipc_testkit::{Part, Role, Storm};

use crate::play;

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("order", order),
    ("time-outs", time_outs),
    ("poll", poll),
    ("another thread", another_thread),
    ("older thread", older_thread),
    ("blocked", blocked),
    ("add and drop", add_and_drop),
    ("thread only", thread_only),
    ("ignored", ignored),
    ("inherits ignored", inherits_ignored),
];

fn me() -> ProcessId {
    ProcessId::current()
}

#[test]
fn signals_arrive_lowest_number_first_and_in_the_order_sent() {
    play("order");
}

fn order(_: &mut Role) {
    let (low, high) = (Signal::realtime(0).unwrap(), Signal::realtime(1).unwrap());
    let mut signals = Signals::block([low, high, Signal::TERM]).unwrap();
    send_value(me(), high, 1).unwrap();
    send_value(me(), low, i32::MIN).unwrap();
    send(me(), Signal::TERM).unwrap();
    send_value(me(), low, i32::MAX).unwrap();
    send(me(), Signal::TERM).unwrap(); // merges with the first
    send(me(), high).unwrap();
    let infos: Vec<_> = signals.by_ref().take(5).map(Result::unwrap).collect();
    assert!(signals.try_recv().unwrap().is_none());
    let seen: Vec<_> =
        infos.iter().map(|info| (info.signal(), info.code(), info.value())).collect();
    let expected = [
        (Signal::TERM, Code::User, None),
        (low, Code::Queue, Some(i32::MIN)),
        (low, Code::Queue, Some(i32::MAX)),
        (high, Code::Queue, Some(1)),
        (high, Code::User, None),
    ];
    assert_eq!(seen, expected);
    for info in infos {
        assert_eq!((info.process(), info.user()), (Some(me()), Some(UserId::real())));
        assert_eq!(
            (info.status(), info.address(), info.band(), info.overrun()),
            (None, None, None, None)
        );
    }
}

#[test]
fn a_wait_ends_at_its_deadline_and_not_by_other_signals() {
    play("time-outs");
}

static INTERRUPTS: AtomicU64 = AtomicU64::new(0);

extern "C" fn interrupt(_: c_int) {
    INTERRUPTS.fetch_add(1, Ordering::SeqCst);
}

fn time_outs(_: &mut Role) {
    let signals = Signals::block(Signal::HUP).unwrap();
    assert!(signals.recv_timeout(Duration::ZERO).unwrap().is_none());
    assert!(signals.recv_deadline(Instant::now()).unwrap().is_none());
    let storm = Storm::start(1000);
    let time = Duration::from_millis(100);
    storm.beside(|| {
        let start = Instant::now();
        assert!(signals.recv_timeout(time).unwrap().is_none());
        assert!(start.elapsed() >= time);
    });
    let deadline = Instant::now() + time;
    assert!(signals.recv_deadline(deadline).unwrap().is_none());
    assert!(Instant::now() >= deadline);
    drop(storm);
    // The wait without a deadline is interrupted ten times before its signal arrives.
    // SAFETY: the handler touches an atomic only.
    unsafe { Action::new(interrupt).install(Signal::USR1) }.unwrap();
    thread::scope(|scope| {
        let main = ThreadId::current();
        scope.spawn(move || {
            for interrupted in 1..=10 {
                send_to_thread(main, Signal::USR1).unwrap();
                while INTERRUPTS.load(Ordering::SeqCst) < interrupted {
                    thread::yield_now();
                }
            }
            send_to_thread(main, Signal::HUP).unwrap();
        });
        assert_eq!(signals.recv().unwrap().signal(), Signal::HUP);
    });
    raise(Signal::HUP).unwrap();
    assert!(
        signals.recv_deadline(Instant::now()).unwrap().is_some(),
        "a pending signal is accepted, however late"
    );
    raise(Signal::HUP).unwrap();
    assert!(signals.recv_timeout(Duration::MAX).unwrap().is_some());
}

#[test]
fn the_descriptor_is_readable_while_there_is_a_signal() {
    play("poll");
}

fn poll(_: &mut Role) {
    let signals = Signals::block(Signal::HUP).unwrap();
    let readable = || {
        let mut poll =
            libc::pollfd { fd: signals.as_fd().as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: the call reads and writes one `pollfd`, a local.
        unsafe { libc::poll(&mut poll, 1, 0) == 1 }
    };
    assert!(!readable());
    send(me(), Signal::HUP).unwrap();
    assert!(readable());
    assert!(signals.try_recv().unwrap().is_some());
    assert!(!readable() && signals.try_recv().unwrap().is_none());
    assert_eq!(signals.as_raw_fd(), signals.as_fd().as_raw_fd());
}

#[test]
fn a_thread_that_is_started_later_receives_for_the_process() {
    play("another thread");
}

fn another_thread(_: &mut Role) {
    let signals = Signals::block(Signal::TERM).unwrap();
    thread::scope(|scope| {
        let receiver = scope.spawn(|| signals.recv().unwrap().signal());
        send(me(), Signal::TERM).unwrap();
        assert_eq!(receiver.join().unwrap(), Signal::TERM);
    });
}

/// The caller has to block signals first thing in `main`, as documented.
#[test]
fn a_thread_that_existed_before_does_not_block_the_signals() {
    play("older thread");
}

fn older_thread(_: &mut Role) {
    let count = Arc::new(AtomicU64::new(0));
    let _reaction = Reaction::count(Signal::HUP, count.clone()).unwrap();
    let (end, ended) = std::sync::mpsc::channel::<()>();
    let older = thread::spawn(move || ended.recv());
    let signals = Signals::block(Signal::HUP).unwrap();
    send(me(), Signal::HUP).unwrap();
    while count.load(Ordering::SeqCst) == 0 {
        thread::yield_now();
    }
    assert!(signals.try_recv().unwrap().is_none());
    drop(end);
    let _ = older.join().unwrap();
    send(me(), Signal::HUP).unwrap();
    assert!(signals.recv().is_ok());
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[test]
fn a_received_signal_runs_no_reaction() {
    play("blocked");
}

fn blocked(_: &mut Role) {
    let signal = Signal::realtime(3).unwrap();
    let count = Arc::new(AtomicU64::new(0));
    let _reaction = Reaction::count(signal, count.clone()).unwrap();
    let signals = Signals::block(signal).unwrap();
    send_value(me(), signal, 5).unwrap();
    assert_eq!(signals.recv().unwrap().value(), Some(5));
    assert_eq!(count.load(Ordering::SeqCst), 0);
    send(me(), signal).unwrap();
    let unblocked = SignalMask::unblock(signal).unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 1);
    assert!(signals.try_recv().unwrap().is_none());
    drop(unblocked);
}

#[test]
fn dropping_the_receiver_does_not_unblock() {
    play("add and drop");
}

fn add_and_drop(_: &mut Role) {
    let mut signals = Signals::block(Signal::HUP).unwrap();
    signals.add([Signal::TERM, Signal::INT]).unwrap();
    let set = SignalSet::from([Signal::HUP, Signal::INT, Signal::TERM]);
    assert_eq!(signals.set(), set);
    raise(Signal::TERM).unwrap();
    assert_eq!(signals.recv().unwrap().signal(), Signal::TERM);
    send(me(), Signal::INT).unwrap();
    assert_eq!(signals.try_recv().unwrap().unwrap().signal(), Signal::INT);
    drop(signals);
    assert_eq!(SignalMask::current().unwrap(), set);
    send(me(), Signal::TERM).unwrap();
    assert_eq!(pending().unwrap(), Signal::TERM.into());
    assert!(Signals::block(Signal::TERM).unwrap().try_recv().unwrap().is_some());
}

#[test]
fn a_signal_to_a_thread_is_received_by_that_thread_only() {
    play("thread only");
}

fn thread_only(_: &mut Role) {
    let signals = Signals::block(Signal::HUP).unwrap();
    send_to_thread(ThreadId::current(), Signal::HUP).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| assert!(signals.try_recv().unwrap().is_none())).join().unwrap();
    });
    let info = signals.recv().unwrap();
    assert_eq!((info.code(), info.process(), info.value()), (Code::Thread, Some(me()), None));
}

/// CHLD, WINCH, URG and CONT are discarded by default, unless they are blocked.
#[test]
fn signals_that_are_discarded_by_default_are_received() {
    play("ignored");
}

fn ignored(_: &mut Role) {
    let dropped = [Signal::CHLD, Signal::CONT, Signal::URG, Signal::WINCH];
    let signals = Signals::block(dropped).unwrap();
    ipc_signal::ignore(Signal::WINCH).unwrap();
    for signal in dropped {
        send(me(), signal).unwrap();
        assert_eq!(signals.recv().unwrap().signal(), signal);
    }
}

/// A program inherits from a shell or supervisor that ignores CHLD.
#[test]
fn child_signals_arrive_although_the_program_started_with_them_ignored() {
    play("inherits ignored");
}

fn inherits_ignored(_: &mut Role) {
    type Receive = fn() -> Option<ipc_signal::SignalInfo>;
    let long = Duration::from_secs(60);
    let by_descriptor: Receive = || Signals::block(Signal::CHLD).unwrap().try_recv().unwrap();
    let by_waiting: Receive = || try_wait(Signal::CHLD).unwrap();
    for prepare in [by_descriptor, by_waiting] {
        ipc_signal::ignore(Signal::CHLD).unwrap();
        let _mask = SignalMask::block(Signal::CHLD).unwrap();
        assert!(prepare().is_none());
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let info = wait_timeout(Signal::CHLD, long).unwrap().expect("the signal of a child");
        assert_eq!(info.process(), Some(ProcessId::from(&child)));
        assert!(child.wait().unwrap().success(), "it can be waited for");
    }
    ipc_signal::ignore(Signal::CHLD).unwrap();
    let mut signals = Signals::block(Signal::HUP).unwrap();
    assert_eq!(Action::current(Signal::CHLD).unwrap().handler(), Handler::Ignore);
    signals.add(Signal::CHLD).unwrap();
    assert_eq!(Action::current(Signal::CHLD).unwrap().handler(), Handler::Default);
}
