//! Bytes in the address space, from the moment they are mapped to the moment they go.

#![expect(unsafe_code, reason = "owns a mapping, which any thread may have")]

use std::fs::File;
use std::ops::Range;
use std::ptr::NonNull;

use crate::sys::{c, map};
use crate::{Access, Usage};
use ipc_core::{Errno, Origin};

/// Mapped bytes, unmapped when dropped.
#[derive(Debug)]
pub struct Mapping {
    base: NonNull<u8>,
    size: usize,
    /// Whether it is a segment of System V, which is detached.
    is_segment: bool,
    /// The one process that has it, if forked children have not.
    only_in: Option<Origin>,
}

impl Mapping {
    /// Maps the first `size` bytes of a file, shared with everybody else who maps it, at an address that the
    /// system chooses.
    ///
    /// # Errors
    ///
    /// What `mmap` refuses with.
    pub fn new(file: &File, size: usize, access: Access) -> Result<Self, Errno> {
        Self::part(file, 0, size, access)
    }

    /// As [`new`](Self::new), from `offset` on, which is a multiple of the size of a page.
    ///
    /// # Errors
    ///
    /// What `mmap` refuses with.
    pub fn part(file: &File, offset: u64, size: usize, access: Access) -> Result<Self, Errno> {
        Ok(Self::of(map::map(Some(file), offset, size, access, c::MAP_SHARED)?, size))
    }

    /// As [`part`](Self::part), to read and write, but what is written stays in this process: the file never sees it.
    ///
    /// # Errors
    ///
    /// What `mmap` refuses with.
    #[doc(alias = "MAP_PRIVATE")]
    pub fn copy_on_write(file: &File, offset: u64, size: usize) -> Result<Self, Errno> {
        Ok(Self::of(map::map(Some(file), offset, size, Access::ReadWrite, c::MAP_PRIVATE)?, size))
    }

    /// Maps `size` zeros, shared with the children that this process forks.
    ///
    /// # Errors
    ///
    /// What `mmap` refuses with.
    #[doc(alias = "MAP_ANONYMOUS")]
    pub fn anonymous(size: usize) -> Result<Self, Errno> {
        Ok(Self::of(map::map(None, 0, size, Access::ReadWrite, c::MAP_SHARED)?, size))
    }

    /// Takes over bytes that were mapped otherwise.
    ///
    /// # Safety
    ///
    /// `size` bytes, or whole pages of which these are the first, are mapped at `base`, shared with others or not.
    /// They are nobody else's to unmap, and whoever holds the mapping may end it by `munmap`.
    #[must_use]
    pub unsafe fn from_raw(base: NonNull<u8>, size: usize) -> Self {
        Self::of(base, size)
    }

    /// Takes over the bytes of a System V segment. Detaching needs no size: that of huge pages would be another.
    ///
    /// # Safety
    ///
    /// `shmat` returned `base` for a segment of `size` bytes, and whoever holds the mapping may end it by `shmdt`.
    #[doc(alias = "shmdt")]
    #[must_use]
    pub unsafe fn from_segment(base: NonNull<u8>, size: usize) -> Self {
        let mut segment = Self::of(base, size);
        segment.is_segment = true;
        segment
    }

    /// Remembers that the children which this process forks have not these bytes (`MADV_DONTFORK`): something else may
    /// be there, and a child's copy of this unmaps nothing.
    #[must_use]
    pub fn not_inherited(mut self) -> Self {
        self.only_in = Some(Origin::here());
        self
    }

    fn of(base: NonNull<u8>, size: usize) -> Self {
        Self { base, size, is_segment: false, only_in: None }
    }

    /// Whether this process has the bytes: a forked child may not.
    #[must_use]
    #[inline]
    pub fn is_here(&self) -> bool {
        self.only_in.is_none_or(Origin::is_here)
    }

    /// Tells the system how a range of the bytes will be used.
    ///
    /// # Errors
    ///
    /// What `posix_madvise` refuses with.
    ///
    /// # Panics
    ///
    /// If the range does not lie within the mapping.
    #[doc(alias = "posix_madvise")]
    pub fn advise(&self, range: Range<usize>, usage: Usage) -> Result<(), Errno> {
        map::advise_use(self, range, usage)
    }

    /// Writes a range of the bytes to their file, and waits for that or not.
    ///
    /// # Errors
    ///
    /// What `msync` refuses with.
    ///
    /// # Panics
    ///
    /// If the range does not lie within the mapping.
    #[doc(alias = "msync")]
    pub fn flush(&self, range: Range<usize>, wait: bool) -> Result<(), Errno> {
        map::flush(self, range, wait)
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
        if !self.is_here() {
            return;
        }
        if self.is_segment {
            // SAFETY: what `shmat` returned, as the maker of `self` vouched, whose one owner is `self`.
            unsafe { map::detach(self.base) };
        } else {
            // SAFETY: what `map` returned, or the maker of `self` vouched for, whose one owner is `self`.
            unsafe { map::unmap(self.base, self.size) };
        }
    }
}

// SAFETY: an address range of the process, bound to no thread.
unsafe impl Send for Mapping {}

// SAFETY: `&Mapping` gives out an address and a size, which never change.
unsafe impl Sync for Mapping {}
