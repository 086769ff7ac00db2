//! Code that is specific to musl.

/// The C library that this program runs with; musl reports no version.
pub(crate) fn version() -> (u16, (u16, u16)) {
    (super::MUSL, (0, 0))
}

/// The layout of condition variables, of which there has been one.
pub(crate) fn condvar_layout() -> u16 {
    1
}
