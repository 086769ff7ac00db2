//! Calls of C.

#![expect(unsafe_code, reason = "the one file of these tests that calls C")]

use std::ffi::{CStr, CString};
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
    // SAFETY: the call takes nothing and cannot fail.
    unsafe { libc::gettid() }
}

/// Runs `child` in a forked child, which then calls `exit`; returns its exit code.
pub(crate) fn fork(child: impl FnOnce()) -> i32 {
    // SAFETY: the call takes nothing; the other threads of a role hold no lock that the child
    // needs.
    let pid = check(unsafe { libc::fork() });
    if pid == 0 {
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(child));
        std::process::exit(i32::from(ended.is_err()));
    }
    let status = ipc_testkit::reap(pid);
    assert!(libc::WIFEXITED(status), "the forked child ended with {status:#x}");
    libc::WEXITSTATUS(status)
}

/// Numbers, initially zero, that this process shares with the children it forks.
pub(crate) fn shared(len: usize) -> &'static [AtomicU64] {
    let (bytes, access) = (len * size_of::<AtomicU64>(), libc::PROT_READ | libc::PROT_WRITE);
    let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: no address is asked for, so no existing mapping changes.
    let place = unsafe { libc::mmap(ptr::null_mut(), bytes, access, flags, -1, 0) };
    assert_ne!(place, libc::MAP_FAILED, "{}", io::Error::last_os_error());
    // SAFETY: a mapping of `bytes` zeros, aligned to a page, that is never unmapped and used only
    // as atomics.
    unsafe { slice::from_raw_parts(place.cast(), len) }
}

fn set_of(signal: Signal) -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: the call writes a whole set, to a local.
    check(unsafe { libc::sigemptyset(set.as_mut_ptr()) });
    // SAFETY: the call above initialised the set.
    check(unsafe { libc::sigaddset(set.as_mut_ptr(), signal.raw()) });
    // SAFETY: the first call initialised the set.
    unsafe { set.assume_init() }
}

/// Blocks a signal for [`take_signal`].
pub(crate) fn block(signal: Signal) {
    let set = set_of(signal);
    // SAFETY: the call reads a set, a local; the old one is not asked for.
    let done = unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, ptr::null_mut()) };
    assert_eq!(done, 0);
}

/// Waits for a blocked signal, and returns its code, its sender and all bits of its value.
pub(crate) fn take_signal(signal: Signal) -> (i32, i32, i64) {
    let (set, mut info) = (set_of(signal), MaybeUninit::<libc::siginfo_t>::uninit());
    // SAFETY: the call reads a set and writes an info, both locals.
    while unsafe { libc::sigwaitinfo(&raw const set, info.as_mut_ptr()) } == -1 {
        assert_eq!(io::Error::last_os_error().kind(), io::ErrorKind::Interrupted);
    }
    // SAFETY: the call above succeeded and wrote it.
    let info = unsafe { info.assume_init() };
    // SAFETY: the signal of a queue carries a sender.
    let sender = unsafe { info.si_pid() };
    // SAFETY: the signal of a queue carries a value.
    let value = unsafe { info.si_value() };
    (info.si_code, sender, (value.sival_ptr.addr() as u64).cast_signed())
}

/// In a mount namespace of this process's own: unmounts a file system.
pub(crate) fn unmount(place: &str) {
    let place = CString::new(place).unwrap();
    // SAFETY: the string ends in zero and lives until the call returns.
    check(unsafe { libc::umount2(place.as_ptr(), libc::MNT_DETACH) });
}

/// In a mount namespace of this process's own: unmounts the file system of the queues everywhere.
pub(crate) fn unmount_queues() {
    let mounted = || {
        let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap();
        mounts.lines().find_map(|line| {
            let mut words = line.split(' ').skip(1);
            let place = words.next()?.to_owned();
            (words.next()? == "mqueue").then_some(place)
        })
    };
    while let Some(place) = mounted() {
        unmount(&place);
    }
}

/// In a mount namespace of this process's own: mounts the file system of the queues.
pub(crate) fn mount_queues(place: &Path) {
    mount(c"mqueue", place);
}

/// In a mount namespace of this process's own: mounts an empty file system.
pub(crate) fn mount(kind: &CStr, place: &Path) {
    let place = CString::new(place.to_str().unwrap()).unwrap();
    let kind = kind.as_ptr();
    // SAFETY: all strings end in zero and live until the call returns; no options are passed.
    check(unsafe { libc::mount(kind, place.as_ptr(), kind, 0, ptr::null()) });
}

/// Moves this process to a new IPC namespace.
pub(crate) fn leave_ipc_namespace() {
    // SAFETY: the call takes a number.
    check(unsafe { libc::unshare(libc::CLONE_NEWIPC) });
}

/// Closes standard input, output and error.
pub(crate) fn close_standard_streams() {
    for stream in 0..3 {
        // SAFETY: the call takes a number; the process does not use the streams any more.
        check(unsafe { libc::close(stream) });
    }
}

/// Limits how many files this process may have open.
pub(crate) fn limit_open_files(count: u64) {
    let limit = libc::rlimit { rlim_cur: count, rlim_max: count };
    // SAFETY: the call reads a limit, a local.
    check(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) });
}
