//! When a name is removed: its processes detach, or are killed while attached.

use std::fs;
use std::hint::spin_loop;
use std::os::unix::fs::chown;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use ipc_core::Removal;
use ipc_mem::{Memory, Stale};
use ipc_shm::{Draft, MemoryOptions, OpenOptions, Shared, SharedMemory, Trust};
use ipc_testkit::{
    Child, ChildOptions, Fixture, LeakCheck, Part, Role, Root, Watchdog, c_program, figures,
    fixture, rounds, watchdog,
};

use crate::{bytes, path};

pub(crate) const ROLES: &[(&str, Part)] = &[("abandoner", abandoner), ("adopter", adopter)];

/// The name of an object whose only attached process was killed.
fn stale(options: MemoryOptions) -> Fixture {
    let name = fixture::name();
    let kept = SharedMemory::create(&*name, options).unwrap();
    bytes::put(&*kept, 0, b"data");
    let mut child = Child::run("abandoner", &[&name]);
    child.wait_for("in");
    drop(kept);
    assert!(fs::exists(path(&name)).unwrap());
    child.kill();
    assert!(fs::exists(path(&name)).unwrap());
    name
}

fn abandoner(role: &mut Role) {
    let options = OpenOptions::new().trust(Trust::Anyone);
    let _memory = SharedMemory::open_with(role.arg(0), options).unwrap();
    role.say("in");
    role.wait_for("never");
}

#[test]
fn the_last_detach_unlinks_the_name_in_any_process() {
    let name = fixture::name();
    let check = LeakCheck::of(&name);
    let ours = SharedMemory::create(&*name, 64).unwrap();
    let (theirs, view) =
        (SharedMemory::open(&*name).unwrap(), SharedMemory::open_read_only(&*name).unwrap());
    bytes::put(&theirs, 0, b"data");
    drop(ours);
    drop(SharedMemory::open_or_create(&*name, 64).unwrap());
    drop(theirs);
    let late = SharedMemory::open(&*name).unwrap();
    assert_eq!(late.identity(), view.identity());
    assert_eq!(&bytes::all(&late)[..4], b"data");
    drop(late);
    assert!(fs::exists(path(&name)).unwrap());
    drop(view);
    check.finish();
}

#[test]
fn an_open_that_is_refused_detaches_again() {
    let name = fixture::name();
    let ours = SharedMemory::create(&*name, 64).unwrap();
    assert!(SharedMemory::open_or_create(&*name, 65).unwrap_err().is_mismatch());
    assert!(Shared::<AtomicU32>::open(&*name).unwrap_err().is_mismatch());
    assert!(ours.is_only_attached().unwrap());
    drop(ours);
    assert!(!fs::exists(path(&name)).unwrap());
}

#[test]
fn an_object_whose_processes_were_all_killed_is_replaced_by_create() {
    watchdog(|| {
        let name = stale(MemoryOptions::new(64));
        let ours = SharedMemory::create(&*name, 100).unwrap();
        assert!(ours.is_only_attached().unwrap() && bytes::all(&*ours) == [0; 100]);

        let name = stale(MemoryOptions::new(64));
        let ours =
            SharedMemory::open_or_create(&*name, MemoryOptions::new(100).removal(Removal::Never))
                .unwrap();
        assert!(ours.was_created() && bytes::all(&ours) == [0; 100]);

        let name = stale(MemoryOptions::new(64));
        let draft = Draft::new(&*name, 100).unwrap();
        assert_eq!(SharedMemory::open(&*name).unwrap().size(), 64, "adopted, and left");
        assert!(draft.publish().unwrap().is_only_attached().unwrap());

        let name = stale(MemoryOptions::new(64));
        let count = Shared::<AtomicU32>::open_or_create(&*name).unwrap();
        assert!(count.was_created() && count.load(Ordering::Relaxed) == 0);
    });
}

#[test]
fn an_object_whose_processes_were_all_killed_is_adopted_by_open() {
    let name = stale(MemoryOptions::new(64));
    let ours = SharedMemory::open(&*name).unwrap();
    assert!(ours.is_only_attached().unwrap() && &bytes::all(&ours)[..4] == b"data");
    assert!(SharedMemory::create(&*name, 64).unwrap_err().is_exists());
    assert!(!SharedMemory::open_or_create(&*name, 64).unwrap().was_created());
    assert_eq!(SharedMemory::remove_stale(&*name).unwrap(), Stale::Attached);
    drop(ours);
    assert!(!fs::exists(path(&name)).unwrap());
}

#[test]
fn an_object_that_is_not_stale_is_left_alone_and_reported() {
    let name = stale(MemoryOptions::new(64));
    assert_eq!(SharedMemory::remove_stale(&*name).unwrap(), Stale::Removed);
    assert_eq!(SharedMemory::remove_stale(&*name).unwrap(), Stale::Absent);
    assert!(!fs::exists(path(&name)).unwrap());

    let left_alone = |name: &str, is: Stale| {
        assert_eq!(SharedMemory::remove_stale(name).unwrap(), is);
        assert!(SharedMemory::create(name, 64).unwrap_err().is_exists());
        assert!(!SharedMemory::open_or_create(name, 64).unwrap().was_created());
        assert!(fs::exists(path(name)).unwrap());
    };
    let ours = SharedMemory::create(&*name, 64).unwrap();
    left_alone(&name, Stale::Attached);
    drop(ours);
    left_alone(&stale(MemoryOptions::new(64).removal(Removal::Never)), Stale::NotCounted);
    fs::write(path(&name), [1; 64]).unwrap();
    left_alone(&name, Stale::NotCounted);
}

