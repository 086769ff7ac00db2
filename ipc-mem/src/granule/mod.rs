//! Copying plain data to and from memory that other threads and processes write at the same time.
//!
//! The *granule* of a type is its alignment, but at most 8 bytes. Every access here moves whole
//! granules, and moves each granule in one access. So a value of one granule is never torn, and a
//! larger value is torn only between granules. Because the type is [`Plain`], the result is a valid
//! value in both cases. All processes that share an object use the granule of its element type,
//! because accesses of different widths to the same bytes must not race.
//!
//! [`load`] and [`store`] are relaxed atomic accesses. The functions that copy many values use
//! inline assembly. The compiler cannot look into it, and must treat it as relaxed accesses of
//! whole granules. These functions may move several granules with one instruction, and may move the
//! granules at the ends twice, the second time perhaps with the earlier value of two. The file of
//! each architecture documents the assumptions about the processor. Callers that need a guarantee
//! of the processor vendor must use [`load`] and [`store`].

#![expect(unsafe_code, reason = "reads and writes bytes that other processes write")]

#[cfg(all(any(target_arch = "aarch64", target_arch = "x86_64"), not(miri)))]
use std::arch::asm;
use std::mem::MaybeUninit;
use std::ptr::NonNull;
#[cfg(all(target_arch = "x86_64", not(miri)))]
use std::slice;

use crate::Plain;
#[cfg(all(target_arch = "x86_64", not(miri)))]
use crate::bytes;
use crate::memory::at_offset;

mod width;

#[cfg(all(target_arch = "aarch64", not(miri)))]
mod aarch64;
#[cfg(all(target_arch = "x86_64", not(miri)))]
mod x86_64;

#[cfg(all(target_arch = "aarch64", not(miri)))]
use aarch64 as machine;
#[cfg(any(miri, not(any(target_arch = "aarch64", target_arch = "x86_64"))))]
use width as machine;
#[cfg(all(target_arch = "x86_64", not(miri)))]
use x86_64 as machine;

#[cfg(all(any(target_arch = "aarch64", target_arch = "x86_64"), not(miri)))]
mod pieces;

/// Returns the size of the granule of a type, in bytes.
#[must_use]
pub const fn size_of_granule<T: Plain>() -> usize {
    if align_of::<T>() < 8 { align_of::<T>() } else { 8 }
}

/// Reads the value at `src`.
///
/// # Safety
///
/// `src` is aligned for `T`, its bytes are readable, and all other code that accesses them
/// meanwhile moves granules of `T`.
#[inline]
#[must_use]
pub unsafe fn load<T: Plain>(src: NonNull<T>) -> T {
    let mut value = MaybeUninit::<T>::uninit();
    let dst = value.as_mut_ptr();
    // SAFETY: `dst` has room for a `T` and is a local; the caller guarantees the contract of `src`.
    unsafe { width::copy(src.as_ptr(), dst, 1) };
    // SAFETY: all its bytes have just been written, and any bytes are a value (`Plain`, 2).
    unsafe { value.assume_init() }
}

/// Writes a value to `dst`.
///
/// # Safety
///
/// `dst` is aligned for `T`, its bytes are writable, and all other code that accesses them
/// meanwhile moves granules of `T`.
#[inline]
pub unsafe fn store<T: Plain>(dst: NonNull<T>, value: T) {
    // SAFETY: `value` is a local; the caller guarantees the contract of `dst`.
    unsafe { width::copy(&raw const value, dst.as_ptr(), 1) };
}

/// Reads `dst.len()` values, starting at `src`, into `dst`.
///
/// # Safety
///
/// `src` is aligned for `T`, `dst.len()` values from there on are readable, and all other code that
/// accesses them meanwhile moves granules of `T`.
#[inline]
pub unsafe fn copy_out<T: Plain>(src: NonNull<T>, dst: &mut [T]) {
    let len = dst.len();
    // SAFETY: `dst` is borrowed exclusively, so it does not overlap the shared bytes; the caller
    // guarantees the contract of `src`.
    unsafe { copy_across(src, NonNull::from(dst).cast(), len) };
}

/// Writes all values of `src` to the memory from `dst` on.
///
/// # Safety
///
/// `dst` is aligned for `T`, `src.len()` values from there on are writable, and all other code that
/// accesses them meanwhile moves granules of `T`.
#[inline]
pub unsafe fn copy_in<T: Plain>(src: &[T], dst: NonNull<T>) {
    // SAFETY: no other code writes `src` while it is borrowed, so it does not overlap the shared
    // bytes; the caller guarantees the contract of `dst`.
    unsafe { copy_across(NonNull::from(src).cast(), dst, src.len()) };
}

/// Copies `len` values from the memory at `src` to the memory at `dst`. Other threads and processes
/// may be writing both.
///
/// # Safety
///
/// `src` and `dst` are aligned for `T`, `len` values from `src` on are readable and from `dst` on
/// writable, the two ranges do not overlap, and all other code that accesses them meanwhile moves
/// granules of `T`.
#[inline]
pub unsafe fn copy_across<T: Plain>(src: NonNull<T>, dst: NonNull<T>, len: usize) {
    // SAFETY: the caller guarantees the contract, which is that of the callee.
    unsafe { machine::copy(src.as_ptr(), dst.as_ptr(), len) };
}

