//! The calls of C that these tests need.

#![expect(unsafe_code, reason = "the one file of these tests that calls C")]

use std::ptr::{self, NonNull};

/// Some pages that can be written, and behind them one that cannot even be read.
pub(crate) struct Pages {
    base: NonNull<u8>,
    len: usize,
}

const GUARD: usize = 65536; // at least a page, on every machine

impl Pages {
    pub(crate) fn new(at_least: usize) -> Self {
        let len = at_least.next_multiple_of(GUARD);
        let (rw, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: no address is asked for, so nothing that is mapped already changes.
        let base = unsafe { libc::mmap(ptr::null_mut(), len + GUARD, rw, flags, -1, 0) };
        assert_ne!(base, libc::MAP_FAILED);
        let base = NonNull::new(base.cast::<u8>()).unwrap();
        // SAFETY: within what was just mapped.
        let guard = unsafe { base.add(len) };
        // SAFETY: the last bytes of what was just mapped, on a boundary of pages; nobody uses them.
        assert_eq!(unsafe { libc::mprotect(guard.as_ptr().cast(), GUARD, libc::PROT_NONE) }, 0);
        Self { base, len }
    }

    /// Where `len` bytes begin that end as near before the guard as a boundary of 64 bytes allows.
    pub(crate) fn last(&self, len: usize) -> NonNull<u8> {
        let from = self.len.checked_sub(len.next_multiple_of(64)).unwrap();
        // SAFETY: `from` is at most the length.
        unsafe { self.base.add(from) }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: mapped in `new` with this length; the only owner goes.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.len + GUARD) };
    }
}

// SAFETY: an address range of the process, bound to no thread.
unsafe impl Send for Pages {}

// SAFETY: `&Pages` gives out addresses only, which never change.
unsafe impl Sync for Pages {}
