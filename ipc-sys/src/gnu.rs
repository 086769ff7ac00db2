//! What is so with glibc alone.

#![expect(unsafe_code, reason = "a block of C declarations, though without any")]

use core::mem::{offset_of, size_of};

use static_assertions::const_assert_eq;

use crate::bindings::{
    msglen_t, msqid_ds, pthread_cond_t, pthread_mutex_t, pthread_rwlock_t, sem_t,
};

/// Where the kernel's robust-futex word lies in a robust mutex: it holds the owner's thread
/// number, or 0, and the bits `FUTEX_WAITERS` and `FUTEX_OWNER_DIED`.
pub const OFFSET_OF_LOCK_WORD: usize = offset_of!(pthread_mutex_t, __data.__lock);

impl msqid_ds {
    /// The bytes of all its messages, whose member has another name in each C library.
    #[must_use]
    pub fn cbytes(&self) -> msglen_t {
        self.__msg_cbytes
    }
}

// Headers and other programs store these objects: their sizes are part of every format.
const_assert_eq!(size_of::<sem_t>(), 32);
const_assert_eq!(size_of::<pthread_mutex_t>(), if cfg!(target_arch = "aarch64") { 48 } else { 40 });
const_assert_eq!(size_of::<pthread_cond_t>(), 48);
const_assert_eq!(size_of::<pthread_rwlock_t>(), 56);
const_assert_eq!(OFFSET_OF_LOCK_WORD, 0);

// Before 2.34, these two libraries beside `libc` hold some of the functions.
#[link(name = "pthread")]
#[link(name = "rt")]
unsafe extern "C" {}
