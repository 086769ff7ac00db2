//! A buffer that the kernel cannot write or read beyond.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ptr::{self, NonNull};
use std::slice;
use std::sync::atomic::{AtomicPtr, Ordering};

use ipc_core::{Errno, ret};
use ipc_mem::memory::at_offset;
use ipc_sys as c;

/// Room for counters, with an inaccessible page behind it.
///
/// `semctl` does not know how much room there is: it copies all counters of the set that has the id
/// by then. If the set was removed and a longer one has got the id, the copy meets the inaccessible
/// page and fails with `EFAULT`. It has then written only before that page: by the contract of the
/// kernel's copy (`raw_copy_to_user`, include/linux/uaccess.h), a copy that fails has stored a part
/// from the beginning on without a gap, and left all bytes behind that part as they were. `SETALL`
/// copies all values out of the buffer before it changes a counter. If a shorter set has got the
/// id, the copy leaves the rest of the buffer as it was: the caller must compare.
pub(super) struct GuardedBuffer {
    /// Where its header lies.
    head: NonNull<Head>,
}

/// The beginning of the mapping.
struct Head {
    /// The bytes between the beginning of the mapping and the inaccessible page.
    size: usize,
}

/// One that is free: a process needs more than one only if several threads ask at once.
static SPARE: AtomicPtr<Head> = AtomicPtr::new(ptr::null_mut());

impl GuardedBuffer {
    /// A buffer for at least `count` counters.
    pub(super) fn new(count: usize) -> Result<Self, Errno> {
        let wanted = count.checked_mul(size_of::<u16>()).ok_or(Errno::ENOMEM)?;
        let wanted = wanted.checked_add(size_of::<Head>()).ok_or(Errno::ENOMEM)?;
        if let Some(head) = NonNull::new(SPARE.swap(ptr::null_mut(), Ordering::AcqRel)) {
            let spare = Self { head };
            if spare.size() >= wanted {
                return Ok(spare);
            }
            spare.unmap();
        }
        Self::map(wanted)
    }

    fn map(wanted: usize) -> Result<Self, Errno> {
        let page = ipc_mem::page_size();
        let size = wanted.next_multiple_of(page);
        let (protection, flags) = (c::PROT_READ | c::PROT_WRITE, c::MAP_PRIVATE | c::MAP_ANONYMOUS);
        // SAFETY: no address is asked for, so no existing mapping changes.
        let base = unsafe { c::mmap(ptr::null_mut(), size + page, protection, flags, -1, 0) };
        if base == c::MAP_FAILED {
            return Err(Errno::last());
        }
        let head = NonNull::new(base.cast::<Head>()).ok_or(Errno::ENOMEM)?;
        // SAFETY: the beginning of a mapping, which is aligned to a page and larger than a `Head`.
        unsafe { head.write(Head { size }) };
        let this = Self { head };
        // The last page of the mapping, which nothing uses.
        let last = base.wrapping_byte_add(size);
        // SAFETY: a whole page of the mapping above.
        if let Err(errno) = ret::check(unsafe { c::mprotect(last, page, c::PROT_NONE) }) {
            this.unmap();
            return Err(errno);
        }
        Ok(this)
    }

    fn size(&self) -> usize {
        // SAFETY: written by `map`, and owned by this value alone.
        unsafe { self.head.as_ref() }.size
    }

    /// The last `count` counters before the inaccessible page, with any values. `count` is at most
    /// what [`new`](Self::new) was asked for.
    ///
    /// # Panics
    ///
    /// If `count` is larger than that, and the buffer does not hold as many.
    pub(super) fn counters(&mut self, count: usize) -> &mut [u16] {
        let bytes = count.checked_mul(size_of::<u16>());
        let offset = bytes.and_then(|bytes| self.size().checked_sub(bytes));
        // PANIC: the callers pass the number of counters that they passed to `new`.
        let offset = offset.filter(|offset| *offset >= size_of::<Head>()).expect("room for them");
        let first = at_offset(self.head, offset).cast::<u16>();
        // SAFETY: bytes of the mapping behind the head, aligned as `size` and the length are even,
        // and zeros or what was written here before; this value alone owns them.
        unsafe { slice::from_raw_parts_mut(first.as_ptr(), count) }
    }

    fn unmap(self) {
        let size = self.size() + ipc_mem::page_size();
        // SAFETY: the mapping of `map`, which is owned by this value alone.
        unsafe { c::munmap(self.head.as_ptr().cast(), size) };
        std::mem::forget(self);
    }
}

impl Drop for GuardedBuffer {
    /// Keeps it for the next call, in the place of one that is kept already.
    fn drop(&mut self) {
        if let Some(head) = NonNull::new(SPARE.swap(self.head.as_ptr(), Ordering::AcqRel)) {
            Self { head }.unmap();
        }
    }
}
