//! Programs of two C libraries share every kind of object: the test `between_libcs` of the crate
//! `ipc`, whose children run its build in another root.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::host::Host;
use super::outcome::Outcome;
use super::{debian, logged};
use crate::ci;

const TEST: &str = "between_libcs";

struct Side {
    name: String,
    libc: String,
    root: PathBuf,
    program: PathBuf,
}

/// Runs each root with each other and with this machine, each side once as the parent.
pub(super) fn run(host: &Host, suites: &[String]) -> Vec<(String, Result<Outcome, String>)> {
    let names = ["host"].into_iter().chain(suites.iter().map(String::as_str));
    let sides: Result<Vec<_>, _> = names.map(|name| build(host, name)).collect();
    let sides = match sides {
        Ok(sides) => sides,
        Err(why) => return vec![("between C libraries".into(), Err(why))],
    };
    let pairs = sides.iter().flat_map(|a| sides.iter().map(move |b| (a, b)));
    pairs.filter(|(a, b)| a.name != b.name).map(|(a, b)| between(host, a, b)).collect()
}

fn between(host: &Host, a: &Side, b: &Side) -> (String, Result<Outcome, String>) {
    let title = format!("{}, {}, with children of {}, {}", a.name, a.libc, b.name, b.libc);
    let mut test = Command::new("unshare");
    test.args(["--mount", "--ipc", "--pid", "--fork", "--mount-proc", "--kill-child", "sh"]);
    test.arg(host.project.join("xtask/src/platforms/between.sh"));
    test.arg(&a.root).arg(&a.program).arg(&b.root).arg(&b.program);
    test.arg(format!("{} {}", host.project.display(), host.work.display()));
    let log = host.work.join(format!("{}-with-{}.log", a.name, b.name));
    let ended = logged(&title, &log, &mut test).and_then(|outcome| {
        // The test would also pass if both sides were the same, so it prints both names.
        let wanted = format!("{} with {}", a.libc, b.libc);
        let said = fs::read_to_string(&log).unwrap_or_default();
        let met = said.lines().any(|line| line.ends_with(&wanted));
        if met { Ok(outcome) } else { Err(format!("{} does not say `{wanted}`", log.display())) }
    });
    (title, ended)
}

/// Builds the test with the C library of a root, or of this machine.
fn build(host: &Host, name: &str) -> Result<Side, String> {
    let test = format!("test --no-run -p ipc --test {TEST}");
    let folder = host.work.join(name);
    let (root, mut build) = if name == "host" {
        let mut build = ci::cargo(&test);
        build.env("CARGO_TARGET_DIR", &folder).current_dir(&host.project);
        (PathBuf::from("/"), build)
    } else {
        let root = debian::root(host, name)?;
        host.fetch()?;
        let mut build = host.enter(&root, &["env"]);
        build
            .arg(format!("CARGO_TARGET_DIR={}", folder.display()))
            .arg("cargo")
            .args(test.split(' '));
        (root, build)
    };
    let told = build.output().map_err(|error| format!("{build:?}: {error}"))?;
    let said = String::from_utf8_lossy(&told.stderr);
    let program = executable(&said)
        .ok_or_else(|| format!("{TEST} does not build in {}:\n{said}", root.display()))?;
    let program = host.project.join(program);
    // The project's own path, which both sides see, wherever it is built.
    fs::metadata(&program).map_err(|error| format!("{}: {error}", program.display()))?;
    Ok(Side { name: name.into(), libc: host.libc(&root)?, root, program })
}

/// The path of a test executable in the output of cargo.
fn executable(said: &str) -> Option<&Path> {
    let line = said.lines().find_map(|line| line.trim_start().strip_prefix("Executable "))?;
    line.split_once('(')?.1.strip_suffix(')').map(Path::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_test_is_read_from_what_cargo_prints() {
        let said = "   Compiling x\n  Executable tests/between_libcs.rs (target/debug/deps/between_libcs-01ab)\n";
        assert_eq!(executable(said), Some(Path::new("target/debug/deps/between_libcs-01ab")));
        assert_eq!(executable("error: could not compile"), None);
    }
}
