//! Which processes are counted as attached to an object, whatever happens to it.

use std::fs;
use std::hint::spin_loop;
use std::io::{Read, Write};
use std::mem;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use ipc_core::Removal;
use ipc_mem::OncePerProcess;
use ipc_shm::{MemoryOptions, SharedMemory};
use ipc_testkit::{Child, Part, Role, figures, fixture, rounds, watchdog};

use crate::path;
use crate::sys;
use crate::sys::process::{self, Forked};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("user", user),
    ("forker of users", forker),
    ("busy forker", busy_forker),
    ("forked in between", forked_in_between),
    ("headless", headless),
    ("changeling", changeling),
];

const SIGKILL: i32 = 9;

/// Repeats it many times where there is time for that: the results are exact each time.
pub(crate) fn again(case: impl Fn()) {
    let rounds = rounds(1, 200);
    (0..rounds).for_each(|_| watchdog(&case));
    figures(format_args!("{rounds} times"));
}

#[test]
fn a_process_is_attached_once_however_many_handles_it_has() {
    let name = fixture::name();
    let ours = SharedMemory::create(&*name, 64).unwrap();
    let view = SharedMemory::open_read_only(&*name).unwrap();
    let theirs = [(); 5].map(|()| SharedMemory::open_or_create(&*name, 64).unwrap());
    assert_eq!(
        (ours.attached().unwrap(), view.attached().unwrap(), theirs[4].attached().unwrap()),
        (1, 1, 1)
    );
    assert!(ours.is_only_attached().unwrap() && view.is_only_attached().unwrap());
    let mut child = Child::run("user", &[&name]);
    child.wait_for("in");
    assert!(view.attached().unwrap() == 2 && !ours.is_only_attached().unwrap());
    drop((ours, theirs));
    assert_eq!(view.attached().unwrap(), 2);
    child.tell("leave");
    child.wait_for("left");
    assert!(view.is_only_attached().unwrap());
    drop(view);
    assert!(
        !fs::exists(path(&name)).unwrap(),
        "the process had handles that could write, and was the last"
    );
    child.kill();
}

/// The kernel keeps file locks in lists: one lock per handle would make each open and close slower
/// than the last.
#[test]
fn thousands_of_handles_cost_no_more_each_than_a_few() {
    let name = fixture::name();
    let ours = SharedMemory::create(&*name, 64).unwrap();
    let locks = || {
        fs::read_to_string("/proc/locks")
            .unwrap()
            .lines()
            .filter(|line| line.contains("OFDLCK"))
            .count()
    };
    let before = locks();
    let handles: Vec<_> = (0..4000).map(|_| SharedMemory::open(&*name).unwrap()).collect();
    assert!(locks() < before + 1000, "one lock for the process, whatever others do");
    assert_eq!(ours.attached().unwrap(), 1);
    drop(handles);
    assert!(ours.is_only_attached().unwrap());
}

#[test]
fn many_attached_processes_are_counted_one_by_one() {
    let name = fixture::name();
    let ours = SharedMemory::create(&*name, 64).unwrap();
    let mut theirs = Vec::new();
    for others in 1..12 {
        let mut child = Child::run("user", &[&name]);
        child.wait_for("in");
        theirs.push(child);
        assert_eq!(ours.attached().unwrap(), 1 + others);
    }
    while let Some(child) = theirs.pop() {
        child.kill();
        crate::until(|| ours.attached().unwrap() == 1 + theirs.len());
    }
}

#[test]
fn a_count_of_processes_that_is_not_kept_is_unsupported() {
    for removal in [Removal::OnDrop, Removal::Never] {
        let name = fixture::name();
        let ours = SharedMemory::create(&*name, MemoryOptions::new(64).removal(removal)).unwrap();
        let view = SharedMemory::open_read_only(&*name).unwrap();
        for err in [
            ours.attached().map(drop),
            view.attached().map(drop),
            ours.is_only_attached().map(drop),
        ]
        .map(Result::unwrap_err)
        {
            assert!(err.is_unsupported() && err.object() == &*name, "{err}");
            assert!(
                err.to_string().contains("it was not created to go with its last detach"),
                "{err}"
            );
        }
        ours.reattach().unwrap();
        view.reattach().unwrap();
    }
    let name = fixture::name();
    fs::write(path(&name), [1; 100]).unwrap();
    assert!(SharedMemory::open_read_only(&*name).unwrap().attached().unwrap_err().is_unsupported());
}

