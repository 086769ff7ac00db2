//! What becomes of a name when its users leave, or are killed without leaving.

use std::fs;
use std::hint::spin_loop;
use std::os::unix::fs::chown;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use ipc_core::Removal;
use ipc_mem::Memory;
use ipc_shm::{Draft, MemoryOptions, OpenOptions, ReadOnlyMemory, Shared, SharedMemory, Trust};
use ipc_testkit::{
    Child, ChildOptions, Fixture, LeakCheck, Part, Role, Root, Watchdog, c_program, figures, fixture, rounds, watchdog,
};

use crate::{bytes, path};

pub(crate) const ROLES: &[(&str, Part)] = &[("abandoner", abandoner), ("adopter", adopter)];

/// The name of an object whose only user was killed.
fn stale(options: MemoryOptions) -> Fixture {
    let name = fixture::name();
    let kept = SharedMemory::create(&*name, options).unwrap();
    bytes::put(&kept, 0, b"data");
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
fn the_name_goes_with_the_last_user_whoever_that_is() {
    let name = fixture::name();
    let check = LeakCheck::of(&name);
    let ours = SharedMemory::create(&*name, 64).unwrap();
    let (theirs, view) = (SharedMemory::open(&*name).unwrap(), ReadOnlyMemory::open(&*name).unwrap());
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
fn who_is_refused_what_it_opened_leaves_it() {
    let name = fixture::name();
    let ours = SharedMemory::create(&*name, 64).unwrap();
    assert!(SharedMemory::open_or_create(&*name, 65).unwrap_err().is_mismatch());
    assert!(Shared::<AtomicU32>::open(&*name).unwrap_err().is_mismatch());
    assert!(ours.is_only_user().unwrap());
    drop(ours);
    assert!(!fs::exists(path(&name)).unwrap());
}

#[test]
fn an_object_whose_users_were_all_killed_gives_way_to_who_creates() {
    watchdog(|| {
        let name = stale(MemoryOptions::new(64));
        let ours = SharedMemory::create(&*name, 100).unwrap();
        assert!(ours.is_only_user().unwrap() && bytes::all(&ours) == [0; 100]);

        let name = stale(MemoryOptions::new(64));
        let ours = SharedMemory::open_or_create(&*name, MemoryOptions::new(100).removal(Removal::Never)).unwrap();
        assert!(ours.was_created() && bytes::all(&ours) == [0; 100]);

        let name = stale(MemoryOptions::new(64));
        let draft = Draft::new(&*name, 100).unwrap();
        assert_eq!(SharedMemory::open(&*name).unwrap().size(), 64, "adopted, and left");
        assert!(draft.publish().unwrap().is_only_user().unwrap());

        let name = stale(MemoryOptions::new(64));
        let count = Shared::<AtomicU32>::open_or_create(&*name).unwrap();
        assert!(count.was_created() && count.load(Ordering::Relaxed) == 0);
    });
}

#[test]
fn an_object_whose_users_were_all_killed_is_adopted_by_who_opens() {
    let name = stale(MemoryOptions::new(64));
    let ours = SharedMemory::open(&*name).unwrap();
    assert!(ours.is_only_user().unwrap() && &bytes::all(&ours)[..4] == b"data");
    assert!(SharedMemory::create(&*name, 64).unwrap_err().is_exists());
    assert!(!SharedMemory::open_or_create(&*name, 64).unwrap().was_created());
    assert!(!SharedMemory::remove_stale(&*name).unwrap());
    drop(ours);
    assert!(!fs::exists(path(&name)).unwrap());
}

#[test]
fn only_what_goes_with_its_last_user_and_has_none_is_stale() {
    let name = stale(MemoryOptions::new(64));
    assert!(SharedMemory::remove_stale(&*name).unwrap());
    assert!(!SharedMemory::remove_stale(&*name).unwrap());
    assert!(!fs::exists(path(&name)).unwrap());

    let left_alone = |name: &str| {
        assert!(!SharedMemory::remove_stale(name).unwrap());
        assert!(SharedMemory::create(name, 64).unwrap_err().is_exists());
        assert!(!SharedMemory::open_or_create(name, 64).unwrap().was_created());
        assert!(fs::exists(path(name)).unwrap());
    };
    let ours = SharedMemory::create(&*name, 64).unwrap();
    left_alone(&name);
    drop(ours);
    left_alone(&stale(MemoryOptions::new(64).removal(Removal::Never)));
    fs::write(path(&name), [1; 64]).unwrap();
    left_alone(&name);
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
        let ours = SharedMemory::create(&*name, MemoryOptions::new(64).trust(Trust::Anyone)).unwrap();
        assert!(ours.is_only_user().unwrap());

        // What one may write but not remove is adopted, and left behind.
        let name = stale(MemoryOptions::new(64).permissions(0o666).trust(Trust::Anyone));
        Child::run(ChildOptions::role("adopter").as_user(root, Root::NOBODY), &[&name]).finish();
        assert!(SharedMemory::create(&*name, MemoryOptions::new(64).trust(Trust::Anyone)).is_ok());
    });
}

fn adopter(role: &mut Role) {
    let name = role.arg(0);
    let options = MemoryOptions::new(64).trust(Trust::Anyone);
    assert!(SharedMemory::create(name, options).unwrap_err().is_exists());
    let found = SharedMemory::open_or_create(name, options).unwrap();
    assert!(!found.was_created() && found.is_only_user().unwrap());
    drop(found);
    assert!(fs::exists(path(name)).unwrap());

    // What one may not even read oneself has no users.
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

/// Who may only read can lock as well.
#[test]
fn a_stranger_who_locks_what_is_for_removers_keeps_nobody_from_ending_the_name() {
    watchdog(|| {
        let name = fixture::name();
        let ours = SharedMemory::create(&*name, MemoryOptions::new(64).removal(Removal::OnDrop)).unwrap();
        let mut stranger = Child::run(&c_program("stranger", STRANGER), &[&name]);
        stranger.wait_for("locked");
        drop(ours);
        assert!(!fs::exists(path(&name)).unwrap());
        stranger.tell("over");
        stranger.finish();
    });
}

/// Between looking whose the name is and removing it, somebody else may do both and make a new object.
#[test]
fn who_removes_its_own_never_removes_a_successor() {
    let rounds = rounds(3_000, 50_000);
    let make = |name: &str, removal| SharedMemory::create(name, MemoryOptions::new(64).removal(removal)).unwrap();
    for round in 0..rounds {
        let removal = [Removal::OnDrop, Removal::LastUser][usize::from(round % 2 == 1)];
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
        let found = SharedMemory::open(&*name).unwrap_or_else(|err| panic!("round {round}, {removal:?}: {err}"));
        assert_eq!(found.identity(), successor.identity());
    }
    figures(format_args!("{rounds} successors, all there"));
}
