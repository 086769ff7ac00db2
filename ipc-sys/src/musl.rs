//! The parts of the bindings that hold for musl only.

use core::mem::{offset_of, size_of};

use static_assertions::const_assert_eq;

use crate::bindings::{
    msglen_t, msqid_ds, pthread_cond_t, pthread_mutex_t, pthread_rwlock_t, sem_t,
};

/// The offset of the kernel's robust-futex word in a robust mutex. The word holds the thread id of
/// the owner, or 0, and the bits `FUTEX_WAITERS` and `FUTEX_OWNER_DIED`.
pub const OFFSET_OF_LOCK_WORD: usize = offset_of!(pthread_mutex_t, __u.__vi) + size_of::<i32>();

impl msqid_ds {
    /// The number of bytes in all messages of the queue. Each C library gives this member another
    /// name.
    #[must_use]
    pub fn cbytes(&self) -> msglen_t {
        self.msg_cbytes
    }
}

// Other programs store these objects, and so do our headers: the sizes are part of every format.
const_assert_eq!(size_of::<sem_t>(), 32);
const_assert_eq!(size_of::<pthread_mutex_t>(), 40);
const_assert_eq!(size_of::<pthread_cond_t>(), 48);
const_assert_eq!(size_of::<pthread_rwlock_t>(), 56);
const_assert_eq!(OFFSET_OF_LOCK_WORD, 4);
