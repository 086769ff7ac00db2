//! Everything that is bound lies in memory as C says, and has C's value; so has the shim.
//!
//! The tables, one for each target, are generated beside the bindings and say what to compare;
//! the values come from the compiled crate on one side, and on the other from a C program that
//! is made of the same table and from the crate `libc`.

#[macro_use]
mod rows;
mod against_c;
mod against_libc;
mod c_program;
mod shim;
#[cfg_attr(
    all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"),
    path = "x86_64-unknown-linux-gnu.rs"
)]
#[cfg_attr(
    all(target_arch = "x86_64", target_os = "linux", target_env = "musl"),
    path = "x86_64-unknown-linux-musl.rs"
)]
#[cfg_attr(
    all(target_arch = "aarch64", target_os = "linux", target_env = "gnu"),
    path = "aarch64-unknown-linux-gnu.rs"
)]
#[expect(
    dead_code,
    deprecated,
    non_camel_case_types,
    non_upper_case_globals,
    reason = "generated: the names are C's, and what `libc` has hides what stands in for it"
)]
#[rustfmt::skip]
mod table;
