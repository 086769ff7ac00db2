//! Reactions, alone and beside those of others.

#![expect(unsafe_code, reason = "forks, and makes an eventfd")]

use std::fs::File;
use std::io::{Read, pipe};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ipc_core::ProcessId;
use ipc_signal::stream::SignalStream;
use ipc_signal::{
    Action, Handler, Reaction, Signal, SignalMask, SignalSet, Signals, raise, restore_default, send, send_value,
    suspend,
};
use ipc_testkit::{Child, Part, Role, watchdog};
use tokio::signal::unix::{SignalKind, signal};

use crate::play;

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("neighbours", neighbours),
    ("forks with a pipe", forks_with_a_pipe),
    ("dies the second time", dies_the_second_time),
    ("dies while suspended", dies_while_suspended),
    ("exits the second time", exits_the_second_time),
    ("gives it back", gives_it_back),
];

fn flag() -> Arc<AtomicBool> {
    Arc::default()
}

fn counter() -> Arc<AtomicU64> {
    Arc::default()
}

#[test]
fn a_reaction_is_done_until_it_is_dropped_and_beside_others() {
    let signal = Signal::realtime(10).unwrap();
    let (first, second, set) = (counter(), counter(), flag());
    let one = Reaction::count(signal, first.clone()).unwrap();
    let two = Reaction::count(signal, second.clone()).unwrap();
    let three = Reaction::set_flag(signal, set.clone()).unwrap();
    raise(signal).unwrap();
    assert!(set.swap(false, Ordering::SeqCst));
    drop((one, three));
    raise(signal).unwrap();
    assert_eq!((first.load(Ordering::SeqCst), second.load(Ordering::SeqCst)), (1, 2));
    assert!(!set.load(Ordering::SeqCst));
    drop(two);
    raise(signal).unwrap(); // as documented, it does nothing now
    assert_eq!(Arc::strong_count(&first) + Arc::strong_count(&second), 2, "what is dropped holds nothing");
    Reaction::count(signal, first.clone()).unwrap().keep();
    raise(signal).unwrap();
    assert_eq!((first.load(Ordering::SeqCst), second.load(Ordering::SeqCst)), (2, 2));
}

#[test]
fn a_pipe_gets_a_byte_for_each_signal_and_a_full_one_stops_nobody() {
    let signal = Signal::realtime(11).unwrap();
    let (mut reader, writer) = pipe().unwrap();
    // SAFETY: takes numbers; the descriptor is open.
    let size = unsafe { libc::fcntl(writer.as_raw_fd(), libc::F_SETPIPE_SZ, 4096) };
    let reaction = Reaction::write_byte(signal, writer).unwrap();
    watchdog(|| (0..size + 100).for_each(|_| raise(signal).unwrap()));
    drop(reaction); // with it the writer, so that there is an end
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).unwrap();
    let number = u8::try_from(signal.raw()).unwrap();
    assert_eq!(bytes, vec![number; usize::try_from(size).unwrap()]);
}

#[test]
fn a_socket_and_a_pipe_that_nobody_reads_do() {
    let signal = Signal::realtime(12).unwrap();
    let (mut here, there) = UnixStream::pair().unwrap();
    let _socket = Reaction::write_byte(signal, there).unwrap();
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    let _broken = Reaction::write_byte(signal, writer).unwrap();
    raise(signal).unwrap();
    let mut byte = [0];
    here.read_exact(&mut byte).unwrap();
    assert_eq!(i32::from(byte[0]), signal.raw());
}

fn eventfd() -> File {
    // SAFETY: takes numbers.
    let fd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC) };
    assert!(fd >= 0);
    // SAFETY: made in the lines above, and nobody else has it.
    unsafe { File::from_raw_fd(fd) }
}

#[test]
fn an_eventfd_counts() {
    let signal = Signal::realtime(13).unwrap();
    let mut event = eventfd();
    let _reaction = Reaction::add_to_eventfd(signal, OwnedFd::from(event.try_clone().unwrap())).unwrap();
    (0..5).for_each(|_| raise(signal).unwrap());
    let mut count = [0; 8];
    event.read_exact(&mut count).unwrap();
    assert_eq!(u64::from_ne_bytes(count), 5);
}

#[test]
fn a_forked_child_does_not_write_to_its_parent_s_pipe() {
    play("forks with a pipe");
}

fn forks_with_a_pipe(_: &mut Role) {
    let (reader, writer) = pipe().unwrap();
    let _pipe = Reaction::write_byte(Signal::USR1, writer).unwrap();
    let count = counter();
    let _count = Reaction::count(Signal::USR1, count.clone()).unwrap();
    // SAFETY: the child below touches no lock of other threads.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let raised = raise(Signal::USR1).is_ok() && count.load(Ordering::SeqCst) == 1;
        // SAFETY: takes a number.
        unsafe { libc::_exit(i32::from(!raised)) };
    }
    assert_eq!((ipc_testkit::reap(child), count.load(Ordering::SeqCst)), (0, 0));
    let mut poll = libc::pollfd { fd: reader.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: one descriptor to look at, which lives until the call returns.
    let mut readable = || unsafe { libc::poll(&mut poll, 1, 0) };
    assert_eq!(readable(), 0);
    raise(Signal::USR1).unwrap();
    assert_eq!(readable(), 1);
}

