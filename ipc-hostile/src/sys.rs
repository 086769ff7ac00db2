//! The C calls that these tests need.

#![expect(unsafe_code, reason = "the one file of these tests that calls C")]

use std::ptr::{self, NonNull};

use ipc_mem::Mapping;

const GUARD: usize = 65536; // at least a page, on every machine

/// `len` bytes that cannot even be read.
pub(crate) fn unreadable(len: usize) -> Mapping {
    map(len, libc::PROT_NONE)
}

/// Some writable pages and their size in bytes; after them is a page that cannot even be read.
pub(crate) fn guarded(at_least: usize) -> (Mapping, usize) {
    let len = at_least.next_multiple_of(GUARD);
    let mapping = map(len + GUARD, libc::PROT_READ | libc::PROT_WRITE);
    // SAFETY: within the mapping.
    let guard = unsafe { mapping.base().add(len) };
    // SAFETY: the last bytes of the mapping, on a boundary of pages; nothing uses them.
    assert_eq!(unsafe { libc::mprotect(guard.as_ptr().cast(), GUARD, libc::PROT_NONE) }, 0);
    (mapping, len)
}

fn map(len: usize, access: libc::c_int) -> Mapping {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: no address is requested, so no existing mapping changes.
    let base = unsafe { libc::mmap(ptr::null_mut(), len, access, flags, -1, 0) };
    assert_ne!(base, libc::MAP_FAILED);
    // SAFETY: that many bytes were just mapped, and no other code unmaps them.
    unsafe { Mapping::from_raw(NonNull::new(base.cast()).unwrap(), len) }
}
