//! Blind spots are reported.

use std::process::Command;

use ipc::queue::{MessageQueue, QueueOptions};
use ipc_testkit::{Child, ChildOptions, Root, c_program, fixture, watchdog};

use crate::common::{IPC, ipc, pids};

/// The output of `ipc ARGS` after a script has changed a mount namespace of its own.
fn after(script: &str, args: &str) -> String {
    let script = format!("{script}\nexec {IPC} {args}");
    let output = Command::new("unshare")
        .args(["--mount", "sh", "-ec", &script])
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn without_proc_or_mqueue_the_rest_is_listed_with_a_note() {
    let Some(_) = Root::or_skip("has a mount namespace of its own") else { return };
    watchdog(|| {
        let name = fixture::name();
        ipc(&["create", "shm", &name, "100"]);
        let text = after("mount -t tmpfs none /proc", "ls --all");
        assert!(
            text.contains(&*name) && text.contains("not seen: processes: /proc is empty"),
            "{text}"
        );
        assert!(text.contains("/proc/sysvipc/shm") && text.contains("/proc/locks"), "{text}");
        let text =
            after("while umount /dev/mqueue; do :; done 2>&-; umount -a -t mqueue 2>&- || :", "ls");
        assert!(
            text.contains(&*name) && text.contains("mount -t mqueue none /dev/mqueue"),
            "{text}"
        );
        let _queue = MessageQueue::create(&*name, QueueOptions::new(3, 40)).unwrap();
        let umount = "umount -a -t mqueue 2>&- || :";
        let text = after(umount, &format!("mq peek {}", &*name));
        assert_eq!(text, "0 of 3 messages of at most 40 bytes\n", "found by its name alone");
        // This process has it open.
        after(umount, &format!("rm --force mq:{}", &*name));
        assert!(MessageQueue::open(&*name).is_err());
        let text = after("mount -t tmpfs none /dev/shm", "ls");
        assert!(
            !text.contains(&*name) && text.contains("of another mount namespace")
                || text.contains("of other mount"),
            "{text}"
        );
    });
}

#[test]
fn in_a_pid_namespace_a_note_says_that_processes_are_hidden() {
    let Some(_) = Root::or_skip("has a PID namespace of its own") else { return };
    watchdog(|| {
        let name = fixture::name();
        ipc(&["create", "sem", &name]);
        let mut unshare = Command::new("unshare");
        unshare.args(["--pid", "--fork", "--mount-proc", IPC]);
        let output = unshare.args(["show", &name]).output().unwrap();
        let shown = String::from_utf8(output.stdout).unwrap();
        assert!(shown.contains("no visible process uses it"), "{shown}");
        let output = Command::new("unshare")
            .args(["--pid", "--fork", "--mount-proc", IPC, "ls"])
            .output()
            .unwrap();
        let listed = String::from_utf8(output.stdout).unwrap();
        assert!(listed.contains("not seen: processes outside of this PID namespace"), "{listed}");
    });
}

#[test]
fn names_of_other_mount_namespaces_are_listed_with_a_process() {
    let Some(_) = Root::or_skip("has a mount namespace of its own") else { return };
    watchdog(|| {
        let name = fixture::name();
        let script = format!(
            "mount -t tmpfs none /dev/shm; echo x > /dev/shm{}; echo ready; read line",
            &*name
        );
        let mut shell = Command::new("unshare");
        shell.args(["--mount", "sh", "-c", &script]);
        let mut shell = shell
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let out = shell.stdout.take().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).unwrap();
        let listed = ipc(&["ls", "shm", "--all"]);
        let wanted = format!("{} (of process ", &*name);
        assert!(listed.contains(&wanted), "{listed}");
        assert!(!ipc(&["ls", "shm", "--quiet"]).contains(&*name));
        assert!(ipc(&["gc", "--unused", "--all-users", &name]).contains("nothing to remove"));
        drop(shell.stdin.take());
        shell.wait().unwrap();
    });
}

#[test]
fn processes_of_another_ipc_namespace_do_not_use_a_segment_of_the_same_id() {
    const SEGMENT: &str = "
        #include <stdio.h>
        #include <sys/shm.h>
        int main(void) {
            int id = shmget(IPC_PRIVATE, 4096, 0600);
            if (id < 0 || shmat(id, 0, 0) == (void *)-1) return 1;
            printf(\"%d\\n\", id);
            fflush(stdout);
            return getchar() == 'x';
        }";

    let Some(_) = Root::or_skip("has IPC namespaces of its own") else { return };
    watchdog(|| {
        let program = c_program("segment", SEGMENT);
        let unshare = ChildOptions::program("/usr/bin/env".as_ref());
        let mut other = Child::run(unshare, &["unshare", "--ipc", program.to_str().unwrap()]);
        assert_eq!(other.hear(), "0", "the first id of a namespace");
        let script = format!("{IPC} create segment 4K && {IPC} ls segment --json");
        let output = Command::new("unshare").args(["--ipc", "sh", "-ec", &script]).output();
        let output = String::from_utf8(output.unwrap().stdout).unwrap();
        let (id, listing) = output.split_once('\n').unwrap();
        let listing: serde_json::Value = serde_json::from_str(listing).unwrap();
        let segment = &listing["objects"][0];
        assert_eq!((id, segment["id"].as_i64()), ("0", Some(0)), "{listing}");
        assert_eq!((segment["state"].as_str(), pids(segment)), (Some("stale"), vec![]));
        other.kill();
    });
}

#[test]
fn the_doctor_names_each_check_and_its_verdict() {
    watchdog(|| {
        let output = crate::common::run(&["doctor", "--json"]);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
        let findings: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let findings = findings.as_array().unwrap();
        assert!(findings.len() >= 15);
        for finding in findings {
            let verdict = finding["verdict"].as_str().unwrap();
            assert!(["good", "warning", "wrong"].contains(&verdict), "{finding}");
            assert_eq!(verdict != "good", finding["advice"].is_string(), "{finding}");
        }
    });
}
