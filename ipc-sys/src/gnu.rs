//! The parts of the bindings that hold for glibc only.

#![expect(
    unsafe_code,
    reason = "calls C, and has an empty block of its declarations, to link libraries"
)]

use core::ffi::CStr;
use core::mem::{offset_of, size_of};

use static_assertions::const_assert_eq;

use crate::bindings::{
    gnu_get_libc_version, msglen_t, msqid_ds, pthread_cond_t, pthread_mutex_t, pthread_rwlock_t,
    sem_t,
};

/// The offset of the kernel's robust-futex word in a robust mutex. The word holds the thread id of
/// the owner, or 0, and the bits `FUTEX_WAITERS` and `FUTEX_OWNER_DIED`.
pub const OFFSET_OF_LOCK_WORD: usize = offset_of!(pthread_mutex_t, __data.__lock);

/// The version of glibc with which this program runs.
#[must_use]
pub fn libc_version() -> &'static CStr {
    // SAFETY: a string of the C library that ends in zero and is never freed.
    unsafe { CStr::from_ptr(gnu_get_libc_version()) }
}

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
