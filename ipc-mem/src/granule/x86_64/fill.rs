//! Writing copies of a value.

#![expect(unsafe_code, reason = "writes bytes that other processes read")]

use std::arch::asm;

use super::{BLOCK, vectors::Vectors};

/// The length in bytes from which `rep stosq` writes a repeated value faster than vectors do.
const STRING_FILL: usize = 4096;

/// Writes copies of a word to `len` bytes. The last moves end where the bytes end, and may overlap
/// those before.
///
/// # Safety
///
/// `len` bytes, at least 8, from `dst` on are writable; the word consists of copies of a value, of
/// which `len` bytes are a whole number; all other code that accesses the bytes meanwhile moves
/// granules of that value.
#[inline]
pub(in crate::granule) unsafe fn fill_words(dst: *mut u8, word: u64, len: usize) {
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
        // SAFETY: the first and the last 16 of at least 16 bytes; of more than 32, the first and
        // the last 32; of more than 64, the first and the last 64.
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
        // SAFETY: the words that fit into `len` bytes, upwards, as the direction flag is clear on
        // entry to any `asm!`; and the last 8 bytes.
        unsafe {
            asm!(
                "mov [{last}], rax",
                "rep stosq",
                last = in(reg) dst.wrapping_add(len - 8), in("rax") word,
                inout("rcx") len / 8 => _, inout("rdi") dst => _,
                options(nostack, preserves_flags),
            );
        }
    } else if matches!(Vectors::known(), Vectors::By64 | Vectors::By32) {
        // SAFETY: the caller guarantees the contract, and the CPU has AVX.
        unsafe { fill_by_32(dst, word, len) };
    } else {
        Vectors::detect();
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
    // SAFETY: the first 32 bytes; blocks from the first boundary of 32 behind their beginning, each
    // of which begins before the last block does; and the last block.
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering::Relaxed;

    use super::super::vectors::VECTORS;
    use super::*;

    /// A copy does not detect again what a fill has detected.
    #[test]
    fn a_fill_detects_the_same_vectors_as_a_copy() {
        let mut place = [0; 2 * BLOCK];
        VECTORS.store(Vectors::Unknown as u8, Relaxed);
        // SAFETY: these bytes, which no other code has.
        unsafe { fill_words(place.as_mut_ptr(), 0, place.len()) };
        let by_fill = VECTORS.load(Relaxed);
        Vectors::detect();
        assert_eq!(by_fill, VECTORS.load(Relaxed));
    }
}
