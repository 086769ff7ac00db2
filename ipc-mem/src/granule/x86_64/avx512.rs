//! Copying by vectors of 64 bytes.
//!
//! The registers from 16 on exist only with AVX-512. Their use needs no `vzeroupper`.

#![expect(unsafe_code, reason = "reads and writes bytes that other processes write")]

use std::arch::{asm, is_x86_feature_detected};

use super::{STRING, aligned_string, goes_down};

/// The number of bytes that one round of the loop moves.
const ROUND: usize = 256;

/// The length from which a copy may go downwards. A shorter one has two or three rounds, which go
/// upwards faster.
const DOWN: usize = 4 * ROUND;

/// Copies at least 64 bytes.
///
/// # Safety
///
/// `len` bytes, at least 64, from `src` on are readable and from `dst` on writable; all three
/// numbers are multiples of the granule; and the CPU has AVX-512.
#[inline(always)]
pub(super) unsafe fn copy(src: *const u8, dst: *mut u8, len: usize) {
    if len <= 128 {
        // SAFETY: 64 to 128 bytes; the caller guarantees the rest of the contract.
        unsafe { two(src, dst, len) };
    } else {
        // SAFETY: more than 128 bytes; the caller guarantees the rest of the contract.
        unsafe { more_than_two(src, dst, len) };
    }
}

/// Copies more than 128 bytes.
///
/// # Safety
///
/// As for [`copy`], of more than 128 bytes.
#[inline(never)]
unsafe fn more_than_two(src: *const u8, dst: *mut u8, len: usize) {
    if len <= 256 {
        // SAFETY: 129 to 256 bytes; the caller guarantees the rest of the contract.
        unsafe { four(src, dst, len) };
    } else if len <= 2 * ROUND {
        // SAFETY: 257 to 512 bytes; the caller guarantees the rest of the contract.
        unsafe { eight(src, dst, len) };
    } else {
        // SAFETY: more than two rounds; the caller guarantees the rest of the contract.
        unsafe { long(src, dst, len) };
    }
}

/// Copies more than two rounds.
///
/// # Safety
///
/// As for [`copy`], of more than 512 bytes.
#[inline(always)]
unsafe fn long(src: *const u8, dst: *mut u8, len: usize) {
    if len >= STRING.start {
        // SAFETY: more than 8 KiB; the caller guarantees the rest of the contract.
        unsafe { longest(src, dst, len) };
    } else if len >= DOWN && goes_down(src, dst, ROUND) {
        // The first round ends at the last boundary of 64.
        let at = len - dst.addr().wrapping_add(len) % 64 - ROUND;
        // SAFETY: the last 64 bytes; the first 256 of more than 512; and rounds down from a boundary
        // that is at most 63 bytes before the end. The first of them begins at `at`, which is more
        // than 0, and all others at more than 0 as well: they continue while more than that is left.
        unsafe { rounds::<{ -ROUND.cast_signed() }>(src, dst, [len - 64, 0, at], at) };
    } else {
        // SAFETY: the caller guarantees the contract, which is that of the callee.
        unsafe { upwards(src, dst, len) };
    }
}

/// Copies more than 8 KiB. This is a separate function, because [`more_than_two`] would otherwise
/// save registers for the detection of the processor.
///
/// # Safety
///
/// As for [`copy`], of more than 8 KiB.
#[inline(never)]
unsafe fn longest(src: *const u8, dst: *mut u8, len: usize) {
    if len >= STRING.end && is_amd() {
        // SAFETY: the caller guarantees the contract, which is that of the callee.
        unsafe { upwards(src, dst, len) };
    } else {
        // SAFETY: the caller guarantees the contract, which is that of the callee.
        unsafe { aligned_string(src, dst, len) };
    }
}

/// # Safety
///
/// As for [`copy`], of more than 512 bytes.
#[inline(always)]
unsafe fn upwards(src: *const u8, dst: *mut u8, len: usize) {
    // The first round begins at the first boundary of 64 behind the start.
    let (at, last) = (64 - dst.addr() % 64, len - ROUND);
    // SAFETY: the first 64 bytes; the last 256 of more than 512; and rounds up from a boundary that
    // is at most 64 bytes behind the start. All of them begin before `last`, and so end before the
    // end.
    unsafe { rounds::<{ ROUND.cast_signed() }>(src, dst, [0, last, at], last - at) };
}

/// Returns `true` for processors of AMD: only these have SSE4A.
fn is_amd() -> bool {
    is_x86_feature_detected!("sse4a")
}

/// Copies the first and the last 64 bytes, which may overlap.
///
/// # Safety
///
/// `len` bytes, from 64 to 128, from `src` on are readable and from `dst` on writable; and the CPU
/// has AVX-512.
#[inline(always)]
unsafe fn two(src: *const u8, dst: *mut u8, len: usize) {
    // SAFETY: moves the first and the last 64 of at least 64 bytes.
    unsafe {
        asm!(
            "vmovdqu64 zmm16, [{src}]",
            "vmovdqu64 zmm17, [{src} + {len} - 64]",
            "vmovdqu64 [{dst}], zmm16",
            "vmovdqu64 [{dst} + {len} - 64], zmm17",
            src = in(reg) src, dst = in(reg) dst, len = in(reg) len,
            out("xmm16") _, out("xmm17") _,
            options(nostack, preserves_flags),
        );
    }
}

