//! The longest waits for a lock, and the time until the death of its owner is told: `cargo bench -p
//! benches --bench native -- waits deaths`; each alone if only one is named.

use std::env;

use benches::{deaths, play, waits};

fn main() -> ipc_core::Result<()> {
    play()?;
    let args: Vec<String> = env::args().skip(1).collect();
    let has = |name: &str| args.iter().any(|arg| arg == name);
    let (is_test, all) = (has("--test"), has("waits") == has("deaths"));
    if all || has("waits") {
        waits::report(is_test)?;
    }
    if all || has("deaths") {
        deaths::report(is_test)?;
    }
    Ok(())
}
