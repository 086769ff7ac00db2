//! C's calls on objects that this project created: its locks have the layout of C's, so both sides
//! use the same one.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ptr::{self, NonNull};

use ipc_core::{Result, ret};
use ipc_shmarray::ShmArray;
use ipc_sync::posix::Semaphore;
use ipc_sync::pthread::{Condvar, RawMutex, RawRwLock};
use ipc_sys::{self as c, Live};

use super::failed;

#[inline]
pub(crate) fn post(sem: &Semaphore) -> Result<()> {
    // SAFETY: a `Semaphore` is a `sem_t`, and is borrowed.
    let sem = unsafe { Live::at(NonNull::from(sem).cast()) };
    ret::check(c::sem_post(sem)).map(drop).map_err(failed)
}

#[inline]
pub(crate) fn wait(sem: &Semaphore) -> Result<()> {
    // SAFETY: a `Semaphore` is a `sem_t`, and is borrowed.
    let sem = unsafe { Live::at(NonNull::from(sem).cast()) };
    ret::check(c::sem_wait(sem)).map(drop).map_err(failed)
}

#[inline]
pub(crate) fn lock(mutex: &RawMutex) -> Result<()> {
    // SAFETY: a `RawMutex` is a `pthread_mutex_t`, and is borrowed.
    let mutex = unsafe { Live::at(NonNull::from(mutex).cast()) };
    ret::code(c::pthread_mutex_lock(mutex)).map_err(failed)
}

#[inline]
pub(crate) fn unlock(mutex: &RawMutex) -> Result<()> {
    // SAFETY: a `RawMutex` is a `pthread_mutex_t`, and is borrowed; one that another thread holds
    // is refused.
    ret::code(unsafe { c::pthread_mutex_unlock(ptr::from_ref(mutex).cast_mut().cast()) })
        .map_err(failed)
}

#[inline]
pub(crate) fn write(lock: &RawRwLock) -> Result<()> {
    // SAFETY: a `RawRwLock` is a `pthread_rwlock_t`, and is borrowed.
    let lock = unsafe { Live::at(NonNull::from(lock).cast()) };
    ret::code(c::pthread_rwlock_wrlock(lock)).map_err(failed)
}

#[inline]
pub(crate) fn unlock_written(lock: &RawRwLock) -> Result<()> {
    // SAFETY: a `RawRwLock` is a `pthread_rwlock_t`, and is borrowed; the callers have locked it.
    ret::code(unsafe { c::pthread_rwlock_unlock(ptr::from_ref(lock).cast_mut().cast()) })
        .map_err(failed)
}

/// Waits; the caller must have locked the mutex.
#[inline]
pub(crate) fn wait_for(condvar: &Condvar, mutex: &RawMutex) -> Result<()> {
    let (condvar, mutex) =
        (ptr::from_ref(condvar).cast_mut().cast(), ptr::from_ref(mutex).cast_mut().cast());
    // SAFETY: a `Condvar` is a `pthread_cond_t`, a `RawMutex` a `pthread_mutex_t`, and both are
    // borrowed.
    ret::code(unsafe { c::pthread_cond_wait(condvar, mutex) }).map_err(failed)
}

#[inline]
pub(crate) fn notify(condvar: &Condvar) -> Result<()> {
    // SAFETY: a `Condvar` is a `pthread_cond_t`, and is borrowed.
    let condvar = unsafe { Live::at(NonNull::from(condvar).cast()) };
    ret::code(c::pthread_cond_signal(condvar)).map_err(failed)
}

/// `memcpy` into the array; the callers' semaphores ensure that this part is not used concurrently.
pub(crate) fn copy_in(array: &ShmArray<u8>, at: usize, bytes: &[u8]) {
    assert!(at + bytes.len() <= array.len());
    // SAFETY: within the array, as checked above.
    let place = unsafe { array.as_ptr().cast_mut().add(at) };
    // SAFETY: both have `bytes.len()` bytes, and the caller's are not in the array.
    unsafe { place.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
}

/// `memcpy` out of the array, under the same condition as [`copy_in`].
pub(crate) fn copy_out(array: &ShmArray<u8>, at: usize, into: &mut [u8]) {
    assert!(at + into.len() <= array.len());
    // SAFETY: within the array, as checked above.
    let place = unsafe { array.as_ptr().add(at) };
    // SAFETY: both have `into.len()` bytes, and the caller's are not in the array.
    unsafe { place.copy_to_nonoverlapping(into.as_mut_ptr(), into.len()) };
}
