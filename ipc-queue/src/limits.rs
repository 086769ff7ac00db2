//! Limits of the kernel, read from `/proc/sys`.

use std::fs;

/// Reads a limit; `None` if `/proc` is not mounted or says something else.
pub(crate) fn read(limit: &str) -> Option<usize> {
    fs::read_to_string(format!("/proc/sys/{limit}")).ok()?.trim().parse().ok()
}
