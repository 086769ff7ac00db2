//! The results as Markdown.

use std::fmt::Write;
use std::fs;
use std::process::Command;

use ipc_core::Result;

use crate::{Effort, Group, Outcome, Ratio, Spread, chart, compare};

/// The end of the results, which explains the figures.
pub const NOTES: &str = include_str!("../NOTES.md");

/// Describes the machine and the software.
#[must_use]
pub fn head(effort: &str) -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map(|(_, model)| model);
    let cores = cpu.lines().filter(|line| line.starts_with("processor")).count();
    let siblings = fs::read_to_string("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list")
        .unwrap_or_default();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!(
        "# Results\n\n\
         Written by `cargo xtask bench-report`; `src/lib.rs` explains the measurement. Values are medians,\n\
         with the quartiles in brackets. *Itself* is the reference compared with itself in the same turns:\n\
         its difference from 1 is noise. A row is *noisy* if the quartiles of a ratio differ by more than a\n\
         fifth of its median, or if the reference differs from itself by more than 0.03; if the target also\n\
         lies between the quartiles, the machine is too noisy to say whether it was met. The end of this page\n\
         explains the figures.\n\n\
         | | |\n|---|---|\n| date | {} |\n| effort | {effort} |\n| machine | {}, {cores} cores; those that share a core with the first: {} |\n\
         | kernel | Linux {} |\n| compiler | {}, no link-time optimisation |\n| C compiler | {} |\n| C library | {} |\n\
         | parking_lot | {} |\n| priority | {} |\n| load before | {} |\n\n",
        told("date", &["-u", "+%F %R UTC"]),
        model.unwrap_or("unknown"),
        siblings.trim(),
        kernel.trim(),
        told("rustc", &["--version"]),
        told("cc", &["--version"]).lines().next().unwrap_or("unknown"),
        told("getconf", &["GNU_LIBC_VERSION"]),
        locked("parking_lot"),
        priority(),
        load.split(' ').next().unwrap_or_default(),
    )
}

fn told(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output();
    output.map_or_else(
        |_| "unknown".into(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

/// Returns how the system schedules this process: field 41, counted behind the name in brackets.
fn priority() -> &'static str {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let policy = stat.rsplit_once(") ").and_then(|(_, fields)| fields.split(' ').nth(38));
    match policy {
        Some("0") => "ordinary",
        Some("1" | "2") => "real-time",
        _ => "unknown",
    }
}

/// Returns the version of a crate in the workspace's lock file.
fn locked(krate: &str) -> String {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock"))
        .unwrap_or_default();
    let mut lines = text.lines().skip_while(|line| *line != format!("name = \"{krate}\""));
    let version = lines.nth(1).and_then(|line| line.strip_prefix("version = "));
    version.unwrap_or("unknown").trim_matches('"').to_owned()
}

/// The results of a group.
#[derive(Debug)]
pub struct Table {
    pub(crate) group: &'static Group,
    pub(crate) rows: Vec<Row>,
}

/// The result of a pair.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) target: Option<f64>,
    pub(crate) outcome: Outcome,
}

/// Runs a group in pairs.
///
/// # Errors
///
/// Returns the error of the benchmarked calls.
pub fn table(group: &'static Group, effort: Effort) -> Result<Table> {
    let mut rows = Vec::new();
    (group.pairs)(&mut |mut pair| {
        let outcome = compare(&mut pair, group.ratio, effort)?;
        rows.push(Row { name: pair.name, target: pair.target, outcome });
        Ok(())
    })?;
    Ok(Table { group, rows })
}

impl Table {
    /// Returns the table as Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let Self { group, rows } = self;
        let ratio = match group.ratio {
            Ratio::Speed => "speed",
            Ratio::Time => "time",
        };
        let compete = rows.iter().any(|row| row.outcome.shares.is_some());
        let (share, line) =
            if compete { (" share | reference's |", "---:|---:|") } else { ("", "") };
        let mut text = format!(
            "## {}\n\n{}\n\n![The ratios of this table](charts/{}.svg)\n\n\
             | | ours | reference | {ratio} | itself |{share} target | |\n|---|---:|---:|---:|---:|{line}---:|---|\n",
            group.name, group.about, group.name
        );
        rows.iter().for_each(|row| text += &row.markdown(group.ratio));
        text.push('\n');
        text
    }

    /// Returns a chart of the ratios.
    #[must_use]
    pub fn svg(&self) -> String {
        chart::svg(self)
    }
}