#[test]
fn the_second_signal_may_end_the_process() {
    let status = watchdog(|| Child::run("dies the second time", &[]).wait());
    assert_eq!(status.signal(), Some(Signal::INT.raw()));
    let status = watchdog(|| Child::run("dies while suspended", &[]).wait());
    assert_eq!(status.signal(), Some(Signal::INT.raw()));
    let status = watchdog(|| Child::run("exits the second time", &[]).wait());
    assert_eq!(status.code(), Some(7));
}

fn dies_the_second_time(_: &mut Role) {
    let ending = flag();
    Reaction::die_if(Signal::INT, ending.clone()).unwrap().keep();
    Reaction::set_flag(Signal::INT, ending.clone()).unwrap().keep();
    send(ProcessId::current(), Signal::INT).unwrap();
    assert!(ending.load(Ordering::SeqCst));
    send(ProcessId::current(), Signal::INT).unwrap();
    unreachable!();
}

/// The mask that comes back after the handler has the signal blocked.
fn dies_while_suspended(_: &mut Role) {
    Reaction::die_if(Signal::INT, Arc::new(AtomicBool::new(true))).unwrap().keep();
    SignalMask::block(Signal::INT).unwrap().keep(); // not to be unblocked by the panic below
    raise(Signal::INT).unwrap();
    suspend(SignalSet::EMPTY).unwrap();
    unreachable!();
}

fn exits_the_second_time(_: &mut Role) {
    let ending = flag();
    Reaction::exit_if(Signal::TERM, ending.clone(), 7).unwrap().keep();
    Reaction::set_flag(Signal::TERM, ending.clone()).unwrap().keep();
    send(ProcessId::current(), Signal::TERM).unwrap();
    assert!(ending.load(Ordering::SeqCst));
    send(ProcessId::current(), Signal::TERM).unwrap();
    unreachable!();
}

#[test]
fn the_default_action_can_be_had_back() {
    let status = watchdog(|| Child::run("gives it back", &[]).wait());
    assert_eq!(status.signal(), Some(Signal::TERM.raw()));
}

fn gives_it_back(_: &mut Role) {
    let count = counter();
    let reaction = Reaction::count(Signal::TERM, count.clone()).unwrap();
    raise(Signal::TERM).unwrap();
    drop(reaction);
    raise(Signal::TERM).unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 1);
    let before = restore_default(Signal::TERM).unwrap();
    assert!(matches!(before.handler(), Handler::Function(_)));
    assert_eq!(Action::current(Signal::TERM).unwrap().handler(), Handler::Default);
    let err = Reaction::count(Signal::TERM, count.clone()).unwrap_err();
    assert!(err.is_mismatch() && err.to_string().contains("took away the handler"), "{err}");
    assert_eq!(Arc::strong_count(&count), 1, "it is not half registered");
    raise(Signal::TERM).unwrap();
    unreachable!();
}

/// On the same number: ours, tokio's, signal-hook's. Received numbers are blocked and nobody else's.
#[test]
fn tokio_signal_hook_and_our_reactions_all_get_theirs() {
    play("neighbours");
}

fn neighbours(_: &mut Role) {
    let job = Signal::realtime(0).unwrap();
    let (ours, hooked, both) = (counter(), Arc::default(), counter());
    let received = Signals::block([Signal::USR2, job]).unwrap();
    signal_hook::flag::register_usize(Signal::USR1.raw(), Arc::clone(&hooked), 1).unwrap();
    let _ours = Reaction::count(Signal::USR1, ours.clone()).unwrap();
    let _blocked = Reaction::count(Signal::USR2, both.clone()).unwrap();
    let hooked_too = flag();
    signal_hook::flag::register(Signal::USR2.raw(), Arc::clone(&hooked_too)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut theirs = signal(SignalKind::user_defined1()).unwrap();
        let mut theirs_too = signal(SignalKind::user_defined2()).unwrap();
        let stream = SignalStream::new(received).unwrap();
        let me = ProcessId::current();
        for round in 1..=100 {
            send(me, Signal::USR1).unwrap();
            theirs.recv().await.unwrap();
            assert_eq!((ours.load(Ordering::SeqCst), hooked.swap(0, Ordering::SeqCst)), (round, 1));
            send(me, Signal::USR2).unwrap();
            send_value(me, job, 7).unwrap();
            assert_eq!(stream.recv().await.unwrap().signal(), Signal::USR2);
            assert_eq!(stream.recv().await.unwrap().value(), Some(7));
        }
        assert_eq!(both.load(Ordering::SeqCst), 0);
        assert!(!hooked_too.load(Ordering::SeqCst));
        let nothing = tokio::time::timeout(std::time::Duration::ZERO, theirs_too.recv()).await;
        assert!(nothing.is_err(), "what is received is nobody else's");
        // Unblocked, it is everybody else's.
        let signals = stream.into_inner();
        let unblocked = SignalMask::unblock(Signal::USR2).unwrap();
        send(me, Signal::USR2).unwrap();
        theirs_too.recv().await.unwrap();
        assert!(hooked_too.load(Ordering::SeqCst) && both.load(Ordering::SeqCst) == 1);
        assert!(signals.try_recv().unwrap().is_none());
        drop(unblocked);
    });
}
