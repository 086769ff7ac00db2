//! The system's limits, reached by a user without privileges in an IPC namespace of its own.

use std::fs::{self, File};

use ipc_core::{Errno, Error};
use ipc_queue::{MessageQueue, QueueOptions};
use ipc_testkit::{Child, ChildOptions, Part, Role, Root, fixture, watchdog};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("over", over),
    ("many bytes", many_bytes),
    ("many queues", many_queues),
    ("many files", many_files),
];

fn limit(file: &str) -> usize {
    fs::read_to_string(format!("/proc/sys/fs/mqueue/{file}")).unwrap().trim().parse().unwrap()
}

fn poor(role: &str) {
    let Some(root) = Root::or_skip("needs a user without rights") else { return };
    let options = ChildOptions::role(role).small_shm(root, 1 << 20).as_user(root, Root::NOBODY);
    watchdog(|| Child::run(options, &[]).finish());
}

/// Creates queues until that fails, and returns the error and the number of queues.
fn fill(options: QueueOptions) -> (Error, usize) {
    let mut made = Vec::new();
    loop {
        let name = fixture::name();
        match MessageQueue::create(&*name, options) {
            Ok(queue) => made.push((queue, name)),
            Err(err) => return (err, made.len()),
        }
    }
}

fn says(err: &Error, words: &[&str]) {
    for word in words {
        assert!(err.to_string().contains(word), "{word} is not in: {err}");
    }
}

#[test]
fn a_capacity_or_size_above_the_limit_names_the_limit() {
    poor("over");
}

fn over(_: &mut Role) {
    let name = fixture::name();
    let (most, longest) = (limit("msg_max"), limit("msgsize_max"));
    let err = MessageQueue::create(&*name, QueueOptions::new(most + 1, 1)).unwrap_err();
    assert!(err.is_invalid_argument());
    let wanted = format!(
        "capacity {}, wanted at most {most}, the value of /proc/sys/fs/mqueue/msg_max",
        most + 1
    );
    says(&err, &["mq_open", &name, &wanted, "root can raise"]);
    let err = MessageQueue::create(&*name, QueueOptions::new(1, longest + 1)).unwrap_err();
    assert!(err.is_invalid_argument());
    says(
        &err,
        &[&format!(
            "message size {}, wanted at most {longest}, the value of /proc/sys/fs/mqueue/msgsize_max",
            longest + 1
        )],
    );
}

#[test]
fn too_many_bytes_in_all_queues_name_the_limit() {
    poor("many bytes");
}

fn many_bytes(_: &mut Role) {
    let limits = fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max msgqueue size")).unwrap();
    let limit = line.split_whitespace().next().unwrap();
    let (err, made) = fill(QueueOptions::new(10, 8192));
    assert_eq!(err.errno(), Some(Errno::EMFILE));
    assert!(err.is_no_space());
    says(&err, &["10 messages of 8192 bytes", "82880", limit, "RLIMIT_MSGQUEUE", "ulimit -q"]);
    if limit == "819200" {
        assert_eq!(made, 9);
    }
}

#[test]
fn too_many_queues_name_the_limit() {
    poor("many queues");
}

fn many_queues(_: &mut Role) {
    let limit = limit("queues_max");
    let (err, made) = fill(QueueOptions::new(1, 1));
    assert!(err.is_no_space());
    says(&err, &[&format!("{limit} queues exist, the maximum of /proc/sys/fs/mqueue/queues_max")]);
    assert_eq!(made, limit);
}

#[test]
fn too_many_open_files_are_not_reported_as_too_many_bytes() {
    watchdog(|| Child::run("many files", &[]).finish());
}

fn many_files(_: &mut Role) {
    let name = fixture::name();
    crate::sys::limit_open_files(20);
    let mut files: Vec<File> = std::iter::from_fn(|| File::open("/").ok()).collect();
    let err = MessageQueue::create(&*name, QueueOptions::new(1, 1)).unwrap_err();
    assert_eq!(err.errno(), Some(Errno::EMFILE));
    says(&err, &["one more open file", "ulimit -n"]);
    files.truncate(files.len() - 2);
    MessageQueue::create(&*name, QueueOptions::new(1, 1)).unwrap();
}
