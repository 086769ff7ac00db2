//! Threads that sleep on words in shared memory.

use std::fs;

/// Counts the threads of a process that sleep in the kernel on a shared futex, as the waits of
/// `ipc-core` do.
#[must_use]
pub fn sleepers(pid: i32) -> usize {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let calls =
        tasks.map(|task| fs::read_to_string(task.path().join("syscall")).unwrap_or_default());
    // A thread of `std` or of C that waits for another one sleeps on a private futex.
    let wait_shared = |call: &String| {
        let mut words = call.split(' ');
        let call = words.next().and_then(|call| call.parse().ok());
        call == Some(libc::SYS_futex)
            && words.nth(1) == Some(&format!("{:#x}", libc::FUTEX_WAIT_BITSET))
    };
    calls.filter(wait_shared).count()
}
