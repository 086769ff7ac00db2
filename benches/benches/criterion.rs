//! All groups with criterion, or those that are named: `cargo bench -p benches --bench criterion -- lock`.

use benches::{groups, play, with_criterion};

fn main() -> ipc_core::Result<()> {
    play()?;
    groups::named_in_arguments().into_iter().try_for_each(with_criterion)
}
