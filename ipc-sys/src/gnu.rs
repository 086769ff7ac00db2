//! The parts of the bindings that hold for glibc only.

#![expect(unsafe_code, reason = "an empty block of C declarations, to link libraries")]

use core::mem::{offset_of, size_of};

use static_assertions::const_assert_eq;

use crate::bindings::{
    msglen_t, msqid_ds, pthread_cond_t, pthread_mutex_t, pthread_rwlock_t, sem_t,
};

/// The offset of the kernel's robust-futex word in a robust mutex. The word holds the thread id of
/// the owner, or 0, and the bits `FUTEX_WAITERS` and `FUTEX_OWNER_DIED`.
pub const OFFSET_OF_LOCK_WORD: usize = offset_of!(pthread_mutex_t, __data.__lock);

impl msqid_ds {
    /// The number of bytes in all messages of the queue. Each C library gives this member another
    /// name.
    #[must_use]
    pub fn cbytes(&self) -> msglen_t {
        self.__msg_cbytes
    }
}

// Other programs store these objects, and so do our headers: the sizes are part of every format.
const_assert_eq!(size_of::<sem_t>(), 32);
const_assert_eq!(size_of::<pthread_mutex_t>(), if cfg!(target_arch = "aarch64") { 48 } else { 40 });
const_assert_eq!(size_of::<pthread_cond_t>(), 48);
const_assert_eq!(size_of::<pthread_rwlock_t>(), 56);
const_assert_eq!(OFFSET_OF_LOCK_WORD, 0);

// Before glibc 2.34, some of the functions are in these two libraries and not in `libc`.
#[link(name = "pthread")]
#[link(name = "rt")]
unsafe extern "C" {}