#[test]
fn what_another_user_left_behind_is_not_replaced() {
    let Some(root) = Root::or_skip("gives files to other users") else { return };
    watchdog(|| {
        let name = stale(MemoryOptions::new(64));
        chown(path(&name), Some(Root::NOBODY), None).unwrap();
        assert!(SharedMemory::create(&*name, 64).unwrap_err().is_exists());
        assert!(SharedMemory::open_or_create(&*name, 64).unwrap_err().is_untrusted());
        assert!(SharedMemory::remove_stale(&*name).unwrap_err().is_untrusted());
        assert!(fs::exists(path(&name)).unwrap());
        let ours =
            SharedMemory::create(&*name, MemoryOptions::new(64).trust(Trust::Anyone)).unwrap();
        assert!(ours.is_only_attached().unwrap());

        // An object that a process may write but not remove may have locks that dead processes
        // hold: creating one of that name does not adopt it.
        let name = stale(MemoryOptions::new(64).permissions(0o666).trust(Trust::Anyone));
        Child::run(ChildOptions::role("adopter").as_user(root, Root::NOBODY), &[&name]).finish();
        assert!(SharedMemory::create(&*name, MemoryOptions::new(64).trust(Trust::Anyone)).is_ok());
    });
}

fn adopter(role: &mut Role) {
    let name = role.arg(0);
    let options = MemoryOptions::new(64).trust(Trust::Anyone);
    assert!(SharedMemory::create(name, options).unwrap_err().is_exists());
    let err = SharedMemory::open_or_create(name, options).unwrap_err();
    assert!(err.is_permission_denied() && err.object() == name, "{err}");
    assert!(err.to_string().contains("only its owner (uid 0) or root may remove it"), "{err}");
    assert!(
        SharedMemory::remove_stale_with(name, Trust::Anyone).unwrap_err().is_permission_denied()
    );
    assert!(fs::exists(path(name)).unwrap());

    // An object that this process may not even read has no attached processes.
    let own = fixture::name();
    for mode in [0o000, 0o200] {
        let unreadable = MemoryOptions::new(64).permissions(mode);
        assert!(SharedMemory::create(&*own, unreadable).unwrap_err().is_permission_denied());
        assert!(!fs::exists(path(&own)).unwrap());
        drop(SharedMemory::create(&*own, unreadable.removal(Removal::OnDrop)).unwrap());
        assert!(!fs::exists(path(&own)).unwrap());
    }
}

const STRANGER: &str = r#"
    #include <fcntl.h>
    #include <sys/mman.h>

    int main(int argc, char **argv) {
        must(argc == 2);
        int fd = shm_open(argv[1], O_RDONLY, 0);
        must(fd >= 0);
        struct flock name = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = (1L << 62) - 1, .l_len = 1};
        must(fcntl(fd, F_OFD_SETLK, &name) == 0);
        say("locked");
        wait_for("over");
        return 0;
    }
"#;

/// A process that may only read can lock as well.
#[test]
fn a_foreign_lock_on_the_byte_of_the_name_keeps_no_process_from_removing() {
    watchdog(|| {
        let name = fixture::name();
        let ours =
            SharedMemory::create(&*name, MemoryOptions::new(64).removal(Removal::OnDrop)).unwrap();
        let mut stranger = Child::run(&c_program("stranger", STRANGER), &[&name]);
        stranger.wait_for("locked");
        drop(ours);
        assert!(!fs::exists(path(&name)).unwrap());
        stranger.tell("over");
        stranger.finish();
    });
}

/// Between checking whose the name is and removing it, another process may do both and create a new
/// object.
#[test]
fn a_process_that_removes_its_object_never_removes_a_successor() {
    let rounds = rounds(3_000, 50_000);
    let make = |name: &str, removal| {
        SharedMemory::create(name, MemoryOptions::new(64).removal(removal)).unwrap()
    };
    for round in 0..rounds {
        let removal = [Removal::OnDrop, Removal::LastDetach][usize::from(round % 2 == 1)];
        let _watchdog = Watchdog::new();
        let name = fixture::name();
        let (ours, begun) = (make(&name, removal), AtomicBool::new(false));
        let successor = thread::scope(|scope| {
            scope.spawn(|| {
                begun.store(true, Ordering::Relaxed);
                drop(ours);
            });
            while !begun.load(Ordering::Relaxed) {
                spin_loop();
            }
            SharedMemory::unlink(&*name).unwrap();
            make(&name, Removal::Never)
        });
        let found = SharedMemory::open(&*name)
            .unwrap_or_else(|err| panic!("round {round}, {removal:?}: {err}"));
        assert_eq!(found.identity(), successor.identity());
    }
    figures(format_args!("{rounds} successors, all there"));
}
