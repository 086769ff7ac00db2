//! A watchdog that barks, and one that does not.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::time::Duration;
use std::{fs, thread};

use ipc_testkit::{Child, ChildOptions, Role, Watchdog, fixture, watchdog};

const SIGABRT: i32 = 6;

#[test]
fn roles() {
    ipc_testkit::play(&[("hanger", hanger), ("mute", mute), ("deaf", deaf)]);
}

#[expect(clippy::zombie_processes, reason = "the watchdog does not leave it the time")]
fn hanger(role: &mut Role) {
    let name = fixture::name();
    fs::write(format!("/dev/shm{name}"), "left").expect("a file in /dev/shm");
    role.say(&name);
    let child = Child::run("mute", &[]);
    role.say(&child.pid().to_string());
    // Nothing but the watchdog ends this one.
    let stranger = Command::new("sleep").arg("3600").spawn().expect("a process");
    role.say(&stranger.id().to_string());
    watchdog(|| loop_for_ever_here(role));
}

#[inline(never)]
fn loop_for_ever_here(role: &mut Role) {
    role.hear();
    loop {
        thread::park();
    }
}

fn mute(_: &mut Role) {
    loop {
        thread::park();
    }
}

fn deaf(_: &mut Role) {
    Child::run("mute", &[]).wait_for("never said");
}

#[test]
fn a_watchdog_prints_backtraces_and_ends_all_and_their_names() {
    let mut hanger = Child::run(ChildOptions::role("hanger").env("IPC_TEST_SECONDS", "1"), &[]);
    let name = hanger.hear();
    let [grandchild, stranger] = [hanger.hear(), hanger.hear()];
    hanger.tell("hang");
    let output = wait_for_output(&hanger);
    assert!(!fs::exists(format!("/dev/shm{name}")).unwrap());
    assert_eq!(hanger.wait().signal(), Some(SIGABRT), "{output}");
    assert!(output.contains("did not end within 1s"), "{output}");
    assert!(output.contains(&format!("--- process {grandchild}: role `mute`")), "{output}");
    // A debugger finds no way out of the system calls of musl, which describe no frame.
    if cfg!(not(target_env = "musl")) && Command::new("gdb").arg("--version").output().is_ok() {
        assert!(output.contains("loop_for_ever_here"), "{output}");
        assert!(output.contains("mute"), "{output}");
    }
    for pid in [grandchild, stranger] {
        assert!(!fs::exists(format!("/proc/{pid}/exe")).unwrap(), "{pid} lives on");
    }
}

/// The output, once the process has ended; a debugger takes its time on a busy machine.
fn wait_for_output(child: &Child) -> String {
    let _guard = Watchdog::after(Duration::from_secs(300));
    while !fs::read_to_string(format!("/proc/{}/stat", child.pid())).unwrap().contains(") Z ") {
        thread::yield_now();
    }
    child.output()
}

#[test]
fn a_watchdog_is_silent_when_the_test_ends_in_time() {
    assert_eq!(watchdog(|| 7), 7);
    drop(Watchdog::after(Duration::from_secs(3600)));
}

#[test]
fn a_line_that_never_arrives_ends_the_wait_with_a_backtrace() {
    let deaf = Child::run(ChildOptions::role("deaf").env("IPC_TEST_SECONDS", "1"), &[]);
    let output = wait_for_output(&deaf);
    assert_eq!(deaf.wait().code(), Some(101), "{output}");
    assert!(output.contains("child `mute` said nothing"), "{output}");
    assert!(output.contains("--- process "), "{output}");
}
