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
