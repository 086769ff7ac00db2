//! Copies that are shorter than one block of the loops for each architecture.

#![expect(unsafe_code, reason = "reads and writes bytes that other processes write")]

use std::sync::atomic::AtomicU8;

use super::machine::{move_2, move_4, move_8, move_16, move_32, move_64};
use super::size_of_granule;
use super::width::copy_one;
use crate::Plain;

/// Copies `len` bytes of values of `T`, in pieces of at least one granule each.
///
/// # Safety
///
/// `len` bytes from `src` on are readable and from `dst` on writable; all three numbers are
/// multiples of the granule.
#[inline(always)]
pub(super) unsafe fn copy<T: Plain>(src: *const u8, dst: *mut u8, len: usize) {
    if len & 64 != 0 {
        // SAFETY: the first 64 of the `len` bytes.
        unsafe { move_64(src, dst) };
        if len == 64 {
            return;
        }
    }
    if len & 32 != 0 {
        let at = len & 64;
        // SAFETY: the next 32 of the `len` bytes.
        unsafe { move_32(src.wrapping_add(at), dst.wrapping_add(at)) };
    }
    if len & 16 != 0 {
        let at = len & 96;
        // SAFETY: the next 16 of the `len` bytes.
        unsafe { move_16(src.wrapping_add(at), dst.wrapping_add(at)) };
    }
    if len & 8 != 0 {
        let at = len & !15;
        // SAFETY: the next 8 of the `len` bytes.
        unsafe { move_8(src.wrapping_add(at), dst.wrapping_add(at)) };
    }
    if size_of_granule::<T>() <= 4 && len & 4 != 0 {
        let at = len & !7;
        // SAFETY: the next 4 of the `len` bytes.
        unsafe { move_4(src.wrapping_add(at), dst.wrapping_add(at)) };
    }
    if size_of_granule::<T>() <= 2 && len & 2 != 0 {
        let at = len & !3;
        // SAFETY: the next 2 of the `len` bytes.
        unsafe { move_2(src.wrapping_add(at), dst.wrapping_add(at)) };
    }
    if size_of_granule::<T>() == 1 && len & 1 != 0 {
        let at = len & !1;
        let (src, dst) = (src.wrapping_add(at), dst.wrapping_add(at));
        // SAFETY: the last of the `len` bytes, and a granule.
        unsafe { copy_one::<AtomicU8>(src.cast(), dst.cast()) };
    }
}
