//! Mappings: ranges of bytes in the address space, and how they are mapped and unmapped.

#![expect(unsafe_code, reason = "owns a mapping, which any thread may have")]

use std::alloc::{self, Layout};
use std::fs::File;
use std::ops::Range;
use std::ptr::NonNull;

use crate::page_size;
use crate::sys::limit::FileSystem;
use crate::sys::{c, map};
use crate::{Access, Usage};
use ipc_core::{Errno, Origin, Refusal};

/// The origin of the bytes, which decides how they are released.
#[derive(Clone, Copy, Debug)]
enum Source {
    Map,
    /// A System V segment, which is detached.
    Segment,
    /// The allocator.
    Heap(Layout),
}

/// Mapped bytes, unmapped when dropped.
#[derive(Debug)]
pub struct Mapping {
    base: NonNull<u8>,
    size: usize,
    /// The number of bytes to unmap: a multiple of the page size if the pages are huge.
    mapped: usize,
    source: Source,
    /// The process that has the mapping, if forked children do not inherit it.
    only_in: Option<Origin>,
}

impl Mapping {
    /// Maps the first `size` bytes of a file, shared with every process that maps it, at an address
    /// that the system chooses.
    ///
    /// # Errors
    ///
    /// The error of `mmap`.
    pub fn new(file: &File, size: usize, access: Access) -> Result<Self, Errno> {
        Self::part(file, 0, size, access)
    }

    /// Maps `size` bytes of a file starting at `offset`, a multiple of the page size; otherwise
    /// like [`new`](Self::new).
    ///
    /// # Errors
    ///
    /// The error of `mmap`.
    pub fn part(file: &File, offset: u64, size: usize, access: Access) -> Result<Self, Errno> {
        let protection = map::protection(access);
        map::map(Some(file), offset, size, protection, c::MAP_SHARED).map(|new| new.of_file(file))
    }

    /// Maps part of a file like [`part`](Self::part), to read and write, but privately: writes stay
    /// in this process and never reach the file.
    ///
    /// # Errors
    ///
    /// The error of `mmap`.
    #[doc(alias = "MAP_PRIVATE")]
    pub fn copy_on_write(file: &File, offset: u64, size: usize) -> Result<Self, Errno> {
        let protection = map::protection(Access::ReadWrite);
        map::map(Some(file), offset, size, protection, c::MAP_PRIVATE).map(|new| new.of_file(file))
    }

    /// Maps `size` zeros, shared with the children that this process forks.
    ///
    /// # Errors
    ///
    /// The error of `mmap`.
    #[doc(alias = "MAP_ANONYMOUS")]
    pub fn anonymous(size: usize) -> Result<Self, Errno> {
        map::map(None, 0, size, map::protection(Access::ReadWrite), c::MAP_SHARED)
    }

    /// Allocates `size` zeroed bytes aligned to `align`, for this process only.
    ///
    /// # Errors
    ///
    /// An invalid argument if `size` is 0 or more than `isize::MAX`; `ENOMEM` if the allocation
    /// fails.
    #[doc(alias = "malloc")]
    pub fn allocated(size: usize, align: usize) -> Result<Self, Refusal> {
        if size == 0 {
            return Err(Refusal::invalid("malloc", "a size of 0 bytes"));
        }
        let Ok(layout) = Layout::from_size_align(size, align) else {
            return Err(Refusal::invalid(
                "malloc",
                format_args!("{size} bytes are more than an address space has"),
            ));
        };
        // SAFETY: the size of the layout is not 0, as checked above.
        match NonNull::new(unsafe { alloc::alloc_zeroed(layout) }) {
            Some(base) => Ok(Self::from(base, size, Source::Heap(layout))),
            None => {
                Err(Refusal::os("malloc", Errno::ENOMEM)
                    .because(format_args!("wanted {size} bytes")))
            }
        }
    }

    /// Takes ownership of bytes that were mapped by other code.
    ///
    /// # Safety
    ///
    /// At least `size` bytes are mapped at `base`, as a shared or a private mapping. The mapping
    /// may be longer than `size`, but only up to the end of the page that contains the last of
    /// these bytes. No other code unmaps them, and the owner of this value may call `munmap` on
    /// them.
    #[must_use]
    pub unsafe fn from_raw(base: NonNull<u8>, size: usize) -> Self {
        Self::from(base, size, Source::Map)
    }

    /// Takes ownership of the bytes of an attached System V segment. Dropping the mapping detaches
    /// the segment.
    ///
    /// # Safety
    ///
    /// `shmat` returned `base` for a segment of `size` bytes, and the owner of this value may call
    /// `shmdt` on it.
    #[doc(alias = "shmdt")]
    #[must_use]
    pub unsafe fn from_segment(base: NonNull<u8>, size: usize) -> Self {
        Self::from(base, size, Source::Segment)
    }

    /// Records that forked children do not inherit these bytes (`MADV_DONTFORK`). A child may have
    /// other bytes mapped at this address, so its copy of this value unmaps nothing.
    #[must_use]
    pub fn not_inherited(mut self) -> Self {
        self.only_in = Some(Origin::here());
        self
    }

    /// Returns `true` if no other process, not even a forked child, can reach the same bytes.
    pub(crate) fn is_local(&self) -> bool {
        matches!(self.source, Source::Heap(_))
    }

    fn from(base: NonNull<u8>, size: usize, source: Source) -> Self {
        Self { base, size, mapped: size, source, only_in: None }
    }

    fn of_file(mut self, file: &File) -> Self {
        self.mapped = self.size.next_multiple_of(Self::page_size_of(file));
        self
    }

    /// Returns the page size of a file. In a file system of huge pages (`hugetlbfs`), a mapping
    /// begins on the boundary of a huge page, and is unmapped in whole huge pages.
    #[must_use]
    pub fn page_size_of(file: &File) -> usize {
        FileSystem::of(file).ok().and_then(|system| system.huge_page).unwrap_or_else(page_size)
    }

    /// Returns `true` if the bytes are mapped in this process. In a forked child they may not be.
    #[must_use]
    #[inline]
    pub fn is_here(&self) -> bool {
        self.only_in.is_none_or(Origin::is_here)
    }

    /// Advises the system how a range of the bytes will be used.
    ///
    /// # Errors
    ///
    /// The error of `posix_madvise`.
    ///
    /// # Panics
    ///
    /// If the range does not lie within the mapping.
    #[doc(alias = "posix_madvise")]
    pub fn advise(&self, range: Range<usize>, usage: Usage) -> Result<(), Errno> {
        map::advise_use(self, range, usage)
    }

    /// Writes a range of the bytes back to the file. If `wait` is `true`, waits until they are
    /// written.
    ///
    /// # Errors
    ///
    /// The error of `msync`.
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
        match self.source {
            // SAFETY: `map` returned it, or the contract of `from_raw` holds; `self` is its only
            // owner.
            Source::Map => unsafe { map::unmap(self.base, self.mapped) },
            // SAFETY: `shmat` returned it (contract of `from_segment`), and `self` is its only
            // owner.
            Source::Segment => unsafe { map::detach(self.base) },
            // SAFETY: allocated with this layout in `allocated`, and `self` is its only owner.
            Source::Heap(layout) => unsafe { alloc::dealloc(self.base.as_ptr(), layout) },
        }
    }
}

// SAFETY: an address range of the process, bound to no thread.
unsafe impl Send for Mapping {}

// SAFETY: `&Mapping` returns only an address and a size, which never change.
unsafe impl Sync for Mapping {}
