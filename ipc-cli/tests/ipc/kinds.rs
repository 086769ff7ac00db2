//! One object of each kind, by C, Python and Rust: in use, left behind, and of another user.

use std::os::unix::process::CommandExt;
use std::process::{Command, Output};

use ipc::core::Removal;
use ipc::shm::{MemoryOptions, SharedMemory};
use ipc_testkit::{Root, fixture, watchdog};
use serde_json::Value;

use crate::common::{Alone, copy_for_others, ipc, objects, pids, refused, run};
use crate::plant::{KINDS, Planted, Planter};

/// The kinds that have a name or an id, which can be removed.
const REMOVABLE: [&str; 8] = ["shm", "sem", "mq", "segment", "set", "queue", "fifo", "socket"];

/// A command with all objects of these kinds.
fn with<'a>(command: &[&'a str], selectors: &'a [String]) -> Vec<&'a str> {
    command.iter().copied().chain(selectors.iter().map(String::as_str)).collect()
}

/// The object of each kind in a listing.
fn listed(listing: &[Value], planted: &Planted) -> Vec<(&'static str, Option<Value>)> {
    let find = |kind: &&'static str| {
        let is_it = |object: &&Value| object["selector"] == planted.of(kind);
        (*kind, listing.iter().find(is_it).cloned())
    };
    KINDS.iter().map(find).collect()
}

fn state(object: Option<&Value>) -> Option<&str> {
    object?["state"].as_str()
}

#[test]
fn each_kind_in_use_is_listed_and_shown_with_its_process_and_stays() {
    for planter in Planter::ALL {
        let _alone = Alone::wait();
        watchdog(|| {
            let name = fixture::name();
            let Some((child, planted)) = planter.plant(&name, None) else { return };
            for (kind, object) in listed(&objects(""), &planted) {
                let object = object.unwrap_or_else(|| panic!("{planter:?}: {kind} is not listed"));
                assert_eq!(object["state"], "in-use", "{object}");
                assert_eq!(pids(&object), [i64::from(child.pid())], "{object}");
                let command = object["processes"][0]["command"].as_str().unwrap();
                assert!(command.starts_with(planter.command()), "{object}");
                let found = (object["size"].as_u64(), object["content"].as_str().unwrap());
                assert_eq!(found, planter.content(kind), "{object}");
            }
            let all: Vec<_> = KINDS.iter().map(|kind| planted.of(kind)).collect();
            let shown = ipc(&with(&["show"], &all));
            let parts: Vec<_> = shown.split("\n\n").collect();
            assert_eq!(parts.len(), all.len(), "{shown}");
            let process = format!("process: {} {}", child.pid(), planter.command());
            for (part, selector) in parts.into_iter().zip(&all) {
                let (_, name) = selector.split_once(':').unwrap();
                assert!(
                    part.contains(name) && part.contains("in use") && part.contains(&process),
                    "{part}"
                );
            }
            let (code, why) = refused(&with(&["rm"], &all));
            assert_eq!((code, why.lines().count()), (Some(2), all.len()), "{why}");
            assert_eq!(why.matches("--force removes it all the same").count(), 8, "{why}");
            // A look disturbs no process, and objects in use are not collected.
            let nothing = ipc(&["gc", "--unused", &name]);
            assert!(nothing.contains("nothing to remove"), "{nothing}");
            assert_eq!(ipc(&["sem", "value", &name]), "7\n");
            let shown = ipc(&["show", &format!("pid:{}", child.pid())]);
            let (begin, _) = shown.split_once('\n').unwrap();
            assert!(begin.ends_with("objects"), "{begin}");
            assert!(shown.matches(&name[1..]).count() >= 7, "{shown}");
            let all: Vec<_> = REMOVABLE.iter().map(|kind| planted.of(kind)).collect();
            ipc(&with(&["rm", "--force"], &all));
            let left = objects("");
            for selector in &all {
                let is_left = left.iter().any(|object| object["selector"] == **selector);
                // A segment exists as long as it is mapped, and a socket is bound without its file.
                let stays = ["segment:", "socket:"].iter().any(|kind| selector.starts_with(kind));
                assert_eq!(is_left, stays, "{planter:?}: {selector}");
            }
            child.kill();
        });
    }
}

#[test]
fn memory_is_listed_without_its_name_when_that_was_removed_and_not_before() {
    const SIZE: u64 = 1_234_500;

    let Some(_) = Root::or_skip("sees which files a process maps") else { return };
    watchdog(|| {
        let name = fixture::name();
        // Only its mapping is left, and no descriptor.
        let options = MemoryOptions::new(usize::try_from(SIZE).unwrap()).removal(Removal::Never);
        let memory = SharedMemory::create(&*name, options).unwrap();
        let nameless = || {
            let with_trailer = SIZE..SIZE + 4096;
            let is_it = |object: &Value| with_trailer.contains(&object["size"].as_u64().unwrap());
            objects("memfd:").into_iter().find(is_it)
        };
        assert_eq!(nameless(), None);
        SharedMemory::unlink(&*name).unwrap();
        let found = nameless().unwrap();
        assert_eq!(found["content"], "its name was removed");
        assert_eq!(pids(&found), [i64::from(std::process::id())]);
        drop(memory);
    });
}

