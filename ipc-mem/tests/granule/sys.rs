//! The C functions that these tests call.

#![expect(unsafe_code, reason = "the one file of these tests that calls C")]

use std::ptr::{self, NonNull};
use std::slice;

use ipc_mem::page_size;
use ipc_sys as c;

/// Memory between two inaccessible pages: an access beyond either end ends the process.
pub(crate) struct Fenced {
    map: NonNull<u8>,
    pages: usize,
}

impl Fenced {
    pub(crate) fn new(pages: usize) -> Self {
        let flags = c::MAP_PRIVATE | c::MAP_ANONYMOUS;
        // SAFETY: no address is asked for, so nothing that is mapped already changes.
        let map = unsafe {
            c::mmap(ptr::null_mut(), (pages + 2) * page_size(), c::PROT_NONE, flags, -1, 0)
        };
        assert_ne!(map, c::MAP_FAILED);
        let fenced = Self { map: NonNull::new(map.cast()).unwrap(), pages };
        // SAFETY: all but the first and the last page of the mapping made above.
        let done = unsafe {
            c::mprotect(fenced.start().cast(), pages * page_size(), c::PROT_READ | c::PROT_WRITE)
        };
        assert_eq!(done, 0);
        fenced
    }

    fn start(&self) -> *mut u8 {
        self.map.as_ptr().wrapping_add(page_size())
    }

    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: the pages between the first and the last, which can be read and written as long
        // as `self` lives.
        unsafe { slice::from_raw_parts_mut(self.start(), self.pages * page_size()) }
    }
}

impl Drop for Fenced {
    fn drop(&mut self) {
        // SAFETY: the whole mapping, of which nothing is left behind.
        let done = unsafe { c::munmap(self.map.as_ptr().cast(), (self.pages + 2) * page_size()) };
        assert_eq!(done, 0);
    }
}
