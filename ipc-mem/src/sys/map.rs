//! What the system does with a mapping.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ffi::{c_int, c_ulong, c_void};
use std::fs::File;
use std::mem;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::ptr::{self, NonNull};

use super::c;
use crate::{Access, Mapping};
use ipc_core::{Errno, ret};

use crate::Usage;

/// The number of bytes of a page.
#[must_use]
pub fn page_size() -> usize {
    // SAFETY: takes and returns numbers only.
    let size = unsafe { c::sysconf(c::_SC_PAGESIZE) };
    usize::try_from(size).unwrap_or(4096) // no system fails to know it
}

/// What changes the bytes of no memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Advice {
    DontFork,
    HugePages,
    Collapse,
    /// For such access; the pages are there when this returns.
    Populate(Access),
}

/// The pages that have any byte of a range, which lies within the mapping.
fn pages(mapping: &Mapping, range: Range<usize>) -> (*mut c_void, usize) {
    assert!(range.start <= range.end && range.end <= mapping.size(), "{range:?} of {} bytes", mapping.size());
    let start = range.start - range.start % page_size();
    (mapping.base().as_ptr().wrapping_add(start).cast(), range.end - start)
}

/// # Panics
///
/// If the range does not lie within the mapping; so for all here.
pub(crate) fn advise(mapping: &Mapping, range: Range<usize>, advice: Advice) -> Result<(), Errno> {
    let (place, len) = pages(mapping, range);
    let advice = match advice {
        Advice::DontFork => c::MADV_DONTFORK,
        Advice::HugePages => c::MADV_HUGEPAGE,
        Advice::Collapse => c::MADV_COLLAPSE,
        Advice::Populate(Access::ReadOnly) => c::MADV_POPULATE_READ,
        Advice::Populate(Access::ReadWrite) => c::MADV_POPULATE_WRITE,
    };
    // SAFETY: pages of a mapping that is borrowed; none of these kinds of advice changes what is in them.
    ret::retry(|| ret::check(unsafe { c::madvise(place, len, advice) }).map(drop))
}

/// Tells how a range will be used.
pub(crate) fn advise_use(mapping: &Mapping, range: Range<usize>, usage: Usage) -> Result<(), Errno> {
    let (place, len) = pages(mapping, range);
    let advice = match usage {
        Usage::Normal => c::POSIX_MADV_NORMAL,
        Usage::Random => c::POSIX_MADV_RANDOM,
        Usage::Sequential => c::POSIX_MADV_SEQUENTIAL,
        Usage::WillNeed => c::POSIX_MADV_WILLNEED,
        Usage::DontNeed => c::POSIX_MADV_DONTNEED,
    };
    // SAFETY: pages of a mapping that is borrowed; POSIX's advice changes what is in none of them: where
    // the system's own would, the C library does nothing.
    ret::code(unsafe { c::posix_madvise(place, len, advice) })
}

/// Keeps pages in memory.
pub(crate) fn lock(mapping: &Mapping, range: Range<usize>) -> Result<(), Errno> {
    let (place, len) = pages(mapping, range);
    // SAFETY: pages of a mapping that is borrowed, which stay what they are.
    ret::check(unsafe { c::mlock(place, len) }).map(drop)
}

/// Writes pages to their file, and waits for that or not.
pub(crate) fn flush(mapping: &Mapping, range: Range<usize>, wait: bool) -> Result<(), Errno> {
    let (place, len) = pages(mapping, range);
    let how = if wait { c::MS_SYNC } else { c::MS_ASYNC };
    // SAFETY: pages of a mapping that is borrowed, which stay what they are.
    ret::retry(|| ret::check(unsafe { c::msync(place, len, how) }).map(drop))
}

/// As `Mapping::new`, or `Mapping::anonymous` if there is no file, on a boundary of so many bytes.
pub(crate) fn on_boundary(file: Option<&File>, size: usize, access: Access, boundary: usize) -> Result<Mapping, Errno> {
    let pages = size.checked_next_multiple_of(page_size()).ok_or(Errno::ENOMEM)?;
    // Takes more room, maps where it is on a boundary, and gives back what is before and behind.
    let room = pages.checked_add(boundary).ok_or(Errno::ENOMEM)?;
    let flags = c::MAP_PRIVATE | c::MAP_ANONYMOUS | c::MAP_NORESERVE;
    // SAFETY: no address is asked for, so nothing that is mapped already changes.
    let start = mapped(unsafe { c::mmap(ptr::null_mut(), room, c::PROT_NONE, flags, -1, 0) })?;
    // SAFETY: mapped by the call above, and nobody else knows of it.
    let whole = unsafe { Mapping::from_raw(start, room) };
    let before = start.addr().get().next_multiple_of(boundary) - start.addr().get();
    // SAFETY: less than `boundary`, and so within the room.
    let place = unsafe { start.add(before) };
    let protection = if access == Access::ReadOnly { c::PROT_READ } else { c::PROT_READ | c::PROT_WRITE };
    let (fd, source) = file.map_or((-1, c::MAP_ANONYMOUS), |file| (file.as_raw_fd(), 0));
    let flags = c::MAP_SHARED | c::MAP_FIXED | source;
    // SAFETY: within the room, which is nobody else's and holds nothing.
    mapped(unsafe { c::mmap(place.as_ptr().cast(), size, protection, flags, fd, 0) })?;
    mem::forget(whole);
    // SAFETY: it ends within the room, as `room` was computed.
    let behind = unsafe { place.add(pages) };
    for (rest, len) in [(start, before), (behind, boundary - before)] {
        // SAFETY: mapped above, on whole pages, nobody else's and not part of what was mapped at `place`.
        drop((len > 0).then(|| unsafe { Mapping::from_raw(rest, len) }));
    }
    // SAFETY: mapped above, and nobody else knows of it.
    Ok(unsafe { Mapping::from_raw(place, size) })
}

