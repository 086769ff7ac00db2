//! The project's own chores, which `cargo xtask --help` lists.

use std::process::ExitCode;

use clap::Parser;

mod bench_report;
mod bindgen;
mod ci;
mod completions;
mod fuzz;
mod mechanisms;
mod platforms;
mod sanitize;
mod storm;
mod switches;
mod tidy;
mod torture;

/// The project's own chores
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
enum Chore {
    /// Writes the bindings of ipc-sys anew from the system's headers
    Bindgen {
        /// Write nothing, but fail if the bindings in the tree are not what the headers give
        #[arg(long)]
        check: bool,
        /// Only this target; all that are in the tree if not given
        #[arg(long)]
        target: Option<String>,
        /// Install libclang and the cross headers first
        #[arg(long)]
        install: bool,
    },
    /// Checks the invariants of ARCHITECTURE.md and CONTRIBUTING.md that a program can check
    Tidy,
    /// Switches each protection off, and fails if the test that guards it does not
    Switches,
    /// Runs the tests of all protections in full, with one seed after the other
    Torture {
        /// For how long
        #[arg(long, default_value_t = 30)]
        minutes: u64,
        /// The first seed, to replay a run; another each time if not given
        #[arg(long)]
        seed: Option<u64>,
        /// Write the results into TESTING.md
        #[arg(long)]
        record: bool,
    },
    /// Gives hostile bytes to everything that reads what another process wrote; wants a nightly toolchain
    Fuzz {
        /// Only this target; all in fuzz/targets if not given
        target: Option<String>,
        /// For how long each
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
    /// Runs the tests under helgrind, drd and the sanitizers address and thread; wants valgrind and a nightly toolchain
    Sanitize {
        /// Only this tool; all if not given
        tool: Option<String>,
    },
    /// Runs all tests while every thread gets a thousand signals a second
    Storm,
    /// Runs the tests on other C libraries, on another processor, and between two C libraries; wants root, on Debian
    Platforms(platforms::Options),
    /// Runs what CI runs after `cargo test --workspace`
    Ci,
    /// Writes the completions and man pages of `ipc` anew from its command line
    Completions {
        /// Write nothing, but fail if those in the tree are not what the command line gives
        #[arg(long)]
        check: bool,
    },
    /// Measures beside C, and writes benches/RESULTS.md and its charts
    BenchReport {
        /// Only a look, within a minute, written to target/bench-report
        #[arg(long)]
        quick: bool,
    },
}

fn main() -> ExitCode {
    let done = match Chore::parse() {
        Chore::Bindgen { check, target, install } => {
            bindgen::run(check, target.as_deref(), install)
        }
        Chore::Tidy => tidy::run(),
        Chore::Switches => switches::run(),
        Chore::Torture { minutes, seed, record } => torture::run(minutes, seed, record),
        Chore::Fuzz { target, seconds } => fuzz::run(seconds, target.as_deref()),
        Chore::Sanitize { tool } => sanitize::run(tool.as_deref()),
        Chore::Storm => storm::run(),
        Chore::Platforms(options) => platforms::run(&options),
        Chore::Ci => ci::run(),
        Chore::Completions { check } => completions::run(check),
        Chore::BenchReport { quick } => bench_report::run(quick),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}
