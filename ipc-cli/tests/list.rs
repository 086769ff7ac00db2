//! `ipc list` and `ipc gc` from outside, on objects of this process and of others that are killed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use ipc_core::Removal;
use ipc_mem::Content;
use ipc_shm::{MemoryOptions, SharedMemory};
use ipc_shmarray::ShmArray;
use ipc_sync::NamedSemaphore;
use ipc_testkit::{Child, Fixture, Role, Root, fixture, watchdog};

const IPC: &str = env!("CARGO_BIN_EXE_ipc");

#[test]
fn roles() {
    ipc_testkit::play(&[("user", user)]);
}

/// Makes what goes with its last user, and uses it until it is killed.
fn user(role: &mut Role) {
    let mode = u32::from_str_radix(role.arg(1), 8).unwrap();
    let _memory = SharedMemory::create(role.arg(0), MemoryOptions::new(100).permissions(mode)).unwrap();
    role.say("using");
    role.wait_for("never");
}

/// What `ipc` has written about names that begin so, a line each; it has to be content.
fn ipc(args: &[&str]) -> Vec<Vec<String>> {
    let output = Command::new(IPC).args(args).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.split_whitespace().map(String::from).collect()).collect()
}

/// The lines of `ipc list` but for the first, each with what it says behind the name.
fn list(args: &[&str], name: &Fixture) -> Vec<String> {
    let lines = ipc(&[&["list", name], args].concat());
    assert_eq!(lines[0], ["NAME", "KIND", "SIZE", "USERS", "OWNER", "MODE", "CONTENT"]);
    lines[1..].iter().map(|line| [&line[0][name.len()..], &line[1..].join(" ")].join(" ")).collect()
}

fn kept(name: &str) -> SharedMemory {
    SharedMemory::create(name, MemoryOptions::new(100).removal(Removal::Never)).unwrap()
}

#[test]
fn every_object_is_told_with_who_uses_it_and_what_it_is() {
    watchdog(|| {
        let name = fixture::name();
        let of = |what: &str| format!("{}{what}", &*name);
        let uid = ipc_core::UserId::effective().raw();
        let _array = [ShmArray::<f32>::create(of("a"), [3, 2]).unwrap(), ShmArray::open(of("a")).unwrap()];
        let _bare = kept(&of("b"));
        let value = MemoryOptions::new(4096).content(Content::Value).permissions(0o640);
        let _value = SharedMemory::create(of("c"), value).unwrap();
        let foreign = format!("/dev/shm{}", of("d"));
        fs::write(&foreign, [0; 77]).unwrap();
        fs::set_permissions(&foreign, fs::Permissions::from_mode(0o600)).unwrap();
        let _semaphore = NamedSemaphore::create(of("e"), 3).unwrap();
        let wanted = [
            format!("a memory 88 2 {uid} 0600 array of f32, 3×2"),
            format!("b memory 100 - {uid} 0600 bare memory"),
            format!("c memory 4096 1 {uid} 0640 a shared value"),
            format!("d memory 77 - {uid} 0600 foreign memory"),
            format!("e semaphore 32 - {uid} 0600 value 3"),
        ];
        // Twice: who looks changes nothing.
        for _ in 0..2 {
            assert_eq!(list(&[], &name), wanted);
            assert_eq!(list(&["--stale"], &name), [""; 0]);
        }
    });
}

#[test]
fn what_all_users_were_killed_of_is_told_and_removed_and_nothing_else_is() {
    watchdog(|| {
        let (name, other) = (fixture::name(), fixture::name());
        let of = |what: &str| format!("{}{what}", &*name);
        let mut users = ["a", "b"].map(|what| Child::run("user", &[&of(what), "600"]));
        let mut elsewhere = Child::run("user", &[&other, "600"]);
        users.iter_mut().chain([&mut elsewhere]).for_each(|user| user.wait_for("using"));
        let [victim, survivor] = users;
        kept(&of("c")); // has no user either
        fs::write(format!("/dev/shm{}", of("d")), "foreign").unwrap();
        let counts =
            |args| list(args, &name).iter().map(|line| line.split(' ').nth(3).unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(counts(&[]), ["1", "1", "-", "-"]);
        assert!(ipc(&["gc", &name]).is_empty());

        victim.kill();
        elsewhere.kill();
        for _ in 0..2 {
            assert_eq!(counts(&[]), ["stale", "1", "-", "-"]);
            assert_eq!(list(&["--stale"], &name).len(), 1);
        }
        assert_eq!(ipc(&["gc", &name]), [["removed", &of("a")]]);
        assert_eq!(counts(&[]), ["1", "-", "-"]);
        assert_eq!(ipc(&["gc", &other]), [["removed", &*other]]);
        assert!(ipc(&["gc", &name]).is_empty());
        drop(survivor);
    });
}

#[test]
fn who_may_not_look_or_remove_is_told_so() {
    let Some(_) = Root::or_skip("runs as another user") else { return };
    watchdog(|| {
        let name = fixture::name();
        let of = |what: &str| format!("{}{what}", &*name);
        let _private = kept(&of("a"));
        let mut user = Child::run("user", &[&of("b"), "644"]);
        user.wait_for("using");
        user.kill();
        let _semaphore = NamedSemaphore::create(of("c"), 0).unwrap();
        // A copy, since others may not come by the directory of this one.
        let dir = fixture::dir();
        let copy = dir.join("ipc");
        // By another process: what a test beside this one starts would have our descriptor, and a file that somebody may
        // write cannot be run.
        assert!(Command::new("cp").arg(IPC).arg(&copy).status().unwrap().success());
        for path in [&*dir, Path::new(&copy)] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let nobody = |command| Command::new(&copy).args([command, &*name]).uid(Root::NOBODY).gid(Root::NOBODY).output();
        let list = String::from_utf8(nobody("list").unwrap().stdout).unwrap();
        for (line, wanted) in list.lines().skip(1).zip(["Permission denied", "stale", "Permission denied"]) {
            assert!(line.contains(wanted), "{line}");
        }
        let gc = nobody("gc").unwrap();
        assert_eq!(gc.status.code(), Some(1));
        let why = String::from_utf8(gc.stderr).unwrap();
        assert!(why.contains(&of("b")) && why.contains("Permission denied"), "{why}");
        assert_eq!(ipc(&["gc", &name]), [["removed", &of("b")]]);
    });
}

#[test]
fn a_name_that_would_do_something_to_a_terminal_does_not() {
    watchdog(|| {
        let name = fixture::name();
        fs::write(format!("/dev/shm{}\x1b[2J\n", &*name), "").unwrap();
        let lines = list(&[], &name);
        assert!(lines.len() == 1 && lines[0].starts_with(r"\u{1b}[2J\n memory 0"), "{lines:?}");
    });
}
