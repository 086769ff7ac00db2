//! `cargo xtask sanitize`: the tests under tools that check every memory access.
//!
//! AddressSanitizer runs all tests of the libraries. The race detectors run only the locks, between threads that C
//! created: the standard library is not built for these tools, and they report false races in its threads and channels.
//! Each tool must find the bugs that are seeded for it; otherwise the run fails.

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
    /// The text in the tool's report of a bug.
    says: &'static str,
    bugs: &'static [&'static str],
    /// Tests in which the tool reports false bugs.
    skips: &'static [&'static str],
}

enum How {
    /// Compiled in; `true` if the tool runs all tests.
    Compiled(bool),
    Valgrind,
}

/// Options of AddressSanitizer. Some tests expect a child to die by a signal, one asks for more memory than there is, and
/// leaks are intended: a forked child exits with its parent's memory, and a leaked guard keeps its memory.
const OPTIONS: &str = "handle_segv=0:handle_sigbus=0:allocator_may_return_null=1:detect_leaks=0";

/// No race detector knows `sem_clockwait`, and helgrind does not know `sem_trywait` either: they see no order between the
/// accesses before the post and those after the wait. AddressSanitizer ignores `mlock`.
#[rustfmt::skip]
const TOOLS: &[Tool] = &[
    Tool { name: "helgrind", how: How::Valgrind, says: "Possible data race", bugs: RACES,
        skips: &["a_thread_that_tries_a_semaphore", "a_thread_that_waits_for_a_semaphore"] },
    Tool { name: "drd", how: How::Valgrind, says: "Conflicting ", bugs: RACES,
        skips: &["a_thread_that_waits_for_a_semaphore"] },
    Tool { name: "thread", how: How::Compiled(false), says: "ThreadSanitizer: data race", bugs: RACES,
        skips: &["a_thread_that_waits_for_a_semaphore"] },
    Tool { name: "address", how: How::Compiled(true), says: "AddressSanitizer", bugs: WRONG_PLACES,
        skips: &["placement::locked_pages_stay_in_memory", "placement::pages_that_the_system_refuses_to_lock_are_an_error"] },
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
    /// The tests of locks between threads of C; arguments select them.
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

    /// `cargo test` under the tool, with more time because the tool slows it down.
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
