//! System calls on mappings.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ffi::{c_int, c_ulong, c_void};
use std::fs::File;
use std::mem;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::ptr::{self, NonNull};

use super::c;
use super::limit::Limit;
use crate::memory::at_offset;
use crate::{Access, Mapping};
use ipc_core::{Errno, Refusal, ret};

use crate::Usage;

/// Returns the page size, in bytes.
#[must_use]
pub fn page_size() -> usize {
    c::page_size()
}

/// Advice that does not change the bytes of any mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Advice {
    DontFork,
    HugePages,
    Collapse,
    /// Allocates the pages for this access before it returns.
    Populate(Access),
}

/// Returns the pages that contain any byte of a range, which lies within the mapping.
fn pages(mapping: &Mapping, range: Range<usize>) -> (*mut c_void, usize) {
    assert!(
        range.start <= range.end && range.end <= mapping.size(),
        "{range:?} of {} bytes",
        mapping.size()
    );
    let start = range.start - range.start % page_size();
    (mapping.base().as_ptr().wrapping_add(start).cast(), range.end - start)
}

/// # Panics
///
/// If the range does not lie within the mapping. This holds for all functions here.
pub(crate) fn advise(mapping: &Mapping, range: Range<usize>, advice: Advice) -> Result<(), Errno> {
    let (place, len) = pages(mapping, range);
    let advice = match advice {
        Advice::DontFork => c::MADV_DONTFORK,
        Advice::HugePages => c::MADV_HUGEPAGE,
        Advice::Collapse => c::MADV_COLLAPSE,
        Advice::Populate(Access::ReadOnly) => c::MADV_POPULATE_READ,
        Advice::Populate(Access::ReadWrite) => c::MADV_POPULATE_WRITE,
    };
    // SAFETY: pages of a mapping that is borrowed; none of these kinds of advice changes their
    // content.
    ret::retry(|| ret::check(unsafe { c::madvise(place, len, advice) }).map(drop))
}

/// Advises the system how a range will be used.
pub(crate) fn advise_use(
    mapping: &Mapping,
    range: Range<usize>,
    usage: Usage,
) -> Result<(), Errno> {
    let (place, len) = pages(mapping, range);
    let advice = match usage {
        Usage::Normal => c::POSIX_MADV_NORMAL,
        Usage::Random => c::POSIX_MADV_RANDOM,
        Usage::Sequential => c::POSIX_MADV_SEQUENTIAL,
        Usage::WillNeed => c::POSIX_MADV_WILLNEED,
        Usage::DontNeed => c::POSIX_MADV_DONTNEED,
    };
    // SAFETY: pages of a mapping that is borrowed; POSIX's advice does not change their content:
    // where the system's own would, the C library does nothing.
    ret::code(unsafe { c::posix_madvise(place, len, advice) })
}

/// Locks pages in memory.
pub(crate) fn lock(mapping: &Mapping, range: Range<usize>) -> Result<(), Errno> {
    let (place, len) = pages(mapping, range);
    // SAFETY: pages of a mapping that is borrowed, whose content does not change.
    ret::check(unsafe { c::mlock(place, len) }).map(drop)
}

/// Writes pages back to the file. If `wait` is `true`, waits until they are written.
pub(crate) fn flush(mapping: &Mapping, range: Range<usize>, wait: bool) -> Result<(), Errno> {
    let (place, len) = pages(mapping, range);
    let how = if wait { c::MS_SYNC } else { c::MS_ASYNC };
    // SAFETY: pages of a mapping that is borrowed, whose content does not change.
    ret::retry(|| ret::check(unsafe { c::msync(place, len, how) }).map(drop))
}

/// Maps like `Mapping::new`, or without a file like `Mapping::anonymous`, at a multiple of
/// `boundary`.
pub(crate) fn on_boundary(
    file: Option<&File>,
    size: usize,
    access: Access,
    boundary: usize,
) -> Result<Mapping, Errno> {
    let pages = size.checked_next_multiple_of(page_size()).ok_or(Errno::ENOMEM)?;
    // Reserves a larger range, maps at the boundary within it, and unmaps the rest before and
    // after.
    let room = pages.checked_add(boundary).ok_or(Errno::ENOMEM)?;
    let whole = map(None, 0, room, c::PROT_NONE, c::MAP_PRIVATE | c::MAP_NORESERVE)?;
    let start = whole.base();
    let before = start.addr().get().next_multiple_of(boundary) - start.addr().get();
    let place = at_offset(start, before);
    let protection = protection(access);
    let (fd, source) = file.map_or((-1, c::MAP_ANONYMOUS), |file| (file.as_raw_fd(), 0));
    let flags = c::MAP_SHARED | c::MAP_FIXED | source;
    // SAFETY: within the range reserved above, since `before` is less than `boundary`; no other code
    // uses it, and it holds no data.
    mapped(unsafe { c::mmap(place.as_ptr().cast(), size, protection, flags, fd, 0) })?;
    mem::forget(whole);
    let behind = at_offset(place, pages);
    for (rest, len) in [(start, before), (behind, boundary - before)] {
        // SAFETY: mapped above, whole pages of the room before and behind the mapping at `place`,
        // used by no other code.
        drop((len > 0).then(|| unsafe { Mapping::from_raw(rest, len) }));
    }
    // SAFETY: mapped above, and no other code has its address.
    Ok(unsafe { Mapping::from_raw(place, size) })
}

