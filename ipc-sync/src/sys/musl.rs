//! The calls of musl in place of those of glibc. It waits by the wall clock only, so each wait
//! consists of short ones.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ffi::c_int;
use std::time::Duration;

use ipc_core::{Clock, Deadline, Errno, TimeSpec, ret};
use ipc_sys::{self as c, Live};

use crate::pthread::Preference;
use crate::sys::in_steps;

/// The prefix of the file of a named semaphore: nothing, as for shared memory, so
/// that the two cannot have the same name.
pub(crate) const SEMAPHORE_PREFIX: &str = "";

/// By how much a wait can be wrong when the wall clock is set.
const STEP: Duration = Duration::from_millis(250);

/// `true` if a robust mutex may inherit priorities.
pub(crate) const ROBUST_INHERITS: bool = false;

/// musl has no adaptive mutex.
pub(crate) const ADAPTIVE: Option<c_int> = None;

/// musl has no priority ceiling.
pub(crate) fn set_priority_ceiling(
    _: &mut Live<c::pthread_mutexattr_t>,
    _ceiling: c_int,
) -> Result<(), Errno> {
    Err(Errno::EOPNOTSUPP)
}

/// Waits for a mutex; `ETIMEDOUT` when the deadline has come.
pub(crate) fn mutex_lock_until(
    mutex: &Live<c::pthread_mutex_t>,
    deadline: Deadline,
) -> Result<(), Errno> {
    in_steps(Clock::REALTIME, STEP, deadline, |end| {
        ret::code(c::pthread_mutex_timedlock(mutex, &end.into()))
    })
}

/// The clock of a condition variable, by which all its waits go.
pub(crate) fn cond_clock(clock: Clock) -> Result<c::clockid_t, Errno> {
    if clock == Clock::MONOTONIC { Ok(clock.raw()) } else { Err(Errno::EOPNOTSUPP) }
}

/// Waits for a condition variable; `ETIMEDOUT` when the deadline has come.
///
/// # Safety
///
/// `condvar` and `mutex` are such until this returns, the former made for the monotonic clock, and
/// this thread holds `mutex`.
pub(crate) unsafe fn cond_wait_until(
    condvar: *mut c::pthread_cond_t,
    mutex: *mut c::pthread_mutex_t,
    end: TimeSpec,
) -> Result<(), Errno> {
    // SAFETY: the caller guarantees that both are what they are called, until this returns.
    ret::code(unsafe { c::pthread_cond_timedwait(condvar, mutex, &end.into()) })
}

/// musl's readers always go first.
pub(crate) fn set_preference(
    _: &mut Live<c::pthread_rwlockattr_t>,
    preference: Preference,
) -> Result<(), Errno> {
    if preference == Preference::Readers { Ok(()) } else { Err(Errno::EOPNOTSUPP) }
}

/// Waits to read; `ETIMEDOUT` when the deadline has come.
pub(crate) fn read_until(
    lock: &Live<c::pthread_rwlock_t>,
    deadline: Deadline,
) -> Result<(), Errno> {
    in_steps(Clock::REALTIME, STEP, deadline, |end| {
        ret::code(c::pthread_rwlock_timedrdlock(lock, &end.into()))
    })
}

/// Waits to write; `ETIMEDOUT` when the deadline has come.
pub(crate) fn write_until(
    lock: &Live<c::pthread_rwlock_t>,
    deadline: Deadline,
) -> Result<(), Errno> {
    in_steps(Clock::REALTIME, STEP, deadline, |end| {
        ret::code(c::pthread_rwlock_timedwrlock(lock, &end.into()))
    })
}

/// Waits for a semaphore; `ETIMEDOUT` when the deadline has come.
pub(crate) fn sem_wait_until(sem: &Live<c::sem_t>, deadline: Deadline) -> Result<(), Errno> {
    in_steps(Clock::REALTIME, STEP, deadline, |end| {
        let end = end.into();
        ret::retry(|| ret::check(c::sem_timedwait(sem, &end))).map(drop)
    })
}