/// The result of comparing a row with its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    NoTarget,
    Met,
    Missed,
    CannotSay,
}

impl Row {
    pub(crate) fn verdict(&self, ratio: Ratio) -> Verdict {
        let Some(target) = self.target else { return Verdict::NoTarget };
        let Spread { low, median, high } = self.outcome.ratio;
        match ratio {
            _ if self.outcome.is_noisy() && low < target && target < high => Verdict::CannotSay,
            Ratio::Speed if median >= target => Verdict::Met,
            Ratio::Time if median <= target => Verdict::Met,
            _ => Verdict::Missed,
        }
    }

    fn markdown(&self, ratio: Ratio) -> String {
        let Outcome { ours, reference, ratio: reached, itself, shares } = self.outcome;
        let noise = if self.outcome.is_noisy() { "noisy" } else { "" };
        let verdict = match self.verdict(ratio) {
            Verdict::NoTarget => noise.into(),
            Verdict::CannotSay => "too noisy to say".into(),
            Verdict::Met => ["met", noise].join(" "),
            Verdict::Missed => ["**missed**", noise].join(" "),
        };
        let sign = if ratio == Ratio::Speed { '≥' } else { '≤' };
        let target = self.target.map(|target| (target * 1000.0).round() / 1000.0);
        let target = target.map(|target| format!("{sign} {target}")).unwrap_or_default();
        let shares = shares
            .map(|[ours, reference]| format!(" {ours:.2} | {reference:.2} |"))
            .unwrap_or_default();
        let (ours, reference) = (duration(ours), duration(reference));
        let (reached, itself) = (spread(reached), spread(itself));
        let verdict = verdict.trim();
        format!(
            "| {} | {ours} | {reference} | {reached} | {itself} |{shares} {target} | {verdict} |\n",
            self.name
        )
    }
}

fn spread(Spread { low, median, high }: Spread) -> String {
    format!("{median:.2} ({low:.2}–{high:.2})")
}

pub(crate) fn duration(nanoseconds: f64) -> String {
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

    fn row(ratio: Spread, target: impl Into<Option<f64>>) -> Row {
        let itself = Spread { low: 1.0, median: 1.0, high: 1.0 };
        let outcome = Outcome { ours: 2.0, reference: 12_000.0, ratio, itself, shares: None };
        Row { name: "x".into(), target: target.into(), outcome }
    }

    const HALF: Spread = Spread { low: 0.49, median: 0.5, high: 0.51 };
    const WIDE: Spread = Spread { low: 0.4, median: 0.5, high: 0.6 };

    #[test]
    fn a_row_says_whether_the_target_was_met() {
        let told = |target, ratio| row(HALF, target).markdown(ratio);
        let start = "| x | 2.00 ns | 12.0 µs | 0.50 (0.49–0.51) | 1.00 (1.00–1.00) | ";
        assert_eq!(told(None, Ratio::Speed), format!("{start} |  |\n"));
        assert_eq!(told(Some(0.9), Ratio::Speed), format!("{start}≥ 0.9 | **missed** |\n"));
        assert_eq!(told(Some(0.9), Ratio::Time), format!("{start}≤ 0.9 | met |\n"));
        assert_eq!(told(Some(2.0 / 3.0), Ratio::Time), format!("{start}≤ 0.667 | met |\n"));
    }

    #[test]
    fn a_noisy_row_says_so_and_whether_it_can_tell() {
        let end =
            |target| row(WIDE, target).markdown(Ratio::Time).split(" | ").last().map(str::to_owned);
        assert_eq!(end(None), Some("noisy |\n".into()));
        assert_eq!(end(Some(0.9)), Some("met noisy |\n".into()));
        assert_eq!(end(Some(0.45)), Some("too noisy to say |\n".into()));
        assert_eq!(end(Some(0.55)), Some("too noisy to say |\n".into()));
        assert_eq!(end(Some(0.3)), Some("**missed** noisy |\n".into()));
    }

    #[test]
    fn a_reference_that_differs_from_itself_is_noise() {
        let mut row = row(HALF, None);
        assert!(!row.outcome.is_noisy());
        row.outcome.itself.median = 0.96;
        assert!(row.outcome.is_noisy());
    }
}
