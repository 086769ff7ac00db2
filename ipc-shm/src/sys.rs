//! All that calls C in this crate.

pub(crate) mod file;
#[cfg(target_env = "gnu")]
mod gnu;
#[cfg(target_env = "musl")]
mod musl;
pub(crate) mod segment;

#[cfg(target_env = "gnu")]
pub(crate) use gnu::libc;
#[cfg(target_env = "musl")]
pub(crate) use musl::libc;

/// The code of glibc in a preamble.
pub(crate) const GLIBC: u16 = 1;

/// The code of musl in a preamble.
pub(crate) const MUSL: u16 = 2;
