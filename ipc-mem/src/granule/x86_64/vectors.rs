//! Which vectors the CPU has.

use std::arch::is_x86_feature_detected;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// The widest vectors that the CPU moves fast, as far as known: a [`Vectors`].
pub(super) static VECTORS: AtomicU8 = AtomicU8::new(Vectors::Unknown as u8);

/// Vectors of a CPU. Copies and fills detect them together, so that neither hides them from the
/// other.
#[repr(u8)]
pub(super) enum Vectors {
    /// Not yet detected.
    Unknown,
    /// 16 bytes: SSE, which all processors have.
    By16,
    /// 32 bytes: AVX.
    By32,
    /// 64 bytes: AVX-512 and AVX.
    By64,
}

impl Vectors {
    /// Returns the widest vectors that the CPU moves fast, as far as known.
    #[inline(always)]
    pub(super) fn known() -> Self {
        match VECTORS.load(Relaxed) {
            known if known == Self::By64 as u8 => Self::By64,
            known if known == Self::By32 as u8 => Self::By32,
            known if known == Self::By16 as u8 => Self::By16,
            _ => Self::Unknown,
        }
    }

    /// Detects the vectors of the CPU, for later calls.
    #[cold]
    #[inline(never)]
    pub(super) fn detect() {
        let found = match is_x86_feature_detected!("avx") {
            true if has_fast_avx512() => Self::By64,
            true => Self::By32,
            false => Self::By16,
        };
        VECTORS.store(found as u8, Relaxed);
    }
}

/// Returns `true` if the CPU has AVX-512 that does not slow it down. The first processors with
/// AVX-512 lower their frequency for it; those with VBMI2 do not.
pub(super) fn has_fast_avx512() -> bool {
    is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vbmi2")
}
