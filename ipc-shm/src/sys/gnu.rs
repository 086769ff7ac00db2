//! What is so with glibc alone.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ffi::CStr;

use crate::preamble::Libc;

/// The C library that this program runs with.
pub(crate) fn libc() -> Libc {
    // SAFETY: takes nothing, and returns a string that ends in zero and is never freed.
    let version = unsafe { ipc_sys::gnu_get_libc_version() };
    // SAFETY: as above.
    let version = unsafe { CStr::from_ptr(version) }.to_str().unwrap_or_default();
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    Libc { kind: super::GLIBC, version: (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) }
}
