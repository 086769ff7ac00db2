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

use std::arch::{asm, is_x86_feature_detected};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::pieces;
use crate::Plain;

/// The number of bytes that one round of the vector loop moves.
const BLOCK: usize = 128;

/// The bytes of the widest vector.
const WIDTH: usize = 32;

/// The length from which it pays to align the destination to the vector width first.
const ALIGNED: usize = 1536;

/// The lengths for which `rep movsq` is faster: it takes long to start, and gains nothing beyond
/// the caches.
const STRING: Range<usize> = 8 * 1024 + 1..8 * 1024 * 1024;

/// Set if the CPU is known to have AVX: the first copy of a block detects it.
static AVX: AtomicBool = AtomicBool::new(false);

/// Copies `len` values.
///
/// # Safety
///
/// As for [`copy_across`](super::copy_across).
#[inline]
pub(super) unsafe fn copy<T: Plain>(src: *const T, dst: *mut T, len: usize) {
    let (src, dst, len) = (src.cast(), dst.cast(), len * size_of::<T>());
    if len < BLOCK {
        // SAFETY: the caller guarantees the contract, which is that of the callee.
        unsafe { pieces::copy::<T>(src, dst, len) };
    } else if AVX.load(Relaxed) {
        // SAFETY: the caller guarantees the contract of the callee; `len` is at least a block, and
        // the CPU has AVX.
        unsafe { with_avx::<T>(src, dst, len) };
    } else {
        // SAFETY: the caller guarantees the contract of the callee, and `len` is at least a block.
        unsafe { without_avx::<T>(src, dst, len) };
    }
}

/// # Safety
///
/// As for [`blocks`], and the CPU has AVX.
#[inline(never)]
unsafe fn with_avx<T: Plain>(src: *const u8, dst: *mut u8, len: usize) {
    // SAFETY: the caller guarantees the contract of `blocks`, and that the CPU has AVX, which
    // `blocks_by_32` needs.
    unsafe { blocks::<T>(src, dst, len, blocks_by_32) };
}

/// # Safety
///
/// As for [`blocks`].
#[cold]
#[inline(never)]
unsafe fn without_avx<T: Plain>(src: *const u8, dst: *mut u8, len: usize) {
    if is_x86_feature_detected!("avx") {
        AVX.store(true, Relaxed);
    }
    // SAFETY: the caller guarantees the contract, which is that of the callee.
    unsafe { blocks::<T>(src, dst, len, blocks_by_16) };
}

/// # Safety
///
/// `len` bytes, at least a block, from `src` on are readable and from `dst` on writable; all three
/// numbers are multiples of the granule; `row` is one of the two below that the CPU can run.
#[inline(always)]
unsafe fn blocks<T: Plain>(
    mut src: *const u8,
    mut dst: *mut u8,
    mut len: usize,
    row: unsafe fn(*const u8, *mut u8, usize, isize),
) {
    // 4 KiB aliasing: by its last 12 bits of address, the next load would seem to depend on the
    // last store, and wait for it. Copying from the end to the start avoids this.
    let near = dst.addr().wrapping_sub(src.addr()) % 4096 < 2 * BLOCK;
    if len >= ALIGNED {
        let head = dst.addr().wrapping_neg() % WIDTH;
        // SAFETY: fewer than `len` bytes, and a multiple of the granule, as `dst` and a vector are.
        unsafe { pieces::copy::<T>(src, dst, head) };
        (src, dst, len) = (src.wrapping_add(head), dst.wrapping_add(head), len - head);
    }
    let rest = len % BLOCK;
    let whole = len - rest;
    if STRING.contains(&whole) {
        // SAFETY: the first `whole` of `len` bytes, a multiple of 8.
        unsafe { string(src, dst, whole / 8) };
    } else if near && whole < STRING.start {
        let last = whole - BLOCK;
        // SAFETY: the first `whole` of `len` bytes, at least one block.
        unsafe {
            row(
                src.wrapping_add(last),
                dst.wrapping_add(last),
                whole / BLOCK,
                -BLOCK.cast_signed(),
            );
        };
    } else {
        // SAFETY: the first `whole` of `len` bytes, at least one block.
        unsafe { row(src, dst, whole / BLOCK, BLOCK.cast_signed()) };
    }
    if rest > 0 {
        // SAFETY: the last `rest` of `len` bytes.
        unsafe { pieces::copy::<T>(src.wrapping_add(whole), dst.wrapping_add(whole), rest) };
    }
}

