//! Hooks for this project's own tests, in debug builds with `--cfg ipc_test_hooks` only: no user's build has them.

mod crash_point;
mod switch;

pub use crash_point::crash_point;
pub use switch::switched_on;
