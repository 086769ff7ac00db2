//! Copying by vectors of 32 bytes.

#![expect(unsafe_code, reason = "reads and writes bytes that other processes write")]

use std::arch::asm;

use super::{BLOCK, STRING, aligned_string, goes_down};

/// The length from which a copy may go downwards. A shorter one goes upwards faster.
const DOWN: usize = 1024;

/// Copies at least 64 bytes.
///
/// # Safety
///
/// `len` bytes, at least 64, from `src` on are readable and from `dst` on writable; all three
/// numbers are multiples of the granule; and the CPU has AVX.
#[inline(never)]
pub(super) unsafe fn copy(src: *const u8, dst: *mut u8, len: usize) {
    if len > 2 * BLOCK {
        // SAFETY: more than two blocks; the caller guarantees the rest of the contract.
        unsafe { long(src, dst, len) };
    } else if len > BLOCK {
        // SAFETY: between one and two blocks; the caller guarantees the rest of the contract.
        unsafe { four(src, dst, len) };
    } else {
        // SAFETY: 64 to 128 bytes; the caller guarantees the rest of the contract.
        unsafe { two(src, dst, len) };
    }
}

/// Copies more than two blocks.
///
/// # Safety
///
/// As for [`copy`], of more than two blocks.
#[inline(always)]
unsafe fn long(src: *const u8, dst: *mut u8, len: usize) {
    if STRING.contains(&len) {
        // SAFETY: more than 8 KiB; the caller guarantees the rest of the contract.
        unsafe { aligned_string(src, dst, len) };
    } else if (DOWN..STRING.start).contains(&len) && goes_down(src, dst, BLOCK) {
        // The first round ends at the last boundary of 32.
        let at = len - dst.addr().wrapping_add(len) % 32 - BLOCK;
        // SAFETY: the last 32 bytes; the first block of more than two; and rounds down from a
        // boundary that is at most 31 bytes before the end. The first of them begins at `at`, which
        // is more than 0, and all others at more than 0 as well: they continue while more than that
        // is left.
        unsafe { rounds::<{ -BLOCK.cast_signed() }>(src, dst, [len - 32, 0, at], at) };
    } else {
        // The first round begins at the first boundary of 32 behind the start.
        let (at, last) = (32 - dst.addr() % 32, len - BLOCK);
        // SAFETY: the first 32 bytes; the last block of more than two; and rounds up from a boundary
        // that is at most 32 bytes behind the start. All of them begin before `last`, and so end
        // before the end.
        unsafe { rounds::<{ BLOCK.cast_signed() }>(src, dst, [0, last, at], last - at) };
    }
}

/// Copies the first and the last 64 bytes, which may overlap.
///
/// # Safety
///
/// `len` bytes, from 64 to 128, from `src` on are readable and from `dst` on writable; and the CPU
/// has AVX.
#[inline(always)]
unsafe fn two(src: *const u8, dst: *mut u8, len: usize) {
    // SAFETY: moves the first and the last 64 of at least 64 bytes.
    unsafe {
        asm!(
            "vmovups ymm0, [{src}]",
            "vmovups ymm1, [{src} + 32]",
            "vmovups ymm2, [{src} + {len} - 64]",
            "vmovups ymm3, [{src} + {len} - 32]",
            "vmovups [{dst}], ymm0",
            "vmovups [{dst} + 32], ymm1",
            "vmovups [{dst} + {len} - 64], ymm2",
            "vmovups [{dst} + {len} - 32], ymm3",
            "vzeroupper",
            src = in(reg) src, dst = in(reg) dst, len = in(reg) len,
            // All registers, as `vzeroupper` clears the upper halves of all.
            out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _,
            out("xmm4") _, out("xmm5") _, out("xmm6") _, out("xmm7") _,
            out("xmm8") _, out("xmm9") _, out("xmm10") _, out("xmm11") _,
            out("xmm12") _, out("xmm13") _, out("xmm14") _, out("xmm15") _,
            options(nostack, preserves_flags),
        );
    }
}