/// Asks the processor to fetch the cache line of a place that will soon be read. It has no other
/// effect, whatever the place is.
#[inline]
pub fn prefetch_to_read<T>(place: NonNull<T>) {
    // SAFETY: a prefetch accesses no memory, and never faults.
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    unsafe {
        asm!("prefetcht0 [{}]", in(reg) place.as_ptr(), options(nostack, preserves_flags, readonly));
    }
    // SAFETY: a prefetch accesses no memory, and never faults.
    #[cfg(all(target_arch = "aarch64", not(miri)))]
    unsafe {
        asm!("prfm pldl1keep, [{}]", in(reg) place.as_ptr(), options(nostack, preserves_flags, readonly));
    }
    let _ = place;
}

/// Asks the processor to fetch the cache line of a place that will soon be written, and to remove
/// it from the caches of other processors. It has no other effect, whatever the place is.
#[inline]
pub fn prefetch_to_write<T>(place: NonNull<T>) {
    // SAFETY: a prefetch accesses no memory, and never faults. All processors with 64 bits have the
    // instruction; on the first ones of Intel, it does nothing.
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    unsafe {
        asm!("prefetchw [{}]", in(reg) place.as_ptr(), options(nostack, preserves_flags, readonly));
    }
    // SAFETY: a prefetch accesses no memory, and never faults.
    #[cfg(all(target_arch = "aarch64", not(miri)))]
    unsafe {
        asm!("prfm pstl1keep, [{}]", in(reg) place.as_ptr(), options(nostack, preserves_flags, readonly));
    }
    let _ = place;
}

/// Writes `len` copies of `value` from `dst` on.
///
/// # Safety
///
/// `dst` is aligned for `T`, `len` values from there on are writable, and all code that accesses
/// them meanwhile moves granules of `T`.
#[inline]
pub unsafe fn fill<T: Plain>(dst: NonNull<T>, value: T, len: usize) {
    // The loops store at multiples of 32 as well, where a value must begin.
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    if let (Some(word), true) = (word_of(&value), len * size_of::<T>() >= size_of::<u64>())
        && (align_of::<T>() == size_of::<T>() || dst.addr().get().is_multiple_of(size_of::<T>()))
    {
        // SAFETY: at least a word; `len` values of which the word is a whole number, aligned and
        // writable (contract).
        return unsafe { machine::fill_words(dst.as_ptr().cast(), word, len * size_of::<T>()) };
    }
    // SAFETY: the caller guarantees the contract, which is that of the callee.
    unsafe { fill_by_patterns(dst, value, len) };
}

/// # Safety
///
/// As for [`fill`].
unsafe fn fill_by_patterns<T: Plain>(dst: NonNull<T>, value: T, len: usize) {
    let room =
        if align_of::<T>() > align_of::<Pattern>() { 0 } else { Pattern::LEN / size_of::<T>() };
    if room == 0 {
        for at in 0..len {
            // SAFETY: one of the `len` places, which are aligned and writable, and of which other
            // code moves granules of `T` (contract).
            unsafe { store(at_offset(dst, at * size_of::<T>()), value) };
        }
        return;
    }
    let mut pattern = MaybeUninit::<Pattern>::uninit();
    // SAFETY: that many values fit and are aligned, in a place that no other code has.
    let values = unsafe {
        std::slice::from_raw_parts_mut(pattern.as_mut_ptr().cast::<MaybeUninit<T>>(), room)
    };
    let some = room.min(len);
    values[..some].fill(MaybeUninit::new(value));
    let from = NonNull::from(&pattern).cast::<T>();
    let mut at = 0;
    while at < len {
        let some = room.min(len - at);
        // SAFETY: `some` values of the pattern are initialised, and `some` of the `len` places,
        // which are writable (contract), begin `at` places behind `dst`.
        unsafe { copy_across(from, at_offset(dst, at * size_of::<T>()), some) };
        at += some;
    }
}

/// Returns a word that consists of copies of a value, if a whole number of copies fills it.
#[cfg(all(target_arch = "x86_64", not(miri)))]
fn word_of<T: Plain>(value: &T) -> Option<u64> {
    let mut word = [0; size_of::<u64>()];
    if !matches!(size_of::<T>(), 1 | 2 | 4 | 8) {
        return None;
    }
    for place in word.chunks_exact_mut(size_of::<T>()) {
        place.copy_from_slice(bytes::of(slice::from_ref(value)));
    }
    Some(u64::from_ne_bytes(word))
}

/// A buffer for copies of one value, as long as one round of the loops that copy blocks.
#[repr(C, align(64))]
struct Pattern([u8; Self::LEN]);

impl Pattern {
    const LEN: usize = 128;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_granule_is_the_alignment_up_to_eight() {
        assert_eq!(size_of_granule::<[u8; 8]>(), 1);
        assert_eq!(size_of_granule::<[f32; 2]>(), 4);
        assert_eq!(size_of_granule::<f64>(), 8);
    }
}
