//! The integers that every processor moves in one access, and copying them one by one.

#![expect(unsafe_code, reason = "reads and writes bytes that other processes write")]

use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering::Relaxed};

use super::size_of_granule;
use crate::Plain;

/// An integer that the processor moves in one access.
pub(super) trait Granule {
    /// Stores the value of another one.
    fn copy_from(&self, other: &Self);
}

impl Granule for AtomicU8 {
    #[inline(always)]
    fn copy_from(&self, other: &Self) {
        self.store(other.load(Relaxed), Relaxed);
    }
}

impl Granule for AtomicU16 {
    #[inline(always)]
    fn copy_from(&self, other: &Self) {
        self.store(other.load(Relaxed), Relaxed);
    }
}

impl Granule for AtomicU32 {
    #[inline(always)]
    fn copy_from(&self, other: &Self) {
        self.store(other.load(Relaxed), Relaxed);
    }
}

impl Granule for AtomicU64 {
    #[inline(always)]
    fn copy_from(&self, other: &Self) {
        self.store(other.load(Relaxed), Relaxed);
    }
}

/// Copies one granule.
///
/// # Safety
///
/// `src` and `dst` are aligned, `src` is readable and `dst` writable, and all other code that
/// accesses them meanwhile moves granules of this size.
#[inline(always)]
pub(super) unsafe fn copy_one<W: Granule>(src: *const W, dst: *mut W) {
    // SAFETY: the caller guarantees that `src` is aligned, readable, and accessed by other code only
    // atomically and in this width (contract).
    let src = unsafe { &*src };
    // SAFETY: the caller guarantees the same for `dst`, and that it is writable (contract).
    unsafe { &*dst }.copy_from(src);
}

/// Copies `len` values, granule by granule.
///
/// # Safety
///
/// As for [`copy_across`](super::copy_across).
#[inline(always)]
pub(super) unsafe fn copy<T: Plain>(src: *const T, dst: *mut T, len: usize) {
    match size_of_granule::<T>() {
        // SAFETY: the granule of `T` has that size; the caller guarantees the rest (contract).
        1 => unsafe { each::<T, AtomicU8>(src, dst, len) },
        // SAFETY: the granule of `T` has that size; the caller guarantees the rest (contract).
        2 => unsafe { each::<T, AtomicU16>(src, dst, len) },
        // SAFETY: the granule of `T` has that size; the caller guarantees the rest (contract).
        4 => unsafe { each::<T, AtomicU32>(src, dst, len) },
        // SAFETY: the granule of `T` has that size; the caller guarantees the rest (contract).
        _ => unsafe { each::<T, AtomicU64>(src, dst, len) },
    }
}

/// # Safety
///
/// As for [`copy`], and `W` is the granule of `T`.
#[inline(always)]
unsafe fn each<T: Plain, W: Granule>(src: *const T, dst: *mut T, len: usize) {
    let (src, dst) = (src.cast::<W>(), dst.cast::<W>());
    for at in 0..len * (size_of::<T>() / size_of::<W>()) {
        // SAFETY: a granule of one of the `len` values of the contract, aligned because the size of
        // `W` is at most the alignment of `T`.
        unsafe { copy_one(src.wrapping_add(at), dst.wrapping_add(at)) };
    }
}
