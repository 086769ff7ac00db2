//! Copying on x86-64: wide vector moves, and `rep movsq` where that is faster.
//!
//! Intel and AMD guarantee that a move of 1, 2, 4 or 8 bytes to or from a multiple of its size
//! happens at once (Intel's manual, volume 3, "Guaranteed Atomic Operations"; AMD's, volume 2,
//! "Access Atomicity"), and define `rep movsq` as a sequence of such moves of 8 bytes. They
//! guarantee nothing about vector moves that are longer than 16 bytes or start elsewhere than at a
//! multiple of their size, nor of 8 bytes that cross a cache line. For these, this code relies on
//! no processor splitting a move except at a multiple of 8, counted from address 0 or from where
//! the move starts: both lie between granules.

#![expect(unsafe_code, reason = "reads and writes bytes that other processes write")]

use std::arch::asm;
use std::ops::Range;

use super::pieces;
use crate::Plain;

mod avx;
mod avx512;
mod fill;
mod vectors;

pub(super) use fill::fill_words;
use vectors::Vectors;

/// A block: the number of bytes that one round of the loops for vectors of 32 bytes moves.
const BLOCK: usize = 128;

/// The lengths for which `rep movsq` is faster. It takes long to start, and is slower than vectors
/// for copies that exceed the second-level cache of AMD's processors. On Intel's, it stays faster.
const STRING: Range<usize> = 8 * 1024 + 1..512 * 1024;

/// Copies `len` values.
///
/// # Safety
///
/// As for [`copy_across`](super::copy_across).
#[inline(always)]
pub(super) unsafe fn copy<T: Plain>(src: *const T, dst: *mut T, len: usize) {
    let (src, dst, len) = (src.cast(), dst.cast(), len * size_of::<T>());
    if len <= 64 {
        // SAFETY: the caller guarantees the contract, which is that of the callee.
        unsafe { pieces::copy::<T>(src, dst, len) };
        return;
    }
    match Vectors::known() {
        // SAFETY: the caller guarantees the contract of the callee; there are more than 64 bytes, and
        // the CPU has AVX-512.
        Vectors::By64 => unsafe { avx512::copy(src, dst, len) },
        // SAFETY: the caller guarantees the contract of the callee; there are more than 64 bytes, and
        // the CPU has AVX.
        Vectors::By32 => unsafe { avx::copy(src, dst, len) },
        // SAFETY: the caller guarantees the contract of the callee; there are more than 64 bytes.
        Vectors::By16 | Vectors::Unknown => unsafe { by_16(src, dst, len) },
    }
}

/// # Safety
///
/// As for [`avx::copy`], but for AVX.
#[cold]
#[inline(never)]
unsafe fn by_16(src: *const u8, dst: *mut u8, len: usize) {
    Vectors::detect();
    for at in (0..len - 64).step_by(64).chain([len - 64]) {
        // SAFETY: 64 of the `len` bytes, as the last of them begin at `len - 64`.
        unsafe { move_64(src.wrapping_add(at), dst.wrapping_add(at)) };
    }
}

/// Returns `true` if a copy upwards in rounds of `round` bytes would be slow by 4 KiB aliasing: by
/// the last 12 bits of their addresses, loads seem to depend on the stores of the two last rounds,
/// and wait for them. Copying from the end to the start avoids this.
#[inline(always)]
fn goes_down(src: *const u8, dst: *mut u8, round: usize) -> bool {
    dst.addr().wrapping_sub(src.addr()) % 4096 < 2 * round
}

/// Copies by `rep movsq`, to a multiple of 64 first.
///
/// # Safety
///
/// `len` bytes, at least 72, from `src` on are readable and from `dst` on writable; all three
/// numbers are multiples of the granule.
#[inline(always)]
unsafe fn aligned_string(src: *const u8, dst: *mut u8, len: usize) {
    // SAFETY: the first 64 of `len` bytes.
    unsafe { move_64(src, dst) };
    // Fewer than 64, and a multiple of the granule, as `dst` and the boundary are.
    let head = dst.addr().wrapping_neg() % 64;
    // SAFETY: the other bytes, at least 8.
    unsafe { string(src.wrapping_add(head), dst.wrapping_add(head), len - head) };
}

