//! What the fuzz targets share.
//!
//! What a target does with its bytes stands in the tests of the crate that reads such bytes, and is done there once
//! more with each input that is kept in `corpus`.

use std::process;
use std::sync::LazyLock;

/// A name that no other run has. `cargo xtask fuzz` removes it when a run has died.
#[must_use]
pub fn name() -> &'static str {
    static NAME: LazyLock<String> = LazyLock::new(|| format!("/ipc-fuzz-{}", process::id()));
    &NAME
}

/// Whether bytes that are refused in memory are tried as a file all the same: one in 64, always the same ones.
///
/// A file takes as long as ten parsers, and one that is refused by them is refused by its beginning or its end alone.
#[must_use]
pub fn is_chosen(bytes: &[u8]) -> bool {
    bytes.iter().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add((*byte).into())) % 64 == 0
}
