//! Copying by vectors of 64 bytes.
//!
//! The registers from 16 on exist only with AVX-512. Their use needs no `vzeroupper`.

#![expect(unsafe_code, reason = "reads and writes bytes that other processes write")]

use std::arch::{asm, is_x86_feature_detected};

use super::{Row, blocks};

/// Returns `true` if the CPU has AVX-512 that does not slow it down. The first processors with
/// AVX-512 lower their frequency for it; those with VBMI2 do not.
pub(super) fn is_fast() -> bool {
    is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vbmi2")
}

/// Copies at least 128 bytes.
///
/// # Safety
///
/// As for [`blocks`], of at least 128 bytes; and the CPU has AVX-512.
#[inline(always)]
pub(super) unsafe fn copy(src: *const u8, dst: *mut u8, len: usize) {
    match len {
        // SAFETY: 128 to 256 bytes; the caller guarantees the rest of the contract.
        0..=256 => unsafe { ends_by_64(src, dst, len) },
        257..BY_64_ALIGNED => {
            let last = len - BY_64.block;
            let (src, dst) = ([src, src.wrapping_add(last)], [dst, dst.wrapping_add(last)]);
            // SAFETY: the first and the last block, which may overlap, of more than a block; the
            // caller guarantees the rest of the contract.
            unsafe { blocks_by_64(src, dst, 1, 0) };
        }
        // SAFETY: more than a block; the caller guarantees the rest of the contract.
        _ => unsafe { blocks(src, dst, len, BY_64) },
    }
}

/// Copies the first and the last 128 bytes, which may overlap.
///
/// # Safety
///
/// `len` bytes, from 128 to 256, from `src` on are readable and from `dst` on writable; and the CPU
/// has AVX-512.
#[inline(always)]
unsafe fn ends_by_64(src: *const u8, dst: *mut u8, len: usize) {
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

/// The length from which the destination is aligned first: up to there, two blocks are enough.
const BY_64_ALIGNED: usize = 513;

/// Needs AVX-512.
pub(super) const BY_64: Row = Row {
    block: 256,
    aligned: BY_64_ALIGNED,
    width: 64,
    move_64: move_64_at_once,
    blocks: blocks_by_64,
};

/// # Safety
///
/// 64 bytes at `src` are readable and at `dst` writable; and the CPU has AVX-512.
#[inline(always)]
unsafe fn move_64_at_once(src: *const u8, dst: *mut u8) {
    // SAFETY: moves these 64 bytes.
    unsafe {
        asm!(
            "vmovdqu64 zmm16, [{src}]",
            "vmovdqu64 [{dst}], zmm16",
            src = in(reg) src, dst = in(reg) dst, out("xmm16") _,
            options(nostack, preserves_flags),
        );
    }
}

/// # Safety
///
/// There are `count` blocks of 256 bytes, at least one, each `step` bytes from the one before and
/// the first at `src[0]` and `dst[0]`, and one at `src[1]` and `dst[1]`, that are readable and
/// writable; and the CPU has AVX-512.
#[inline(always)]
unsafe fn blocks_by_64(src: [*const u8; 2], dst: [*mut u8; 2], count: usize, step: isize) {
    // SAFETY: each round moves the next block, and then the last block is moved.
    unsafe {
        asm!(
            "2:",
            "vmovdqu64 zmm16, [{src}]",
            "vmovdqu64 zmm17, [{src} + 64]",
            "vmovdqu64 zmm18, [{src} + 128]",
            "vmovdqu64 zmm19, [{src} + 192]",
            "add {src}, {step}",
            "vmovdqu64 [{dst}], zmm16",
            "vmovdqu64 [{dst} + 64], zmm17",
            "vmovdqu64 [{dst} + 128], zmm18",
            "vmovdqu64 [{dst} + 192], zmm19",
            "add {dst}, {step}",
            "dec {count}",
            "jnz 2b",
            "vmovdqu64 zmm16, [{src_last}]",
            "vmovdqu64 zmm17, [{src_last} + 64]",
            "vmovdqu64 zmm18, [{src_last} + 128]",
            "vmovdqu64 zmm19, [{src_last} + 192]",
            "vmovdqu64 [{dst_last}], zmm16",
            "vmovdqu64 [{dst_last} + 64], zmm17",
            "vmovdqu64 [{dst_last} + 128], zmm18",
            "vmovdqu64 [{dst_last} + 192], zmm19",
            src = inout(reg) src[0] => _, dst = inout(reg) dst[0] => _,
            count = inout(reg) count => _, step = in(reg) step,
            src_last = in(reg) src[1], dst_last = in(reg) dst[1],
            out("xmm16") _, out("xmm17") _, out("xmm18") _, out("xmm19") _,
            options(nostack),
        );
    }
}
