//! `cargo xtask fuzz`: hostile bytes for each parser of bytes that another process may write.
//!
//! The targets are a separate workspace, built by a nightly compiler with flags that count the edges
//! taken. libFuzzer is part of a crate, so nothing has to be installed for it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, str, thread};

use crate::ci::{names, root};

/// Compiler flags that count the edges taken, for libFuzzer, and enable AddressSanitizer.
const FLAGS: &str = "--cfg=fuzzing -Zsanitizer=address -Ccodegen-units=1 -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Switches off two checks that take a third of the time and find nothing here: safe code returns no references to its
/// stack, and intended leaks are mappings and not allocations.
const OPTIONS: &str = "detect_leaks=0:detect_stack_use_after_return=0";

/// Runs all targets, or only one, for `seconds` each; one per processor at a time.
pub(crate) fn run(seconds: u64, wanted: Option<&str>) -> Result<(), String> {
    let sources = names(&root().join("fuzz/targets"));
    let all = sources.iter().filter_map(|file| file.strip_suffix(".rs"));
    let targets: Vec<&str> =
        all.filter(|target| wanted.is_none_or(|wanted| wanted == *target)).collect();
    if targets.is_empty() {
        return Err(format!("no target `{}` in fuzz/targets", wanted.unwrap_or_default()));
    }
    let (target_dir, host) = (target_dir("fuzz"), host()?);
    let mut build = nightly("cargo");
    build.args(["build", "--release", "--target", &host, "--manifest-path", "fuzz/Cargo.toml"]);
    build.args(targets.iter().flat_map(|target| ["--bin", target]));
    build.env("CARGO_TARGET_DIR", &target_dir).env("RUSTFLAGS", FLAGS);
    match build.status() {
        Ok(status) if status.success() => {}
        ended => {
            return Err(format!(
                "the targets do not build: {ended:?}; is there a nightly toolchain?"
            ));
        }
    }
    let programs = target_dir.join(host).join("release");
    let mut failed = 0;
    for some in targets.chunks(thread::available_parallelism().map_or(1, usize::from)) {
        let run = |target| fuzz(&programs, &target_dir, target, seconds);
        let ended: Result<Vec<bool>, String> = thread::scope(|scope| {
            let running: Vec<_> =
                some.iter().map(|target| scope.spawn(move || run(target))).collect();
            running
                .into_iter()
                .map(|one| one.join().unwrap_or_else(|_| Err("a thread of ours".into())))
                .collect()
        });
        failed += ended?.into_iter().filter(|well| !well).count();
    }
    if failed == 0 {
        Ok(())
    } else {
        Err(format!("{failed} of {} targets found something", targets.len()))
    }
}

/// Runs one target; returns `false` if it found something. New inputs stay in the target directory for the next run.
fn fuzz(programs: &Path, target_dir: &Path, target: &str, seconds: u64) -> Result<bool, String> {
    let told = |error| format!("{target}: {error}");
    let (found, crashes) = (target_dir.join("corpus").join(target), target_dir.join("crashes"));
    fs::create_dir_all(&found).map_err(told)?;
    fs::create_dir_all(&crashes).map_err(told)?;
    let mut fuzzer = Command::new(programs.join(target));
    fuzzer.args([found, root().join("fuzz/corpus").join(target)]);
    fuzzer
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-artifact_prefix={}/{target}-", crashes.display()));
    fuzzer.args([
        "-timeout=10",
        "-rss_limit_mb=2048",
        "-max_len=4096",
        "-print_final_stats=1",
        "-verbosity=0",
    ]);
    fuzzer.arg("-detect_leaks=0").env("ASAN_OPTIONS", OPTIONS);
    let child = fuzzer
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(told)?;
    // A fuzzer that crashed leaves its name; otherwise there is no such file.
    let name = format!("/dev/shm/ipc-fuzz-{}", child.id());
    let output = child.wait_with_output().map_err(told)?;
    let _ = fs::remove_file(name);
    let text = String::from_utf8_lossy(&output.stderr);
    let stat = |name: &str| {
        text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or(" ?").trim().to_owned()
    };
    let (runs, new) = (stat("stat::number_of_executed_units:"), stat("stat::new_units_added:"));
    let rate = stat("stat::average_exec_per_sec:");
    println!("figures: {target}: {runs} inputs tried, {rate} a second, {new} new ones kept");
    if !output.status.success() {
        println!(
            "{text}\n{target} {}: fix it, and keep the input in fuzz/corpus/{target}",
            output.status
        );
    }
    Ok(output.status.success())
}

/// The target directory of builds for one purpose.
pub(crate) fn target_dir(purpose: &str) -> PathBuf {
    env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), PathBuf::from)
        .join(purpose)
}

/// A tool of the nightly toolchain, in the root of the project.
pub(crate) fn nightly(tool: &str) -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", "nightly", tool]).current_dir(root());
    command
}

/// The host tuple of the nightly compiler.
pub(crate) fn host() -> Result<String, String> {
    let output = nightly("rustc")
        .args(["--print", "host-tuple"])
        .output()
        .map_err(|error| format!("rustup: {error}"))?;
    match str::from_utf8(&output.stdout) {
        Ok(host) if output.status.success() => Ok(host.trim().to_owned()),
        _ => Err(format!("no nightly toolchain: {}", String::from_utf8_lossy(&output.stderr))),
    }
}
