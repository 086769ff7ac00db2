//! Code that is specific to musl.

/// Returns the C library with which this program runs; musl reports no version.
pub(crate) fn version() -> (u16, (u16, u16)) {
    (super::MUSL, (0, 0))
}

/// Returns the layout of condition variables, which musl has never changed.
pub(crate) fn condvar_layout() -> u16 {
    1
}
