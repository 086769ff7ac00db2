//! Iterating over many elements a page at a time.

#![expect(unsafe_code, reason = "reaches elements in memory that other processes write")]

use std::ptr::NonNull;

use ipc_mem::memory::at_offset;
use ipc_mem::{Plain, granule};

/// A buffer for elements, private to this thread, aligned for every type that fits.
#[repr(align(64))]
pub(crate) struct Page([u8; Self::LEN]);

impl Page {
    const LEN: usize = 4096;

    pub(crate) fn new() -> Self {
        Self([0; Self::LEN])
    }

    /// The elements that fit into the buffer: an empty slice if not even one fits.
    pub(crate) fn elements<T: Plain>(&mut self) -> &mut [T] {
        let room =
            if align_of::<T>() > align_of::<Self>() { 0 } else { Self::LEN / size_of::<T>() };
        // SAFETY: `room` elements fit and are aligned, the bytes are borrowed with `self`, and any
        // bytes are elements (`Plain`, 2).
        unsafe { std::slice::from_raw_parts_mut(self.0.as_mut_ptr().cast(), room) }
    }
}

/// Calls `look` with copies of the `len` elements from `from` on, in order, one page at a time,
/// until it fails.
///
/// # Safety
///
/// `from` must be aligned, `len` elements from there on must be readable, and other code that
/// accesses them meanwhile must move granules of `T`.
pub(crate) unsafe fn copies<T: Plain, E>(
    from: NonNull<T>,
    len: usize,
    mut look: impl FnMut(&[T]) -> Result<(), E>,
) -> Result<(), E> {
    let mut page = Page::new();
    let copy = page.elements::<T>();
    let room = copy.len().max(1);
    for start in (0..len).step_by(room) {
        let from = at_offset(from, start * size_of::<T>());
        if copy.is_empty() {
            // SAFETY: one of the `len` elements, which the caller guarantees to be readable and
            // accessed by granules only.
            look(&[unsafe { granule::load(from) }])?;
            continue;
        }
        let copy = &mut copy[..room.min(len - start)];
        // SAFETY: at most the `len - start` elements that are left; the caller guarantees that
        // other code accesses them by granules only.
        unsafe { granule::copy_out(from, copy) };
        look(copy)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_copied_after_the_first_failure() {
        let elements = [7u8; 3 * Page::LEN];
        for fails_at in 1..=4 {
            let mut looks = 0;
            // SAFETY: all elements of a local array, which is not written meanwhile.
            let done = unsafe {
                copies(NonNull::from(&elements).cast::<u8>(), elements.len(), |_| {
                    looks += 1;
                    if looks == fails_at { Err(looks) } else { Ok(()) }
                })
            };
            assert_eq!(
                (done, looks),
                if fails_at < 4 { (Err(fails_at), fails_at) } else { (Ok(()), 3) }
            );
        }
    }
}
