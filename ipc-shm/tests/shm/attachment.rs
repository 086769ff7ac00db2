//! Who is counted as a user of an object, whatever becomes of it.

use std::fs;
use std::hint::spin_loop;
use std::io::{Read, Write};
use std::mem;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio, exit};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use ipc_core::Removal;
use ipc_shm::{MemoryOptions, ReadOnlyMemory, SharedMemory};
use ipc_testkit::{Child, ChildOptions, Part, Role, Root, c_program, figures, fixture, rounds, watchdog};

use crate::sys;
use crate::sys::process::{self, Forked};
use crate::{bytes, path};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("user", user),
    ("viewer", viewer),
    ("forker of users", forker),
    ("busy forker", busy_forker),
    ("headless", headless),
    ("changeling", changeling),
    ("namespace", namespace),
    ("closer", closer),
    ("lockless", lockless),
];

const SIGKILL: i32 = 9;

/// Does it many times where there is time for that: the answers are exact each time.
fn again(case: impl Fn()) {
    let rounds = rounds(1, 200);
    (0..rounds).for_each(|_| watchdog(&case));
    figures(format_args!("{rounds} times"));
}

#[test]
fn every_handle_is_a_user_until_it_is_dropped() {
    let name = fixture::name();
    let ours = SharedMemory::create(&*name, 64).unwrap();
    assert!(ours.users().unwrap() == 1 && ours.is_only_user().unwrap());
    let view = ReadOnlyMemory::open(&*name).unwrap();
    let theirs = [(); 5].map(|()| SharedMemory::open_or_create(&*name, 64).unwrap());
    assert_eq!((ours.users().unwrap(), view.users().unwrap(), theirs[4].users().unwrap()), (7, 7, 7));
    assert!(!ours.is_only_user().unwrap() && !view.is_only_user().unwrap());
    drop(theirs);
    assert_eq!(view.users().unwrap(), 2);
    ours.reattach().unwrap();
    assert_eq!(view.users().unwrap(), 2, "who is counted is not counted again");
    drop(ours);
    assert!(view.users().unwrap() == 1 && view.is_only_user().unwrap());
}

#[test]
fn many_users_are_counted_one_by_one() {
    let name = fixture::name();
    let ours = SharedMemory::create(&*name, 64).unwrap();
    let mut theirs = Vec::new();
    for others in 1..200 {
        theirs.push(SharedMemory::open(&*name).unwrap());
        assert_eq!(ours.users().unwrap(), 1 + others);
    }
    while theirs.pop().is_some() {
        assert_eq!(ours.users().unwrap(), 1 + theirs.len());
    }
}

#[test]
fn where_users_are_not_counted_to_ask_is_unsupported() {
    for removal in [Removal::OnDrop, Removal::Never] {
        let name = fixture::name();
        let ours = SharedMemory::create(&*name, MemoryOptions::new(64).removal(removal)).unwrap();
        let view = ReadOnlyMemory::open(&*name).unwrap();
        for err in
            [ours.users().map(drop), view.users().map(drop), ours.is_only_user().map(drop)].map(Result::unwrap_err)
        {
            assert!(err.is_unsupported() && err.object() == &*name, "{err}");
            assert!(err.to_string().contains("it was not made to go with the last of them"), "{err}");
        }
        ours.reattach().unwrap();
        view.reattach().unwrap();
    }
    let name = fixture::name();
    fs::write(path(&name), [1; 100]).unwrap();
    assert!(ReadOnlyMemory::open(&*name).unwrap().users().unwrap_err().is_unsupported());
}

#[test]
fn the_counting_ends_with_the_name() {
    let name = fixture::name();
    let ours = SharedMemory::create(&*name, 64).unwrap();
    SharedMemory::unlink(&*name).unwrap();
    let removed = || {
        for err in [ours.users().map(drop), ours.is_only_user().map(drop)].map(Result::unwrap_err) {
            assert!(err.is_removed() && err.object() == &*name, "{err}");
        }
    };
    removed();
    let others = SharedMemory::create(&*name, 64).unwrap();
    removed();
    assert_eq!(others.users().unwrap(), 1);
}

