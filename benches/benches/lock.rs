//! The group `lock`, with criterion.

use benches::{groups, with_criterion};

fn main() -> ipc_core::Result<()> {
    with_criterion(&groups::lock::GROUP)
}
