//! The results as Markdown.

use std::fmt::Write;
use std::fs;
use std::process::Command;

use ipc_core::Result;

use crate::{Effort, Group, Outcome, Pair, Ratio, Spread, compare};

/// What was measured with.
#[must_use]
pub fn head() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map(|(_, model)| model);
    let cores = cpu.lines().filter(|line| line.starts_with("processor")).count();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!(
        "# Results\n\n\
         Written by `cargo bench -p benches --bench report`; what the columns mean is said in `src/lib.rs`. Medians, and in\n\
         brackets the quartiles. *Itself* is the reference compared with itself in the same turns: what differs from 1\n\
         there is noise.\n\n\
         | | |\n|---|---|\n| date | {} |\n| machine | {}, {cores} cores |\n| kernel | Linux {} |\n| compiler | {} |\n\
         | C library | {} |\n| load before | {} |\n\n",
        told("date", &["-u", "+%F"]),
        model.unwrap_or("unknown"),
        kernel.trim(),
        told("rustc", &["--version"]),
        told("getconf", &["GNU_LIBC_VERSION"]),
        load.split(' ').next().unwrap_or_default(),
    )
}

fn told(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output();
    output.map_or_else(|_| "unknown".into(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs a group in pairs.
///
/// # Errors
///
/// What the benchmarked calls fail with.
pub fn table(group: &Group, effort: Effort) -> Result<String> {
    let ratio = match group.ratio {
        Ratio::Speed => "speed",
        Ratio::Time => "time",
    };
    let mut text = format!(
        "## {}\n\n{}\n\n| | ours | reference | {ratio} | itself | target | |\n|---|---:|---:|---:|---:|---:|---|\n",
        group.name, group.about
    );
    (group.pairs)(&mut |mut pair| {
        let outcome = compare(&mut pair, group.ratio, effort)?;
        text += &row(&pair, group.ratio, &outcome);
        Ok(())
    })?;
    text.push('\n');
    Ok(text)
}

fn row(pair: &Pair, ratio: Ratio, outcome: &Outcome) -> String {
    let reached = outcome.ratio.median;
    let (target, met) = match (pair.target, ratio) {
        (None, _) => (String::new(), true),
        (Some(target), Ratio::Speed) => (format!("≥ {target}"), reached >= target),
        (Some(target), Ratio::Time) => (format!("≤ {target}"), reached <= target),
    };
    let verdict = match (pair.target, met) {
        (None, _) => "",
        (_, true) => "met",
        (_, false) => "**missed**",
    };
    format!(
        "| {} | {} | {} | {} | {} | {target} | {verdict} |\n",
        pair.name,
        duration(outcome.ours),
        duration(outcome.reference),
        spread(outcome.ratio),
        spread(outcome.itself)
    )
}

fn spread(Spread { low, median, high }: Spread) -> String {
    format!("{median:.2} ({low:.2}–{high:.2})")
}

fn duration(nanoseconds: f64) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = match nanoseconds {
        ..10.0 => write!(text, "{nanoseconds:.2} ns"),
        10.0..1e4 => write!(text, "{nanoseconds:.0} ns"),
        1e4..1e7 => write!(text, "{:.1} µs", nanoseconds / 1e3),
        _ => write!(text, "{:.1} ms", nanoseconds / 1e6),
    };
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_whether_the_target_was_met() {
        let half = Spread { low: 0.4, median: 0.5, high: 0.6 };
        let one = Spread { low: 1.0, median: 1.0, high: 1.0 };
        let outcome = Outcome { ours: 2.0, reference: 12_000.0, ratio: half, itself: one };
        let row = |target, ratio| row(&Pair::new("x", |_, _| Ok(())).target(target), ratio, &outcome);
        let start = "| x | 2.00 ns | 12.0 µs | 0.50 (0.40–0.60) | 1.00 (1.00–1.00) | ";
        assert_eq!(row(None, Ratio::Speed), format!("{start} |  |\n"));
        assert_eq!(row(Some(0.9), Ratio::Speed), format!("{start}≥ 0.9 | **missed** |\n"));
        assert_eq!(row(Some(0.9), Ratio::Time), format!("{start}≤ 0.9 | met |\n"));
    }
}