#[test]
fn attached_processes_are_not_counted_after_the_name_is_unlinked() {
    let name = fixture::name();
    let ours = SharedMemory::create(&*name, 64).unwrap();
    SharedMemory::unlink(&*name).unwrap();
    let removed = || {
        for err in
            [ours.attached().map(drop), ours.is_only_attached().map(drop)].map(Result::unwrap_err)
        {
            assert!(err.is_removed() && err.object() == &*name, "{err}");
        }
    };
    removed();
    let others = SharedMemory::create(&*name, 64).unwrap();
    removed();
    assert_eq!(others.attached().unwrap(), 1);
}

#[test]
fn a_stopped_process_is_attached_and_a_zombie_is_not() {
    again(|| {
        let name = fixture::name();
        let ours = SharedMemory::create(&*name, 64).unwrap();
        let mut child = Child::run("user", &[&name]);
        child.wait_for("in");
        assert_eq!(ours.attached().unwrap(), 2);
        child.stop();
        assert_eq!(ours.attached().unwrap(), 2);
        child.cont();
        child.tell("leave");
        child.wait_for("left");
        assert!(ours.is_only_attached().unwrap());
        child.tell("enter");
        child.wait_for("in");
        child.signal(SIGKILL);
        process::wait_for_the_end_of(child.pid());
        assert!(ours.is_only_attached().unwrap());
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

#[test]
fn a_forked_child_is_not_attached_until_it_attaches_itself() {
    again(|| Child::run("forker of users", &[&fixture::name()]).finish());
}

fn forker(role: &mut Role) {
    let name = role.arg(0).to_owned();
    let memory = SharedMemory::create(&*name, 64).unwrap();
    let mut handle = Some(memory);
    let uncounted = || {
        let memory = handle.take().unwrap();
        assert!(memory.attached().unwrap() == 1 && !memory.is_only_attached().unwrap());
        drop(memory);
        assert!(fs::exists(path(&name)).unwrap(), "who is no user removes nothing");
    };
    assert_eq!(sys::fork(uncounted), 0);
    let counted = || {
        let memory = handle.take().unwrap();
        memory.reattach().unwrap();
        memory.reattach().unwrap();
        assert_eq!(memory.attached().unwrap(), 2);
        let grandchild = || {
            assert_eq!(memory.attached().unwrap(), 2);
            memory.reattach().unwrap();
            assert_eq!(memory.attached().unwrap(), 3);
        };
        assert!(!process::start(grandchild).reap()); // ends with the handle alive
        assert_eq!(memory.attached().unwrap(), 2);
        drop(memory);
        assert!(fs::exists(path(&name)).unwrap());
    };
    assert_eq!(sys::fork(counted), 0);
    let memory = handle.take().unwrap();
    assert!(memory.is_only_attached().unwrap());

    // A child that is counted is the last attached process, though its parent created the object.
    let ((mut ours, mut theirs), mut memory) = (UnixStream::pair().unwrap(), Some(memory));
    let heir = || {
        let memory = memory.take().unwrap();
        memory.reattach().unwrap();
        theirs.write_all(b"!").unwrap();
        theirs.read_exact(&mut [0]).unwrap();
        assert!(memory.is_only_attached().unwrap());
        drop(memory);
        assert!(!fs::exists(path(&name)).unwrap());
    };
    let heir = process::start(heir);
    ours.read_exact(&mut [0]).unwrap();
    drop(memory.take());
    assert!(fs::exists(path(&name)).unwrap());
    ours.write_all(b"!").unwrap();
    assert!(!heir.reap());

    // An object without a name counts no attached processes.
    let memory = SharedMemory::create(&*name, 64).unwrap();
    SharedMemory::unlink(&*name).unwrap();
    assert_eq!(sys::fork(|| assert!(memory.reattach().unwrap_err().is_removed())), 0);
    let others = SharedMemory::create(&*name, 64).unwrap();
    assert_eq!(sys::fork(|| assert!(memory.reattach().unwrap_err().is_removed())), 0);
    assert_eq!(others.attached().unwrap(), 1);

    // In a child, something else may be mapped where its parent has a page for this.
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let page =
        maps.lines().rfind(|line| line.contains(" ---s ") && line.contains("/dev/shm/")).unwrap();
    let address = usize::from_str_radix(page.split('-').next().unwrap(), 16).unwrap();
    let (mut memory, mut others) = (Some(memory), Some(others));
    let successor = || {
        let page = process::occupy(address);
        drop((memory.take(), others.take()));
        assert!(process::is_occupied(page));
    };
    assert_eq!(sys::fork(successor), 0);
}

/// A copy of a descriptor in a child would keep a process attached that has detached.
#[test]
fn children_that_are_forked_constantly_are_never_counted() {
    watchdog(|| Child::run("busy forker", &[&fixture::name()]).finish());
}

fn busy_forker(role: &mut Role) {
    let (name, visits, over) = (role.arg(0).to_owned(), AtomicU32::new(0), AtomicBool::new(false));
    let come_and_go = || {
        while !over.load(Ordering::Relaxed) {
            visits.fetch_add(1, Ordering::Relaxed);
            let ours = SharedMemory::create(&*name, 64).unwrap();
            let theirs = SharedMemory::open(&*name).unwrap();
            assert!(theirs.is_only_attached().unwrap());
            drop(ours);
            assert!(theirs.is_only_attached().unwrap());
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

/// A thread of the parent may be in the middle of attaching at the fork, and does not exist in the
/// child.
#[test]
fn a_child_forked_while_a_thread_attaches_attaches_and_detaches() {
    watchdog(|| Child::run("forked in between", &[&fixture::name()]).finish());
}

fn forked_in_between(role: &mut Role) {
    static VALUES: OncePerProcess<u32, u32> = OncePerProcess::new();
    let name = role.arg(0).to_owned();
    let (entered, over) = (AtomicBool::new(false), AtomicBool::new(false));
    let slow = |value: &mut Option<u32>| {
        entered.store(true, Ordering::Release);
        while !over.load(Ordering::Acquire) {
            thread::yield_now();
        }
        *value = Some(1);
        Ok::<(), ()>(())
    };
    let ours = SharedMemory::create(&*name, 64).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| VALUES.acquire(7, slow));
        crate::until(|| entered.load(Ordering::Acquire));
        let child = || {
            let quick = |value: &mut Option<u32>| value.replace(2).map_or(Ok(()), Err);
            VALUES.acquire(7, quick).unwrap();
            assert_eq!(VALUES.release(7, |value| value), Some(2));
            ours.reattach().unwrap();
            assert_eq!(ours.attached().unwrap(), 2);
        };
        assert_eq!(sys::fork(child), 0);
        over.store(true, Ordering::Release);
    });
    assert!(ours.is_only_attached().unwrap());
}

#[test]
fn a_process_is_attached_until_its_last_thread_has_ended() {
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
    assert_eq!(ours.attached().unwrap(), 2);
    here.write_all(b"!").unwrap();
    assert!(!child.reap());
    assert!(ours.is_only_attached().unwrap());
}

#[test]
fn a_process_that_executes_another_program_is_not_attached() {
    again(|| Child::run("changeling", &[&fixture::name()]).finish());
}

fn changeling(role: &mut Role) {
    let name = role.arg(0).to_owned();
    let ours = SharedMemory::create(&*name, 64).unwrap();
    let mut cat = Command::new("cat");
    cat.stdin(Stdio::piped()).stdout(Stdio::piped());
    process::before_exec(&mut cat, move || {
        let theirs = SharedMemory::open(&*name).unwrap();
        assert_eq!(theirs.attached().unwrap(), 2);
        mem::forget(theirs);
    });
    let mut cat = cat.spawn().unwrap();
    // When it answers, it has become one in every respect.
    cat.stdin.as_mut().unwrap().write_all(b"!").unwrap();
    cat.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    assert!(ours.is_only_attached().unwrap());
    drop(cat.stdin.take());
    assert!(cat.wait().unwrap().success());
}
