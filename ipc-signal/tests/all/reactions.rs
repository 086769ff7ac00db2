//! Reactions, alone and beside those of others.

#![expect(
    unsafe_code,
    reason = "forks, creates an eventfd, and promises that a type may be used in handlers"
)]

use std::fs::File;
use std::io::{Read, pipe};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use ipc_core::ProcessId;
use ipc_signal::stream::SignalStream;
use ipc_signal::{
    Action, Handler, Reaction, Signal, SignalMask, SignalSafe, SignalSet, Signals, ignore, raise,
    restore_default, send, send_value, suspend,
};
use ipc_testkit::{Child, Forked, Part, Role, watchdog};
use tokio::signal::unix::{SignalKind, signal};

use crate::play;

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("neighbours", neighbours),
    ("posts", posts),
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
fn a_reaction_runs_beside_others_until_it_is_dropped() {
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
    raise(signal).unwrap(); // the last reaction is gone: it does nothing
    assert_eq!(
        Arc::strong_count(&first) + Arc::strong_count(&second),
        2,
        "a dropped reaction holds nothing"
    );
    Reaction::count(signal, first.clone()).unwrap().keep();
    raise(signal).unwrap();
    assert_eq!((first.load(Ordering::SeqCst), second.load(Ordering::SeqCst)), (2, 2));
}

#[test]
fn each_signal_writes_a_byte_and_a_full_pipe_does_not_block() {
    let signal = Signal::realtime(11).unwrap();
    let (mut reader, writer) = pipe().unwrap();
    // SAFETY: the call takes numbers; the descriptor is open.
    let size = unsafe { libc::fcntl(writer.as_raw_fd(), libc::F_SETPIPE_SZ, 4096) };
    let reaction = Reaction::write_byte(signal, writer).unwrap();
    watchdog(|| (0..size + 100).for_each(|_| raise(signal).unwrap()));
    drop(reaction); // and the writer, so that reading ends
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).unwrap();
    let number = u8::try_from(signal.raw()).unwrap();
    assert_eq!(bytes, vec![number; usize::try_from(size).unwrap()]);
}

#[test]
fn a_socket_and_a_pipe_without_a_reader_may_be_written_to() {
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
    // SAFETY: the call takes numbers.
    let fd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC) };
    assert!(fd >= 0);
    // SAFETY: the call above created it, and nothing else owns it.
    unsafe { File::from_raw_fd(fd) }
}

/// A write to it would fail at each signal, and no thread would wake.
#[test]
fn a_descriptor_to_which_no_signal_can_be_written_is_refused() {
    let signal = Signal::realtime(12).unwrap();
    let (reader, writer) = pipe().unwrap();
    let number = format!("descriptor {}", reader.as_raw_fd());
    let err = Reaction::write_byte(signal, reader).unwrap_err();
    assert!(err.is_invalid_argument() && err.object() == number, "{err}");
    let number = format!("descriptor {}", writer.as_raw_fd());
    let err = Reaction::add_to_eventfd(signal, writer).unwrap_err();
    assert!(err.is_mismatch() && err.object() == number, "{err}");
    assert!(
        err.to_string().contains("found pipe:") && err.to_string().contains("wanted an eventfd"),
        "{err}"
    );
}

#[test]
fn an_eventfd_counts_signals() {
    let signal = Signal::realtime(13).unwrap();
    let mut event = eventfd();
    let _reaction =
        Reaction::add_to_eventfd(signal, OwnedFd::from(event.try_clone().unwrap())).unwrap();
    (0..5).for_each(|_| raise(signal).unwrap());
    let mut count = [0; 8];
    event.read_exact(&mut count).unwrap();
    assert_eq!(u64::from_ne_bytes(count), 5);
}

struct Posts([AtomicU64; 2]);

