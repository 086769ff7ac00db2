//! The one file of this crate that calls C.

#![expect(unsafe_code, reason = "the one file of this crate that calls C")]

use crate::preamble::Libc;

/// The code of glibc in a preamble.
pub(crate) const GLIBC: u16 = 1;

/// The code of musl in a preamble.
pub(crate) const MUSL: u16 = 2;

/// The C library that this program runs with.
#[cfg(target_env = "gnu")]
pub(crate) fn libc() -> Libc {
    // SAFETY: takes nothing, and returns a string that ends in zero and is never freed.
    let version = unsafe { ipc_sys::gnu_get_libc_version() };
    // SAFETY: as above.
    let version = unsafe { std::ffi::CStr::from_ptr(version) }.to_str().unwrap_or_default();
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    Libc { kind: GLIBC, version: (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) }
}

/// The C library that this program runs with.
#[cfg(target_env = "musl")]
pub(crate) fn libc() -> Libc {
    Libc { kind: MUSL, version: (0, 0) }
}
