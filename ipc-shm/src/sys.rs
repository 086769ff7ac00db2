//! All calls of C functions in this crate.

pub(crate) mod file;
pub(crate) mod segment;
