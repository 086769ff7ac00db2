//! Blocks of C's allocator.

#![expect(unsafe_code, reason = "calls malloc and free")]

use std::ptr::NonNull;

/// A block, freed when it is dropped.
#[derive(Debug)]
pub(crate) struct Block(Option<NonNull<libc::c_void>>);

impl Block {
    /// Allocates a block.
    #[inline]
    pub(crate) fn new(size: usize) -> Self {
        // SAFETY: a call without conditions.
        Self(NonNull::new(unsafe { libc::malloc(size) }))
    }

    /// The address of the block.
    #[inline]
    pub(crate) fn address(&self) -> usize {
        self.0.map_or(0, |block| block.addr().get())
    }
}

impl Drop for Block {
    #[inline]
    fn drop(&mut self) {
        if let Some(block) = self.0 {
            // SAFETY: allocated by `malloc`, and freed once.
            unsafe { libc::free(block.as_ptr()) };
        }
    }
}
