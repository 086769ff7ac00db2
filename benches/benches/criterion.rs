//! Runs all groups, or the named ones, with criterion: `cargo bench -p benches --bench criterion --
//! lock`.

use benches::{groups, play, with_criterion};

fn main() -> ipc_core::Result<()> {
    play()?;
    groups::named_in_arguments().into_iter().try_for_each(with_criterion)
}