/// The length in bytes from which `rep stosq` writes a repeated value faster than vectors do.
const STRING_FILL: usize = 4096;

/// Writes copies of a word to `len` bytes. The last moves end where the bytes end, and may overlap those before.
///
/// # Safety
///
/// `len` bytes, at least 8, from `dst` on are writable; the word consists of copies of a value, of which `len` bytes are a
/// whole number; all other code that accesses the bytes meanwhile moves granules of that value.
#[inline]
pub(super) unsafe fn fill_words(dst: *mut u8, word: u64, len: usize) {
    if len < 16 {
        // SAFETY: the first and the last 8 of at least 8 bytes.
        unsafe {
            asm!(
                "mov [{dst}], {word}",
                "mov [{dst} + {len} - 8], {word}",
                dst = in(reg) dst, len = in(reg) len, word = in(reg) word,
                options(nostack, preserves_flags),
            );
        }
    } else if len > BLOCK {
        // SAFETY: more than a block; the caller guarantees the rest of the contract.
        unsafe { fill_long(dst, word, len) };
    } else {
        // SAFETY: the first and the last 16 of at least 16 bytes; of more than 32, the first and the last 32; of more than
        // 64, the first and the last 64.
        unsafe {
            asm!(
                "movq {by}, {word}",
                "punpcklqdq {by}, {by}",
                "movups [{dst}], {by}",
                "movups [{dst} + {len} - 16], {by}",
                "cmp {len}, 32",
                "jbe 2f",
                "movups [{dst} + 16], {by}",
                "movups [{dst} + {len} - 32], {by}",
                "cmp {len}, 64",
                "jbe 2f",
                "movups [{dst} + 32], {by}",
                "movups [{dst} + 48], {by}",
                "movups [{dst} + {len} - 48], {by}",
                "movups [{dst} + {len} - 64], {by}",
                "2:",
                dst = in(reg) dst, len = in(reg) len, word = in(reg) word, by = out(xmm_reg) _,
                options(nostack),
            );
        }
    }
}

/// # Safety
///
/// As for [`fill_words`], of more than a block.
#[inline(never)]
unsafe fn fill_long(dst: *mut u8, word: u64, len: usize) {
    if len >= STRING_FILL {
        // SAFETY: as many words as fit into `len` bytes, upwards, as the direction flag is clear on entry to any `asm!`;
        // and the last 8 bytes.
        unsafe {
            asm!(
                "mov [{last}], rax",
                "rep stosq",
                last = in(reg) dst.wrapping_add(len - 8), in("rax") word,
                inout("rcx") len / 8 => _, inout("rdi") dst => _,
                options(nostack, preserves_flags),
            );
        }
    } else if AVX.load(Relaxed) {
        // SAFETY: the caller guarantees the contract, and the CPU has AVX.
        unsafe { fill_by_32(dst, word, len) };
    } else {
        AVX.store(is_x86_feature_detected!("avx"), Relaxed);
        for at in (0..len - BLOCK).step_by(BLOCK).chain([len - BLOCK]) {
            // SAFETY: a block of the `len` bytes.
            unsafe { fill_words(dst.wrapping_add(at), word, BLOCK) };
        }
    }
}

