//! `cargo xtask ci`: the steps that CI runs after `cargo test --workspace`.
//!
//! Every step runs, even after a failed one. The summary at the end lists the result and the time of
//! each step. No step may leave a name in `/dev/shm`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use std::{env, fs, process};

/// Maximum seconds for an example, and for the demo, which is built before.
const EXAMPLE_LIMIT: &str = "300";
const DEMO_LIMIT: &str = "900";

struct Step {
    name: String,
    command: Command,
    /// A picture that the command must create.
    picture: Option<PathBuf>,
}

/// Runs all steps.
pub(crate) fn run() -> Result<(), String> {
    let begin = Instant::now();
    let mut summary = Vec::new();
    let mut failures = 0;
    for mut step in steps() {
        println!("\n=== {}", step.name);
        let start = Instant::now();
        let result = match step.run(Path::new("/dev/shm")) {
            Ok(()) => "well".into(),
            Err(why) => {
                failures += 1;
                format!("FAILED, {why}")
            }
        };
        let line = format!("{:7.1} s  {}: {result}", start.elapsed().as_secs_f64(), step.name);
        println!("=== {}", line.trim_start());
        summary.push(line);
    }
    println!("\n=== all steps\n{}", summary.join("\n"));
    println!("{:7.1} s  together", begin.elapsed().as_secs_f64());
    if failures == 0 {
        Ok(())
    } else {
        Err(format!("{failures} of {} steps failed", summary.len()))
    }
}

/// The list of steps, quick ones first.
fn steps() -> Vec<Step> {
    let featured = featured(&root());
    let mut steps = vec![
        step("format", cargo("fmt --all --check")),
        step("tidy", chore("tidy")),
        step("clippy", cargo("clippy --workspace --all-targets -- -D warnings")),
        step(
            "clippy of features",
            cargo(&format!("clippy {featured} --all-targets -- -D warnings")),
        ),
        step("docs", strict_docs("doc --workspace --no-deps")),
        step("docs of features", strict_docs(&format!("doc {featured} --no-deps"))),
        step("tests of features", cargo(&format!("test {featured}"))),
        step("tests of the tests", chore("switches")),
        step("models", cargo("test --quiet --manifest-path models/Cargo.toml")),
        step(
            "clippy of models",
            cargo("clippy --manifest-path models/Cargo.toml --all-targets -- -D warnings"),
        ),
        step(
            "clippy of fuzz",
            cargo("clippy --manifest-path fuzz/Cargo.toml --all-targets -- -D warnings"),
        ),
        step(
            "clippy of bindgen",
            cargo("clippy -p xtask --features bindgen --all-targets -- -D warnings"),
        ),
        step("bindings", chore("bindgen --check --install")),
    ];
    steps.extend(examples(&root()).into_iter().map(|(krate, name)| {
        let run = format!("run --quiet -p {krate} --all-features --example {name}");
        step(&format!("example {name} of {krate}"), limited(EXAMPLE_LIMIT, &cargo(&run)))
    }));
    steps.push(step("benches once", cargo("bench -p benches -- --test")));
    steps.push(step(
        "valgrind",
        on_server("command -v valgrind || { $SUDO apt-get update && $SUDO apt-get install --yes valgrind; }"),
    ));
    steps.push(step("instructions", cargo("bench -p benches --bench instructions")));
    steps.push(step("the demo's build", cargo("build --release -p ipc-cli")));
    let picture = env::temp_dir().join(format!("ipc-ci-{}.png", process::id()));
    let mut demo = cargo("run --release -p ipc-cli -- demo --output");
    demo.arg(&picture);
    steps.push(Step { picture: Some(picture), ..step("demo", limited(DEMO_LIMIT, &demo)) });
    steps
}

fn step(name: &str, mut command: Command) -> Step {
    command.current_dir(root());
    Step { name: name.to_owned(), command, picture: None }
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub(crate) fn cargo(arguments: &str) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments.split(' '));
    command
}

fn strict_docs(arguments: &str) -> Command {
    let mut command = cargo(arguments);
    command.env("RUSTDOCFLAGS", "-D warnings");
    command
}

/// Another command of this program.
fn chore(arguments: &str) -> Command {
    cargo(&format!("xtask {arguments}"))
}

/// A script that installs a tool, on the CI server only.
fn on_server(script: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("SUDO=$(command -v sudo); [ -z \"${{CI:-}}\" ] || {script}")]);
    shell
}

