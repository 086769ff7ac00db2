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

/// A block: the number of bytes that one round of the loops for vectors of 16 and 32 bytes moves.
const BLOCK: usize = 128;

/// The lengths for which `rep movsq` is faster. It takes long to start, and is slower than vectors
/// for copies that exceed the second-level cache of AMD's processors. On Intel's, it stays faster.
const STRING: Range<usize> = 8 * 1024 + 1..512 * 1024;

/// Copies `len` values.
///
/// # Safety
///
/// As for [`copy_across`](super::copy_across).
#[inline]
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
    if len >= BLOCK {
        // SAFETY: at least a block; the caller guarantees the rest of the contract.
        unsafe { blocks(src, dst, len) };
        return;
    }
    for at in [0, len - 64] {
        // SAFETY: the first or the last 64 of at least 64 bytes.
        unsafe { move_64(src.wrapping_add(at), dst.wrapping_add(at)) };
    }
}

/// The length from which a copy may go downwards, or aligns the destination first if it moves 16
/// bytes at a time, because that is faster.
const ALIGNED: usize = 1024;

/// Returns `true` if a copy upwards in rounds of `round` bytes would be slow by 4 KiB aliasing: by
/// the last 12 bits of their addresses, loads seem to depend on the stores of the two last rounds,
/// and wait for them. Copying from the end to the start avoids this.
#[inline(always)]
fn goes_down(src: *const u8, dst: *mut u8, round: usize) -> bool {
    dst.addr().wrapping_sub(src.addr()) % 4096 < 2 * round
}

/// # Safety
///
/// `len` bytes, at least a block, from `src` on are readable and from `dst` on writable; all three
/// numbers are multiples of the granule.
#[inline(always)]
unsafe fn blocks(mut src: *const u8, mut dst: *mut u8, mut len: usize) {
    if STRING.contains(&len) {
        // SAFETY: more than 8 KiB; the caller guarantees the rest of the contract.
        unsafe { aligned_string(src, dst, len) };
        return;
    }
    let goes_down = len < STRING.start && goes_down(src, dst, BLOCK);
    if len >= ALIGNED && goes_down {
        let last = len - 64;
        // SAFETY: the last 64 of `len` bytes.
        unsafe { move_64(src.wrapping_add(last), dst.wrapping_add(last)) };
        // Fewer than 64, and a multiple of the granule, as the end and the boundary are.
        len -= dst.addr().wrapping_add(len) % 16;
    } else if len >= ALIGNED {
        // SAFETY: `len` bytes, more than 64; the caller guarantees the rest of the contract.
        (src, dst, len) = unsafe { align::<16>(src, dst, len) };
    }
    let (count, last) = (((len - 1) / BLOCK).max(1), len - BLOCK);
    let step = BLOCK.cast_signed();
    let (from, to, step) = if goes_down { (last, 0, -step) } else { (0, last, step) };
    // SAFETY: `count` blocks from the start on or, downwards, from the last one on, and the last or
    // the first, which may overlap its neighbour.
    unsafe {
        blocks_by_16(
            [src.wrapping_add(from), src.wrapping_add(to)],
            [dst.wrapping_add(from), dst.wrapping_add(to)],
            count,
            step,
        );
    }
}

/// Copies the first 64 bytes. Returns what is left behind the first boundary of `WIDTH` bytes, at
/// most 64, where `dst` continues.
///
/// # Safety
///
/// `len` bytes, at least 64, from `src` on are readable and from `dst` on writable; all three
/// numbers are multiples of the granule.
#[inline(always)]
unsafe fn align<const WIDTH: usize>(
    src: *const u8,
    dst: *mut u8,
    len: usize,
) -> (*const u8, *mut u8, usize) {
    // SAFETY: the first 64 of `len` bytes.
    unsafe { move_64(src, dst) };
    // Fewer than 64, and a multiple of the granule, as `dst` and the boundary are.
    let head = dst.addr().wrapping_neg() % WIDTH;
    (src.wrapping_add(head), dst.wrapping_add(head), len - head)
}

/// Copies by `rep movsq`, to a multiple of 64 first.
///
/// # Safety
///
/// As for [`align`], of more than 72 bytes.
#[inline(always)]
unsafe fn aligned_string(src: *const u8, dst: *mut u8, len: usize) {
    // SAFETY: the caller guarantees the contract, which is that of the callee.
    let (src, dst, len) = unsafe { align::<64>(src, dst, len) };
    // SAFETY: the other bytes, more than 8.
    unsafe { string(src, dst, len) };
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
/// There are `count` blocks, at least one, each `step` bytes from the one before and the first at
/// `src[0]` and `dst[0]`, and one at `src[1]` and `dst[1]`, that are readable and writable.
#[inline(always)]
unsafe fn blocks_by_16(src: [*const u8; 2], dst: [*mut u8; 2], count: usize, step: isize) {
    // SAFETY: each round moves the next block, and then the last block is moved.
    unsafe {
        asm!(
            "2:",
            "movups xmm0, [{src}]",
            "movups xmm1, [{src} + 16]",
            "movups xmm2, [{src} + 32]",
            "movups xmm3, [{src} + 48]",
            "movups xmm4, [{src} + 64]",
            "movups xmm5, [{src} + 80]",
            "movups xmm6, [{src} + 96]",
            "movups xmm7, [{src} + 112]",
            "movups [{dst}], xmm0",
            "movups [{dst} + 16], xmm1",
            "movups [{dst} + 32], xmm2",
            "movups [{dst} + 48], xmm3",
            "movups [{dst} + 64], xmm4",
            "movups [{dst} + 80], xmm5",
            "movups [{dst} + 96], xmm6",
            "movups [{dst} + 112], xmm7",
            "add {src}, {step}",
            "add {dst}, {step}",
            "dec {count}",
            "jnz 2b",
            "movups xmm0, [{src_last}]",
            "movups xmm1, [{src_last} + 16]",
            "movups xmm2, [{src_last} + 32]",
            "movups xmm3, [{src_last} + 48]",
            "movups xmm4, [{src_last} + 64]",
            "movups xmm5, [{src_last} + 80]",
            "movups xmm6, [{src_last} + 96]",
            "movups xmm7, [{src_last} + 112]",
            "movups [{dst_last}], xmm0",
            "movups [{dst_last} + 16], xmm1",
            "movups [{dst_last} + 32], xmm2",
            "movups [{dst_last} + 48], xmm3",
            "movups [{dst_last} + 64], xmm4",
            "movups [{dst_last} + 80], xmm5",
            "movups [{dst_last} + 96], xmm6",
            "movups [{dst_last} + 112], xmm7",
            src = inout(reg) src[0] => _, dst = inout(reg) dst[0] => _,
            count = inout(reg) count => _, step = in(reg) step,
            src_last = in(reg) src[1], dst_last = in(reg) dst[1],
            out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _,
            out("xmm4") _, out("xmm5") _, out("xmm6") _, out("xmm7") _,
            options(nostack),
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
