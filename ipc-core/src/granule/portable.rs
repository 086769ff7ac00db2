//! Copying on machines that have no file of their own: granule by granule.

pub(super) use super::width::copy;
