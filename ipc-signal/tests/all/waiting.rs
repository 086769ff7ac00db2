//! Waiting without a descriptor.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ipc_core::ProcessId;
use ipc_signal::{
    Code, Reaction, Signal, SignalMask, SignalSet, raise, send_value, suspend, try_wait, wait,
    wait_deadline, wait_timeout,
};
use ipc_testkit::{Part, Role, Storm};

use crate::play;

pub(crate) const ROLES: &[(&str, Part)] =
    &[("waits", waits), ("waiter", waiter), ("suspends", suspends)];

#[test]
fn a_wait_accepts_a_pending_signal_or_ends_at_its_deadline() {
    play("waits");
}

fn waits(_: &mut Role) {
    let job = Signal::realtime(0).unwrap();
    SignalMask::block([job, Signal::HUP]).unwrap().keep();
    assert!(try_wait(job).unwrap().is_none());
    send_value(ProcessId::current(), job, -1).unwrap();
    send_value(ProcessId::current(), job, 2).unwrap();
    let first = wait([job, Signal::HUP]).unwrap();
    assert_eq!((first.signal(), first.code(), first.value()), (job, Code::Queue, Some(-1)));
    assert_eq!(first.process(), Some(ProcessId::current()));
    assert_eq!(try_wait(job).unwrap().unwrap().value(), Some(2));

    raise(Signal::HUP).unwrap();
    assert_eq!(wait(Signal::HUP).unwrap().code(), Code::Thread, "glibc's own function hides it");

    let storm = Storm::start(1000);
    let (start, time) = (Instant::now(), Duration::from_millis(100));
    storm.beside(|| assert!(wait_timeout(job, time).unwrap().is_none()));
    assert!(start.elapsed() >= time);
    assert!(wait_deadline(job, start).unwrap().is_none());
    raise(Signal::HUP).unwrap();
    assert!(
        wait_deadline(Signal::HUP, start).unwrap().is_some(),
        "a pending signal is accepted, however late"
    );
    raise(Signal::HUP).unwrap();
    assert!(wait_timeout(Signal::HUP, Duration::MAX).unwrap().is_some());
}

/// The portable receiver is a thread that does nothing else.
#[test]
fn a_waiting_thread_receives_all_signals_in_order() {
    play("waiter");
}

fn waiter(_: &mut Role) {
    let job = Signal::realtime(0).unwrap();
    SignalMask::block([job, Signal::TERM]).unwrap().keep();
    let receiver = thread::spawn(move || {
        let mut values = Vec::new();
        loop {
            let info = wait([job, Signal::TERM]).unwrap();
            match info.value() {
                Some(-1) => return values,
                value => values.extend(value),
            }
        }
    });
    for value in (0..1000).chain([-1]) {
        while let Err(err) = send_value(ProcessId::current(), job, value) {
            assert!(err.is_queue_full(), "{err}");
            thread::yield_now();
        }
    }
    assert_eq!(receiver.join().unwrap(), (0..1000).collect::<Vec<_>>());
}

#[test]
fn suspend_waits_for_a_handler_and_restores_the_mask() {
    play("suspends");
}

fn suspends(_: &mut Role) {
    let count = Arc::new(AtomicU64::new(0));
    let _reaction = Reaction::count(Signal::USR1, count.clone()).unwrap();
    let mask = SignalMask::block([Signal::USR1, Signal::USR2]).unwrap();
    let blocked = SignalMask::current().unwrap();
    raise(Signal::USR1).unwrap();
    suspend(SignalSet::all() - Signal::USR1.into()).unwrap(); // KILL and STOP in it have no effect
    assert_eq!(count.load(Ordering::SeqCst), 1);
    assert_eq!(SignalMask::current().unwrap(), blocked);

    let (main, before) = (ipc_signal::ThreadId::current(), mask.before());
    let sender = thread::spawn(move || ipc_signal::send_to_thread(main, Signal::USR1).unwrap());
    suspend(before).unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 2);
    sender.join().unwrap();
}
