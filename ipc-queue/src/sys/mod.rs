//! The calls of C, as safe functions that return its plain error number.

pub(crate) mod posix;
pub(crate) mod sysv;
