//! The proof that a process can no longer write to memory.
//!
//! | found | why it is a proof |
//! |---|---|
//! | no process has the id | a process keeps its id until all its threads have ended |
//! | a process that started at another time has the id | a process keeps its id until all its threads have ended |
//! | all threads are exiting, in two checks with no new thread in between | an exiting thread does not return to user mode, and only a thread that is not exiting creates a thread |
//! | the pidfd of the process is readable | the kernel makes a pidfd readable after the last thread has released its memory; this proof also works where `/proc` is hidden |

use super::{ProcessInstance, procfs};
use crate::{Deadline, Errno, PollFd, poll, sys};
use std::os::fd::AsFd;
use std::time::Duration;

pub(super) fn is_proved(instance: ProcessInstance) -> bool {
    let pid = instance.pid();
    if !sys::process_exists(pid) {
        return true;
    }
    let Some(stat) = procfs::is_ours().then(|| procfs::stat(pid, None)).flatten() else {
        return has_ended(pid);
    };
    if instance.start() != 0 && ProcessInstance::new(pid.cast_unsigned(), stat.start) != instance {
        return true;
    }
    // These may be the threads of another process by now: then the first process has ended.
    let Some(first) = exiting_threads(pid) else { return false };
    exiting_threads(pid).is_some_and(|second| second.iter().all(|thread| first.contains(thread)))
}

/// The threads of a process, if all of them are exiting.
fn exiting_threads(pid: i32) -> Option<Vec<i32>> {
    let threads = procfs::threads(pid)?;
    let is_exiting = |thread: &i32| match procfs::stat(pid, Some(*thread)) {
        Some(stat) => stat.is_exiting(),
        None => !sys::process_exists(*thread), // it ended meanwhile, unless `/proc` could not be read
    };
    threads.iter().all(is_exiting).then_some(threads)
}

/// Returns `true` if all threads of a process have ended, without `/proc`. Another process that has
/// got the id in the meantime delays the answer.
fn has_ended(pid: i32) -> bool {
    match sys::pidfd_open(pid) {
        Ok(fd) => {
            poll(&mut [PollFd::readable(fd.as_fd())], Deadline::after(Duration::ZERO)) == Ok(1)
        }
        Err(errno) => errno == Errno::ESRCH,
    }
}