#[test]
fn who_is_stopped_is_a_user_and_who_is_dead_but_not_buried_is_none() {
    again(|| {
        let name = fixture::name();
        let ours = SharedMemory::create(&*name, 64).unwrap();
        let mut child = Child::run("user", &[&name]);
        child.wait_for("in");
        assert_eq!(ours.users().unwrap(), 2);
        child.stop();
        assert_eq!(ours.users().unwrap(), 2);
        child.cont();
        child.tell("leave");
        child.wait_for("left");
        assert!(ours.is_only_user().unwrap());
        child.tell("enter");
        child.wait_for("in");
        child.signal(SIGKILL);
        process::wait_for_the_end_of(child.pid());
        assert!(ours.is_only_user().unwrap());
        child.kill();
    });
}

fn user(role: &mut Role) {
    let name = role.arg(0).to_owned();
    loop {
        let memory = SharedMemory::open(&*name).unwrap();
        role.say("in");
        role.wait_for("leave");
        drop(memory);
        role.say("left");
        role.wait_for("enter");
    }
}

/// Jb-22
#[test]
fn a_forked_child_is_no_user_until_it_says_so() {
    again(|| Child::run("forker of users", &[&fixture::name()]).finish());
}

fn forker(role: &mut Role) {
    let name = role.arg(0).to_owned();
    let memory = SharedMemory::create(&*name, 64).unwrap();
    let mut handle = Some(memory);
    let uncounted = || {
        let memory = handle.take().unwrap();
        assert!(memory.users().unwrap() == 1 && !memory.is_only_user().unwrap());
        drop(memory);
        assert!(fs::exists(path(&name)).unwrap(), "who is no user removes nothing");
    };
    assert_eq!(sys::fork(uncounted), 0);
    let counted = || {
        let memory = handle.take().unwrap();
        memory.reattach().unwrap();
        memory.reattach().unwrap();
        assert_eq!(memory.users().unwrap(), 2);
        let grandchild = || {
            assert_eq!(memory.users().unwrap(), 2);
            memory.reattach().unwrap();
            assert_eq!(memory.users().unwrap(), 3);
        };
        assert!(!process::start(grandchild).reap()); // ends with the handle alive
        assert_eq!(memory.users().unwrap(), 2);
        drop(memory);
        assert!(fs::exists(path(&name)).unwrap());
    };
    assert_eq!(sys::fork(counted), 0);
    let memory = handle.take().unwrap();
    assert!(memory.is_only_user().unwrap());

    // A child that is counted is the last user, though its parent made the object.
    let ((mut ours, mut theirs), mut memory) = (UnixStream::pair().unwrap(), Some(memory));
    let heir = || {
        let memory = memory.take().unwrap();
        memory.reattach().unwrap();
        theirs.write_all(b"!").unwrap();
        theirs.read_exact(&mut [0]).unwrap();
        assert!(memory.is_only_user().unwrap());
        drop(memory);
        assert!(!fs::exists(path(&name)).unwrap());
    };
    let heir = process::start(heir);
    ours.read_exact(&mut [0]).unwrap();
    drop(memory.take());
    assert!(fs::exists(path(&name)).unwrap());
    ours.write_all(b"!").unwrap();
    assert!(!heir.reap());

    // What has no name any more counts nobody.
    let memory = SharedMemory::create(&*name, 64).unwrap();
    SharedMemory::unlink(&*name).unwrap();
    assert_eq!(sys::fork(|| assert!(memory.reattach().unwrap_err().is_removed())), 0);
    let others = SharedMemory::create(&*name, 64).unwrap();
    assert_eq!(sys::fork(|| assert!(memory.reattach().unwrap_err().is_removed())), 0);
    assert_eq!(others.users().unwrap(), 1);

    // In a child something else may be where its parent has a page for this.
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let page = maps.lines().rfind(|line| line.contains(" ---s ") && line.contains("/dev/shm/")).unwrap();
    let address = usize::from_str_radix(page.split('-').next().unwrap(), 16).unwrap();
    let (mut memory, mut others) = (Some(memory), Some(others));
    let successor = || {
        let page = process::occupy(address);
        drop((memory.take(), others.take()));
        assert!(process::is_occupied(page));
    };
    assert_eq!(sys::fork(successor), 0);
}

