//! Calls that glibc has and musl does not.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ffi::c_int;
use std::time::Duration;

use ipc_core::{Clock, Deadline, Errno, TimeSpec, ret, switched_on};
use ipc_sys::{self as c, Live};

use crate::pthread::Preference;
use crate::sys::in_steps;

/// The prefix of the file of a named semaphore.
pub(crate) const SEMAPHORE_PREFIX: &str = "sem.";

/// How long a wait sleeps before it looks again, in case a wake-up was lost with a process that was
/// killed.
const STEP: Duration = Duration::from_secs(1);

/// How long a wait sleeps that goes by the wall clock, which may be set.
const WALL_STEP: Duration = Duration::from_millis(250);

/// `true` if a robust mutex may inherit priorities.
pub(crate) const ROBUST_INHERITS: bool = true;

/// `PTHREAD_MUTEX_ADAPTIVE_NP`.
pub(crate) const ADAPTIVE: Option<c_int> = Some(3);

pub(crate) fn set_priority_ceiling(
    attributes: &mut Live<c::pthread_mutexattr_t>,
    ceiling: c_int,
) -> Result<(), Errno> {
    ret::code(c::pthread_mutexattr_setprioceiling(attributes, ceiling))
}

/// Waits for a mutex; `ETIMEDOUT` when the deadline has come.
pub(crate) fn mutex_lock_until(
    mutex: &Live<c::pthread_mutex_t>,
    deadline: Deadline,
) -> Result<(), Errno> {
    let Some(end) = deadline.moment().map(c::timespec::from) else {
        return ret::code(c::pthread_mutex_lock(mutex));
    };
    let locked = if switched_on("monotonic") {
        ret::code(c::pthread_mutex_clocklock(mutex, c::CLOCK_MONOTONIC, &end))
    } else {
        Err(Errno::EINVAL)
    };
    match locked {
        // So answers one with priority inheritance before Linux 5.14.
        Err(Errno::EINVAL) => in_steps(Clock::REALTIME, WALL_STEP, deadline, |end| {
            ret::code(c::pthread_mutex_timedlock(mutex, &end.into()))
        }),
        ended => ended,
    }
}

/// The clock of a condition variable: any, since a wait says itself by which clock it goes.
#[expect(clippy::unnecessary_wraps, reason = "musl refuses some")]
pub(crate) fn cond_clock(clock: Clock) -> Result<c::clockid_t, Errno> {
    Ok(clock.raw())
}

/// Waits for a condition variable; `ETIMEDOUT` when the deadline has come.
///
/// # Safety
///
/// `condvar` and `mutex` are such until this returns, and this thread holds `mutex`.
pub(crate) unsafe fn cond_wait_until(
    condvar: *mut c::pthread_cond_t,
    mutex: *mut c::pthread_mutex_t,
    end: TimeSpec,
) -> Result<(), Errno> {
    // SAFETY: the caller guarantees that both are what they are called, until this returns.
    ret::code(unsafe { c::pthread_cond_clockwait(condvar, mutex, c::CLOCK_MONOTONIC, &end.into()) })
}

pub(crate) fn set_preference(
    attributes: &mut Live<c::pthread_rwlockattr_t>,
    preference: Preference,
) -> Result<(), Errno> {
    let kind = match preference {
        Preference::Readers => c::PTHREAD_RWLOCK_PREFER_READER_NP,
        Preference::Writers => c::PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP,
    };
    ret::code(c::pthread_rwlockattr_setkind_np(attributes, kind))
}

/// Waits to read; `ETIMEDOUT` when the deadline has come.
pub(crate) fn read_until(
    lock: &Live<c::pthread_rwlock_t>,
    deadline: Deadline,
) -> Result<(), Errno> {
    let Some(end) = deadline.moment().map(c::timespec::from) else {
        return ret::code(c::pthread_rwlock_rdlock(lock));
    };
    ret::code(c::pthread_rwlock_clockrdlock(lock, c::CLOCK_MONOTONIC, &end))
}

/// Waits to write; `ETIMEDOUT` when the deadline has come.
pub(crate) fn write_until(
    lock: &Live<c::pthread_rwlock_t>,
    deadline: Deadline,
) -> Result<(), Errno> {
    let Some(end) = deadline.moment().map(c::timespec::from) else {
        return ret::code(c::pthread_rwlock_wrlock(lock));
    };
    ret::code(c::pthread_rwlock_clockwrlock(lock, c::CLOCK_MONOTONIC, &end))
}

/// Waits for a semaphore; `ETIMEDOUT` when the deadline has come.
pub(crate) fn sem_wait_until(sem: &Live<c::sem_t>, deadline: Deadline) -> Result<(), Errno> {
    in_steps(
        Clock::MONOTONIC,
        if switched_on("slices") { STEP } else { STEP * 3600 },
        deadline,
        |end| {
            let end = end.into();
            ret::retry(|| ret::check(c::sem_clockwait(sem, c::CLOCK_MONOTONIC, &end))).map(drop)
        },
    )
}