/// # Safety
///
/// `len` bytes, at least 8, from `src` on are readable and from `dst` on writable.
#[inline(always)]
unsafe fn string(src: *const u8, dst: *mut u8, len: usize) {
    // SAFETY: moves as many times 8 bytes as fit into `len` bytes, upwards, as the direction flag is
    // clear on entry to any `asm!`; and then the last 8 bytes.
    unsafe {
        asm!(
            "rep movsq",
            "mov rcx, [{src_last}]",
            "mov [{dst_last}], rcx",
            src_last = in(reg) src.wrapping_add(len - 8),
            dst_last = in(reg) dst.wrapping_add(len - 8),
            inout("rcx") len / 8 => _, inout("rsi") src => _, inout("rdi") dst => _,
            options(nostack, preserves_flags),
        );
    }
}

/// # Safety
///
/// 64 bytes at `src` are readable and at `dst` writable.
#[inline(always)]
pub(super) unsafe fn move_64(src: *const u8, dst: *mut u8) {
    // SAFETY: moves these 64 bytes.
    unsafe {
        asm!(
            "movups {a}, [{src}]",
            "movups {b}, [{src} + 16]",
            "movups {c}, [{src} + 32]",
            "movups {d}, [{src} + 48]",
            "movups [{dst}], {a}",
            "movups [{dst} + 16], {b}",
            "movups [{dst} + 32], {c}",
            "movups [{dst} + 48], {d}",
            src = in(reg) src, dst = in(reg) dst,
            a = out(xmm_reg) _, b = out(xmm_reg) _, c = out(xmm_reg) _, d = out(xmm_reg) _,
            options(nostack, preserves_flags),
        );
    }
}

/// # Safety
///
/// 32 bytes at `src` are readable and at `dst` writable.
#[inline(always)]
pub(super) unsafe fn move_32(src: *const u8, dst: *mut u8) {
    // SAFETY: moves these 32 bytes.
    unsafe {
        asm!(
            "movups {a}, [{src}]",
            "movups {b}, [{src} + 16]",
            "movups [{dst}], {a}",
            "movups [{dst} + 16], {b}",
            src = in(reg) src, dst = in(reg) dst, a = out(xmm_reg) _, b = out(xmm_reg) _,
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
            "movups {by}, [{src}]",
            "movups [{dst}], {by}",
            src = in(reg) src, dst = in(reg) dst, by = out(xmm_reg) _,
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
            "mov {by}, [{src}]",
            "mov [{dst}], {by}",
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
            "mov {by:e}, [{src}]",
            "mov [{dst}], {by:e}",
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
            "movzx {by:e}, word ptr [{src}]",
            "mov [{dst}], {by:x}",
            src = in(reg) src, dst = in(reg) dst, by = out(reg) _,
            options(nostack, preserves_flags),
        );
    }
}

#[cfg(test)]
mod tests {
    use std::arch::is_x86_feature_detected;

    use super::*;

    type Copies = unsafe fn(src: *const u8, dst: *mut u8, len: usize);

    /// Whichever instructions the CPU has, and whichever copy comes first.
    #[test]
    fn all_vector_widths_copy_every_byte_and_no_other() {
        let mut ways = vec![by_16 as Copies];
        ways.extend(is_x86_feature_detected!("avx").then_some(avx::copy as Copies));
        ways.extend(vectors::has_fast_avx512().then_some(avx512::copy as Copies));
        let src: Vec<u8> = (0..=250).cycle().take(600_000 + 4096).collect();
        // Where the destination is, from where the source is: the last bits of addresses decide
        // about the direction.
        let mut dst = vec![255; src.len() + 3 * 4096];
        for copy in ways {
            for len in (64..2500).chain([5000, 8192, 8193, 9000, 600_000]) {
                for (from, shift) in [(0, 1), (7, 4095), (300, 100), (64, 2000)] {
                    let near = src[from..].as_ptr().addr().wrapping_sub(dst.as_ptr().addr()) % 4096;
                    let to = 1 + (near + shift) % 4096;
                    // SAFETY: `len` bytes of both, at least 64, of which every byte is a granule, and
                    // a way that the CPU can run.
                    unsafe { copy(src[from..].as_ptr(), dst[to..].as_mut_ptr(), len) };
                    assert!(dst[to..to + len] == src[from..from + len], "{len} bytes");
                    assert_eq!((dst[to - 1], dst[to + len]), (255, 255), "{len} bytes");
                    dst[to..to + len].fill(255);
                }
            }
        }
    }
}
