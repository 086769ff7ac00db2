//! The same calls, in loops in a C file.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ffi::c_int;

use ipc_core::{Result, ret};
use ipc_sys as c;

use super::{Semaphore, failed, lock};

unsafe extern "C" {
    fn calls_semaphore(sem: *mut c::sem_t, times: u64) -> c_int;
    fn calls_mutex(mutex: *mut c::pthread_mutex_t, times: u64) -> c_int;
    fn calls_rwlock(lock: *mut c::pthread_rwlock_t, write: c_int, times: u64) -> c_int;
    fn calls_condvar(condvar: *mut c::pthread_cond_t, times: u64) -> c_int;
    fn calls_semaphore_set(id: c_int, times: u64) -> c_int;
    fn calls_getall(id: c_int, values: *mut u16, times: u64) -> c_int;
    fn calls_queue(queue: c_int, times: u64) -> c_int;
    fn calls_sysv_queue(id: c_int, times: u64) -> c_int;
}

fn done(code: c_int) -> Result<()> {
    ret::code(code).map_err(failed)
}

pub(crate) fn semaphore(sem: &Semaphore, times: u64) -> Result<()> {
    // SAFETY: initialised by `sem_init`, and borrowed.
    done(unsafe { calls_semaphore(sem.as_ptr(), times) })
}

pub(crate) fn mutex(mutex: &lock::Mutex, times: u64) -> Result<()> {
    // SAFETY: initialised by `pthread_mutex_init`, and borrowed.
    done(unsafe { calls_mutex(mutex.as_ptr(), times) })
}

pub(crate) fn rwlock(lock: &lock::RwLock, write: bool, times: u64) -> Result<()> {
    // SAFETY: initialised by `pthread_rwlock_init`, and borrowed.
    done(unsafe { calls_rwlock(lock.as_ptr(), write.into(), times) })
}

pub(crate) fn condvar(condvar: &lock::Condvar, times: u64) -> Result<()> {
    // SAFETY: initialised by `pthread_cond_init`, and borrowed.
    done(unsafe { calls_condvar(condvar.as_ptr(), times) })
}

pub(crate) fn semaphore_set(id: c_int, times: u64) -> Result<()> {
    // SAFETY: takes numbers only.
    done(unsafe { calls_semaphore_set(id, times) })
}

/// Reads all values of a set with at most that number of counters.
pub(crate) fn all_values(id: c_int, count: usize, times: u64) -> Result<()> {
    let mut values = vec![0; count];
    // SAFETY: space for all counters of the set, of which there are no more.
    done(unsafe { calls_getall(id, values.as_mut_ptr(), times) })
}

/// Sends and receives messages of 64 bytes, as the next function does.
pub(crate) fn queue(queue: c_int, times: u64) -> Result<()> {
    // SAFETY: takes numbers only.
    done(unsafe { calls_queue(queue, times) })
}

pub(crate) fn sysv_queue(id: c_int, times: u64) -> Result<()> {
    // SAFETY: takes numbers only.
    done(unsafe { calls_sysv_queue(id, times) })
}
