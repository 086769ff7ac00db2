//! Copying plain data in and out of memory that others write at the same time.
//!
//! A type's *granule* is its alignment, 8 bytes at most. Every access here moves
//! whole granules, each at once and only once, so that a value of one granule is
//! never torn and a larger one is torn only between granules; since the type is
//! [`Plain`], what comes out is a value either way. All that share an object use
//! one granule, the one of its element type: mixing widths on the same bytes is not
//! allowed to race.
//!
//! [`load`] and [`store`] are relaxed atomic accesses. The copies of many values are
//! written in the language of the machine, which the compiler takes for relaxed
//! accesses of whole granules, as it cannot look inside. They may move several
//! granules by one instruction; what that rests on, the file of each machine says.
//! Who needs it from the maker of the machine in writing uses `load` and `store`.

#![expect(unsafe_code, reason = "reads and writes bytes that other processes write")]

use std::mem::MaybeUninit;
use std::ptr::NonNull;

use crate::Plain;

mod width;

#[cfg(all(target_arch = "aarch64", not(miri)))]
#[path = "aarch64.rs"]
mod machine;
#[cfg(all(target_arch = "x86_64", not(miri)))]
#[path = "x86_64.rs"]
mod machine;
#[cfg(any(miri, not(any(target_arch = "aarch64", target_arch = "x86_64"))))]
use width as machine;

#[cfg(all(any(target_arch = "aarch64", target_arch = "x86_64"), not(miri)))]
mod pieces;

/// The bytes that are moved at once for a type.
#[must_use]
pub const fn size_of_granule<T: Plain>() -> usize {
    if align_of::<T>() < 8 { align_of::<T>() } else { 8 }
}

/// Reads the value at `src`.
///
/// # Safety
///
/// `src` is aligned for `T`, its bytes are readable, and whoever else accesses them meanwhile moves granules of `T`.
#[inline]
#[must_use]
pub unsafe fn load<T: Plain>(src: NonNull<T>) -> T {
    let mut value = MaybeUninit::<T>::uninit();
    let dst = value.as_mut_ptr();
    // SAFETY: `dst` has room for a `T` and is ours; what `src` must be, the caller vouches for.
    unsafe { width::copy(src.as_ptr(), dst, 1) };
    // SAFETY: all its bytes have just been written, and any bytes are a value (`Plain`, 2).
    unsafe { value.assume_init() }
}

/// Writes a value to `dst`.
///
/// # Safety
///
/// `dst` is aligned for `T`, its bytes are writable, and whoever else accesses them meanwhile moves granules of `T`.
#[inline]
pub unsafe fn store<T: Plain>(dst: NonNull<T>, value: T) {
    // SAFETY: `value` is ours; what `dst` must be, the caller vouches for.
    unsafe { width::copy(&raw const value, dst.as_ptr(), 1) };
}

/// Reads as many values from `src` on as `dst` has room for.
///
/// # Safety
///
/// `src` is aligned for `T`, as many values from there on are readable, and whoever else accesses
/// them meanwhile moves granules of `T`.
#[inline]
pub unsafe fn copy_out<T: Plain>(src: NonNull<T>, dst: &mut [T]) {
    let len = dst.len();
    // SAFETY: nobody else has `dst`, so it is not part of what others share; the caller vouches for `src`.
    unsafe { copy_across(src, NonNull::from(dst).cast(), len) };
}

/// Writes all values of `src` from `dst` on.
///
/// # Safety
///
/// `dst` is aligned for `T`, as many values from there on are writable, and whoever else accesses
/// them meanwhile moves granules of `T`.
#[inline]
pub unsafe fn copy_in<T: Plain>(src: &[T], dst: NonNull<T>) {
    // SAFETY: nobody else writes `src`, so it is not part of what others share; the caller vouches for `dst`.
    unsafe { copy_across(NonNull::from(src).cast(), dst, src.len()) };
}

/// Copies `len` values from one place that others may be writing to another.
///
/// # Safety
///
/// Both are aligned for `T`, `len` values from `src` on are readable and from `dst` on writable, the
/// two do not overlap, and whoever else accesses them meanwhile moves granules of `T`.
#[inline]
pub unsafe fn copy_across<T: Plain>(src: NonNull<T>, dst: NonNull<T>, len: usize) {
    // SAFETY: as the caller vouches.
    unsafe { machine::copy(src.as_ptr(), dst.as_ptr(), len) };
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
