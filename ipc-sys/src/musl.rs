//! What is so with musl alone.

use core::mem::{offset_of, size_of};

use static_assertions::const_assert_eq;

use crate::bindings::{
    msglen_t, msqid_ds, pthread_cond_t, pthread_mutex_t, pthread_rwlock_t, sem_t,
};

/// Where the kernel's robust-futex word lies in a robust mutex: it holds the owner's thread
/// number, or 0, and the bits `FUTEX_WAITERS` and `FUTEX_OWNER_DIED`.
pub const OFFSET_OF_LOCK_WORD: usize = offset_of!(pthread_mutex_t, __u.__vi) + size_of::<i32>();

impl msqid_ds {
    /// The bytes of all its messages, whose member has another name in each C library.
    #[must_use]
    pub fn cbytes(&self) -> msglen_t {
        self.msg_cbytes
    }
}

// Headers and other programs store these objects: their sizes are part of every format.
const_assert_eq!(size_of::<sem_t>(), 32);
const_assert_eq!(size_of::<pthread_mutex_t>(), 40);
const_assert_eq!(size_of::<pthread_cond_t>(), 48);
const_assert_eq!(size_of::<pthread_rwlock_t>(), 56);
const_assert_eq!(OFFSET_OF_LOCK_WORD, 4);
