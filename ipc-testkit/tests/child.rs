//! Children that talk, end, fail, die and stop.

use std::os::unix::process::ExitStatusExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs, thread};

use ipc_testkit::{Child, ChildOptions, Rng, Role, c_program, fixture, kill_at_random, watchdog};

const SIGKILL: i32 = 9;

#[test]
fn roles() {
    ipc_testkit::play(&[
        ("echo", echo),
        ("joker", joker),
        ("panicker", panicker),
        ("waiter", waiter),
        ("teller", teller),
        ("parent", parent),
        ("untidy", untidy),
        ("unblocked", unblocked),
        ("sleeper", sleeper),
        ("compiler", compiler),
    ]);
}

fn echo(role: &mut Role) {
    for arg in role.args().to_vec() {
        role.say(&arg);
    }
    role.wait_for("go");
    role.say("gone");
}

fn joker(role: &mut Role) {
    role.say("not what you think");
    role.wait_for("go");
}

fn panicker(_: &mut Role) {
    println!("printed before");
    panic!("on purpose");
}

fn waiter(role: &mut Role) {
    role.say("ready");
    role.hear();
}

fn teller(role: &mut Role) {
    role.say(&env::var("TOLD").expect("the variable of the options"));
}

fn parent(role: &mut Role) {
    let child = Child::run("sleeper", &[]);
    role.say(&child.pid().to_string());
    role.hear();
}

fn untidy(role: &mut Role) {
    let name = fixture::tagged("untidy");
    fs::write(format!("/dev/shm{name}"), "left").expect("a file in /dev/shm");
    role.say(&name);
    role.hear();
}

/// Counts the threads that let signals through.
fn unblocked(role: &mut Role) {
    // While a thread makes another it blocks signals: look when the one of libtest waits.
    let statuses = loop {
        let threads = fs::read_dir("/proc/self/task").unwrap().map(Result::unwrap);
        let read = |path: PathBuf| fs::read_to_string(path.join("status")).unwrap();
        let statuses: Vec<String> = threads.map(|thread| read(thread.path())).collect();
        if statuses.iter().filter(|status| !status.contains("State:\tS")).count() == 1 {
            break statuses;
        }
    };
    let lets_through = |status: &&String| status.contains("SigBlk:\t0000000000000000\n");
    role.say(&statuses.iter().filter(lets_through).count().to_string());
}

fn sleeper(_: &mut Role) {
    loop {
        thread::park();
    }
}

/// The message of a panic.
fn complaint(f: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(f)).expect_err("a panic");
    *panic.downcast::<String>().expect("a formatted panic")
}

