//! Raw bindings of the C functions, types and constants that the other crates of the toolkit call.
//!
//! All items are at the root of this crate, under C's own names: [`sem_wait`], [`timespec`],
//! [`O_CREAT`]. They are not convenient, and only some are safe; use the crates above for that. A
//! function is safe if it is sound with any arguments: it then takes references in place of C's
//! pointers, and a [`Live`] in place of a lock.
//!
//! The declarations are generated from the system's headers and checked in, one file for each target
//! (`src/bindings/`, written by `cargo xtask bindgen`, never edited). C's macros are written by hand
//! in `src/shim.rs`. Each constant has the type in which C functions take it.

#[cfg_attr(
    all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"),
    path = "bindings/x86_64-unknown-linux-gnu.rs"
)]
#[cfg_attr(
    all(target_arch = "x86_64", target_os = "linux", target_env = "musl"),
    path = "bindings/x86_64-unknown-linux-musl.rs"
)]
#[cfg_attr(
    all(target_arch = "aarch64", target_os = "linux", target_env = "gnu"),
    path = "bindings/aarch64-unknown-linux-gnu.rs"
)]
#[expect(
    missing_docs,
    missing_debug_implementations,
    non_camel_case_types,
    non_upper_case_globals,
    unsafe_code,
    reason = "generated: the names are C's, and so is the documentation"
)]
#[rustfmt::skip]
mod bindings;
#[cfg(target_env = "gnu")]
mod gnu;
mod live;
#[cfg(target_env = "musl")]
mod musl;
mod relied_upon;
mod shim;
mod zeroed;

pub use bindings::*;
#[cfg(target_env = "gnu")]
pub use gnu::*;
pub use live::Live;
#[cfg(target_env = "musl")]
pub use musl::*;
pub use shim::*;
pub use zeroed::{Zeroed, zeroed};
