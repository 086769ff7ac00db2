//! Values of C's types that consist of zero bytes.

#![expect(unsafe_code, reason = "states for which types zero bytes are a value")]

use core::mem::MaybeUninit;

use crate::bindings::*;

/// A type for which zero bytes are a value.
///
/// # Safety
///
/// The type consists of integers, raw pointers, optional functions, and structs, unions and arrays
/// of them.
pub unsafe trait Zeroed {}

/// Returns a value of zero bytes.
#[must_use]
#[inline]
pub const fn zeroed<T: Zeroed>() -> T {
    // SAFETY: zero bytes are a `T` (contract of `Zeroed`).
    unsafe { MaybeUninit::zeroed().assume_init() }
}

// SAFETY: a struct or union of integers, pointers and arrays of them.
unsafe impl Zeroed for pthread_mutex_t {}
// SAFETY: a struct or union of integers, pointers and arrays of them.
unsafe impl Zeroed for pthread_cond_t {}
// SAFETY: a struct or union of integers, pointers and arrays of them.
unsafe impl Zeroed for pthread_rwlock_t {}
// SAFETY: an array of integers.
unsafe impl Zeroed for cpu_set_t {}
// SAFETY: an array of integers.
unsafe impl Zeroed for sigset_t {}
// SAFETY: integers, a set of integers, and a union of addresses and optional functions.
unsafe impl Zeroed for sigaction {}
// SAFETY: integers, and a union of structs of integers and pointers.
unsafe impl Zeroed for siginfo_t {}
// SAFETY: integers, and unions of integers, pointers and an optional function.
unsafe impl Zeroed for sigevent {}
// SAFETY: integers.
unsafe impl Zeroed for signalfd_siginfo {}
// SAFETY: integers, and arrays of them.
unsafe impl Zeroed for statfs {}
// SAFETY: integers.
unsafe impl Zeroed for rlimit {}
// SAFETY: integers.
unsafe impl Zeroed for timespec {}
// SAFETY: integers, and arrays of them.
unsafe impl Zeroed for mq_attr {}
// SAFETY: integers, and arrays of them.
unsafe impl Zeroed for shmid_ds {}
// SAFETY: integers, and arrays of them.
unsafe impl Zeroed for semid_ds {}
// SAFETY: integers, and arrays of them.
unsafe impl Zeroed for msqid_ds {}
// SAFETY: integers.
unsafe impl Zeroed for msginfo {}
