//! Copying by vectors of 64 bytes.
//!
//! The registers from 16 on exist only with AVX-512. Their use needs no `vzeroupper`.

#![expect(unsafe_code, reason = "reads and writes bytes that other processes write")]

use std::arch::{asm, is_x86_feature_detected};

/// Returns `true` if the CPU has AVX-512 that does not slow it down. The first processors with
/// AVX-512 lower their frequency for it; those with VBMI2 do not.
pub(super) fn is_fast() -> bool {
    is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vbmi2")
}

/// Copies the first and the last 128 bytes, which may overlap.
///
/// # Safety
///
/// `len` bytes, from 128 to 256, from `src` on are readable and from `dst` on writable; and the CPU
/// has AVX-512.
#[inline(always)]
pub(super) unsafe fn ends_by_64(src: *const u8, dst: *mut u8, len: usize) {
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

/// # Safety
///
/// There are `count` blocks of 128 bytes, at least one, each `step` bytes from the one before and
/// the first at `src[0]` and `dst[0]`, and one at `src[1]` and `dst[1]`, that are readable and
/// writable; and the CPU has AVX-512.
#[inline(always)]
pub(super) unsafe fn blocks_by_64(
    src: [*const u8; 2],
    dst: [*mut u8; 2],
    count: usize,
    step: isize,
) {
    // SAFETY: each round moves the next block, and then the last block is moved.
    unsafe {
        asm!(
            "2:",
            "vmovdqu64 zmm16, [{src}]",
            "vmovdqu64 zmm17, [{src} + 64]",
            "vmovdqu64 [{dst}], zmm16",
            "vmovdqu64 [{dst} + 64], zmm17",
            "add {src}, {step}",
            "add {dst}, {step}",
            "dec {count}",
            "jnz 2b",
            "vmovdqu64 zmm16, [{src_last}]",
            "vmovdqu64 zmm17, [{src_last} + 64]",
            "vmovdqu64 [{dst_last}], zmm16",
            "vmovdqu64 [{dst_last} + 64], zmm17",
            src = inout(reg) src[0] => _, dst = inout(reg) dst[0] => _,
            count = inout(reg) count => _, step = in(reg) step,
            src_last = in(reg) src[1], dst_last = in(reg) dst[1],
            out("xmm16") _, out("xmm17") _,
            options(nostack),
        );
    }
}