#[test]
fn what_is_left_behind_has_only_a_state_that_can_be_proved() {
    for planter in Planter::ALL {
        let _alone = Alone::wait();
        watchdog(|| {
            let name = fixture::name();
            let Some((child, planted)) = planter.plant(&name, None) else { return };
            child.kill();
            for (kind, object) in listed(&objects(""), &planted) {
                assert_eq!(state(object.as_ref()), planter.left(kind), "{planter:?}: {kind}");
            }
            // Only what is stale goes, and a prefix does not reach a segment, which has no name.
            let removed = ipc(&["gc", &name]);
            let is_gone = removed.contains(&format!("removed {}", planted.of("shm")));
            assert_eq!(is_gone, planter == Planter::Rust, "{removed}");
            assert_eq!(removed.matches("removed ").count(), usize::from(is_gone), "{removed}");
            let removed = ipc(&["gc", &format!("/tmp{name}")]);
            assert!(removed.contains(&format!("removed {}", planted.of("socket"))), "{removed}");
            let would = ipc(&["gc", "--dry-run"]);
            assert!(would.contains(&format!("would remove {}", planted.of("segment"))), "{would}");
            let removed = ipc(&["gc", "--unused", &name]);
            for kind in ["shm", "sem", "mq"] {
                let is_removed = removed.contains(&format!("removed {}: ", planted.of(kind)));
                assert_eq!(is_removed, kind != "shm" || !is_gone, "{removed}");
            }
            let rest = ["segment", "set", "queue", "fifo"].map(|kind| planted.of(kind));
            ipc(&with(&["rm"], &rest));
            for (kind, object) in listed(&objects(""), &planted) {
                assert_eq!(object, None, "{planter:?}: {kind}");
            }
        });
    }
}

#[test]
fn each_user_removes_its_own_and_root_removes_those_of_others_if_asked() {
    let Some(root) = Root::or_skip("runs as another user") else { return };
    for planter in Planter::ALL {
        let _alone = Alone::wait();
        watchdog(|| {
            let (theirs, ours) = (fixture::tagged("theirs"), fixture::tagged("ours"));
            let Some((child, of_nobody)) = planter.plant(&theirs, Some(root)) else { return };
            let Some((own, of_root)) = planter.plant(&ours, None) else { return };
            let listing = objects("");
            for (kind, object) in listed(&listing, &of_nobody) {
                let object = object.unwrap_or_else(|| panic!("{planter:?}: {kind}"));
                assert_eq!(object["state"], "in-use", "{object}");
                if kind != "lock" {
                    let owner = (object["uid"].as_u64(), object["owner"].as_str());
                    assert_eq!(owner, (Some(65534), Some("nobody")), "{object}");
                }
            }
            let quiet = ipc(&["ls", "--user", "nobody", "--quiet"]);
            assert!(quiet.contains(&of_nobody.of("mq")) && !quiet.contains(&of_root.of("mq")));
            child.kill();
            own.kill();
            // Root's own only, unless asked.
            assert!(!ipc(&["gc", "--unused", "-n"]).contains(&of_nobody.of("shm")));
            let all = ipc(&["gc", "--unused", "-n", "--all-users"]);
            for kind in ["shm", "sem", "mq", "segment", "socket"] {
                let would = format!("would remove {}: ", of_nobody.of(kind));
                assert!(all.contains(&would), "{planter:?}: {would}: {all}");
            }

            // The other user sees those of root, and may not remove them.
            let dir = fixture::dir();
            let copy = copy_for_others(&dir);
            let nobody = |args: &[&str]| -> Output {
                let mut ipc = Command::new(&copy);
                ipc.args(args).uid(Root::NOBODY).gid(Root::NOBODY).output().unwrap()
            };
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_owned()).unwrap();
            let removable = ["shm", "sem", "segment", "set", "queue", "fifo", "socket"];
            let all = removable.map(|kind| of_root.of(kind));
            let output = nobody(&with(&["rm"], &all));
            let why = text(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{why}");
            for selector in &all {
                let (_, name) = selector.split_once(':').unwrap();
                assert!(why.lines().any(|line| line.contains(name)), "{selector}: {why}");
            }
            let [their_files, our_files] = [&theirs, &ours].map(|name| format!("/tmp{}", &**name));
            let all = ["gc", "--unused", &theirs, &their_files, &ours, &our_files];
            let by_nobody = text(&nobody(&all).stdout);
            assert!(!by_nobody.contains(&*ours), "{by_nobody}");
            let removed = |kind| format!("removed {}: ", of_nobody.of(kind));
            for kind in ["shm", "sem", "socket"] {
                let wanted = removed(kind);
                assert!(by_nobody.contains(&wanted), "{planter:?}: {wanted}: {by_nobody}");
            }
            let left = objects("");
            for (kind, object) in listed(&left, &of_root) {
                assert_eq!(state(object.as_ref()), planter.left(kind), "{planter:?}: {kind}");
            }
            // The other user sees queues only where their file system is mounted already.
            let by_root = ipc(&["gc", "--unused", "--all-users", &theirs]);
            let queue = removed("mq");
            let times = [&by_nobody, &by_root].map(|text| text.contains(&queue));
            assert_ne!(times[0], times[1], "{by_nobody}\n{by_root}");
            assert!(run(&["gc", "--unused", &ours]).status.success());
        });
    }
}
