//! What is so with musl alone.

use crate::preamble::Libc;

/// The C library that this program runs with.
pub(crate) fn libc() -> Libc {
    Libc { kind: super::MUSL, version: (0, 0) }
}
