//! Layouts that the other crates rely on, on every target.

use core::mem::{align_of, size_of};

use static_assertions::{assert_type_eq_all, const_assert, const_assert_eq};

use crate::{
    bindings::{siginfo_t, signalfd_siginfo, sigset_t, time_t, timespec},
    shim::semun,
};

// Time is 64 bits wide, so that it does not overflow in 2038.
assert_type_eq_all!(time_t, i64);
const_assert_eq!(size_of::<timespec>(), 16);

// The kernel writes these structures, with every C library; it reads the first 8 bytes of the set.
const_assert_eq!(size_of::<siginfo_t>(), 128);
const_assert_eq!(size_of::<signalfd_siginfo>(), 128);
const_assert_eq!(size_of::<sigset_t>(), 128);

// `semctl` takes the union as one machine word.
const_assert_eq!(size_of::<semun>(), size_of::<usize>());

// Locks in shared memory need an alignment of at most 8 bytes.
const_assert!(align_of::<crate::pthread_mutex_t>() <= 8);
const_assert!(align_of::<crate::pthread_cond_t>() <= 8);
const_assert!(align_of::<crate::pthread_rwlock_t>() <= 8);
const_assert!(align_of::<crate::pthread_barrier_t>() <= 8);
const_assert!(align_of::<crate::sem_t>() <= 8);
