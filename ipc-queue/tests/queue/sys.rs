//! The calls of C that these tests need.

#![expect(unsafe_code, reason = "the one file of these tests that calls C")]

use std::ffi::CString;
use std::io;
use std::mem::MaybeUninit;
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::{ptr, slice};

use ipc_core::Signal;

fn check(returned: i32) -> i32 {
    assert_ne!(returned, -1, "{}", io::Error::last_os_error());
    returned
}

pub(crate) fn thread_id() -> i32 {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::gettid() }
}

/// Runs `child` in a forked child, which then ends as C's `exit` does; returns its exit code.
pub(crate) fn fork(child: impl FnOnce()) -> i32 {
    // SAFETY: takes nothing; the child is a copy of a role, whose other threads hold no lock it needs.
    let pid = check(unsafe { libc::fork() });
    if pid == 0 {
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(child));
        std::process::exit(i32::from(ended.is_err()));
    }
    let status = ipc_testkit::reap(pid);
    assert!(libc::WIFEXITED(status), "the forked child ended with {status:#x}");
    libc::WEXITSTATUS(status)
}

/// Numbers that this process shares with those it forks off, all zero at first, for as long as it lives.
pub(crate) fn shared(len: usize) -> &'static [AtomicU64] {
    let (bytes, access) = (len * size_of::<AtomicU64>(), libc::PROT_READ | libc::PROT_WRITE);
    let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: new memory, where the system likes; the rest are numbers.
    let place = unsafe { libc::mmap(ptr::null_mut(), bytes, access, flags, -1, 0) };
    assert_ne!(place, libc::MAP_FAILED, "{}", io::Error::last_os_error());
    // SAFETY: so many zeros on a boundary of pages, which nobody unmaps, and all use as atomics.
    unsafe { slice::from_raw_parts(place.cast(), len) }
}

fn set_of(signal: Signal) -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: writes a whole set.
    check(unsafe { libc::sigemptyset(set.as_mut_ptr()) });
    // SAFETY: the set was written in the line above.
    check(unsafe { libc::sigaddset(set.as_mut_ptr(), signal.raw()) });
    // SAFETY: written two lines above.
    unsafe { set.assume_init() }
}

/// Keeps a signal for [`take_signal`].
pub(crate) fn block(signal: Signal) {
    let set = set_of(signal);
    // SAFETY: a whole set; the old one is not asked for.
    assert_eq!(unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, ptr::null_mut()) }, 0);
}

/// Waits for a blocked signal, and returns its code, its sender and its value.
pub(crate) fn take_signal(signal: Signal) -> (i32, i32, i32) {
    let (set, mut info) = (set_of(signal), MaybeUninit::<libc::siginfo_t>::uninit());
    // SAFETY: a whole set, and room for what came.
    while unsafe { libc::sigwaitinfo(&raw const set, info.as_mut_ptr()) } == -1 {
        assert_eq!(io::Error::last_os_error().kind(), io::ErrorKind::Interrupted);
    }
    // SAFETY: the call wrote it.
    let info = unsafe { info.assume_init() };
    // SAFETY: a signal of a queue has a sender.
    let sender = unsafe { info.si_pid() };
    // SAFETY: a signal of a queue has a value.
    let value = unsafe { info.si_value() };
    let [a, b, c, d, ..] = value.sival_ptr.addr().to_ne_bytes(); // C's union has an `int` there as well
    (info.si_code, sender, i32::from_ne_bytes([a, b, c, d]))
}

/// In a mount namespace of this process's own: ends what is mounted there.
pub(crate) fn unmount(place: &str) {
    let place = CString::new(place).unwrap();
    // SAFETY: a string that ends in zero, and a number.
    check(unsafe { libc::umount2(place.as_ptr(), libc::MNT_DETACH) });
}

/// In a mount namespace of this process's own: mounts the file system of the queues.
pub(crate) fn mount_queues(place: &Path) {
    let place = CString::new(place.to_str().unwrap()).unwrap();
    let kind = c"mqueue".as_ptr();
    // SAFETY: strings that end in zero and outlive the call; no options.
    check(unsafe { libc::mount(kind, place.as_ptr(), kind, 0, ptr::null()) });
}

/// Lets this process open so many files.
pub(crate) fn limit_open_files(count: u64) {
    let limit = libc::rlimit { rlim_cur: count, rlim_max: count };
    // SAFETY: the limit outlives the call.
    check(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) });
}
