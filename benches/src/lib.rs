//! Benchmarks, each next to its reference.
//!
//! A [`Pair`] is one operation of this project and the same done in the plain way: with C's calls,
//! or on a `Vec`. Pairs form [`Group`]s, and are run in two ways:
//!
//! | command | does |
//! |---|---|
//! | `cargo xtask bench-report` | all groups in pairs; writes `benches/RESULTS.md`, charts |
//! | `cargo xtask bench-report --quick` | the same in a minute; writes `target/bench-report` |
//! | `cargo bench -p benches --bench report -- copy` | one group in pairs, and writes nothing |
//! | `cargo bench -p benches --bench criterion -- lock` | one group, criterion, each side alone |
//! | `cargo bench -p benches --bench native` | longest waits, and the time until a death is told |
//! | `cargo bench -p benches --bench instructions` | compares counts to `instructions.txt` |
//! | `cargo run --release --manifest-path benches/rivals/Cargo.toml` | other crates, one table |
//! | `cargo bench -p benches -- --test` | everything once, to see that it runs |
//!
//! On a shared machine, the speed of the same loop changes by a factor of two within a second. A
//! ratio of two times measured one after the other is therefore almost meaningless. [`compare`]
//! runs both sides in turn, a fraction of a millisecond each, takes the ratio of each turn, and
//! then the median of those; in the same turns it runs the reference a second time, whose ratio
//! with itself shows how far the result can be trusted.

use std::time::Duration;

use criterion::{BenchmarkId, Criterion};
use ipc_core::Result;

mod channel;
mod chart;
pub mod deaths;
pub mod groups;
mod measure;
mod pair;
mod partners;
pub mod report;
mod sys;
pub mod waits;

pub use measure::{Effort, Outcome, Spread, compare};
pub use pair::{Group, Pair, Ratio, Side, Turn};
pub use partners::play;

/// Runs a group with criterion, both sides of each pair.
///
/// # Errors
///
/// Returns the error of the benchmarked calls.
pub fn with_criterion(group: &Group) -> Result<()> {
    let criterion = Criterion::default().sample_size(30);
    let criterion = criterion
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(700));
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