/// Requests pages of a NUMA node, and moves pages that exist already.
pub(crate) fn prefer_node(mapping: &Mapping, node: u32) -> Result<(), Errno> {
    const NODES: usize = 1024;
    const BITS: usize = c_ulong::BITS as usize;
    let mut nodes: [c_ulong; NODES / BITS] = [0; NODES / BITS];
    let node = node as usize;
    *nodes.get_mut(node / BITS).ok_or(Errno::EINVAL)? |= 1 << (node % BITS);
    let (place, len) = pages(mapping, 0..mapping.size());
    let flags = c::MPOL_MF_MOVE;
    // The system reads one bit less than this number.
    let bits = NODES + 1;
    // SAFETY: pages of a mapping that is borrowed, which may move in the machine but not in the
    // address space, and a set of at least `bits - 1` bits, which lives until the call returns.
    ret::check(unsafe {
        c::syscall(c::SYS_mbind, place, len, c::MPOL_PREFERRED, ptr::from_ref(&nodes), bits, flags)
    })
    .map(drop)
}

/// The access rights of pages that are mapped with this access mode.
pub(crate) fn protection(access: Access) -> c_int {
    match access {
        Access::ReadOnly => c::PROT_READ,
        Access::ReadWrite => c::PROT_READ | c::PROT_WRITE,
    }
}

/// Maps `size` bytes of a file from `offset` on, or `size` zeros, at an address that the system
/// chooses.
///
/// `sharing` contains `MAP_SHARED` or `MAP_PRIVATE`, but no flag that requests an address.
pub(crate) fn map(
    file: Option<&File>,
    offset: u64,
    size: usize,
    protection: c_int,
    sharing: c_int,
) -> Result<Mapping, Errno> {
    assert_eq!(sharing & (c::MAP_FIXED | c::MAP_FIXED_NOREPLACE), 0, "an address is requested");
    let (fd, source) = file.map_or((-1, c::MAP_ANONYMOUS), |file| (file.as_raw_fd(), 0));
    let offset = i64::try_from(offset).map_err(|_| Errno::EOVERFLOW)?;
    let flags = sharing | source;
    // SAFETY: no address is requested, so nothing that is mapped already changes.
    let base = mapped(unsafe { c::mmap(ptr::null_mut(), size, protection, flags, fd, offset) })?;
    // SAFETY: mapped by the call above, and no other code has its address.
    Ok(unsafe { Mapping::from_raw(base, size) })
}

/// Unmaps a mapping.
///
/// # Safety
///
/// `map` returned `base` for `size` bytes, and no code uses them any longer.
pub(crate) unsafe fn unmap(base: NonNull<u8>, size: usize) {
    // It fails only where the rest of a mapping would be one more than `vm.max_map_count`: then the
    // bytes stay mapped. SAFETY: a mapping of ours that is no longer used, as the caller
    // guarantees.
    let _ = unsafe { c::munmap(base.as_ptr().cast(), size) };
}

/// Detaches a System V segment.
///
/// # Safety
///
/// `shmat` returned `base`, and no code uses the segment at that address any longer.
pub(crate) unsafe fn detach(base: NonNull<u8>) {
    // SAFETY: a segment of ours that is no longer used, as the caller guarantees.
    let _ = unsafe { c::shmdt(base.as_ptr().cast()) };
}

/// Maps a page of a file without access rights. Forked children do not inherit the page.
pub(crate) fn attach_page(file: &File) -> Result<Mapping, Refusal> {
    let page = map(Some(file), 0, 1, c::PROT_NONE, c::MAP_SHARED).map_err(not_mapped)?;
    let page = page.not_inherited();
    advise(&page, 0..1, Advice::DontFork).map_err(|errno| {
        let why = "a page that forked children do not have is how this process is counted";
        Refusal::os("madvise", errno).because(why)
    })?;
    Ok(page)
}

/// Returns the error of a failed `mmap`, with the limit that may have caused it.
pub(crate) fn not_mapped(errno: Errno) -> Refusal {
    let refusal = Refusal::os("mmap", errno);
    match why_not_mapped(errno) {
        Some(why) => refusal.because(why),
        None => refusal,
    }
}

/// Returns the limit that may have caused an error of `mmap`.
pub(crate) fn why_not_mapped(errno: Errno) -> Option<String> {
    let limit = |limit: Limit, name: &str| {
        limit.get().map(|bytes| format!("the limit {name} is {bytes} bytes"))
    };
    match errno {
        Errno::ENOMEM => {
            let limit = limit(Limit::AddressSpace, "RLIMIT_AS (`ulimit -v`)");
            Some(limit.unwrap_or_else(|| {
                String::from("no address space, or `vm.max_map_count` mappings")
            }))
        }
        Errno::EAGAIN => {
            let limit =
                limit(Limit::LockedMemory, "RLIMIT_MEMLOCK (`ulimit -l`)").unwrap_or_default();
            Some(format!("all mappings of this process are locked (`mlockall`); {limit}"))
        }
        _ => None,
    }
}

fn mapped(base: *mut c_void) -> Result<NonNull<u8>, Errno> {
    if base == c::MAP_FAILED {
        return Err(Errno::last());
    }
    // The system maps at address 0 only if that address is requested.
    NonNull::new(base.cast()).ok_or(Errno::ENOMEM)
}
