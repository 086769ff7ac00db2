//! `ipc gc` on objects of the toolkit: what goes, what stays, and why.

use std::os::unix::process::CommandExt;
use std::process::Command;

use ipc::array::{ArrayOptions, ShmArray};
use ipc::core::Removal;
use ipc::shm::{MemoryOptions, SharedMemory};
use ipc_testkit::{Child, Role, Root, fixture, watchdog};

use crate::common::{Alone, copy_for_others, ipc, object, pids, state};

/// Creates what goes as asked, and uses it until it is killed.
pub(crate) fn user(role: &mut Role) {
    let mode = u32::from_str_radix(role.arg(1), 8).unwrap();
    let removal = if role.arg(2) == "on-drop" { Removal::OnDrop } else { Removal::LastDetach };
    let options = MemoryOptions::new(100).permissions(mode).removal(removal);
    let _memory = SharedMemory::create(role.arg(0), options).unwrap();
    role.say("using");
    role.wait_for("never");
}

fn using(name: &str, args: [&str; 2]) -> Child {
    let mut child = Child::run("user", &[name, args[0], args[1]]);
    child.wait_for("using");
    child
}

#[test]
fn objects_whose_processes_were_all_killed_go_and_no_others() {
    let _alone = Alone::wait();
    watchdog(|| {
        let name = fixture::name();
        let of = |what: &str| format!("{}{what}", &*name);
        let selector = |what: &str| format!("shm:{}{what}", &*name);
        let [victim, dropper] =
            [("a", "last"), ("b", "on-drop")].map(|(what, how)| using(&of(what), ["600", how]));
        let survivor = using(&of("c"), ["600", "last"]);
        let kept = ArrayOptions::new([3, 2]).removal(Removal::Never);
        drop(ShmArray::<f32>::create(of("d"), kept).unwrap());
        std::fs::write(format!("/dev/shm{}", of("e")), "foreign").unwrap();
        for what in ["a", "b", "c"] {
            assert_eq!(state(&selector(what)).as_deref(), Some("in-use"));
        }
        let array = object(&selector("d")).unwrap();
        assert_eq!(
            (array["state"].as_str(), array["content"].as_str()),
            (Some("idle"), Some("array f32 3×2"))
        );

        victim.kill();
        dropper.kill();
        // Twice: a look changes nothing.
        for _ in 0..2 {
            let states = ["a", "b", "c", "d", "e"].map(|what| state(&selector(what)).unwrap());
            assert_eq!(states[0], "stale");
            assert!(
                ["stale", "idle"].contains(&&*states[1]),
                "idle if not all processes are seen: {states:?}"
            );
            assert_eq!(states[2..], ["in-use", "idle", "foreign"]);
        }
        let would = ipc(&["gc", "--dry-run", &name]);
        assert!(
            would.contains(&format!(
                "would remove {}: all processes that were attached",
                selector("a")
            )),
            "{would}"
        );
        let bare = name.trim_start_matches('/'); // without its slash
        let removed = ipc(&["gc", bare]);
        assert!(removed.contains(&format!("removed {}", selector("a"))), "{removed}");
        assert_eq!(state(&selector("a")), None);
        for what in ["c", "d", "e"] {
            assert!(state(&selector(what)).is_some(), "{what}");
        }
        let removed = ipc(&["gc", "--unused", &name]);
        assert!(
            removed.contains(&selector("d")) && removed.contains("granted a lease"),
            "{removed}"
        );
        assert_eq!(["b", "d", "e"].map(|what| state(&selector(what))), [None, None, None]);
        let left = object(&selector("c")).unwrap();
        assert_eq!(
            (left["attached"].as_u64(), pids(&left)),
            (Some(1), vec![i64::from(survivor.pid())])
        );
        drop(survivor);
    });
}

#[test]
fn a_user_sees_what_it_may_not_read_or_remove() {
    let Some(_) = Root::or_skip("runs as another user") else { return };
    let _alone = Alone::wait();
    watchdog(|| {
        let name = fixture::name();
        using(&name, ["644", "last"]).kill();
        let dir = fixture::dir();
        let copy = copy_for_others(&dir);
        let nobody = |args: &[&str]| {
            let output = Command::new(&copy)
                .args(args)
                .arg(&*name)
                .uid(Root::NOBODY)
                .gid(Root::NOBODY)
                .output()
                .unwrap();
            (
                output.status.code(),
                String::from_utf8(output.stdout).unwrap(),
                String::from_utf8(output.stderr).unwrap(),
            )
        };
        let (code, listed, _) = nobody(&["ls"]);
        assert!(
            code == Some(0) && listed.contains("stale") && listed.contains("not seen: objects of"),
            "{listed}"
        );
        // It belongs to another, and is left alone without a word; asked for, it cannot be removed.
        assert_eq!(nobody(&["gc"]).0, Some(0));
        let (code, _, why) = nobody(&["gc", "--all-users"]);
        assert!(
            code == Some(1) && why.contains("Permission denied") && why.contains(&*name),
            "{why}"
        );
        assert!(ipc(&["gc", &name]).contains("removed"));
    });
}

#[test]
fn an_object_that_a_process_out_of_sight_has_open_is_left() {
    let Some(_) = Root::or_skip("runs as another user") else { return };
    let _alone = Alone::wait();
    watchdog(|| {
        let name = fixture::name();
        let dir = fixture::dir();
        let copy = copy_for_others(&dir);
        let nobody = |args: &[&str]| {
            let mut ipc = Command::new(&copy);
            let output = ipc.args(args).uid(Root::NOBODY).gid(Root::NOBODY).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        nobody(&["create", "shm", &name, "100"]);
        // Root's descriptors are not for others to see: only the kernel knows of this one.
        let open = std::fs::File::open(format!("/dev/shm{}", &*name)).unwrap();
        let left = nobody(&["gc", "--unused", &name]);
        assert!(left.contains(&format!("left shm:{}: a process has it open", &*name)), "{left}");
        drop(open);
        assert!(nobody(&["gc", "--unused", &name]).contains("removed"));
    });
}
