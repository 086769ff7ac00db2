//! Refusals and their reasons.

#![expect(unsafe_code, reason = "tries to install handlers")]

use std::io::pipe;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ipc_core::{Error, ProcessId};
use ipc_signal::{
    Action, ChildSignals, PidFd, Reaction, Signal, SignalMask, Signals, ThreadId, ignore,
    restore_default, send, send_to_group, send_to_thread, send_value, try_wait,
};

fn refused<T>(result: Result<T, Error>, why: &str) {
    let err = result.err().expect("a refusal");
    assert!(err.is_invalid_argument() && err.to_string().contains(why), "{err}");
}

#[test]
fn numbers_of_no_signal_and_reserved_ones_are_refused() {
    let first = Signal::realtime(0).unwrap().raw();
    for kept in 32..first {
        refused(Signal::new(kept), "the C library reserves this number");
    }
    assert!(first > 32, "the C library reserves some");
    for none in [-1, 0, 65, 1000] {
        refused(Signal::new(none), "signals are numbered 1 to 64");
    }
    refused(Signal::realtime(64), "the last is SIGRTMIN+");
}

#[test]
fn signals_that_cannot_be_caught_are_refused_everywhere() {
    let before = SignalMask::current().unwrap();
    let faults = [Signal::ILL, Signal::TRAP, Signal::BUS, Signal::FPE, Signal::SEGV, Signal::SYS];
    let uncatchable =
        [Signal::KILL, Signal::STOP].map(|signal| (signal, "cannot be blocked, caught or ignored"));
    for (signal, why) in
        faults.map(|signal| (signal, "unsafe `Action`")).into_iter().chain(uncatchable)
    {
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
    assert_eq!(now, before | Signal::URG.into(), "a refusal blocks nothing");
    SignalMask::set(before).unwrap().keep();
}

#[test]
fn a_handler_for_kill_or_stop_is_refused() {
    extern "C" fn nothing(_: i32) {}
    for signal in [Signal::KILL, Signal::STOP] {
        // SAFETY: `nothing` does nothing.
        refused(unsafe { Action::new(nothing).install(signal) }, "cannot be blocked");
    }
}

#[test]
fn die_if_refuses_signals_that_do_not_end_a_process() {
    for signal in [
        Signal::CHLD,
        Signal::CONT,
        Signal::URG,
        Signal::WINCH,
        Signal::TSTP,
        Signal::TTIN,
        Signal::TTOU,
    ] {
        refused(Reaction::die_if(signal, Arc::default()), "does not end");
    }
}

#[test]
fn a_number_that_means_many_processes_is_refused() {
    for many in [0, -1, i32::MIN] {
        let many = ProcessId::new(many);
        refused(send(many, Signal::CONT), "not the id of one process");
        refused(send_value(many, Signal::CONT, 0), "not the id of one process");
        refused(send_to_group(many, Signal::CONT), "not the id of one process group");
        refused(send_to_thread(ThreadId::new(many, 1), Signal::CONT), "not the id of one process");
        refused(PidFd::open(many), "not the id of one process");
    }
    refused(send_to_group(ProcessId::new(1), Signal::CONT), "not the id of one process group");
    refused(send_to_thread(ThreadId::new(ProcessId::current(), 0), Signal::CONT), "");
}

#[test]
fn the_id_of_a_thread_is_not_opened_as_a_process() {
    let opened = || PidFd::open(ProcessId::new(ThreadId::current().raw()));
    let opened = std::thread::scope(|scope| scope.spawn(opened).join().unwrap());
    refused(opened, "this is the id of a thread, wanted that of a process");
}

#[test]
fn sending_to_a_process_that_does_not_exist_is_an_error() {
    let nobody = ProcessId::new(i32::MAX);
    let err = send(nobody, Signal::TERM).unwrap_err();
    assert!(err.is_no_such_process() && !err.is_not_found());
    assert!(err.to_string().starts_with("kill SIGTERM to process 2147483647: "), "{err}");
    assert!(send_value(nobody, Signal::TERM, 0).unwrap_err().is_no_such_process());
    assert!(send_to_group(nobody, Signal::TERM).unwrap_err().is_no_such_process());
    assert!(
        send_to_thread(ThreadId::new(nobody, 1), Signal::TERM).unwrap_err().is_no_such_process()
    );
    assert!(PidFd::open(nobody).unwrap_err().is_no_such_process());
}
