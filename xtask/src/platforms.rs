//! `cargo xtask platforms`: the tests on other C libraries, on another processor, and between two C
//! libraries.
//!
//! Debian root directories are prepared once, under `target/platforms` or the folder of `--roots`.
//! Each run mounts everything else in its own mount namespace. The logs stay next to the roots.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use clap::{Args, ValueEnum};

use crate::ci;
use host::Host;
use outcome::Outcome;

mod archive;
mod debian;
mod guest;
mod host;
mod libcs;
mod musl;
mod outcome;

/// The runs to make; by default everything except musl.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Debian suites whose glibc the tests run on, with this machine's toolchain
    #[arg(long, value_delimiter = ',')]
    glibc: Vec<String>,
    /// Another processor, in an emulated machine with a Debian kernel and the C library of Debian
    /// 13
    #[arg(long)]
    arch: Option<Arch>,
    /// The page sizes of its kernels, in KiB
    #[arg(long, value_delimiter = ',', default_value = "4,16")]
    pages: Vec<u32>,
    /// musl, with a standard library that is built for it; needs the component rust-src and
    /// musl-gcc
    #[arg(long)]
    musl: bool,
    /// Debian suites whose programs share every kind of object with each other and with programs
    /// of this machine, both ways
    #[arg(long, value_delimiter = ',')]
    between: Vec<String>,
    /// The folder of the roots; target/platforms by default
    #[arg(long)]
    roots: Option<PathBuf>,
    /// Only these crates; by default all
    #[arg(long = "package", short)]
    packages: Vec<String>,
    /// Arguments of the tests, such as a filter
    #[arg(last = true)]
    tests: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Arch {
    Aarch64,
}

/// The suites that run by default: those whose glibc is newer than that of Debian 12.
const SUITES: [&str; 2] = ["trixie", "sid"];

impl Options {
    /// The suites of `--glibc` and of `--between`, and `true` if aarch64 runs.
    fn or_all(&self) -> (Vec<String>, Vec<String>, bool) {
        let none = self.glibc.is_empty() && self.between.is_empty();
        if none && self.arch.is_none() && !self.musl {
            return (SUITES.map(String::from).into(), SUITES.map(String::from).into(), true);
        }
        (self.glibc.clone(), self.between.clone(), self.arch.is_some())
    }

    /// Arguments of `cargo test`: the crates, and how to run them.
    fn cargo(&self) -> Vec<String> {
        let mut arguments: Vec<String> = vec![String::from("--no-fail-fast")];
        match &*self.packages {
            [] => arguments.push("--workspace".into()),
            some => arguments.extend(some.iter().flat_map(|krate| ["-p".into(), krate.clone()])),
        }
        arguments
    }
}

/// Makes the requested runs, even after a failed one, and prints the result of each.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let start = Instant::now();
    let project = fs::canonicalize(ci::root()).map_err(|error| error.to_string())?;
    let work = project.join("target/platforms");
    let roots = options.roots.clone().unwrap_or_else(|| work.clone());
    for folder in [&work, &roots] {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let roots = fs::canonicalize(&roots).map_err(|error| error.to_string())?;
    let host = Host::find(project, work, roots)?;
    let (suites, between, aarch64) = options.or_all();
    let mut ended: Vec<(String, Result<Outcome, String>)> = Vec::new();
    for suite in &suites {
        ended.push((suite.clone(), on_glibc(&host, suite, options)));
    }
    if !between.is_empty() {
        ended.extend(libcs::run(&host, &between));
    }
    if aarch64 {
        ended.extend(guest::run(&host, options));
    }
    if options.musl {
        ended.push(("musl".into(), musl::run(&host, options)));
    }
    let mounted = mounted_in(&host.roots)?;
    println!("\n=== together, in {:.0} s", start.elapsed().as_secs_f64());
    let mut failures = 0;
    for (name, outcome) in &ended {
        match outcome {
            Ok(outcome) => println!("{outcome}"),
            Err(why) => println!("{name}: NOT RUN, {why}"),
        }
        failures += usize::from(!outcome.as_ref().is_ok_and(Outcome::is_well));
    }
    match (failures, &*mounted) {
        (0, []) => Ok(()),
        (0, mounted) => Err(format!("still mounted: {}", mounted.join(", "))),
        (failures, _) => Err(format!("{failures} of {} runs failed", ended.len())),
    }
}

/// Mount points in a folder: the mounts of a run end with its namespace.
fn mounted_in(folder: &Path) -> Result<Vec<String>, String> {
    let mounts = fs::read_to_string("/proc/self/mounts").map_err(|error| error.to_string())?;
    let points = mounts.lines().filter_map(|line| line.split(' ').nth(1));
    Ok(points.filter(|point| Path::new(point).starts_with(folder)).map(String::from).collect())
}

/// All tests in a root of `suite`, with this machine's toolchain and kernel.
fn on_glibc(host: &Host, suite: &str, options: &Options) -> Result<Outcome, String> {
    let root = debian::root(host, suite)?;
    host.fetch()?;
    let title = format!("{suite}, {}", host.libc(&root)?);
    let mut tests = host.enter(&root, &["env"]);
    tests.arg(format!("CARGO_TARGET_DIR={}", host.work.join(suite).display()));
    tests.arg("cargo").arg("test").args(options.cargo()).arg("--").args(&options.tests);
    logged(&title, &host.work.join(format!("{suite}.log")), &mut tests)
}

/// Runs a command that runs tests, and reads the results from its output, which goes to a file.
fn logged(title: &str, log: &Path, command: &mut Command) -> Result<Outcome, String> {
    println!("\n=== {title}; the log is {}", log.display());
    let told = |error: std::io::Error| format!("{}: {error}", log.display());
    let start = Instant::now();
    let output = fs::File::create(log).map_err(told)?;
    command.stdin(Stdio::null()).stdout(output.try_clone().map_err(told)?).stderr(output);
    let status = command.status().map_err(|error| format!("{command:?}: {error}"))?;
    let text = fs::read(log).map_err(told)?;
    let outcome = Outcome::read(title, &String::from_utf8_lossy(&text), start.elapsed());
    println!("{outcome}");
    match (status.success(), outcome.is_well()) {
        (false, true) => Err(format!("ended with {status}, see {}", log.display())),
        _ => Ok(outcome),
    }
}

/// Runs a command that prepares something; an error contains the end of its output.
fn prepare(what: &str, command: &mut Command) -> Result<(), String> {
    let told = command.stdin(Stdio::null()).output();
    let told = told.map_err(|error| format!("{what}: {error}"))?;
    if told.status.success() {
        return Ok(());
    }
    let words = [told.stdout, told.stderr].concat();
    let words = String::from_utf8_lossy(&words);
    let lines: Vec<&str> = words.lines().collect();
    let last = &lines[lines.len().saturating_sub(20)..];
    Err(format!("{what} ended with {}:\n{}", told.status, last.join("\n")))
}
