//! The proof that a process can no longer write to memory.
//!
//! | found | why it is a proof |
//! |---|---|
//! | no process has the id | a process keeps its id until all its threads have ended |
//! | a process that started at another time has the id | a process keeps its id until all its threads have ended |
//! | the first thread is exiting, and later it is the only one | an exiting thread neither returns to user mode nor creates a thread, and no other is left to do so |
//! | the threads that are known to be exiting are as many as the process has | an exiting thread does not return to user mode, and only a thread that is not exiting creates a thread |
//! | the pidfd of the process is readable | the kernel makes a pidfd readable after the last thread has released its memory; this proof also works where `/proc` is hidden |
//!
//! A process that replaces its program (`exec`) loses its mappings, and keeps its id and start time.
//! The new program may map the memory again. So that it is not taken for dead, the threads are looked
//! at again after they were counted.
//!
//! A process that shares its memory with another process (`vfork`, `CLONE_VM`) is not recognised.

use super::{ProcessInstance, procfs, procfs::Stat};
use crate::{Deadline, Errno, PollFd, poll, sys};
use std::collections::BTreeSet;
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
    if is_last_and_exiting(stat, || procfs::stat(pid, None)) {
        return true;
    }
    let (Some(begin), Some(listed)) = (procfs::ticks(), procfs::threads(pid)) else { return false };
    let is_there = |thread: i32| sys::process_exists(thread);
    are_exiting(&listed, begin, |thread| procfs::stat(pid, thread), is_there)
}

/// Returns `true` if the first thread of a process is exiting, and in two later looks is the only
/// thread. In one look, the kernel counts the threads before it reads the flags: in between, a thread
/// that lives may create another one and exit. The first look may be one at the thread that `exec`
/// has replaced since; the last look then counts the threads of the new program.
fn is_last_and_exiting(first: Stat, later: impl Fn() -> Option<Stat>) -> bool {
    let is_last = || later().is_some_and(|stat| stat.is_exiting() && stat.threads == 1);
    first.is_exiting() && is_last() && is_last()
}

/// Returns `true` if all threads of a process are exiting. `listed` are threads of the process that
/// were listed after `begin`: each once, because they are counted, but not all of them, because a
/// listing may be incomplete. `look` returns the state of a thread, or of the process.
fn are_exiting(
    listed: &BTreeSet<i32>,
    begin: u64,
    look: impl Fn(Option<i32>) -> Option<Stat>,
    is_there: impl Fn(i32) -> bool,
) -> bool {
    let lives = |thread: &i32| match look(Some(*thread)) {
        Some(stat) => !stat.is_exiting(),
        None => is_there(*thread), // it ended meanwhile, unless `/proc` could not be read
    };
    if listed.iter().any(lives) {
        return false;
    }
    let count = look(None).map_or(0, |process| process.threads);
    // These threads are still there, so they were among those that were counted. They are the
    // threads that were exiting before: a later thread with the same id began after `begin`. The
    // clocks of two processors differ by less than a tick.
    let counted = listed.iter().filter_map(|thread| look(Some(*thread)));
    let exiting = counted.filter(|stat| stat.is_exiting() && stat.start + 1 < begin).count();
    count > 0 && exiting == count
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    const BEGIN: u64 = 100;

    fn stat(is_exiting: bool, start: u64, threads: usize) -> Stat {
        Stat { flags: 4 * u64::from(is_exiting), threads, start }
    }

    /// What is found if the threads 1 and 2 are listed, both exiting, and the kernel counts `count`.
    fn found(count: usize, start: u64) -> bool {
        let look = |thread: Option<i32>| match thread {
            None => Some(stat(true, 7, count)),
            Some(_) => Some(stat(true, start, 0)),
        };
        are_exiting(&BTreeSet::from([1, 2]), BEGIN, look, |_| true)
    }

    #[test]
    fn an_exiting_first_thread_proves_a_death_if_it_is_later_the_only_one() {
        let proved = |first, later| is_last_and_exiting(first, || later);
        let (lives, exits) = (stat(false, 7, 1), stat(true, 7, 1));
        assert!(proved(exits, Some(exits)));
        assert!(proved(stat(true, 7, 2), Some(exits)), "the other one has ended");
        assert!(!proved(lives, Some(exits)), "it may have created a thread before it exited");
        assert!(!proved(exits, Some(stat(true, 7, 2))), "the other one may live");
        assert!(!proved(exits, Some(stat(true, 7, 0))), "`exec` has replaced it");
        assert!(!proved(exits, Some(lives)), "another one has its id since `exec`");
        assert!(!proved(exits, None));
        let looks = Cell::new(0);
        let later = || Some(stat(true, 7, looks.replace(looks.get() + 1) + 1));
        assert!(!is_last_and_exiting(exits, later), "`exec`, and a thread since");
    }

    #[test]
    fn a_thread_that_the_listing_left_out_disproves_a_death() {
        assert!(found(2, 7));
        assert!(!found(3, 7), "a thread that is not listed");
    }

    /// The kernel reports no threads for a first thread that `exec` has just replaced.
    #[test]
    fn a_process_without_threads_is_not_proved_dead() {
        let look = |thread: Option<i32>| thread.is_none().then(|| stat(true, 7, 0));
        assert!(!are_exiting(&BTreeSet::from([1]), BEGIN, look, |_| false));
    }

    #[test]
    fn a_thread_with_the_id_of_a_listed_one_disproves_a_death() {
        for start in [BEGIN - 1, BEGIN, BEGIN + 1] {
            assert!(!found(2, start), "{start}");
        }
    }

    #[test]
    fn a_thread_that_ends_after_the_count_delays_the_proof() {
        let looks = Cell::new(0);
        let look = |thread: Option<i32>| match thread {
            None => Some(stat(true, 7, 2)),
            Some(2) if looks.replace(looks.get() + 1) > 0 => None,
            Some(_) => Some(stat(true, 7, 0)),
        };
        assert!(!are_exiting(&BTreeSet::from([1, 2]), BEGIN, look, |_| false));
    }

    #[test]
    fn a_listed_thread_that_lives_or_cannot_be_seen_disproves_a_death() {
        for second in [Some(stat(false, 7, 0)), None] {
            let look = |thread: Option<i32>| match thread {
                None => Some(stat(true, 7, 1)),
                Some(2) => second,
                Some(_) => Some(stat(true, 7, 0)),
            };
            assert!(!are_exiting(&BTreeSet::from([1, 2]), BEGIN, look, |_| true));
        }
    }
}
