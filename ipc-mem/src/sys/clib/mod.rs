//! The C library with which this program runs.

#[cfg(target_env = "gnu")]
mod gnu;
#[cfg(target_env = "musl")]
mod musl;

#[cfg(target_env = "gnu")]
pub(crate) use gnu::{condvar_layout, version};
#[cfg(target_env = "musl")]
pub(crate) use musl::{condvar_layout, version};

/// The stored number of glibc.
pub(crate) const GLIBC: u16 = 1;

/// The stored number of musl.
pub(crate) const MUSL: u16 = 2;