/// Copies the first and the last 128 bytes, which may overlap.
///
/// # Safety
///
/// `len` bytes, from 128 to 256, from `src` on are readable and from `dst` on writable; and the CPU
/// has AVX-512.
#[inline(always)]
unsafe fn four(src: *const u8, dst: *mut u8, len: usize) {
    // SAFETY: moves the first and the last 128 of at least 128 bytes.
    unsafe {
        asm!(
            "vmovdqu64 zmm16, [{src}]",
            "vmovdqu64 zmm17, [{src} + 64]",
            "vmovdqu64 zmm18, [{src} + {len} - 128]",
            "vmovdqu64 zmm19, [{src} + {len} - 64]",
            "vmovdqu64 [{dst}], zmm16",
            "vmovdqu64 [{dst} + 64], zmm17",
            "vmovdqu64 [{dst} + {len} - 128], zmm18",
            "vmovdqu64 [{dst} + {len} - 64], zmm19",
            src = in(reg) src, dst = in(reg) dst, len = in(reg) len,
            out("xmm16") _, out("xmm17") _, out("xmm18") _, out("xmm19") _,
            options(nostack, preserves_flags),
        );
    }
}

/// Copies the first and the last 256 bytes, which may overlap.
///
/// # Safety
///
/// `len` bytes, from 256 to 512, from `src` on are readable and from `dst` on writable; and the CPU
/// has AVX-512.
#[inline(always)]
unsafe fn eight(src: *const u8, dst: *mut u8, len: usize) {
    // SAFETY: moves the first and the last 256 of at least 256 bytes.
    unsafe {
        asm!(
            "vmovdqu64 zmm16, [{src}]",
            "vmovdqu64 zmm17, [{src} + 64]",
            "vmovdqu64 zmm18, [{src} + 128]",
            "vmovdqu64 zmm19, [{src} + 192]",
            "vmovdqu64 zmm20, [{src} + {len} - 256]",
            "vmovdqu64 zmm21, [{src} + {len} - 192]",
            "vmovdqu64 zmm22, [{src} + {len} - 128]",
            "vmovdqu64 zmm23, [{src} + {len} - 64]",
            "vmovdqu64 [{dst}], zmm16",
            "vmovdqu64 [{dst} + 64], zmm17",
            "vmovdqu64 [{dst} + 128], zmm18",
            "vmovdqu64 [{dst} + 192], zmm19",
            "vmovdqu64 [{dst} + {len} - 256], zmm20",
            "vmovdqu64 [{dst} + {len} - 192], zmm21",
            "vmovdqu64 [{dst} + {len} - 128], zmm22",
            "vmovdqu64 [{dst} + {len} - 64], zmm23",
            src = in(reg) src, dst = in(reg) dst, len = in(reg) len,
            out("xmm16") _, out("xmm17") _, out("xmm18") _, out("xmm19") _,
            out("xmm20") _, out("xmm21") _, out("xmm22") _, out("xmm23") _,
            options(nostack, preserves_flags),
        );
    }
}

/// Copies 64 bytes at the first of the offsets `at`, 256 bytes at the second, and 256 bytes in each
/// round from the third on, `STEP` bytes from those before, until the rounds have moved `rest` bytes
/// or more. What the rounds do not move is loaded before them: later, it would seem to depend on
/// their stores (see [`goes_down`]).
///
/// # Safety
///
/// All these bytes from `src` on are readable and from `dst` on writable; `rest` is at least 1; and
/// the CPU has AVX-512.
#[inline(always)]
unsafe fn rounds<const STEP: isize>(src: *const u8, dst: *mut u8, at: [usize; 3], rest: usize) {
    // SAFETY: loads 64 bytes and 256 bytes, moves 256 bytes in each round, and stores what was
    // loaded first.
    unsafe {
        asm!(
            "vmovdqu64 zmm16, [{src} + {one}]",
            "vmovdqu64 zmm17, [{src} + {four}]",
            "vmovdqu64 zmm18, [{src} + {four} + 64]",
            "vmovdqu64 zmm19, [{src} + {four} + 128]",
            "vmovdqu64 zmm20, [{src} + {four} + 192]",
            ".p2align 4",
            "2:",
            "vmovdqu64 zmm21, [{src} + {at}]",
            "vmovdqu64 zmm22, [{src} + {at} + 64]",
            "vmovdqu64 zmm23, [{src} + {at} + 128]",
            "vmovdqu64 zmm24, [{src} + {at} + 192]",
            "vmovdqu64 [{dst} + {at}], zmm21",
            "vmovdqu64 [{dst} + {at} + 64], zmm22",
            "vmovdqu64 [{dst} + {at} + 128], zmm23",
            "vmovdqu64 [{dst} + {at} + 192], zmm24",
            "add {at}, {step}",
            "sub {rest}, 256",
            "ja 2b",
            "vmovdqu64 [{dst} + {four}], zmm17",
            "vmovdqu64 [{dst} + {four} + 64], zmm18",
            "vmovdqu64 [{dst} + {four} + 128], zmm19",
            "vmovdqu64 [{dst} + {four} + 192], zmm20",
            "vmovdqu64 [{dst} + {one}], zmm16",
            src = in(reg) src, dst = in(reg) dst, one = in(reg) at[0], four = in(reg) at[1],
            at = inout(reg) at[2] => _, rest = inout(reg) rest => _, step = const STEP,
            out("xmm16") _, out("xmm17") _, out("xmm18") _, out("xmm19") _, out("xmm20") _,
            out("xmm21") _, out("xmm22") _, out("xmm23") _, out("xmm24") _,
            options(nostack),
        );
    }
}
