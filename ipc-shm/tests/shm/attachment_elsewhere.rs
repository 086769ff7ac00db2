//! Attached processes in another PID namespace, with another user id, in C, without descriptors,
//! and where the system lacks such locks.

use std::fs;
use std::process::exit;

use ipc_core::Removal;
use ipc_mem::Stale;
use ipc_shm::{MemoryOptions, SharedMemory};
use ipc_testkit::{Child, ChildOptions, Part, Role, Root, c_program, fixture};

use crate::attachment::again;
use crate::sys::{self, process};
use crate::{bytes, path};

pub(crate) const ROLES: &[(&str, Part)] =
    &[("viewer", viewer), ("namespace", namespace), ("closer", closer), ("lockless", lockless)];

#[test]
fn processes_in_another_pid_namespace_are_counted() {
    let Some(_root) = Root::or_skip("makes a PID namespace") else { return };
    again(|| {
        let name = fixture::name();
        let ours = SharedMemory::create(&*name, 64).unwrap();
        let mut child = Child::run("namespace", &[&name]);
        child.wait_for("in");
        assert_eq!(ours.attached().unwrap(), 2);
        child.tell("leave");
        child.finish();
        assert!(ours.is_only_attached().unwrap());
    });
}

fn namespace(role: &mut Role) {
    let name = role.arg(0).to_owned();
    process::number_children_anew();
    let child = || {
        assert_eq!(std::process::id(), 1);
        let memory = SharedMemory::open(&*name).unwrap();
        assert_eq!(memory.attached().unwrap(), 2);
        role.say("in");
        role.wait_for("leave");
        drop(memory);
    };
    assert!(!process::start(child).reap());
}

#[test]
fn processes_of_another_user_are_counted_and_leave_the_name() {
    let Some(root) = Root::or_skip("needs a second user") else { return };
    again(|| {
        let name = fixture::name();
        let ours = SharedMemory::create(&*name, MemoryOptions::new(64).permissions(0o644)).unwrap();
        let mut child =
            Child::run(ChildOptions::role("viewer").as_user(root, Root::NOBODY), &[&name]);
        child.wait_for("2 users");
        assert_eq!(ours.attached().unwrap(), 2);
        drop(ours);
        child.tell("leave");
        child.finish();
        assert!(fs::exists(path(&name)).unwrap());
        assert_eq!(SharedMemory::remove_stale(&*name).unwrap(), Stale::Removed);
        assert!(!fs::exists(path(&name)).unwrap());
    });
}

fn viewer(role: &mut Role) {
    let view = SharedMemory::open_read_only(role.arg(0)).unwrap();
    role.say(&format!("{} users", view.attached().unwrap()));
    role.wait_for("leave");
    assert!(view.is_only_attached().unwrap());
}

const C: &str = r#"
    #include <fcntl.h>
    #include <sys/mman.h>
    #include <unistd.h>

    int main(int argc, char **argv) {
        must(argc == 2);
        int fd = shm_open(argv[1], O_RDWR, 0);
        must(fd >= 0);
        struct flock user = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = (1L << 62) - 2, .l_len = 1};
        must(fcntl(fd, F_OFD_SETLK, &user) == 0);
        say("in");
        wait_for("leave");
        return 0;
    }
"#;

#[test]
fn a_c_program_that_locks_a_byte_is_counted_as_attached() {
    again(|| {
        let name = fixture::name();
        let ours = SharedMemory::create(&*name, 64).unwrap();
        let mut program = Child::run(&c_program("user", C), &[&name]);
        program.wait_for("in");
        assert_eq!(ours.attached().unwrap(), 2);
        drop(ours);
        assert!(SharedMemory::create(&*name, 64).unwrap_err().is_exists());
        program.tell("leave");
        program.finish();
        assert!(SharedMemory::open_or_create(&*name, 64).unwrap().was_created());
    });
}

#[test]
fn a_process_that_closes_all_its_descriptors_stays_attached() {
    let name = fixture::name();
    let ours = SharedMemory::create(&*name, 64).unwrap();
    again(|| {
        Child::run("closer", &[&name]).finish();
        assert!(ours.is_only_attached().unwrap());
    });
}

fn closer(role: &mut Role) {
    let memory = SharedMemory::open(role.arg(0)).unwrap();
    process::close_all();
    let users = memory.attached().unwrap();
    drop(memory);
    exit(i32::from(users != 2)); // there is nobody to talk to any more
}

#[test]
fn without_locks_of_descriptions_attaching_is_unsupported() {
    let name = fixture::name();
    let ours = SharedMemory::create(&*name, 64).unwrap();
    Child::run("lockless", &[&name, &fixture::name()]).finish();
    assert!(ours.is_only_attached().unwrap());
}

fn lockless(role: &mut Role) {
    sys::refuse_locks();
    let (theirs, own) = (role.arg(0), role.arg(1));
    let refused = [
        SharedMemory::open(theirs).map(drop),
        SharedMemory::open_read_only(theirs).map(drop),
        SharedMemory::open_or_create(theirs, 64).map(drop),
        SharedMemory::create(own, 64).map(drop),
    ];
    for err in refused.map(Result::unwrap_err) {
        assert!(err.is_unsupported(), "{err}");
    }
    assert!(!fs::exists(path(own)).unwrap());
    for removal in [Removal::OnDrop, Removal::Never] {
        let memory = SharedMemory::create(own, MemoryOptions::new(64).removal(removal)).unwrap();
        bytes::put(&SharedMemory::open(own).unwrap(), 0, b"shared");
        assert_eq!(&bytes::all(&*memory)[..6], b"shared");
        drop(memory);
        assert_eq!(fs::exists(path(own)).unwrap(), removal == Removal::Never);
        SharedMemory::unlink(own).unwrap();
        assert!(!fs::exists(path(own)).unwrap());
    }
}