/// Copies the first and the last block, which may overlap.
///
/// # Safety
///
/// `len` bytes, between one and two blocks, from `src` on are readable and from `dst` on writable;
/// and the CPU has AVX.
#[inline(always)]
unsafe fn four(src: *const u8, dst: *mut u8, len: usize) {
    // SAFETY: moves the first and the last 128 of at least 128 bytes.
    unsafe {
        asm!(
            "vmovups ymm0, [{src}]",
            "vmovups ymm1, [{src} + 32]",
            "vmovups ymm2, [{src} + 64]",
            "vmovups ymm3, [{src} + 96]",
            "vmovups ymm4, [{src} + {len} - 128]",
            "vmovups ymm5, [{src} + {len} - 96]",
            "vmovups ymm6, [{src} + {len} - 64]",
            "vmovups ymm7, [{src} + {len} - 32]",
            "vmovups [{dst}], ymm0",
            "vmovups [{dst} + 32], ymm1",
            "vmovups [{dst} + 64], ymm2",
            "vmovups [{dst} + 96], ymm3",
            "vmovups [{dst} + {len} - 128], ymm4",
            "vmovups [{dst} + {len} - 96], ymm5",
            "vmovups [{dst} + {len} - 64], ymm6",
            "vmovups [{dst} + {len} - 32], ymm7",
            "vzeroupper",
            src = in(reg) src, dst = in(reg) dst, len = in(reg) len,
            // All registers, as `vzeroupper` clears the upper halves of all.
            out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _,
            out("xmm4") _, out("xmm5") _, out("xmm6") _, out("xmm7") _,
            out("xmm8") _, out("xmm9") _, out("xmm10") _, out("xmm11") _,
            out("xmm12") _, out("xmm13") _, out("xmm14") _, out("xmm15") _,
            options(nostack, preserves_flags),
        );
    }
}

/// Copies 32 bytes at the first of the offsets `at`, a block at the second, and a block in each
/// round from the third on, `STEP` bytes from the one before, until the rounds have moved `rest`
/// bytes or more. What the rounds do not move is loaded before them: later, it would seem to depend
/// on their stores (see [`goes_down`]).
///
/// # Safety
///
/// All these bytes from `src` on are readable and from `dst` on writable; `rest` is at least 1; and
/// the CPU has AVX.
#[inline(always)]
unsafe fn rounds<const STEP: isize>(src: *const u8, dst: *mut u8, at: [usize; 3], rest: usize) {
    // SAFETY: loads 32 bytes and a block, moves a block in each round, and stores what was loaded
    // first.
    unsafe {
        asm!(
            "vmovups ymm0, [{src} + {one}]",
            "vmovups ymm1, [{src} + {four}]",
            "vmovups ymm2, [{src} + {four} + 32]",
            "vmovups ymm3, [{src} + {four} + 64]",
            "vmovups ymm4, [{src} + {four} + 96]",
            ".p2align 4",
            "2:",
            "vmovups ymm5, [{src} + {at}]",
            "vmovups ymm6, [{src} + {at} + 32]",
            "vmovups ymm7, [{src} + {at} + 64]",
            "vmovups ymm8, [{src} + {at} + 96]",
            "vmovups [{dst} + {at}], ymm5",
            "vmovups [{dst} + {at} + 32], ymm6",
            "vmovups [{dst} + {at} + 64], ymm7",
            "vmovups [{dst} + {at} + 96], ymm8",
            "add {at}, {step}",
            "sub {rest}, 128",
            "ja 2b",
            "vmovups [{dst} + {four}], ymm1",
            "vmovups [{dst} + {four} + 32], ymm2",
            "vmovups [{dst} + {four} + 64], ymm3",
            "vmovups [{dst} + {four} + 96], ymm4",
            "vmovups [{dst} + {one}], ymm0",
            "vzeroupper",
            src = in(reg) src, dst = in(reg) dst, one = in(reg) at[0], four = in(reg) at[1],
            at = inout(reg) at[2] => _, rest = inout(reg) rest => _, step = const STEP,
            // All registers, as `vzeroupper` clears the upper halves of all.
            out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _,
            out("xmm4") _, out("xmm5") _, out("xmm6") _, out("xmm7") _,
            out("xmm8") _, out("xmm9") _, out("xmm10") _, out("xmm11") _,
            out("xmm12") _, out("xmm13") _, out("xmm14") _, out("xmm15") _,
            options(nostack),
        );
    }
}
