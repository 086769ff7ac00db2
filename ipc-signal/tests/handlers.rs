//! Reactions at their limits, in a program of their own, because its allocator counts.

#![expect(
    unsafe_code,
    reason = "counts allocations, also between fork and exec, and makes eventfds"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fs::File;
use std::hint::black_box;
use std::io::{self, Read};
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use ipc_signal::{
    ChildSignals, Reaction, Signal, SignalMask, SignalSet, ThreadId, pending, raise,
    send_to_thread, try_wait,
};
use ipc_testkit::watchdog;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: all calls are passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller fulfils the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller fulfils the contract of `dealloc`.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn eventfd() -> File {
    // SAFETY: the call takes numbers.
    let fd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC) };
    assert!(fd >= 0);
    // SAFETY: the call above created it, and nothing else owns it.
    unsafe { File::from_raw_fd(fd) }
}

/// An error number that no call in a handler sets.
const MARK: i32 = 77;

fn set_errno() {
    // SAFETY: C gives each thread a place of its own, there as long as the thread.
    let place = unsafe { libc::__errno_location() };
    // SAFETY: it holds an integer and is this thread's alone.
    unsafe { *place = MARK }
}

/// Two threads raise 125,000 signals each, with four reactions; the main thread interrupts both
/// with another signal, whose reaction fails, and allocates.
#[test]
fn a_million_reactions_count_keep_errno_and_do_not_allocate() {
    const RAISED: u64 = 125_000;
    let (signal, noise) = (Signal::realtime(0).unwrap(), Signal::USR2);
    let counts: [Arc<AtomicU64>; 2] = Default::default();
    let flag = Arc::new(AtomicBool::new(false));
    let (mut event, (unread, full)) = (eventfd(), io::pipe().unwrap());
    let reactions = [
        Reaction::count(signal, counts[0].clone()).unwrap(),
        Reaction::set_flag(signal, flag.clone()).unwrap(),
        Reaction::add_to_eventfd(signal, OwnedFd::from(event.try_clone().unwrap())).unwrap(),
        Reaction::count(signal, counts[1].clone()).unwrap(),
    ];
    // Once the pipe is full, each write fails and sets `errno`.
    let _noise = Reaction::write_byte(noise, full).unwrap();
    let done = &AtomicBool::new(false);

    let raiser = || {
        set_errno();
        let before = ALLOCATIONS.get();
        for _ in 0..RAISED {
            raise(signal).unwrap();
        }
        let allocated = ALLOCATIONS.get() - before;
        (allocated, io::Error::last_os_error().raw_os_error())
    };
    watchdog(|| {
        thread::scope(|scope| {
            let (tell, told) = std::sync::mpsc::channel();
            let raisers = [0, 1].map(|_| {
                let tell = tell.clone();
                scope.spawn(move || {
                    tell.send(ThreadId::current()).unwrap();
                    raiser()
                })
            });
            let targets = [told.recv().unwrap(), told.recv().unwrap()];
            let load = scope.spawn(move || {
                let mut noises = 0_u64;
                while !done.load(Ordering::SeqCst) {
                    black_box(vec![0_u8; 100_000]);
                    for target in targets {
                        noises += u64::from(send_to_thread(target, noise).is_ok());
                    }
                }
                noises
            });
            let ended = raisers.map(|raiser| raiser.join().unwrap());
            done.store(true, Ordering::SeqCst);
            assert!(load.join().unwrap() > 0);
            assert_eq!(ended, [(0, Some(MARK)); 2]);
        });
    });
    drop((reactions, unread));
    let mut written = [0; 8];
    event.read_exact(&mut written).unwrap();
    let all = [
        counts[0].load(Ordering::SeqCst),
        counts[1].load(Ordering::SeqCst),
        u64::from_ne_bytes(written),
    ];
    assert_eq!(all, [2 * RAISED; 3]);
    assert!(flag.load(Ordering::SeqCst));
}

/// `die_if` in a handler and the child of [`ChildSignals`] use the same conversions of sets.
#[test]
fn sets_and_waits_do_not_allocate() {
    let before = ALLOCATIONS.get();
    assert!(pending().unwrap().is_empty() && SignalMask::current().unwrap().is_empty());
    assert!(try_wait(Signal::HUP).unwrap().is_none());
    assert_eq!(ALLOCATIONS.get() - before, 0);
}

#[test]
fn a_child_does_not_allocate_before_it_becomes_another_program() {
    static BEFORE: AtomicU64 = AtomicU64::new(0);
    let mut command = Command::new("true");
    let note = || {
        BEFORE.store(ALLOCATIONS.get(), Ordering::SeqCst);
        Ok(())
    };
    let compare = || match ALLOCATIONS.get() - BEFORE.load(Ordering::SeqCst) {
        0 => Ok(()),
        _ => Err(io::Error::from_raw_os_error(MARK)),
    };
    // SAFETY: it reads a thread-local number that needs no making, and touches an atomic.
    unsafe { command.pre_exec(note) };
    ChildSignals::new()
        .blocked(SignalSet::all())
        .ignored(Signal::HUP)
        .unwrap()
        .set_up(&mut command);
    // SAFETY: as above; the error holds a number.
    unsafe { command.pre_exec(compare) };
    assert!(command.status().unwrap().success());
}
