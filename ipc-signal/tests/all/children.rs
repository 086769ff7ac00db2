//! Signals over fork and exec.

#![expect(unsafe_code, reason = "forks")]

use std::process::Command;

use ipc_core::ProcessId;
use ipc_signal::{
    ChildSignals, Signal, SignalMask, SignalSet, Signals, ignore, pending, raise, send,
};
use ipc_testkit::{Part, Role};

use crate::play;

pub(crate) const ROLES: &[(&str, Part)] = &[("starts children", starts_children), ("forks", forks)];

/// The signals that `command` starts with: blocked and ignored.
fn of_child(set_up: impl FnOnce(&mut Command)) -> [SignalSet; 2] {
    let mut command = Command::new("cat");
    command.arg("/proc/self/status");
    set_up(&mut command);
    let status = String::from_utf8(command.output().unwrap().stdout).unwrap();
    ["SigBlk:", "SigIgn:"].map(|field| {
        let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
        let bits = u64::from_str_radix(line.trim(), 16).unwrap();
        Signal::all().filter(|signal| bits & 1 << (signal.raw() - 1) != 0).collect()
    })
}

#[test]
fn a_child_starts_with_the_mask_and_the_actions_asked_for() {
    play("starts children");
}

fn starts_children(_: &mut Role) {
    let job = Signal::realtime(0).unwrap();
    let signals = Signals::block([Signal::TERM, job]).unwrap();
    ignore(Signal::HUP).unwrap();
    // By default it inherits both.
    let [blocked, ignored] = of_child(|_| {});
    assert_eq!(blocked, signals.set());
    assert!(ignored.contains(Signal::HUP));

    assert_eq!(of_child(|command| ChildSignals::new().set_up(command)), [SignalSet::EMPTY; 2]);

    let asked = ChildSignals::new()
        .blocked([Signal::USR1, job])
        .ignored([Signal::INT, Signal::QUIT])
        .unwrap();
    let [blocked, ignored] = of_child(|command| {
        ChildSignals::new().set_up(command);
        asked.set_up(command);
    });
    assert_eq!(blocked, [Signal::USR1, job].into());
    assert_eq!(ignored, [Signal::INT, Signal::QUIT].into());
    assert_eq!(SignalMask::current().unwrap(), signals.set(), "the parent keeps its own");
}

/// The crate documents it under "Fork and exec".
#[test]
fn a_forked_child_receives_its_own_signals_and_nothing_pending() {
    play("forks");
}

fn forks(_: &mut Role) {
    let signals = Signals::block([Signal::TERM, Signal::HUP]).unwrap();
    send(ProcessId::current(), Signal::TERM).unwrap();
    // SAFETY: the child below uses no lock that another thread may hold.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let empty = pending().is_ok_and(SignalSet::is_empty)
            && signals.try_recv().is_ok_and(|info| info.is_none());
        let inherited = SignalMask::current().is_ok_and(|mask| mask == signals.set());
        let own = raise(Signal::HUP).is_ok()
            && signals.recv().is_ok_and(|info| info.signal() == Signal::HUP);
        // SAFETY: the call takes a number.
        unsafe { libc::_exit(i32::from(!(empty && inherited && own))) };
    }
    assert_eq!(ipc_testkit::reap(child), 0);
    assert_eq!(signals.try_recv().unwrap().unwrap().signal(), Signal::TERM);
    assert!(signals.try_recv().unwrap().is_none());
}
