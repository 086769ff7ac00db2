//! `cargo xtask bench-report`: measures the crates, and writes the tables and charts.

use crate::ci::{cargo, root};

/// Writes `benches/RESULTS.md` and `benches/charts`; with `quick`, measures briefly and writes to `target/bench-report`.
pub(crate) fn run(quick: bool) -> Result<(), String> {
    let place = root().join(if quick { "target/bench-report" } else { "benches" });
    let mut bench = cargo("bench -p benches --bench report --");
    bench.current_dir(root()).args(quick.then_some("--quick")).arg("--write").arg(&place);
    match bench.status() {
        Ok(status) if status.success() => {
            println!("written to {}", place.display());
            Ok(())
        }
        Ok(status) => Err(format!("{bench:?}: {status}")),
        Err(error) => Err(format!("{bench:?}: {error}")),
    }
}