fn is_running(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

#[test]
fn lines_and_arguments_go_both_ways() {
    let mut child = Child::run("echo", &["one", "", "a b\u{1f}=c"]);
    for line in ["one", "", "a b\u{1f}=c"] {
        child.wait_for(line);
    }
    child.tell("go");
    assert_eq!(child.hear(), "gone");
    child.finish();
}

#[test]
fn an_unexpected_line_is_a_failure_on_either_side() {
    let mut child = Child::run("joker", &[]);
    let said = complaint(|| child.wait_for("ready"));
    assert!(said.contains("said `not what you think`, not `ready`"), "{said}");

    let mut child = Child::run("joker", &[]);
    child.tell("stay");
    let said = complaint(|| child.finish());
    assert!(said.contains("what the parent said") && said.contains("stay"), "{said}");
}

#[test]
fn a_role_that_panics_makes_finish_panic_with_what_it_printed() {
    let said = complaint(|| Child::run("panicker", &[]).finish());
    assert!(said.contains("exit status: 101"), "{said}");
    assert!(said.contains("printed before") && said.contains("on purpose"), "{said}");
    assert_eq!(Child::run("panicker", &[]).wait().code(), Some(101));
}

#[test]
fn the_end_of_a_child_is_noticed() {
    let mut child = Child::run("panicker", &[]);
    let said = complaint(|| child.wait_for("ready"));
    assert!(said.contains("ended without a word") && said.contains("on purpose"), "{said}");
}

#[test]
fn a_role_that_is_not_defined_does_not_pass() {
    let said = complaint(|| Child::run("nobody", &[]).finish());
    assert!(said.contains("no role `nobody` in this table"), "{said}");
    let elsewhere = ChildOptions::role("echo").in_test("elsewhere::roles");
    let said = complaint(|| Child::run(elsewhere, &[]).finish());
    assert!(said.contains("does a test `elsewhere::roles` play it?"), "{said}");
}

#[test]
fn a_killed_child_is_reported_as_killed() {
    let child = Child::run("waiter", &[]);
    let pid = child.pid();
    assert!(is_running(pid));
    assert_eq!(child.kill().signal(), Some(SIGKILL));
    assert!(!is_running(pid));

    let child = Child::run("waiter", &[]);
    child.signal(SIGKILL);
    let said = complaint(|| child.finish());
    assert!(said.contains("SIGKILL"), "{said}");
    let said = complaint(|| Child::run("panicker", &[]).crash());
    assert!(said.contains("not at its crash point"), "{said}");
}

#[test]
fn a_kill_at_a_random_time_hits_a_waiting_child_only() {
    let mut rng = Rng::new();
    let soon = Duration::ZERO..Duration::from_millis(2);
    let status = kill_at_random(Child::run("waiter", &[]), &mut rng, soon);
    assert_eq!(status.signal(), Some(SIGKILL));
    let late = Duration::from_secs(20)..Duration::from_secs(25);
    let status = kill_at_random(Child::run("panicker", &[]), &mut rng, late);
    assert_eq!(status.code(), Some(101));
}

#[test]
fn a_signal_to_a_child_finds_no_thread_but_that_of_its_role() {
    let mut child = Child::run("unblocked", &[]);
    child.wait_for("1");
    child.finish();
}

#[test]
fn a_dropped_child_is_gone() {
    let pid = Child::run("waiter", &[]).pid();
    assert!(!is_running(pid));
}

#[test]
fn a_child_dies_with_its_parent() {
    watchdog(|| {
        let mut parent = Child::run("parent", &[]);
        let pid = parent.hear().parse().expect("a process id");
        assert!(is_running(pid));
        parent.kill();
        while is_running(pid) {
            thread::yield_now();
        }
    });
}

#[test]
fn a_stopped_child_does_nothing_until_it_is_continued() {
    let mut child = Child::run("waiter", &[]);
    child.wait_for("ready");
    child.stop();
    let state = || {
        let stat = fs::read_to_string(format!("/proc/{}/stat", child.pid())).unwrap();
        stat.rsplit_once(") ").unwrap().1.chars().next()
    };
    assert_eq!(state(), Some('T'));
    child.cont();
    child.tell("go");
    child.finish();
}

#[test]
fn a_stopped_child_can_be_killed() {
    let child = Child::run("waiter", &[]);
    child.stop();
    assert_eq!(child.kill().signal(), Some(SIGKILL));
}

#[test]
fn a_variable_of_the_options_is_in_the_environment() {
    let mut child = Child::run(ChildOptions::role("teller").env("TOLD", "all"), &[]);
    child.wait_for("all");
    child.finish();
}

#[test]
fn the_names_of_a_killed_child_are_removed() {
    let mut child = Child::run("untidy", &[]);
    let file = format!("/dev/shm{}", child.hear());
    assert!(fs::exists(&file).unwrap());
    child.kill();
    assert!(!fs::exists(&file).unwrap());
}

#[test]
fn a_c_program_is_driven_like_a_role() {
    let source = r#"
        int main(int argc, char **argv) {
            must(argc == 3);
            say("%s-%s", argv[1], argv[2]);
            wait_for("go");
            fprintf(stderr, "on its standard error\n");
            return 7;
        }
    "#;
    let program = c_program("driven", source);
    let made = || fs::metadata(&program).unwrap().modified().unwrap();
    let before = made();
    assert_eq!(program, c_program("driven", source));
    assert_eq!(before, made(), "compiled twice");
    let mut child = Child::run(&program, &["a", "b"]);
    child.wait_for("a-b");
    child.tell("go");
    let said = complaint(|| child.finish());
    assert!(said.contains("exit status: 7") && said.contains("on its standard error"), "{said}");

    let mut child = Child::run(&program, &["a", "b"]);
    child.wait_for("a-b");
    child.tell("stay");
    let said = complaint(|| child.finish());
    assert!(said.contains("the parent said `stay`, not `go`"), "{said}");

    let said = complaint(|| Child::run(&program, &["a"]).finish());
    assert!(said.contains("driven.c:3: not so: argc == 3"), "{said}");
}

fn compiler(role: &mut Role) {
    let program = c_program("short", "int main(void) { return 0; }");
    assert!(program.exists());
    role.say(program.to_str().unwrap());
}

#[test]
fn a_c_program_is_deleted_with_the_process_that_compiled_it() {
    let mut child = Child::run("compiler", &[]);
    let program = child.hear();
    child.finish();
    assert!(!Path::new(&program).parent().unwrap().exists(), "{program}");
}

#[test]
fn a_c_program_that_does_not_compile_says_why() {
    let said = complaint(|| drop(c_program("broken", "int main(void) { return x; }")));
    assert!(said.contains("broken.c:1") && said.contains("‘x’") | said.contains("'x'"), "{said}");
}

#[test]
fn children_inherit_no_descriptors_of_each_other() {
    let open = |pid: i32| fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count();
    let (first, second) = (Child::run("sleeper", &[]), Child::run("sleeper", &[]));
    let mut parent = Child::run("parent", &[]);
    let grandchild = parent.hear().parse().unwrap();
    assert_eq!(open(first.pid()), open(second.pid()));
    assert_eq!(open(first.pid()), open(grandchild));
}
