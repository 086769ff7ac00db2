//! What is refused, and that it is said why.

#![expect(unsafe_code, reason = "tries to install handlers")]

use std::io::pipe;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ipc_core::{Error, ProcessId};
use ipc_signal::{
    Action, ChildSignals, PidFd, Reaction, Signal, SignalMask, Signals, ThreadId, ignore, restore_default, send,
    send_to_group, send_to_thread, send_value, try_wait,
};

fn refused<T>(result: Result<T, Error>, why: &str) {
    let err = result.err().expect("a refusal");
    assert!(err.is_invalid_argument() && err.to_string().contains(why), "{err}");
}

#[test]
fn numbers_that_are_no_signals_or_not_for_programs_are_refused() {
    let first = Signal::realtime(0).unwrap().raw();
    for kept in 32..first {
        refused(Signal::new(kept), "the C library keeps this number");
    }
    assert!(first > 32, "the C library keeps some");
    for none in [-1, 0, 65, 1000] {
        refused(Signal::new(none), "signals have the numbers 1 to 64");
    }
    refused(Signal::realtime(64), "the last is SIGRTMIN+");
}

#[test]
fn nobody_receives_or_reacts_to_what_cannot_be_caught() {
    let before = SignalMask::current().unwrap();
    let faults = [Signal::ILL, Signal::TRAP, Signal::BUS, Signal::FPE, Signal::SEGV, Signal::SYS];
    let uncatchable = [Signal::KILL, Signal::STOP].map(|signal| (signal, "nobody can block, catch or ignore it"));
    for (signal, why) in faults.map(|signal| (signal, "unsafe `Action`")).into_iter().chain(uncatchable) {
        let flag = || Arc::new(AtomicBool::new(true));
        refused(Signals::block([Signal::USR1, signal]), why);
        refused(Signals::block(Signal::URG).unwrap().add(signal), why);
        refused(try_wait(signal), why);
        refused(Reaction::set_flag(signal, flag()), why);
        refused(Reaction::count(signal, Arc::default()), why);
        refused(Reaction::die_if(signal, flag()), why);
        refused(Reaction::exit_if(signal, flag(), 1), why);
        refused(Reaction::write_byte(signal, pipe().unwrap().1), why);
        refused(ignore(signal), why);
        refused(restore_default(signal), why);
        refused(ChildSignals::new().ignored(signal), why);
    }
    let now = SignalMask::current().unwrap();
    assert_eq!(now, before | Signal::URG.into(), "what is refused blocks nothing");
    SignalMask::set(before).unwrap().keep();
}

/// J-SIG-3.
#[test]
fn nobody_installs_a_handler_for_kill_and_stop() {
    extern "C" fn nothing(_: i32) {}
    for signal in [Signal::KILL, Signal::STOP] {
        // SAFETY: `nothing` does nothing.
        refused(unsafe { Action::new(nothing).install(signal) }, "nobody can");
    }
}

#[test]
fn only_what_ends_a_process_can_be_asked_to_end_it() {
    for signal in [Signal::CHLD, Signal::CONT, Signal::URG, Signal::WINCH, Signal::TSTP, Signal::TTIN, Signal::TTOU] {
        refused(Reaction::die_if(signal, Arc::default()), "does not end");
    }
}

#[test]
fn a_number_that_means_many_processes_is_no_process() {
    for many in [0, -1, i32::MIN] {
        let many = ProcessId::new(many);
        refused(send(many, Signal::CONT), "does not mean one process");
        refused(send_value(many, Signal::CONT, 0), "does not mean one process");
        refused(send_to_group(many, Signal::CONT), "does not mean one group");
        refused(send_to_thread(ThreadId::new(many, 1), Signal::CONT), "does not mean one process");
        refused(PidFd::open(many), "does not mean one process");
    }
    refused(send_to_group(ProcessId::new(1), Signal::CONT), "does not mean one group");
    refused(send_to_thread(ThreadId::new(ProcessId::current(), 0), Signal::CONT), "");
}

#[test]
fn who_is_not_there_gets_nothing_and_the_error_says_so() {
    let nobody = ProcessId::new(i32::MAX);
    let err = send(nobody, Signal::TERM).unwrap_err();
    assert!(err.is_no_such_process() && !err.is_not_found());
    assert!(err.to_string().starts_with("kill SIGTERM to process 2147483647: "), "{err}");
    assert!(send_value(nobody, Signal::TERM, 0).unwrap_err().is_no_such_process());
    assert!(send_to_group(nobody, Signal::TERM).unwrap_err().is_no_such_process());
    assert!(send_to_thread(ThreadId::new(nobody, 1), Signal::TERM).unwrap_err().is_no_such_process());
    assert!(PidFd::open(nobody).unwrap_err().is_no_such_process());
}
