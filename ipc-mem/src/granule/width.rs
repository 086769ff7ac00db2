//! The integers that every processor moves in one access, and copying them one by one.

#![expect(unsafe_code, reason = "reads and writes bytes that other processes write")]

use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering::Relaxed};

use super::size_of_granule;
use crate::Plain;

/// An integer that the processor moves in one access.
pub(super) trait Granule: Sized {
    /// Copies one.
    ///
    /// # Safety
    ///
    /// `src` and `dst` are aligned, `src` is readable and `dst` writable, and all other code that
    /// accesses them meanwhile moves granules of this size.
    unsafe fn copy(src: *const Self, dst: *mut Self);
}

impl Granule for u8 {
    #[inline(always)]
    unsafe fn copy(src: *const Self, dst: *mut Self) {
        // SAFETY: the caller guarantees that `src` is aligned, readable, and accessed by other code
        // only atomically and in this width (contract).
        let value = unsafe { AtomicU8::from_ptr(src.cast_mut()) }.load(Relaxed);
        // SAFETY: the caller guarantees the same for `dst`, and that it is writable (contract).
        unsafe { AtomicU8::from_ptr(dst) }.store(value, Relaxed);
    }
}

impl Granule for u16 {
    #[inline(always)]
    unsafe fn copy(src: *const Self, dst: *mut Self) {
        // SAFETY: the caller guarantees that `src` is aligned, readable, and accessed by other code
        // only atomically and in this width (contract).
        let value = unsafe { AtomicU16::from_ptr(src.cast_mut()) }.load(Relaxed);
        // SAFETY: the caller guarantees the same for `dst`, and that it is writable (contract).
        unsafe { AtomicU16::from_ptr(dst) }.store(value, Relaxed);
    }
}

impl Granule for u32 {
    #[inline(always)]
    unsafe fn copy(src: *const Self, dst: *mut Self) {
        // SAFETY: the caller guarantees that `src` is aligned, readable, and accessed by other code
        // only atomically and in this width (contract).
        let value = unsafe { AtomicU32::from_ptr(src.cast_mut()) }.load(Relaxed);
        // SAFETY: the caller guarantees the same for `dst`, and that it is writable (contract).
        unsafe { AtomicU32::from_ptr(dst) }.store(value, Relaxed);
    }
}

impl Granule for u64 {
    #[inline(always)]
    unsafe fn copy(src: *const Self, dst: *mut Self) {
        // SAFETY: the caller guarantees that `src` is aligned, readable, and accessed by other code
        // only atomically and in this width (contract).
        let value = unsafe { AtomicU64::from_ptr(src.cast_mut()) }.load(Relaxed);
        // SAFETY: the caller guarantees the same for `dst`, and that it is writable (contract).
        unsafe { AtomicU64::from_ptr(dst) }.store(value, Relaxed);
    }
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
        1 => unsafe { each::<T, u8>(src, dst, len) },
        // SAFETY: the granule of `T` has that size; the caller guarantees the rest (contract).
        2 => unsafe { each::<T, u16>(src, dst, len) },
        // SAFETY: the granule of `T` has that size; the caller guarantees the rest (contract).
        4 => unsafe { each::<T, u32>(src, dst, len) },
        // SAFETY: the granule of `T` has that size; the caller guarantees the rest (contract).
        _ => unsafe { each::<T, u64>(src, dst, len) },
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
        unsafe { W::copy(src.wrapping_add(at), dst.wrapping_add(at)) };
    }
}
