//! The result of a run of tests, read from its log.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

/// The counts of a run, and the names of tests that did not pass.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    title: String,
    passed: u64,
    ignored: u64,
    programs: u64,
    failed: BTreeSet<String>,
    /// Programs that ended without a result or did not build.
    broken: Vec<String>,
    /// Tests that skipped themselves, with the reason.
    skipped: BTreeSet<String>,
    /// Tests left out of the run, with the reason.
    pub(super) left_out: Vec<(&'static str, &'static str)>,
    time: Duration,
}

impl Outcome {
    /// Reads the output of `cargo test` and of the programs that it ran.
    pub(super) fn read(title: &str, log: &str, time: Duration) -> Self {
        let mut outcome = Self { title: title.into(), time, ..Self::default() };
        // The running program, and the number of tests that it has named without libtest.
        let mut program: Option<(String, u64)> = None;
        for line in log.lines().map(|line| line.trim_end_matches('\r')) {
            let trimmed = line.trim_start();
            if let Some(started) = started(trimmed) {
                outcome.ended_well(program.replace((started.to_owned(), 0)));
            } else if let Some(counts) = trimmed.strip_prefix("test result: ") {
                outcome.passed += number_before(counts, " passed");
                outcome.ignored += number_before(counts, " ignored");
                outcome.programs += 1;
                program = None;
            } else if let Some((name, _)) = failed(trimmed) {
                let within = program.as_ref().map_or("?", |(name, _)| name);
                outcome.failed.insert(format!("{name} ({within})"));
            } else if let Some((_, skipped)) = line.split_once("skipped: ") {
                outcome.skipped.insert(skipped.to_owned());
            } else if trimmed.starts_with("error: could not compile") {
                outcome.broken.push(trimmed.to_owned());
            } else if ended_badly(trimmed) {
                outcome.broken.extend(program.take().map(|(name, _)| name));
            } else if let Some((_, count)) = &mut program {
                *count += u64::from(line.starts_with("test ") && !line.contains(" ... "));
            }
        }
        outcome.ended_well(program);
        if outcome.passed == 0 {
            outcome.broken.push("no test passed".into());
        }
        outcome
    }

    /// Adds a program that did not build.
    pub(super) fn with_broken(mut self, broken: &[String]) -> Self {
        self.broken.extend_from_slice(broken);
        self
    }

    /// Counts a program with its own harness that reported no failure.
    fn ended_well(&mut self, program: Option<(String, u64)>) {
        if let Some((_, passed)) = program {
            self.passed += passed;
            self.programs += 1;
        }
    }

    pub(super) fn is_well(&self) -> bool {
        self.failed.is_empty() && self.broken.is_empty()
    }
}

/// The program, or the documentation tests of a crate, that a line announces.
fn started(line: &str) -> Option<&str> {
    let program = line
        .strip_prefix("Running ")
        .and_then(|rest| rest.split(' ').find(|word| word.contains('/')));
    program.or_else(|| line.starts_with("Doc-tests ").then_some(line))
}

/// Returns `true` if cargo, or the emulated machine, reports that a program failed.
fn ended_badly(line: &str) -> bool {
    let status = line.strip_prefix("platforms: ended with ");
    line.starts_with("error: test failed") || status.is_some_and(|status| !status.starts_with("0,"))
}

fn failed(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix("test ")?.split_once(" ... ").filter(|(_, end)| end.starts_with("FAILED"))
}

fn number_before(counts: &str, what: &str) -> u64 {
    let number = counts.split(';').find_map(|part| part.strip_suffix(what)?.rsplit(' ').next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { title, passed, ignored, programs, failed, broken, skipped, left_out, time } =
            self;
        let (lost, seconds) = (failed.len() + broken.len(), time.as_secs());
        write!(
            f,
            "{title}: {passed} passed, {lost} failed, {ignored} ignored, {} skipped, ",
            skipped.len()
        )?;
        write!(f, "{} left out, in {programs} programs, {seconds} s", left_out.len())?;
        failed.iter().try_for_each(|name| write!(f, "\n  FAILED {name}"))?;
        broken.iter().try_for_each(|name| write!(f, "\n  NO RESULT of {name}"))?;
        skipped.iter().try_for_each(|line| write!(f, "\n  skipped {line}"))?;
        left_out.iter().try_for_each(|(name, why)| write!(f, "\n  left out {name}: {why}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
   Compiling ipc v0.1.0
     Running unittests src/lib.rs (target/debug/deps/ipc-0123)

running 3 tests
test one ... ok
skipped: two: needs a second user
test two ... ok
test three ... FAILED

test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

     Running tests/all.rs (target/debug/deps/all-4567)

running 2 tests
test four ... ok
error: test failed, to rerun pass `-p ipc --test all`
   Doc-tests ipc

test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
";

    #[test]
    fn counts_failures_and_skips_are_read_from_a_log() {
        let outcome = Outcome::read("host", LOG, Duration::from_secs(7));
        assert!(!outcome.is_well());
        assert_eq!(
            outcome.to_string(),
            "host: 7 passed, 2 failed, 1 ignored, 1 skipped, 0 left out, in 2 programs, 7 s\n  \
             FAILED three (src/lib.rs)\n  NO RESULT of tests/all.rs\n  skipped two: needs a second user"
        );
    }

    #[test]
    fn tests_of_a_program_with_a_harness_of_its_own_are_counted() {
        let log = "Running tests/own/main.rs (x)\ntest one\ntest two\nRunning tests/all.rs (y)\n";
        let outcome = Outcome::read("host", log, Duration::ZERO);
        assert!(outcome.is_well());
        assert_eq!((outcome.passed, outcome.programs), (2, 2));
    }

    #[test]
    fn a_program_that_ends_without_a_result_is_a_failure() {
        let cut = LOG.split("test result").next().unwrap();
        for end in ["error: test failed, to rerun", "platforms: ended with 134, 7 s after"] {
            let outcome = Outcome::read("host", &format!("{cut}\n{end}\n"), Duration::ZERO);
            assert_eq!(outcome.broken, ["src/lib.rs", "no test passed"]);
        }
        assert!(!Outcome::read("host", "", Duration::ZERO).is_well());
    }
}
