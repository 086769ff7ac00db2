//! Benchmarks, each beside what it is measured against.
//!
//! A [`Pair`] is one thing done by this project and done in the plain way: by C's calls, or on a `Vec`.
//! Pairs come in [`Group`]s, and are run in two manners:
//!
//! | command | does |
//! |---|---|
//! | `cargo xtask bench-report` | all groups in pairs, and writes `benches/RESULTS.md` and its charts |
//! | `cargo xtask bench-report --quick` | the same within a minute, to look at: writes to `target/bench-report` |
//! | `cargo bench -p benches --bench report -- copy` | one group in pairs, and writes nothing |
//! | `cargo bench -p benches --bench criterion -- lock` | one group with criterion, each side by itself |
//! | `cargo bench -p benches --bench instructions` | counts instructions, and compares with `instructions.txt` |
//! | `cargo run --release --manifest-path benches/rivals/Cargo.toml` | the same work through other crates, in one table |
//! | `cargo bench -p benches -- --test` | everything once, to see that it runs |
//!
//! On a machine that others use too, the speed of one and the same loop changes by a factor of two within
//! a second. So a ratio of two times measured one after the other says little. [`compare`] runs both sides in
//! turn, a fraction of a millisecond each, takes the ratio of each turn, and then the median of those; in the same turns
//! it runs the reference a second time, whose ratio with itself shows how far the result can be trusted.

use std::time::Duration;

use criterion::{BenchmarkId, Criterion};
use ipc_core::Result;

mod channel;
mod chart;
pub mod groups;
mod measure;
mod pair;
mod partners;
pub mod report;
mod sys;

pub use measure::{Effort, Outcome, Spread, compare};
pub use pair::{Group, Pair, Ratio, Side, Turn};
pub use partners::play;

/// Runs a group with criterion, both sides of each pair.
///
/// # Errors
///
/// What the benchmarked calls fail with.
pub fn with_criterion(group: &Group) -> Result<()> {
    let criterion = Criterion::default().sample_size(30);
    let criterion = criterion.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_millis(700));
    let mut criterion = criterion.configure_from_args();
    let mut report = criterion.benchmark_group(group.name);
    (group.pairs)(&mut |mut pair| {
        let mut failed = Ok(());
        for side in [Side::Ours, Side::Reference] {
            let id = BenchmarkId::new(pair.name.clone(), side);
            report.bench_function(id, |bencher| {
                bencher.iter_custom(|count| {
                    pair.run(side, count).map(|turn| turn.time).unwrap_or_else(|err| {
                        failed = Err(err);
                        Duration::from_secs(1)
                    })
                });
            });
        }
        failed
    })?;
    report.finish();
    criterion.final_summary();
    Ok(())
}
