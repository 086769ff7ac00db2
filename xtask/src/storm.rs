//! `cargo xtask storm`: all tests, while every thread of every process gets a thousand signals a second.
//!
//! The handler restarts no system call, so that whatever can be interrupted is. It comes from a library in C which the
//! dynamic linker loads into all that a test starts: the test itself, its children, programs in C, and Python.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::{env, fs, process};

use crate::ci::{cargo, root};

/// Tests that cannot pass in a storm, with the reason.
#[rustfmt::skip]
const SKIPPED: &[(&str, &str)] = &[
    ("a_sleep_lasts_as_long_as_asked_and_leaves_nothing", "a sleep reports the time that a signal cut off"),
    ("clock::Clock (line", "the same, as an example"),
    ("a_message_wakes_exactly_one", "counts wake-ups, and an interrupted waiter queues again behind the others"),
    ("are_served_in_their_order", "an interrupted waiter queues again behind the others"),
    ("no_signal_announces_a_message_for_which_a_receiver_waits", "an interrupted receiver briefly does not wait"),
    ("the_ninth_of_eight_is_queue_full_and_nothing_is_lost", "the timers of the storm count against the same limit of eight queued signals"),
    ("netcat_at_the_other_end", "netcat waits with plain calls, which a signal ends"),
    ("a_c_program_and_we_use_each_others", "the C program waits with plain calls, which a signal ends"),
    ("timers_children_and_faults_look_as_in_c", "the same"),
    ("what_we_send_comes_to_c_with_its_sender_and_its_value", "the same"),
    ("a_storm_interrupts_calls_and_is_counted", "counts the signals of a storm of its own"),
    ("a_partner_answers_each_time_by_either_way", "its reference is C's plain call, which a signal ends"),
];

/// The minimum number of signals of a storm over all tests, and over those of some crates.
const ENOUGH: [u64; 2] = [100_000, 10_000];

/// Runs its arguments. Without the variable, all documentation examples of a crate would run in one process, and signal
/// each other.
const RUN: &str = "RUSTDOC_DOCTEST_BIN_PATH=$0 exec $0 \"$@\"";

/// Runs all tests of these crates, or of all, in a storm.
pub(crate) fn run(packages: &[String]) -> Result<(), String> {
    // A folder that every user may read, because some tests switch to another user.
    let folder = env::temp_dir().join(format!("ipc-storm-{}", process::id()));
    fs::create_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let done = storm(&folder, packages);
    let _ = fs::remove_dir_all(folder);
    done
}

fn storm(folder: &Path, packages: &[String]) -> Result<(), String> {
    let (library, counts) = (folder.join("storm.so"), folder.join("counts"));
    let mut compiler = Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()));
    compiler.args(["-std=gnu11", "-O1", "-Wall", "-Wextra", "-shared", "-fPIC", "-pthread", "-o"]);
    compiler.args([&library, &root().join("xtask/src/storm.c")]).arg("-ldl");
    match compiler.status() {
        Ok(status) if status.success() => {}
        ended => return Err(format!("storm.c does not compile: {ended:?}")),
    }
    let made = fs::write(&counts, [0; 24])
        .and_then(|()| fs::set_permissions(&counts, PermissionsExt::from_mode(0o666)))
        .and_then(|()| fs::set_permissions(folder, PermissionsExt::from_mode(0o755)));
    made.map_err(|error| format!("{}: {error}", counts.display()))?;
    let storm = format!("LD_PRELOAD={}', 'IPC_STORM={}", library.display(), counts.display());
    let mut tests = cargo("--config");
    tests.arg(format!("target.'cfg(unix)'.runner = ['env', '{storm}', 'sh', '-c', '{RUN}']"));
    tests.args(["test", "--quiet", "--no-fail-fast"]);
    match packages {
        [] => _ = tests.arg("--workspace"),
        some => _ = tests.args(some.iter().flat_map(|krate| ["-p", krate])),
    }
    tests.arg("--");
    tests.args(SKIPPED.iter().flat_map(|(test, _)| ["--skip", test]));
    let status = tests.env("IPC_TEST_SECONDS", "300").current_dir(root()).status();
    let bytes = fs::read(&counts).map_err(|error| format!("{}: {error}", counts.display()))?;
    let mut numbers =
        bytes.chunks_exact(8).map(|word| word.try_into().map_or(0, u64::from_ne_bytes));
    let mut next = || numbers.next().unwrap_or(0);
    let (signals, threads, processes) = (next(), next(), next());
    println!(
        "figures: {signals} signals came to {threads} threads of {processes} processes; {} tests left out",
        SKIPPED.len()
    );
    let enough = ENOUGH[usize::from(!packages.is_empty())];
    match status {
        Ok(status) if status.success() && signals >= enough => Ok(()),
        Ok(status) if status.success() => Err(format!("{signals} signals are no storm")),
        ended => Err(format!("some test does not pass in a storm: {ended:?}")),
    }
}
