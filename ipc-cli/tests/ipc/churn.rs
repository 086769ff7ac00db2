//! `ipc gc` beside processes that come and go.

use std::os::unix::fs::MetadataExt;
use std::process::Command;

use ipc::core::Removal;
use ipc::queue::{MessageQueue, QueueOptions};
use ipc::shm::{MemoryOptions, SharedMemory};
use ipc::sync::NamedSemaphore;
use ipc_testkit::{Child, Rng, Role, Watchdog, figures, fixture, rounds};

use crate::common::{Alone, IPC, ipc};

/// Names that the visitors share.
const NAMES: u64 = 4;

fn inode(name: &str) -> Option<u64> {
    std::fs::metadata(format!("/dev/shm{name}")).ok().map(|metadata| metadata.ino())
}

/// Opens and leaves objects that go with their last process, and makes sure that none loses its
/// name meanwhile.
pub(crate) fn visitor(role: &mut Role) {
    let mut rng = Rng::new();
    role.say("visiting");
    loop {
        let name = format!("{}{}", role.arg(0), rng.below(NAMES));
        let memory = SharedMemory::open_or_create(&name, MemoryOptions::new(64)).unwrap();
        let mine = inode(&name).expect("the name of an object that this process is attached to");
        for _ in 0..rng.below(20) {
            std::thread::yield_now();
        }
        assert_eq!(inode(&name), Some(mine), "its name was taken away");
        drop(memory);
    }
}

/// Holds objects that must stay, until the parent sends a line.
pub(crate) fn holder(role: &mut Role) {
    let name = role.arg(0).to_owned();
    let options = MemoryOptions::new(64).removal(Removal::Never);
    let memory = SharedMemory::open_or_create(&name, options).unwrap();
    let semaphore = NamedSemaphore::open_or_create(&name, 1).unwrap();
    let queue = MessageQueue::open_or_create(&name, QueueOptions::new(1, 8)).unwrap();
    role.say("holding");
    role.wait_for("leave");
    assert!(
        inode(&name).is_some()
            && NamedSemaphore::open(&name).is_ok()
            && MessageQueue::open(&name).is_ok()
    );
    drop((memory, semaphore, queue));
}

#[test]
fn gc_takes_nothing_from_processes_that_come_and_go_and_are_killed() {
    const VISITORS: usize = 8;

    let _watchdog = Watchdog::after(std::time::Duration::from_secs(3600));
    let name = fixture::name();
    let visit = || {
        let mut child = Child::run("visitor", &[&name]);
        child.wait_for("visiting");
        child
    };
    let mut visitors: Vec<_> = (0..VISITORS).map(|_| visit()).collect();
    let rounds = rounds(80, 10_000);
    let mut removed = 0;
    for round in 0..rounds {
        let is_deadly = round % 4 == 0;
        if is_deadly {
            // One that lost its name has panicked, and so was not killed.
            visitors.remove(0).kill();
        }
        // Without the mount that `run` may need for queues: it takes longer than the round.
        let output = Command::new(IPC).args(["gc", "--json", &name]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        removed += String::from_utf8(output.stdout).unwrap().matches("\"removed\"").count();
        if is_deadly {
            visitors.push(visit());
        }
    }
    for visitor in visitors {
        visitor.kill();
    }
    removed += ipc(&["gc", &name]).matches("removed").count();
    figures(format!(
        "{rounds} rounds beside {VISITORS} processes, {removed} stale objects removed"
    ));
    let left = ipc(&["ls", "shm", "--quiet"]);
    assert!(!left.contains(&*name), "{left}");
}

#[test]
fn gc_of_the_unused_takes_nothing_that_a_process_has_open() {
    let _alone = Alone::wait();
    let _watchdog = Watchdog::new();
    let name = fixture::name();
    let hold = |number: usize| {
        let mut child = Child::run("holder", &[&format!("{}{number}", &*name)]);
        child.wait_for("holding");
        child
    };
    let mut holders: Vec<_> = (0..4).map(hold).collect();
    for _ in 0..rounds(5, 200) {
        assert!(ipc(&["gc", "--unused", &name]).contains("nothing to remove"));
    }
    holders.iter_mut().for_each(|holder| holder.tell("leave"));
    holders.into_iter().for_each(Child::finish);
    let removed = ipc(&["gc", "--unused", &name]);
    assert_eq!(removed.matches("removed ").count(), 12, "{removed}");
}
