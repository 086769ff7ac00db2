//! Hooks for the tests of this project. Only debug builds with `--cfg ipc_test_hooks` have them.

mod crash_point;
mod switch;

pub use crash_point::crash_point;
pub use switch::switched_on;
