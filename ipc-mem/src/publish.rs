//! How a header is published in memory that other processes may have mapped already, and how it is
//! read.
//!
//! The first eight bytes are written last, by one store with release ordering. A reader loads them
//! with acquire ordering first: if they are not zero, the whole header is complete.

#![expect(unsafe_code, reason = "copies headers that other processes write")]

use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::{Refusal, crash_point};

use crate::memory::at_offset;
use crate::{AccessMode, Memory, Region, Structure, granule};

/// The length of the part that is written last.
const FIRST: usize = size_of::<u64>();

/// Writes a header; its first eight bytes are written last.
///
/// # Safety
///
/// `base` is on a boundary of eight bytes, the bytes of the header are mapped there and writable,
/// and no other code writes them.
pub(crate) unsafe fn publish(base: NonNull<u8>, head: &[u8]) {
    let (first, rest) = head.split_at(FIRST);
    // SAFETY: the bytes of the header behind its first eight, which are mapped and writable, and
    // which no other code writes (contract).
    unsafe { granule::copy_in(rest, at_offset(base, FIRST)) };
    crash_point("publish.rest");
    // SAFETY: the first eight bytes, on a boundary of eight (contract), which are accessed
    // atomically here and in `first`.
    let word = unsafe { AtomicU64::from_ptr(base.cast().as_ptr()) };
    word.store(u64::from_ne_bytes(std::array::from_fn(|i| first[i])), Ordering::Release);
}

/// Copies the header at the beginning of a region: first the fixed part, then the length that the
/// fixed part specifies.
///
/// # Errors
///
/// [`is_mismatch`](Error::is_mismatch) if the region is too short or not aligned, or
/// [`Structure::head_len`] refuses.
pub(crate) fn read_back<S: Structure, A: AccessMode>(
    region: &Region<A>,
) -> Result<Vec<u8>, Refusal> {
    let (base, size) = (region.base(), region.size());
    if !base.addr().get().is_multiple_of(align_of::<u64>()) {
        return Err(Refusal::mismatch("open", "found bytes on a boundary of less than 8"));
    }
    stepwise::<S>(size, |at, into| {
        let from = at_offset(base, at);
        let (first, rest) = into.split_at_mut(if at == 0 { FIRST } else { 0 });
        if at == 0 {
            // SAFETY: the first eight bytes of the region, which are aligned; they are only loaded
            // here, atomically.
            let word = unsafe { AtomicU64::from_ptr(from.cast().as_ptr()) };
            first.copy_from_slice(&word.load(Ordering::Acquire).to_ne_bytes());
        }
        // SAFETY: bytes within the size of the region, for which alone `stepwise` asks. They belong
        // to a header, which is written by `publish` alone, and copied by granules of bytes.
        unsafe { granule::copy_out(at_offset(from, first.len()), rest) };
        Ok(())
    })
}

/// Reads the header of a memory object of `size` bytes, in two steps, with a function that reads at
/// an offset.
pub(crate) fn stepwise<S: Structure>(
    size: usize,
    mut read: impl FnMut(usize, &mut [u8]) -> Result<(), Refusal>,
) -> Result<Vec<u8>, Refusal> {
    const { assert!(S::FIXED >= FIRST, "a header has at least eight bytes") };
    let short = |wanted: usize| {
        Err(Refusal::mismatch(
            "open",
            format_args!("found {size} bytes, a header of {wanted} bytes does not fit"),
        ))
    };
    if S::FIXED > size {
        return short(S::FIXED);
    }
    let mut head = vec![0; S::FIXED];
    read(0, &mut head)?;
    let len = S::head_len(&head)?;
    if len > size {
        return short(len);
    }
    head.resize(len.max(S::FIXED), 0);
    read(S::FIXED, &mut head[S::FIXED..])?;
    Ok(head)
}

/// Reads and checks the header at the beginning of a memory object.
pub(crate) fn look<S: Structure, M: Memory>(memory: &M) -> Result<S::Layout, Refusal> {
    S::check(&read_back::<S, _>(memory.region())?, memory.region().size())
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use ipc_core::Result;

    use super::*;
    use crate::{Plan, ReadWrite, Tag};

    /// A structure whose ninth byte is the length of its header.
    struct Headed;

    // SAFETY: it has no bytes behind its header.
    unsafe impl Structure for Headed {
        const TAG: Tag = Tag::new(4712);
        const FIXED: usize = 16;

        type Access = ReadWrite;
        type Options = ();
        type Layout = ();

        fn plan((): &()) -> Result<Plan<()>, Refusal> {
            Ok(Plan { head: vec![40; 40], size: 40, align: 8, layout: () })
        }

        fn head_len(fixed: &[u8]) -> Result<usize, Refusal> {
            Ok(fixed[8].into())
        }

        fn check(_: &[u8], _: usize) -> Result<(), Refusal> {
            Ok(())
        }

        unsafe fn at(_: NonNull<u8>, (): ()) -> Result<Self, Refusal> {
            Ok(Self)
        }
    }

    /// Other processes may be writing what lies behind a header, with accesses of another width.
    #[test]
    fn no_byte_behind_a_header_is_copied() {
        for len in [0, 16, 17, 40] {
            let mut copied: Vec<Range<usize>> = Vec::new();
            let head = stepwise::<Headed>(1 << 20, |at, into| {
                into.fill(len);
                copied.push(at..at + into.len());
                Ok(())
            });
            assert_eq!(head.unwrap().len(), usize::from(len).max(16));
            assert!(copied.iter().all(|range| range.end <= usize::from(len).max(16)), "{copied:?}");
        }
        let too_long = stepwise::<Headed>(32, |_, into| {
            into.fill(40);
            Ok(())
        });
        assert!(too_long.is_err());
    }
}
