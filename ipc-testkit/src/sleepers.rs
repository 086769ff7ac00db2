//! Threads that sleep on futexes.

use std::fs;
use std::path::{Path, PathBuf};

/// Returns the number of threads of a process that sleep on a futex that processes share, as the
/// waits of `ipc-core` do.
#[must_use]
pub fn sleepers(pid: i32) -> usize {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    tasks.filter(|task| thread_sleeps(&task.path())).count()
}

/// Returns the directory of the calling thread in `/proc`.
///
/// # Panics
///
/// If `/proc` is not mounted.
#[must_use]
pub fn this_thread() -> PathBuf {
    Path::new("/proc").join(fs::read_link("/proc/thread-self").expect("there is a /proc"))
}

/// Returns `true` if the thread with this directory in `/proc` sleeps on a futex that processes
/// share.
#[must_use]
pub fn thread_sleeps(thread: &Path) -> bool {
    let call = fs::read_to_string(thread.join("syscall")).unwrap_or_default();
    let mut words = call.split(' ');
    // A thread of `std` or of C that waits for another one sleeps on a private futex.
    words.next().and_then(|call| call.parse().ok()) == Some(libc::SYS_futex)
        && words.nth(1) == Some(&format!("{:#x}", libc::FUTEX_WAIT_BITSET))
}
