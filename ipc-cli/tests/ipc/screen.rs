//! What people see on a terminal of 80 columns.

use std::fs::{self, File};
use std::io::BufRead;
use std::process::{Command, Stdio};

use ipc::shm::SharedMemory;
use ipc_testkit::{Root, fixture, watchdog};

use crate::common::{Alone, IPC, ipc, look, on_terminal_with};

/// The lines that `ipc` writes to a terminal.
fn lines(args: &[&str]) -> Vec<String> {
    let mut command = Command::new(IPC);
    command.args(args);
    lines_of(command)
}

fn lines_of(command: Command) -> Vec<String> {
    let _look = look();
    let (mut child, screen) = on_terminal_with([24, 80], command);
    // The terminal ends with an error when the program has ended.
    let lines: Vec<_> = screen.lines().map_while(Result::ok).collect();
    child.wait().unwrap();
    assert!(lines.iter().all(|line| line.chars().count() <= 80), "{lines:#?}");
    lines
}

/// The parts of a text in backquotes, and that each is complete on its line.
fn commands(lines: &[String]) -> String {
    for line in lines {
        assert_eq!(line.matches('`').count() % 2, 0, "a command in two: {line}");
    }
    lines.join(" ").split('`').skip(1).step_by(2).collect::<Vec<_>>().join("; ")
}

#[test]
fn a_listing_shows_what_commands_accept_whole_keys_and_a_total() {
    watchdog(|| {
        let _alone = Alone::wait();
        let name = fixture::name();
        fs::write(format!("/dev/shm{}", &*name), [7; 5000]).unwrap();
        let key = format!("{:#x}", 0x5e00_0000 | std::process::id());
        let set = format!("set:{}", ipc(&["create", "set", "1", "0", "--key", &key]).trim());
        let lines = lines(&["ls", &name, &set]);
        assert!(lines[0].starts_with("NAME") && lines[0].ends_with("CONTENT"), "{lines:#?}");
        assert!(lines[1].starts_with(name.get(..15).unwrap_or(&name)), "{lines:#?}");
        assert!(lines[2].starts_with(&format!("{set} key {key}  set ")), "{lines:#?}");
        assert!(lines[3].starts_with("not shown: MODE; "), "{lines:#?}");
        assert_eq!(lines.last().unwrap(), "2 objects, 4.9K");
        ipc(&["rm", "--force", &set]);
    });
}

#[test]
fn a_key_stays_whole_beside_long_texts_in_all_other_columns() {
    let Some(_) = Root::or_skip("determines the id of the next segment") else { return };
    watchdog(|| {
        let name = fixture::tagged("a-name-as-long-as-names-of-real-programs-are");
        let _memory = SharedMemory::create(&*name, 1).unwrap();
        // Each process that has it open makes the last column longer.
        let file = File::open(format!("/dev/shm{}", &*name)).unwrap();
        // It ends with its standard input, also if this test fails.
        let open = || {
            let mut cat = Command::new("cat");
            cat.stdin(Stdio::piped()).stdout(file.try_clone().unwrap()).spawn()
        };
        let users: Vec<_> = (0..3).map(|_| open().unwrap()).collect();
        for id in ["7", "98330", "2147000000"] {
            let script = format!(
                "echo {id} > /proc/sys/kernel/shm_next_id && \
                 {IPC} create segment 1 --key 0x5f001e56 > /dev/null && \
                 exec {IPC} ls {} segment:{id}",
                &*name
            );
            let mut command = Command::new("unshare");
            command.args(["--ipc", "sh", "-ec", &script]);
            let lines = lines_of(command);
            let key = format!("segment:{id} key 0x5f001e56  segment ");
            assert!(lines.iter().any(|line| line.starts_with(&key)), "{lines:#?}");
        }
        for mut user in users {
            user.wait().unwrap(); // closes its standard input
        }
    });
}

#[test]
fn sentences_are_wrapped_and_commands_in_them_are_not() {
    watchdog(|| {
        let segment = format!("segment:{}", ipc(&["create", "segment", "64K"]).trim());
        let listed = lines(&["ls", &segment]);
        assert_eq!(listed.last().unwrap(), "1 object, 64K; 1 stale (`ipc gc --dry-run`)");
        let shown = lines(&["show", &segment]);
        assert_eq!(commands(&shown), format!("ipc gc {segment}"));
        let would = lines(&["gc", "--dry-run", &segment]);
        assert!(would[0].starts_with(&format!("would remove {segment}: no process maps")));
        assert!(would.len() > 1, "{would:#?}");
        commands(&lines(&["doctor"]));
        ipc(&["gc", &segment]);
        assert!(!ipc(&["ls", "segment", "--quiet"]).lines().any(|line| line == segment));
    });
}
