//! C, as the system's headers declare it: what the crates of the toolkit call.
//!
//! Everything lies flat in this one module, under C's own names: [`sem_wait`], [`timespec`], [`O_CREAT`]. Nothing here
//! is safe or comfortable; the crates above are for that.
//!
//! The declarations are generated from the headers and checked in, one file for each target (`src/bindings/`, made by
//! `cargo xtask bindgen`, never edited); what C has only as macros is written by hand in `src/shim.rs`. Constants have
//! the type in which C functions take them.

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
#[cfg(target_env = "musl")]
mod musl;
mod relied_upon;
mod shim;

pub use bindings::*;
#[cfg(target_env = "gnu")]
pub use gnu::*;
#[cfg(target_env = "musl")]
pub use musl::*;
pub use shim::*;