/// A copy of a descriptor in a child would keep a user alive that has left.
#[test]
fn children_that_are_forked_all_the_time_are_no_ghosts_of_users() {
    watchdog(|| Child::run("busy forker", &[&fixture::name()]).finish());
}

fn busy_forker(role: &mut Role) {
    let (name, visits, over) = (role.arg(0).to_owned(), AtomicU32::new(0), AtomicBool::new(false));
    let come_and_go = || {
        while !over.load(Ordering::Relaxed) {
            visits.fetch_add(1, Ordering::Relaxed);
            let ours = SharedMemory::create(&*name, 64).unwrap();
            let theirs = SharedMemory::open(&*name).unwrap();
            assert_eq!(ours.users().unwrap(), 2);
            drop(ours);
            assert!(theirs.is_only_user().unwrap());
            drop(theirs);
            assert!(!fs::exists(path(&name)).unwrap());
        }
    };
    let forever = || loop {
        thread::park();
    };
    thread::scope(|scope| {
        let coming = scope.spawn(come_and_go);
        let mut children = Vec::new();
        while children.len() < 100 && !coming.is_finished() {
            let seen = visits.load(Ordering::Relaxed);
            while visits.load(Ordering::Relaxed) == seen && !coming.is_finished() {
                spin_loop();
            }
            children.push(process::start(forever));
        }
        over.store(true, Ordering::Relaxed);
        children.iter().for_each(Forked::kill);
        assert!(children.into_iter().all(Forked::reap));
    });
}

#[test]
fn a_process_whose_first_thread_has_ended_is_a_user_until_its_last_has() {
    again(|| Child::run("headless", &[&fixture::name()]).finish());
}

fn headless(role: &mut Role) {
    let name = role.arg(0).to_owned();
    let ours = SharedMemory::create(&*name, 64).unwrap();
    let (mut here, mut there) = UnixStream::pair().unwrap();
    let child = process::start(|| {
        thread::spawn(move || {
            let _theirs = SharedMemory::open(&*name).unwrap();
            there.write_all(b"!").unwrap();
            there.read_exact(&mut [0]).unwrap();
            process::end_process();
        });
        process::end_thread();
    });
    here.read_exact(&mut [0]).unwrap();
    child.wait_until_headless();
    assert_eq!(ours.users().unwrap(), 2);
    here.write_all(b"!").unwrap();
    assert!(!child.reap());
    assert!(ours.is_only_user().unwrap());
}

#[test]
fn who_becomes_another_program_is_no_user_any_more() {
    again(|| Child::run("changeling", &[&fixture::name()]).finish());
}

fn changeling(role: &mut Role) {
    let name = role.arg(0).to_owned();
    let ours = SharedMemory::create(&*name, 64).unwrap();
    let mut cat = Command::new("cat");
    cat.stdin(Stdio::piped()).stdout(Stdio::piped());
    process::before_exec(&mut cat, move || {
        let theirs = SharedMemory::open(&*name).unwrap();
        assert_eq!(theirs.users().unwrap(), 2);
        mem::forget(theirs);
    });
    let mut cat = cat.spawn().unwrap();
    // When it answers it has become one in every respect.
    cat.stdin.as_mut().unwrap().write_all(b"!").unwrap();
    cat.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    assert!(ours.is_only_user().unwrap());
    drop(cat.stdin.take());
    assert!(cat.wait().unwrap().success());
}

