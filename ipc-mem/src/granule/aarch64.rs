//! Copying on 64-bit Arm: pairs of 8 bytes.
//!
//! Arm guarantees (Architecture Reference Manual for A-profile, "Single-copy atomicity") that a
//! move of 1, 2, 4 or 8 bytes to or from a multiple of its size happens at once, and that `ldp` and
//! `stp` of two registers are two such moves. So a granule of 8 bytes is never torn. A shorter
//! granule is never torn either if source and destination have the same distance from a multiple of
//! 8. Otherwise this code assumes that a processor splits a move of 8 bytes only at a multiple of
//! 8, which lies between two granules.

#![expect(unsafe_code, reason = "reads and writes bytes that other processes write")]

use std::arch::asm;

use super::pieces;
use crate::Plain;

/// The number of bytes that one round of the loop moves.
const BLOCK: usize = 64;

/// Copies `len` values.
///
/// # Safety
///
/// As for [`copy_across`](super::copy_across).
#[inline]
pub(super) unsafe fn copy<T: Plain>(src: *const T, dst: *mut T, len: usize) {
    let (src, dst, len) = (src.cast(), dst.cast(), len * size_of::<T>());
    match len {
        // SAFETY: the contract of this function is that of the callee, which the caller guarantees.
        0..128 => unsafe { pieces::copy::<T>(src, dst, len) },
        // SAFETY: the caller guarantees the same for these `len` bytes, and `len` is at least 128.
        _ => unsafe { many::<T>(src, dst, len) },
    }
}

/// # Safety
///
/// `len` bytes, at least 128, from `src` on are readable and from `dst` on writable; all three
/// numbers are multiples of the granule.
#[inline(never)]
unsafe fn many<T: Plain>(src: *const u8, dst: *mut u8, len: usize) {
    let head = dst.addr().wrapping_neg() % 16;
    // SAFETY: fewer than `len` bytes, and a multiple of the granule, as `dst` and 16 are.
    unsafe { pieces::copy::<T>(src, dst, head) };
    let (src, dst, len) = (src.wrapping_add(head), dst.wrapping_add(head), len - head);
    let rest = len % BLOCK;
    let whole = len - rest;
    // SAFETY: the first `whole` of `len` bytes, at least one block.
    unsafe { blocks(src, dst, whole / BLOCK) };
    // SAFETY: the last `rest` of `len` bytes.
    unsafe { pieces::copy::<T>(src.wrapping_add(whole), dst.wrapping_add(whole), rest) };
}

/// # Safety
///
/// `count` blocks, at least one, from `src` on are readable and from `dst` on writable.
#[inline(always)]
unsafe fn blocks(src: *const u8, dst: *mut u8, count: usize) {
    // SAFETY: each round moves the next block.
    unsafe {
        asm!(
            "2:",
            "ldp {a}, {b}, [{src}]",
            "ldp {c}, {d}, [{src}, #16]",
            "ldp {e}, {f}, [{src}, #32]",
            "ldp {g}, {h}, [{src}, #48]",
            "stp {a}, {b}, [{dst}]",
            "stp {c}, {d}, [{dst}, #16]",
            "stp {e}, {f}, [{dst}, #32]",
            "stp {g}, {h}, [{dst}, #48]",
            "add {src}, {src}, #64",
            "add {dst}, {dst}, #64",
            "subs {count}, {count}, #1",
            "b.ne 2b",
            src = inout(reg) src => _, dst = inout(reg) dst => _, count = inout(reg) count => _,
            a = out(reg) _, b = out(reg) _, c = out(reg) _, d = out(reg) _,
            e = out(reg) _, f = out(reg) _, g = out(reg) _, h = out(reg) _,
            options(nostack),
        );
    }
}

/// # Safety
///
/// 64 bytes at `src` are readable and at `dst` writable.
#[inline(always)]
pub(super) unsafe fn move_64(src: *const u8, dst: *mut u8) {
    // SAFETY: one block.
    unsafe { blocks(src, dst, 1) };
}

/// # Safety
///
/// 32 bytes at `src` are readable and at `dst` writable.
#[inline(always)]
pub(super) unsafe fn move_32(src: *const u8, dst: *mut u8) {
    // SAFETY: moves these 32 bytes.
    unsafe {
        asm!(
            "ldp {a}, {b}, [{src}]",
            "ldp {c}, {d}, [{src}, #16]",
            "stp {a}, {b}, [{dst}]",
            "stp {c}, {d}, [{dst}, #16]",
            src = in(reg) src, dst = in(reg) dst,
            a = out(reg) _, b = out(reg) _, c = out(reg) _, d = out(reg) _,
            options(nostack, preserves_flags),
        );
    }
}

/// # Safety
///
/// 16 bytes at `src` are readable and at `dst` writable.
#[inline(always)]
pub(super) unsafe fn move_16(src: *const u8, dst: *mut u8) {
    // SAFETY: moves these 16 bytes.
    unsafe {
        asm!(
            "ldp {a}, {b}, [{src}]",
            "stp {a}, {b}, [{dst}]",
            src = in(reg) src, dst = in(reg) dst, a = out(reg) _, b = out(reg) _,
            options(nostack, preserves_flags),
        );
    }
}

/// # Safety
///
/// 8 bytes at `src` are readable and at `dst` writable.
#[inline(always)]
pub(super) unsafe fn move_8(src: *const u8, dst: *mut u8) {
    // SAFETY: moves these 8 bytes.
    unsafe {
        asm!(
            "ldr {by}, [{src}]",
            "str {by}, [{dst}]",
            src = in(reg) src, dst = in(reg) dst, by = out(reg) _,
            options(nostack, preserves_flags),
        );
    }
}

/// # Safety
///
/// 4 bytes at `src` are readable and at `dst` writable.
#[inline(always)]
pub(super) unsafe fn move_4(src: *const u8, dst: *mut u8) {
    // SAFETY: moves these 4 bytes.
    unsafe {
        asm!(
            "ldr {by:w}, [{src}]",
            "str {by:w}, [{dst}]",
            src = in(reg) src, dst = in(reg) dst, by = out(reg) _,
            options(nostack, preserves_flags),
        );
    }
}

/// # Safety
///
/// 2 bytes at `src` are readable and at `dst` writable.
#[inline(always)]
pub(super) unsafe fn move_2(src: *const u8, dst: *mut u8) {
    // SAFETY: moves these 2 bytes.
    unsafe {
        asm!(
            "ldrh {by:w}, [{src}]",
            "strh {by:w}, [{dst}]",
            src = in(reg) src, dst = in(reg) dst, by = out(reg) _,
            options(nostack, preserves_flags),
        );
    }
}