/// # Safety
///
/// As for [`fill_words`], of more than a block; and the CPU has AVX.
#[inline(always)]
unsafe fn fill_by_32(dst: *mut u8, word: u64, len: usize) {
    // SAFETY: the first 32 bytes; blocks from the first boundary of 32 behind their beginning, each of which begins before
    // the last block does; and the last block.
    unsafe {
        asm!(
            "vmovq xmm0, {word}",
            "vpunpcklqdq xmm0, xmm0, xmm0",
            "vinsertf128 ymm0, ymm0, xmm0, 1",
            "vmovups [{dst}], ymm0",
            "add {dst}, 32",
            "and {dst}, -32",
            "cmp {dst}, {last}",
            "jae 3f",
            ".p2align 4",
            "2:",
            "vmovaps [{dst}], ymm0",
            "vmovaps [{dst} + 32], ymm0",
            "vmovaps [{dst} + 64], ymm0",
            "vmovaps [{dst} + 96], ymm0",
            "sub {dst}, -128",
            "cmp {dst}, {last}",
            "jb 2b",
            "3:",
            "vmovups [{last}], ymm0",
            "vmovups [{last} + 32], ymm0",
            "vmovups [{last} + 64], ymm0",
            "vmovups [{last} + 96], ymm0",
            "vzeroupper",
            dst = inout(reg) dst => _, last = in(reg) dst.wrapping_add(len - BLOCK), word = in(reg) word,
            // All registers, as `vzeroupper` clears the upper halves of all.
            out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _,
            out("xmm4") _, out("xmm5") _, out("xmm6") _, out("xmm7") _,
            out("xmm8") _, out("xmm9") _, out("xmm10") _, out("xmm11") _,
            out("xmm12") _, out("xmm13") _, out("xmm14") _, out("xmm15") _,
            options(nostack),
        );
    }
}

/// # Safety
///
/// `count` times 8 bytes from `src` on are readable and from `dst` on writable.
#[inline(always)]
unsafe fn string(src: *const u8, dst: *mut u8, count: usize) {
    // SAFETY: moves `count` times 8 bytes upwards, as the direction flag is clear on entry to any `asm!`.
    unsafe {
        asm!(
            "rep movsq",
            inout("rcx") count => _, inout("rsi") src => _, inout("rdi") dst => _,
            options(nostack, preserves_flags),
        );
    }
}

/// # Safety
///
/// There are `count` blocks, at least one, each `step` bytes from the one before and the first at `src`
/// and `dst`, that are readable and writable; and the CPU has AVX.
#[inline(always)]
unsafe fn blocks_by_32(src: *const u8, dst: *mut u8, count: usize, step: isize) {
    // SAFETY: each round moves the next block.
    unsafe {
        asm!(
            ".p2align 5",
            "2:",
            "vmovups ymm0, [{src}]",
            "vmovups ymm1, [{src} + 32]",
            "vmovups ymm2, [{src} + 64]",
            "vmovups ymm3, [{src} + 96]",
            "vmovups [{dst}], ymm0",
            "vmovups [{dst} + 32], ymm1",
            "vmovups [{dst} + 64], ymm2",
            "vmovups [{dst} + 96], ymm3",
            "add {src}, {step}",
            "add {dst}, {step}",
            "dec {count}",
            "jnz 2b",
            "vzeroupper",
            src = inout(reg) src => _, dst = inout(reg) dst => _, count = inout(reg) count => _, step = in(reg) step,
            // All registers, as `vzeroupper` clears the upper halves of all.
            out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _,
            out("xmm4") _, out("xmm5") _, out("xmm6") _, out("xmm7") _,
            out("xmm8") _, out("xmm9") _, out("xmm10") _, out("xmm11") _,
            out("xmm12") _, out("xmm13") _, out("xmm14") _, out("xmm15") _,
            options(nostack),
        );
    }
}

/// # Safety
///
/// As for [`blocks_by_32`], but for AVX.
#[inline(always)]
unsafe fn blocks_by_16(src: *const u8, dst: *mut u8, count: usize, step: isize) {
    // SAFETY: each round moves the next block.
    unsafe {
        asm!(
            ".p2align 5",
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
            src = inout(reg) src => _, dst = inout(reg) dst => _, count = inout(reg) count => _, step = in(reg) step,
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