/// The same command, killed after `seconds`.
fn limited(seconds: &str, command: &Command) -> Command {
    let mut limited = Command::new("timeout");
    limited.args(["--kill-after=10", seconds]).arg(command.get_program()).args(command.get_args());
    limited
}

/// The arguments of cargo that enable all features of the crates that have features, except ipc-sys
/// and xtask, whose features need libclang.
fn featured(root: &Path) -> String {
    let has_some = |krate: &String| {
        let manifest = fs::read_to_string(root.join(krate).join("Cargo.toml")).unwrap_or_default();
        manifest.contains("[features]") && krate != "ipc-sys" && krate != "xtask"
    };
    let crates: Vec<String> = names(root).into_iter().filter(has_some).collect();
    format!("-p {} --all-features", crates.join(" -p "))
}

/// All examples in the tree: the crate and the name of each.
fn examples(root: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for krate in names(root) {
        let folder = root.join(&krate).join("examples");
        for file in names(&folder) {
            let name = match file.strip_suffix(".rs") {
                None if !folder.join(&file).join("main.rs").exists() => continue,
                name => name.unwrap_or(&file).to_owned(),
            };
            found.push((krate.clone(), name));
        }
    }
    found
}

/// The names in a directory.
pub(crate) fn names(dir: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().display().to_string()).collect()
}

impl Step {
    fn run(&mut self, shm: &Path) -> Result<(), String> {
        let before = names(shm);
        let status = self.command.status().map_err(|error| error.to_string())?;
        if !status.success() {
            return Err(status.to_string());
        }
        if let Some(path) = &self.picture {
            let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
            if !bytes.starts_with(b"\x89PNG") {
                return Err(format!("{} is no picture", path.display()));
            }
            fs::remove_file(path).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        let left: Vec<_> = names(shm).difference(&before).cloned().collect();
        if left.is_empty() { Ok(()) } else { Err(format!("left in /dev/shm: {}", left.join(", "))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory for one test.
    fn dir(test: &str) -> PathBuf {
        let path = env::temp_dir().join(format!("ipc-ci-{}-{test}", process::id()));
        fs::create_dir(&path).unwrap();
        path
    }

    fn shell(script: &str) -> Step {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        step("a test", command)
    }

    #[test]
    fn a_step_that_fails_or_leaves_a_name_fails() {
        let shm = dir("names");
        let leave = format!("touch {}/left", shm.display());
        let results = ["exit 0", "exit 3", &leave].map(|script| shell(script).run(&shm));
        fs::remove_dir_all(&shm).unwrap();
        assert_eq!(results[0], Ok(()));
        assert_eq!(results[1], Err("exit status: 3".into()));
        assert_eq!(results[2], Err("left in /dev/shm: left".into()));
    }

    #[test]
    fn a_step_that_hangs_is_ended() {
        let hang = limited("0.1", &shell("while :; do :; done").command);
        let ended = step("a test", hang).run(Path::new("absent"));
        assert_eq!(ended, Err("exit status: 124".into()));
    }

    #[test]
    fn a_step_that_should_make_a_picture_makes_one() {
        let dir = dir("picture");
        let path = dir.join("made.png");
        let make = |text: &str| {
            let script = format!("printf '{text}' >{}", path.display());
            Step { picture: Some(path.clone()), ..shell(&script) }.run(Path::new("absent"))
        };
        let (good, bad) = (make("\\211PNG..."), make("no"));
        fs::remove_dir_all(&dir).unwrap();
        let absent = Step { picture: Some(path), ..shell("true") }.run(Path::new("absent"));
        assert_eq!(good, Ok(()));
        assert!(bad.unwrap_err().ends_with("is no picture"));
        assert!(absent.unwrap_err().contains("No such file"));
    }

    #[test]
    fn crates_with_features_are_found_in_the_tree() {
        let root = dir("features");
        for (krate, text) in [
            ("a", "[features]\nx = []"),
            ("b", "[lib]"),
            ("c", "[features]"),
            ("xtask", "[features]"),
        ] {
            fs::create_dir(root.join(krate)).unwrap();
            fs::write(root.join(krate).join("Cargo.toml"), text).unwrap();
        }
        let found = featured(&root);
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(found, "-p a -p c --all-features");
    }

    #[test]
    fn examples_are_found_in_the_tree() {
        let root = dir("examples");
        for path in
            ["a/examples/one.rs", "a/examples/two/main.rs", "b/src/no.rs", "b/examples/data.txt"]
        {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), "").unwrap();
        }
        let found = examples(&root);
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(found, [("a", "one"), ("a", "two")].map(|(a, b)| (a.into(), b.into())));
    }
}
