//! `ipc lock` and `ipc sem run`: a kill frees what was held; exit codes are those of `flock(1)`.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

use ipc_testkit::{fixture, watchdog};

use crate::common::{IPC, ipc, run};

/// A command under `ipc` that says its process id, and ends when its input does.
struct Running {
    ipc: Child,
    command: String,
    _input: ChildStdin,
}

impl Running {
    fn start(args: &[&str]) -> Self {
        let mut command = Command::new(IPC);
        command.args(args).args(["--", "sh", "-c", "echo $$; read line"]);
        let mut ipc = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(ipc.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let input = ipc.stdin.take().unwrap();
        Self { ipc, command: line.trim().to_owned(), _input: input }
    }

    fn kill(pid: &str, signal: &str) {
        assert!(Command::new("kill").args([signal, pid]).status().unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.ipc.kill();
        let _ = self.ipc.wait();
    }
}

fn code(args: &[&str]) -> Option<i32> {
    run(args).status.code()
}

#[test]
fn a_lock_is_held_by_one_and_free_again_whoever_is_killed() {
    watchdog(|| {
        let name = fixture::name();
        let now = ["lock", &name, "-w", "0", "--", "true"];
        let in_time = ["lock", &name, "--", "true"];
        for victim in ["none", "command", "ipc"] {
            let mut running = Running::start(&["lock", &name]);
            assert_eq!(code(&now), Some(1), "{victim}");
            assert_eq!(code(&["lock", &name, "-w", "0.05", "-E", "9", "--", "true"]), Some(9));
            match victim {
                "command" => Running::kill(&running.command, "-KILL"),
                "ipc" => running.ipc.kill().unwrap(),
                _ => running._input.write_all(b"end\n").unwrap(),
            }
            assert_eq!(code(&in_time), Some(0), "{victim}");
        }
        let _one = Running::start(&["lock", "--shared", &name]);
        let _other = Running::start(&["lock", "--shared", &name]);
        assert_eq!(code(&now), Some(1));
    });
}

#[test]
fn what_a_command_leaves_behind_keeps_the_lock_unless_it_is_not_passed_on() {
    watchdog(|| {
        let name = fixture::name();
        for (options, is_kept) in [(&[][..], true), (&["--close"], false)] {
            let command = ["--", "sh", "-c", "sleep 1000 >/dev/null 2>&1 & echo $!"];
            let left = ipc(&[&["lock", &name], options, &command].concat());
            let expected = Some(i32::from(is_kept));
            assert_eq!(code(&["lock", &name, "-w", "0", "--", "true"]), expected, "{options:?}");
            Running::kill(left.trim(), "-KILL");
            assert_eq!(code(&["lock", &name, "--", "true"]), Some(0));
        }
    });
}

#[test]
fn the_exit_code_is_that_of_the_command() {
    watchdog(|| {
        let name = fixture::name();
        ipc(&["create", "sem", &name, "1"]);
        for under in [&["lock", &name][..], &["sem", "run", &name]] {
            let code = |command: &[&str]| code(&[under, &["--"], command].concat());
            assert_eq!(code(&["true"]), Some(0));
            assert_eq!(code(&["sh", "-c", "exit 42"]), Some(42));
            assert_eq!(code(&["sh", "-c", "kill -TERM $$"]), Some(128 + 15));
            assert_eq!(code(&["/does/not/exist"]), Some(69));
            assert_eq!(self::code(under), Some(2), "no command");
            assert_eq!(ipc(&["sem", "value", &name]), "1\n");
        }
    });
}

#[test]
fn a_path_is_the_same_lock_as_that_of_flock() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("lock").to_str().unwrap().to_owned();
        let _running = Running::start(&["lock", &path]);
        match Command::new("flock").args(["--nonblock", &path, "true"]).status() {
            Ok(status) => assert_eq!(status.code(), Some(1)),
            Err(_) => ipc_testkit::skip("there is no flock(1)"),
        }
        assert_eq!(code(&["lock", &path, "-w", "0", "--", "true"]), Some(1));
    });
}

#[test]
fn a_permit_comes_back_whoever_is_killed() {
    watchdog(|| {
        let name = fixture::name();
        ipc(&["create", "sem", &name, "1"]);
        let id = ipc(&["create", "set", "1"]);
        let set = format!("set:{}", id.trim());
        for semaphore in [&*name, &set] {
            for victim in ["none", "command", "ipc"] {
                let mut running = Running::start(&["sem", "run", semaphore]);
                assert_eq!(ipc(&["sem", "value", semaphore]), "0\n");
                assert_eq!(code(&["sem", "run", semaphore, "-w", "0", "--", "true"]), Some(1));
                match victim {
                    "command" => Running::kill(&running.command, "-KILL"),
                    "ipc" => running.ipc.kill().unwrap(),
                    _ => running._input.write_all(b"end\n").unwrap(),
                }
                assert_eq!(code(&["sem", "wait", semaphore]), Some(0), "{semaphore} {victim}");
                drop(running);
                ipc(&["sem", "post", semaphore]);
                assert_eq!(ipc(&["sem", "value", semaphore]), "1\n", "{semaphore} {victim}");
            }
        }
        ipc(&["rm", "--force", &set]);
    });
}

#[test]
fn a_permit_comes_back_if_the_guard_is_killed() {
    watchdog(|| {
        let name = fixture::name();
        ipc(&["create", "sem", &name, "1"]);
        let mut running = Running::start(&["sem", "run", &name]);
        let guard = Command::new("pgrep")
            .args(["-P", &running.ipc.id().to_string(), "-f", "permit-guard"])
            .output();
        let Ok(guard) = guard else { return ipc_testkit::skip("there is no pgrep") };
        Running::kill(String::from_utf8(guard.stdout).unwrap().trim(), "-KILL");
        running._input.write_all(b"end\n").unwrap();
        assert!(running.ipc.wait().unwrap().success());
        assert_eq!(ipc(&["sem", "value", &name]), "1\n");
    });
}
