//! Every bound item has C's layout and C's value, and so has the shim.
//!
//! The tables, one for each target, are generated with the bindings and list the items to compare.
//! The values of the compiled crate are compared with those of a C program, which is written from
//! the same table, and with those of the crate `libc`.

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
