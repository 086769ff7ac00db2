//! `cargo xtask sanitize`: tools that watch every access, over the tests where they can tell right from wrong.
//!
//! AddressSanitizer runs all tests of the libraries. Those that look for races run the locks between threads that C made:
//! the standard library is not built for them, and about its threads and channels they report what is none. Each tool has to
//! find the bugs that are seeded for it, or it is blind.

use std::process::Command;

use crate::ci::{cargo, root};
use crate::fuzz::{host, nightly, target_dir};

/// The crates whose tests AddressSanitizer runs.
const CRATES: &[&str] =
    &["ipc-core", "ipc-shm", "ipc-sync", "ipc-signal", "ipc-shmarray", "ipc-queue", "ipc"];

const RACES: &[&str] = &[
    "bug: each thread locks a mutex of its own",
    "bug: a reader writes",
    "bug: a post before the data",
];
const WRONG_PLACES: &[&str] = &["bug: a read behind the end", "bug: a read after the end"];

struct Tool {
    name: &'static str,
    how: How,
    /// What it says when it has found something.
    says: &'static str,
    bugs: &'static [&'static str],
    /// Tests that it cannot tell right from wrong in.
    skips: &'static [&'static str],
}

enum How {
    /// By the compiler, and then whether it runs all tests.
    Compiled(bool),
    Valgrind,
}

/// For AddressSanitizer: tests that want a child to die by a signal look for that; one asks for more memory than there is;
/// and a forked child ends with all that its parent had, as a leaked guard keeps its memory on purpose.
const OPTIONS: &str = "handle_segv=0:handle_sigbus=0:allocator_may_return_null=1:detect_leaks=0";

/// `sem_clockwait` is known to none of those that look for races, nor `sem_trywait` to helgrind: to them, nothing
/// orders what was done before the post and after the wait. AddressSanitizer locks no memory.
#[rustfmt::skip]
const TOOLS: &[Tool] = &[
    Tool { name: "helgrind", how: How::Valgrind, says: "Possible data race", bugs: RACES,
        skips: &["who_takes_from_a_semaphore", "who_waits_for_a_semaphore"] },
    Tool { name: "drd", how: How::Valgrind, says: "Conflicting ", bugs: RACES,
        skips: &["who_waits_for_a_semaphore"] },
    Tool { name: "thread", how: How::Compiled(false), says: "ThreadSanitizer: data race", bugs: RACES,
        skips: &["who_waits_for_a_semaphore"] },
    Tool { name: "address", how: How::Compiled(true), says: "AddressSanitizer", bugs: WRONG_PLACES,
        skips: &["placement::locked_pages_stay_in_memory", "placement::what_the_system_refuses_to_lock_is_an_error"] },
];

/// Runs all tools, or only one.
pub(crate) fn run(wanted: Option<&str>) -> Result<(), String> {
    let tools: Vec<&Tool> =
        TOOLS.iter().filter(|tool| wanted.is_none_or(|wanted| wanted == tool.name)).collect();
    if tools.is_empty() {
        return Err(format!("no tool `{}`", wanted.unwrap_or_default()));
    }
    let host = host()?;
    let mut complaints = Vec::new();
    for tool in tools {
        for bug in tool.bugs {
            let output = tool
                .raw_threads(&host)
                .arg(bug)
                .output()
                .map_err(|error| format!("{}: {error}", tool.name))?;
            let told =
                String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            if output.status.success() || !told.contains(tool.says) {
                complaints.push(format!("{} does not find `{bug}`: {told}", tool.name));
            }
        }
        for mut command in
            [Some(tool.raw_threads(&host)), tool.all_tests(&host)].into_iter().flatten()
        {
            command.args(tool.skips.iter().flat_map(|test| ["--skip", test]));
            match command.status() {
                Ok(status) if status.success() => {}
                ended => complaints.push(format!("{}: {ended:?} of {command:?}", tool.name)),
            }
        }
        println!(
            "figures: {}: {} seeded bugs, {} complaints so far",
            tool.name,
            tool.bugs.len(),
            complaints.len()
        );
    }
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n")) }
}

impl Tool {
    /// The locks between threads of C; arguments say which.
    fn raw_threads(&self, host: &str) -> Command {
        let mut command = self.cargo(host);
        command.args(["-p", "ipc-sync", "--test", "raw_threads", "--"]);
        command
    }

    fn all_tests(&self, host: &str) -> Option<Command> {
        let mut command = self.cargo(host);
        command.arg("--tests").args(CRATES.iter().flat_map(|krate| ["-p", krate])).arg("--");
        matches!(self.how, How::Compiled(true)).then_some(command)
    }

    /// `cargo test` in a way that the tool watches what it runs. All is slower under it.
    fn cargo(&self, host: &str) -> Command {
        let mut command;
        match self.how {
            How::Compiled(_) => {
                command = nightly("cargo");
                command.args(["test", "--quiet", "--no-fail-fast", "--target", host]);
                command.env(
                    "RUSTFLAGS",
                    format!(
                        "--cfg ipc_test_hooks -Zsanitizer={} -Cunsafe-allow-abi-mismatch=sanitizer",
                        self.name
                    ),
                );
                command.env("CARGO_TARGET_DIR", target_dir(self.name)).env("ASAN_OPTIONS", OPTIONS);
            }
            How::Valgrind => {
                let runner =
                    format!("valgrind --tool={} --fair-sched=yes --error-exitcode=9", self.name);
                command = cargo(&format!("test --quiet --target {host}"));
                command.env(
                    format!("CARGO_TARGET_{}_RUNNER", host.to_uppercase().replace('-', "_")),
                    runner,
                );
            }
        }
        command.current_dir(root()).env("IPC_TEST_SECONDS", "600");
        command
    }
}
