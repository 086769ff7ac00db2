//! The maintenance commands of the project, which `cargo xtask --help` lists.

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

/// Maintenance commands of the project
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
enum Chore {
    /// Generates the bindings of ipc-sys from the system's headers
    Bindgen {
        /// Write nothing, but fail if the bindings in the tree differ from newly generated ones
        #[arg(long)]
        check: bool,
        /// Only this target; by default all targets in the tree
        #[arg(long)]
        target: Option<String>,
        /// Install libclang and the cross headers first
        #[arg(long)]
        install: bool,
    },
    /// Checks the invariants of ARCHITECTURE.md and CONTRIBUTING.md that a program can check
    Tidy,
    /// Switches each protection off, and fails if the test that guards it still passes
    Switches,
    /// Runs the tests of all protections in full, with one seed after the other
    Torture {
        /// Minutes to run
        #[arg(long, default_value_t = 30)]
        minutes: u64,
        /// The first seed, to replay a run; by default the time
        #[arg(long)]
        seed: Option<u64>,
        /// Write the results into TESTING.md
        #[arg(long)]
        record: bool,
    },
    /// Fuzzes each parser of bytes that another process may write; needs a nightly toolchain
    Fuzz {
        /// Only this target; by default all targets in fuzz/targets
        target: Option<String>,
        /// Seconds for each target
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
    /// Runs the tests under helgrind, drd and the sanitizers address and thread; needs valgrind and a nightly toolchain
    Sanitize {
        /// Only this tool; by default all tools
        tool: Option<String>,
    },
    /// Runs all tests while every thread gets a thousand signals a second
    Storm {
        /// Only these crates; by default all
        #[arg(long = "package", short)]
        packages: Vec<String>,
    },
    /// Runs the tests on other C libraries, on another processor, and between two C libraries; needs root, on Debian
    Platforms(platforms::Options),
    /// Runs what CI runs after `cargo test --workspace`
    Ci,
    /// Generates the completions and man pages of `ipc` from its command line
    Completions {
        /// Write nothing, but fail if the files in the tree differ from newly generated ones
        #[arg(long)]
        check: bool,
    },
    /// Measures the crates beside C, and writes benches/RESULTS.md and its charts
    BenchReport {
        /// Measure for a minute only, and write to target/bench-report
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
        Chore::Storm { packages } => storm::run(&packages),
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
