//! `cargo xtask torture`: the full tests of all protections, repeated with other seeds.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{env, fs, process};

use crate::{ci, mechanisms};

/// The file with the results, and the line that they follow.
const FILE: &str = "TESTING.md";
const MARK: &str = "<!-- written by `cargo xtask torture --record` from here on -->\n";

/// Seconds without progress after which a full test fails.
const PATIENCE: &str = "600";

/// The results of one test over all passes.
#[derive(Default)]
struct Row {
    passes: u32,
    failures: u32,
    time: Duration,
    figures: String,
}

/// Runs all tests once with few rounds, to check that every crash point is reached, and then in full until the time is
/// over.
pub(crate) fn run(minutes: u64, seed: Option<u64>, record: bool) -> Result<(), String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seed = seed.unwrap_or(now.as_secs());
    let end = Instant::now() + Duration::from_secs(60 * minutes);
    let mut rows: Vec<Row> = mechanisms::ALL.iter().map(|_| Row::default()).collect();
    every_crash_point_is_hit()?;
    let mut chores: Vec<Row> = mechanisms::CHORES.iter().map(|_| Row::default()).collect();
    for pass in 0.. {
        for (mechanism, row) in mechanisms::ALL.iter().zip(&mut rows) {
            if pass > 0 && Instant::now() > end {
                return report(&rows, &chores, seed, minutes, record);
            }
            let mut command = mechanism.command();
            let seed = (seed + pass).to_string();
            command.envs([
                ("IPC_TEST_FULL", "1"),
                ("IPC_TEST_SEED", &seed),
                ("IPC_TEST_SECONDS", PATIENCE),
            ]);
            row.run(&mut command, mechanism.test, &seed)?;
        }
        // Once each, between the first pass and the second.
        for ((promise, arguments), row) in mechanisms::CHORES.iter().zip(&mut chores) {
            if pass == 0 && Instant::now() < end {
                row.run(ci::cargo(arguments).current_dir(ci::root()), promise, "its own")?;
            }
        }
    }
    unreachable!("the passes end by the time")
}

fn every_crash_point_is_hit() -> Result<(), String> {
    let trace = env::temp_dir().join(format!("ipc-torture-{}", process::id()));
    let mut points = BTreeSet::new();
    for krate in ci::names(&ci::root()).iter().filter(|krate| *krate != "ipc-testkit") {
        collect(&ci::root().join(krate).join("src"), &mut points);
    }
    for mechanism in mechanisms::ALL {
        let output = mechanism.command().env("IPC_CRASH_POINT_TRACE", &trace).output();
        output.map_err(|error| format!("cargo: {error}"))?;
    }
    let hit = fs::read_to_string(&trace).unwrap_or_default();
    // The file may not exist.
    let _ = fs::remove_file(&trace);
    let missed: Vec<_> =
        points.iter().filter(|point| hit.lines().all(|hit| hit != *point)).cloned().collect();
    println!("{} of {} crash points hit", points.len() - missed.len(), points.len());
    if missed.is_empty() {
        Ok(())
    } else {
        Err(format!("crash points that no test reaches: {}", missed.join(", ")))
    }
}

/// The names of all crash points in the files of a directory, if there is one.
fn collect(dir: &Path, points: &mut BTreeSet<String>) {
    for path in ci::names(dir).iter().map(|name| dir.join(name)) {
        collect(&path, points);
        let text = fs::read_to_string(path).unwrap_or_default();
        let calls = text.split("crash_point(\"").skip(1).filter_map(|call| call.split_once("\")"));
        points.extend(calls.map(|(point, _)| point.to_owned()));
    }
}

impl Row {
    fn run(&mut self, command: &mut Command, test: &str, seed: &str) -> Result<(), String> {
        let start = Instant::now();
        let output = command.output().map_err(|error| format!("cargo: {error}"))?;
        self.time += start.elapsed();
        self.passes += 1;
        let text = String::from_utf8_lossy(&output.stdout);
        // Cargo does not fail on the name of a test that does not exist.
        let ran =
            text.lines().any(|line| line.starts_with("running ") && line != "running 0 tests");
        if !output.status.success() || !(ran || text.contains("figures: ")) {
            self.failures += 1;
            println!("{text}\n{}", String::from_utf8_lossy(&output.stderr));
        }
        // libtest may have printed something on the same line before it.
        let figures = text.lines().filter_map(|line| line.split_once("figures: "));
        self.figures = figures.map(|(_, figures)| figures).collect::<Vec<_>>().join("; ");
        println!(
            "{test}, seed {seed}: {}, {:.1} s. {}",
            output.status,
            start.elapsed().as_secs_f64(),
            self.figures
        );
        Ok(())
    }
}

fn report(
    rows: &[Row],
    chores: &[Row],
    seed: u64,
    minutes: u64,
    record: bool,
) -> Result<(), String> {
    let text = table(rows, chores, seed, minutes);
    println!("{text}");
    if record {
        let path = ci::root().join(FILE);
        let told = |error| format!("{FILE}: {error}");
        let old = fs::read_to_string(&path).map_err(told)?;
        let (head, _) = old.split_once(MARK).ok_or_else(|| format!("{FILE} has no line {MARK}"))?;
        fs::write(path, format!("{head}{MARK}{text}")).map_err(told)?;
    }
    let failures: u32 = rows.iter().chain(chores).map(|row| row.failures).sum();
    if failures == 0 {
        Ok(())
    } else {
        Err(format!("{failures} failures; to replay: --seed {seed}"))
    }
}

fn table(rows: &[Row], chores: &[Row], seed: u64, minutes: u64) -> String {
    let date = Command::new("date")
        .args(["-u", "+%F"])
        .output()
        .map(|output| output.stdout)
        .unwrap_or_default();
    let mut text = format!(
        "\nLast run: {}, {minutes} minutes, seed {seed}.\n\n| promise | test | switch | passes | failures | seconds | last figures |\n|---|---|---|---:|---:|---:|---|\n",
        String::from_utf8_lossy(&date).trim()
    );
    for (mechanism, row) in mechanisms::ALL.iter().zip(rows) {
        let Row { passes, failures, time, figures } = row;
        let (promise, test, switch) =
            (mechanism.promise, mechanism.test, mechanism.switch.unwrap_or(""));
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {promise} | `{test}` | {switch} | {passes} | {failures} | {:.0} | {figures} |",
            time.as_secs_f64()
        );
    }
    for ((promise, arguments), row) in mechanisms::CHORES.iter().zip(chores) {
        let Row { passes, failures, time, figures } = row;
        let _ = writeln!(
            text,
            "| {promise} | `cargo {arguments}` | | {passes} | {failures} | {:.0} | {figures} |",
            time.as_secs_f64()
        );
    }
    text
}
