//! Memory of this process alone, for what need not be shared.

#![expect(unsafe_code, reason = "owns a block of the allocator")]

use std::alloc::{self, Layout};
use std::ptr::NonNull;

use crate::{Access, Memory};
use ipc_core::{Errno, Error, Result};

/// Zeroed memory of this process, freed when dropped.
///
/// It makes what is written for shared memory usable within one process: an array
/// to compute with before publishing it, a semaphore between threads.
///
/// # Examples
///
/// ```
/// use ipc_mem::{LocalMemory, Memory};
///
/// let memory = LocalMemory::new(4096)?;
/// assert_eq!(memory.size(), 4096);
/// assert!(LocalMemory::new(0).is_err_and(|err| err.is_invalid_argument()));
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[doc(alias = "malloc")]
#[derive(Debug)]
pub struct LocalMemory {
    base: NonNull<u8>,
    layout: Layout,
}

impl LocalMemory {
    /// What its first byte is aligned to: a cache line, which is also what shared arrays align their data to.
    pub const ALIGN: usize = 64;

    /// Allocates `size` zeroed bytes.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if `size` is 0 or over `isize::MAX`; `is_no_space` if there is no memory.
    pub fn new(size: usize) -> Result<Self> {
        if size == 0 {
            return Err(Error::invalid("malloc", "", "a size of 0 bytes"));
        }
        let Ok(layout) = Layout::from_size_align(size, Self::ALIGN) else {
            return Err(Error::invalid("malloc", "", format_args!("{size} bytes are more than an address space has")));
        };
        // SAFETY: the layout's size is not 0, as checked above.
        match NonNull::new(unsafe { alloc::alloc_zeroed(layout) }) {
            Some(base) => Ok(Self { base, layout }),
            None => Err(Error::os("malloc", format_args!("{size} bytes"), Errno::ENOMEM)),
        }
    }
}

impl Drop for LocalMemory {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout, and freed only here.
        unsafe { alloc::dealloc(self.base.as_ptr(), self.layout) }
    }
}

// SAFETY: the block is owned from `new` to `drop` and never resized; it is zeroed, no
// other handle to it is ever made, and its bytes are given to nobody.
unsafe impl Memory for LocalMemory {
    fn base(&self) -> NonNull<u8> {
        self.base
    }

    fn size(&self) -> usize {
        self.layout.size()
    }

    fn access(&self) -> Access {
        Access::ReadWrite
    }

    fn is_fresh(&self) -> bool {
        true
    }

    fn label(&self) -> String {
        String::from("local memory")
    }
}

// SAFETY: the block belongs to no thread; who may touch its bytes is ruled by `Memory`.
unsafe impl Send for LocalMemory {}

// SAFETY: `&self` gives out an address and a size, which never change.
unsafe impl Sync for LocalMemory {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absurd_sizes_are_refused_and_too_large_ones_are_no_space() {
        assert!(LocalMemory::new(0).unwrap_err().is_invalid_argument());
        assert!(LocalMemory::new(usize::MAX).unwrap_err().is_invalid_argument());
        assert!(LocalMemory::new(isize::MAX as usize - 64).unwrap_err().is_no_space());
    }

    #[test]
    fn the_base_is_on_a_cache_line() {
        let memory = LocalMemory::new(1).unwrap();
        assert!(memory.base().as_ptr().addr().is_multiple_of(LocalMemory::ALIGN));
        assert_eq!((memory.size(), memory.access()), (1, Access::ReadWrite));
    }
}