#[test]
fn users_in_another_pid_namespace_are_counted() {
    let Some(_root) = Root::or_skip("makes a PID namespace") else { return };
    again(|| {
        let name = fixture::name();
        let ours = SharedMemory::create(&*name, 64).unwrap();
        let mut child = Child::run("namespace", &[&name]);
        child.wait_for("in");
        assert_eq!(ours.users().unwrap(), 2);
        child.tell("leave");
        child.finish();
        assert!(ours.is_only_user().unwrap());
    });
}

fn namespace(role: &mut Role) {
    let name = role.arg(0).to_owned();
    process::number_children_anew();
    let child = || {
        assert_eq!(std::process::id(), 1);
        let memory = SharedMemory::open(&*name).unwrap();
        assert_eq!(memory.users().unwrap(), 2);
        role.say("in");
        role.wait_for("leave");
        drop(memory);
    };
    assert!(!process::start(child).reap());
}

#[test]
fn users_of_another_user_id_are_counted_and_leave_what_they_may_not_write() {
    let Some(root) = Root::or_skip("needs a second user") else { return };
    again(|| {
        let name = fixture::name();
        let ours = SharedMemory::create(&*name, MemoryOptions::new(64).permissions(0o644)).unwrap();
        let mut child = Child::run(ChildOptions::role("viewer").as_user(root, Root::NOBODY), &[&name]);
        child.wait_for("2 users");
        assert_eq!(ours.users().unwrap(), 2);
        drop(ours);
        child.tell("leave");
        child.finish();
        assert!(fs::exists(path(&name)).unwrap());
        assert!(SharedMemory::remove_stale(&*name).unwrap());
        assert!(!fs::exists(path(&name)).unwrap());
    });
}

fn viewer(role: &mut Role) {
    let view = ReadOnlyMemory::open(role.arg(0)).unwrap();
    role.say(&format!("{} users", view.users().unwrap()));
    role.wait_for("leave");
    assert!(view.is_only_user().unwrap());
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
fn a_c_program_that_locks_the_byte_for_it_is_a_user() {
    again(|| {
        let name = fixture::name();
        let ours = SharedMemory::create(&*name, 64).unwrap();
        let mut program = Child::run(&c_program("user", C), &[&name]);
        program.wait_for("in");
        assert_eq!(ours.users().unwrap(), 2);
        drop(ours);
        assert!(SharedMemory::create(&*name, 64).unwrap_err().is_exists());
        program.tell("leave");
        program.finish();
        assert!(SharedMemory::open_or_create(&*name, 64).unwrap().was_created());
    });
}

#[test]
fn who_closes_all_its_descriptors_stays_a_user() {
    let name = fixture::name();
    let ours = SharedMemory::create(&*name, 64).unwrap();
    again(|| {
        Child::run("closer", &[&name]).finish();
        assert!(ours.is_only_user().unwrap());
    });
}

fn closer(role: &mut Role) {
    let memory = SharedMemory::open(role.arg(0)).unwrap();
    process::close_all();
    let users = memory.users().unwrap();
    drop(memory);
    exit(i32::from(users != 2)); // there is nobody to talk to any more
}

#[test]
fn without_locks_that_belong_to_a_description_users_are_not_counted_wrongly_but_not_at_all() {
    let name = fixture::name();
    let ours = SharedMemory::create(&*name, 64).unwrap();
    Child::run("lockless", &[&name, &fixture::name()]).finish();
    assert!(ours.is_only_user().unwrap());
}

fn lockless(role: &mut Role) {
    sys::refuse_locks();
    let (theirs, own) = (role.arg(0), role.arg(1));
    let refused = [
        SharedMemory::open(theirs).map(drop),
        ReadOnlyMemory::open(theirs).map(drop),
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
        assert_eq!(&bytes::all(&memory)[..6], b"shared");
        drop(memory);
        assert_eq!(fs::exists(path(own)).unwrap(), removal == Removal::Never);
        SharedMemory::unlink(own).unwrap();
        assert!(!fs::exists(path(own)).unwrap());
    }
}
