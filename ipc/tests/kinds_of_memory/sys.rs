//! The C calls that these tests need.

#![expect(unsafe_code, reason = "the one file of these tests that calls C")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;
use std::{io, process};

fn check(returned: i32) -> i32 {
    assert_ne!(returned, -1, "{}", io::Error::last_os_error());
    returned
}

/// Runs `child` in a forked child, and returns its exit code. The child exits at once, without
/// dropping anything.
pub(crate) fn fork(child: impl FnOnce()) -> i32 {
    // SAFETY: takes nothing; the child is a copy of a role whose other threads hold no lock it
    // needs.
    let pid = check(unsafe { libc::fork() });
    if pid == 0 {
        let ended = catch_unwind(AssertUnwindSafe(child));
        process::exit(i32::from(ended.is_err()));
    }
    let status = ipc_testkit::reap(pid);
    assert!(libc::WIFEXITED(status), "the forked child ended with {status:#x}");
    libc::WEXITSTATUS(status)
}

/// Creates a System V segment of zeros with the plain call.
pub(crate) fn segment(key: i32, size: usize) -> i32 {
    // SAFETY: takes numbers only.
    check(unsafe { libc::shmget(key, size, libc::IPC_CREAT | libc::IPC_EXCL | 0o600) })
}

/// Writes a whole segment with the plain calls.
pub(crate) fn fill_segment(id: i32, bytes: &[u8]) {
    // SAFETY: no address is requested.
    let base = unsafe { libc::shmat(id, std::ptr::null(), 0) };
    assert_ne!(base.addr(), usize::MAX, "{}", io::Error::last_os_error());
    // SAFETY: the segment has `bytes.len()` bytes, and no other process has attached it yet.
    unsafe { base.cast::<u8>().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    // SAFETY: attached above.
    check(unsafe { libc::shmdt(base) });
}

/// Writes a byte, ignoring the access rights of the mapping.
pub(crate) fn scribble(place: NonNull<u8>) {
    // SAFETY: the page is mapped read-only: the fault is what the test waits for.
    unsafe { place.as_ptr().write_volatile(1) };
}