// SAFETY: it adds to an atomic.
unsafe impl SignalSafe for Posts {
    fn notify(&self) {
        self.0[1].fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_signal_posts_and_a_forked_child_does_not() {
    play("posts");
}

fn posts(_: &mut Role) {
    let posts = Arc::new(Posts(Default::default()));
    let reaction = Reaction::post(Signal::USR1, posts.clone()).unwrap();
    raise(Signal::USR1).unwrap();
    let posted = || posts.0[1].load(Ordering::SeqCst);
    assert_eq!(posted(), 1);
    Forked::run(|| {
        raise(Signal::USR1).unwrap();
        assert_eq!(posted(), 1);
    })
    .finish();
    drop(reaction);
    raise(Signal::USR1).unwrap();
    assert_eq!((posted(), Arc::strong_count(&posts)), (1, 1));
}

/// One of several steps, which records in which place it ran.
struct Step(u64, Arc<(AtomicUsize, [AtomicU64; 4])>);

// SAFETY: it uses atomics only.
unsafe impl SignalSafe for Step {
    fn notify(&self) {
        let (next, order) = &*self.1;
        if let Some(place) = order.get(next.fetch_add(1, Ordering::SeqCst)) {
            place.store(self.0, Ordering::SeqCst);
        }
    }
}

static PLAIN: AtomicU64 = AtomicU64::new(0);

extern "C" fn plain(_: std::ffi::c_int) {
    PLAIN.fetch_add(1, Ordering::SeqCst);
}

#[test]
fn a_handler_that_was_installed_before_keeps_running_beside_reactions() {
    let signal = Signal::realtime(15).unwrap();
    // SAFETY: `plain` uses an atomic only; no function is replaced.
    unsafe { Action::new(plain).install(signal) }.unwrap();
    let count = counter();
    let reaction = Reaction::count(signal, count.clone()).unwrap();
    raise(signal).unwrap();
    assert_eq!((PLAIN.load(Ordering::SeqCst), count.load(Ordering::SeqCst)), (1, 1));
    drop(reaction);
    raise(signal).unwrap();
    assert_eq!((PLAIN.load(Ordering::SeqCst), count.load(Ordering::SeqCst)), (2, 1));
}

/// Two handlers that each call the one installed before them would call each other for ever.
#[test]
fn handlers_of_two_libraries_never_call_each_other_in_a_circle() {
    let signal = Signal::realtime(16).unwrap();
    let (ours, theirs) = (counter(), Arc::default());
    let count = || Reaction::count(signal, ours.clone()).unwrap();
    let _first = count();
    signal_hook::flag::register_usize(signal.raw(), Arc::clone(&theirs), 1).unwrap();
    let _second = count();
    raise(signal).unwrap();
    assert_eq!((ours.load(Ordering::SeqCst), theirs.swap(0, Ordering::SeqCst)), (2, 1));
    restore_default(signal).unwrap(); // ends theirs, which does not look again
    let _third = count();
    raise(signal).unwrap();
    assert_eq!((ours.load(Ordering::SeqCst), theirs.load(Ordering::SeqCst)), (5, 0));
}

#[test]
fn reactions_run_in_the_order_in_which_they_were_created() {
    let signal = Signal::realtime(14).unwrap();
    let log = Arc::new((AtomicUsize::new(0), <[AtomicU64; 4]>::default()));
    let step = |number| Reaction::post(signal, Arc::new(Step(number, log.clone()))).unwrap();
    let _one = step(1);
    let gone = [step(98), step(99)];
    let _two = step(2);
    drop(gone);
    let _later = [step(3), step(4)]; // where the dropped ones were
    raise(signal).unwrap();
    assert_eq!(log.1.each_ref().map(|step| step.load(Ordering::SeqCst)), [1, 2, 3, 4]);
}

#[test]
fn a_forked_child_does_not_write_to_its_parents_pipe() {
    play("forks with a pipe");
}

fn forks_with_a_pipe(_: &mut Role) {
    let (reader, writer) = pipe().unwrap();
    let _pipe = Reaction::write_byte(Signal::USR1, writer).unwrap();
    let count = counter();
    let _count = Reaction::count(Signal::USR1, count.clone()).unwrap();
    // SAFETY: the child below uses no lock that another thread may hold.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let raised = raise(Signal::USR1).is_ok() && count.load(Ordering::SeqCst) == 1;
        // SAFETY: the call takes a number.
        unsafe { libc::_exit(i32::from(!raised)) };
    }
    assert_eq!((ipc_testkit::reap(child), count.load(Ordering::SeqCst)), (0, 0));
    let mut poll = libc::pollfd { fd: reader.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: the call reads and writes one `pollfd`, a local.
    let mut readable = || unsafe { libc::poll(&mut poll, 1, 0) };
    assert_eq!(readable(), 0);
    raise(Signal::USR1).unwrap();
    assert_eq!(readable(), 1);
}

#[test]
fn the_second_signal_ends_the_process_if_asked_to() {
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

/// The signal is blocked again after the handler.
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
fn a_reaction_works_again_after_the_default_was_restored() {
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
    for reset in [restore_default, ignore] {
        let before = reset(Signal::TERM).unwrap();
        assert!(matches!(before.handler(), Handler::Function(_)));
        let _again = Reaction::count(Signal::TERM, count.clone()).unwrap();
        raise(Signal::TERM).unwrap();
    }
    assert_eq!(count.load(Ordering::SeqCst), 3);
    assert_eq!(Arc::strong_count(&count), 1, "a dropped reaction holds nothing");
    restore_default(Signal::TERM).unwrap();
    assert_eq!(Action::current(Signal::TERM).unwrap().handler(), Handler::Default);
    raise(Signal::TERM).unwrap();
    unreachable!();
}

/// Ours, tokio's and signal-hook's, on one signal. A received signal is blocked and reaches none.
#[test]
fn tokio_signal_hook_and_our_reactions_share_a_signal() {
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
        assert!(nothing.is_err(), "a received signal reaches no handler");
        // Unblocked, it reaches all of them.
        let signals = stream.into_inner();
        let unblocked = SignalMask::unblock(Signal::USR2).unwrap();
        send(me, Signal::USR2).unwrap();
        theirs_too.recv().await.unwrap();
        assert!(hooked_too.load(Ordering::SeqCst) && both.load(Ordering::SeqCst) == 1);
        assert!(signals.try_recv().unwrap().is_none());
        drop(unblocked);
    });
}
