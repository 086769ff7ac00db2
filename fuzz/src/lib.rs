//! Code that the fuzz targets share.
//!
//! The work of a target is in the crate `ipc-hostile`, whose tests repeat it with each input that is
//! kept in `corpus`.

use std::process;
use std::sync::LazyLock;

/// A name that no other run uses. `cargo xtask fuzz` removes it when a run has died.
#[must_use]
pub fn name() -> &'static str {
    static NAME: LazyLock<String> = LazyLock::new(|| format!("/ipc-fuzz-{}", process::id()));
    &NAME
}

/// Returns whether bytes that were refused in memory are also tried as a file: one in 64, always
/// the same ones.
///
/// A file takes as long as ten parsers, and a file that they refuse is refused because of its
/// beginning or its end alone.
#[must_use]
pub fn is_chosen(bytes: &[u8]) -> bool {
    bytes.iter().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add((*byte).into())) % 64 == 0
}