/// Asks for pages from a node of the machine, also for those that are there already.
pub(crate) fn prefer_node(mapping: &Mapping, node: u32) -> Result<(), Errno> {
    const NODES: usize = 1024;
    const BITS: usize = c_ulong::BITS as usize;
    let mut nodes: [c_ulong; NODES / BITS] = [0; NODES / BITS];
    let node = node as usize;
    *nodes.get_mut(node / BITS).ok_or(Errno::EINVAL)? |= 1 << (node % BITS);
    let (place, len) = pages(mapping, 0..mapping.size());
    let flags = c::MPOL_MF_MOVE;
    // The system takes one bit less than it is told.
    let bits = NODES + 1;
    // SAFETY: pages of a mapping that is borrowed, which may move in the machine but not in the address space, and a
    // set of so many bits, which is there until the call returns.
    ret::check(unsafe { c::syscall(c::SYS_mbind, place, len, c::MPOL_PREFERRED, ptr::from_ref(&nodes), bits, flags) })
        .map(drop)
}

/// Maps `size` bytes of a file from `offset` on, or as many zeros, at an address that the system chooses.
///
/// `sharing` is `MAP_SHARED` or `MAP_PRIVATE`.
pub(crate) fn map(
    file: Option<&File>,
    offset: u64,
    size: usize,
    access: Access,
    sharing: c_int,
) -> Result<NonNull<u8>, Errno> {
    let protection = match access {
        Access::ReadOnly => c::PROT_READ,
        Access::ReadWrite => c::PROT_READ | c::PROT_WRITE,
    };
    let (fd, source) = file.map_or((-1, c::MAP_ANONYMOUS), |file| (file.as_raw_fd(), 0));
    let offset = i64::try_from(offset).map_err(|_| Errno::EOVERFLOW)?;
    // SAFETY: no address is asked for, so nothing that is mapped already changes.
    mapped(unsafe { c::mmap(ptr::null_mut(), size, protection, sharing | source, fd, offset) })
}

/// Takes a mapping back.
///
/// # Safety
///
/// `map` returned `base` for `size` bytes, and nobody uses them any more.
pub(crate) unsafe fn unmap(base: NonNull<u8>, size: usize) {
    // SAFETY: a mapping of ours that is used no more, as the caller vouches.
    let done = unsafe { c::munmap(base.as_ptr().cast(), size) };
    debug_assert_eq!(done, 0, "munmap of a mapping of ours: {}", Errno::last());
}

/// Takes a segment of System V back.
///
/// # Safety
///
/// `shmat` returned `base`, and nobody uses the segment there any more.
pub(crate) unsafe fn detach(base: NonNull<u8>) {
    // SAFETY: a segment of ours that is used no more, as the caller vouches.
    let done = unsafe { c::shmdt(base.as_ptr().cast()) };
    debug_assert_eq!(done, 0, "shmdt of a segment of ours: {}", Errno::last());
}

/// Maps a page of a file that no access is possible to, and that a forked child does not have.
pub(crate) fn life_page(file: &File) -> Result<NonNull<u8>, Errno> {
    let fd = file.as_raw_fd();
    // SAFETY: no address is asked for, so no existing mapping changes.
    let page = mapped(unsafe { c::mmap(ptr::null_mut(), 1, c::PROT_NONE, c::MAP_SHARED, fd, 0) })?;
    // SAFETY: the page mapped above, which no other code knows of.
    if let Err(errno) = ret::check(unsafe { c::madvise(page.as_ptr().cast(), 1, c::MADV_DONTFORK) }) {
        // SAFETY: the page mapped above, which no other code knows of.
        unsafe { unmap(page, 1) };
        return Err(errno);
    }
    Ok(page)
}

fn mapped(base: *mut c_void) -> Result<NonNull<u8>, Errno> {
    if base == c::MAP_FAILED {
        return Err(Errno::last());
    }
    // A mapping at address 0 is not given to anybody who has not asked for that address.
    NonNull::new(base.cast()).ok_or(Errno::ENOMEM)
}
