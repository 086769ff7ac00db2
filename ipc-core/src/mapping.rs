//! A file's bytes in the address space, from the moment they are mapped to the moment they go.

#![expect(unsafe_code, reason = "owns a mapping, which any thread may have")]

use std::fs::File;
use std::ptr::NonNull;

use crate::{Access, Errno, sys};

/// Mapped bytes, shared with everybody else who maps the file, unmapped when dropped.
#[derive(Debug)]
pub struct Mapping {
    base: NonNull<u8>,
    size: usize,
}

impl Mapping {
    /// Maps the first `size` bytes of a file, at an address that the system chooses.
    ///
    /// # Errors
    ///
    /// What `mmap` refuses with.
    pub fn new(file: &File, size: usize, access: Access) -> Result<Self, Errno> {
        Ok(Self { base: sys::map(file, size, access)?, size })
    }

    /// The address of the first byte.
    #[must_use]
    #[inline]
    pub fn base(&self) -> NonNull<u8> {
        self.base
    }

    /// The number of bytes.
    #[must_use]
    #[inline]
    pub fn size(&self) -> usize {
        self.size
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: what `map` returned in `new`, whose one owner is `self`.
        unsafe { sys::unmap(self.base, self.size) };
    }
}

// SAFETY: an address range of the process, bound to no thread.
unsafe impl Send for Mapping {}

// SAFETY: `&Mapping` gives out an address and a size, which never change.
unsafe impl Sync for Mapping {}
