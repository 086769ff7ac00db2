//! Locks of programs that do not use this toolkit, locks in children, and locks of stopped
//! processes.

use std::fs::{self, File};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use ipc_core::{Error, Removal};
use ipc_mem::Memory;
use ipc_shm::{MemoryInfo, MemoryOptions, SharedMemory};
use ipc_testkit::{Child, Part, Role, adversity, fixture, watchdog};

use crate::path;
use crate::sys::process;

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("lockf", lockf),
    ("grower among forks", grower_among_forks),
    ("no first thread", no_first_thread),
    ("own table", own_table),
];

/// The maximum time that a wait for another program's lock may take.
const SOON: Duration = Duration::from_secs(20);

fn busy<T>(call: impl FnOnce() -> Result<T, Error>, pid: i32) {
    let begun = Instant::now();
    let err = call().map(drop).unwrap_err();
    assert!(err.is_busy() && err.to_string().contains(&format!("process {pid}")), "{err}");
    assert!(begun.elapsed() < SOON);
}

fn lockf(role: &mut Role) {
    let file = File::options().read(true).write(true).open(path(role.arg(0))).unwrap();
    assert!(process::lock_as_lockf(&file, role.arg(1) == "exclusive"));
    role.say("locked");
    role.wait_for("over");
}

fn locked(name: &str, how: &str) -> Child {
    let mut child = Child::run("lockf", &[name, how]);
    child.wait_for("locked");
    child
}

#[test]
fn a_lock_of_a_program_on_the_whole_file_is_an_error_that_names_it() {
    watchdog(|| {
        let name = fixture::name();
        // Another program can lock an object that has no process attached.
        let ours = SharedMemory::create(&*name, 64).unwrap();
        let mut user = Child::run("user", &[&name]);
        user.wait_for("in");
        drop(ours);
        user.kill();
        let child = locked(&name, "exclusive");
        busy(|| SharedMemory::open(&*name), child.pid());
        assert!(SharedMemory::create(&*name, 64).unwrap_err().is_exists());
        drop(child);
        assert!(SharedMemory::open(&*name).is_ok());
    });
}

#[test]
fn a_read_lock_of_a_program_hides_no_process_and_delays_no_end() {
    watchdog(|| {
        let name = fixture::name();
        let ours = SharedMemory::create(&*name, MemoryOptions::new(64).max_size(1 << 20)).unwrap();
        let child = locked(&name, "shared");
        let mut user = Child::run("user", &[&name]);
        user.wait_for("in");
        assert_eq!(ours.attached().unwrap(), 2);
        assert_eq!(MemoryInfo::of_name(&*name).unwrap().attached, Some(2));
        busy(|| ours.grow(100), child.pid());
        user.kill();
        crate::until(|| ours.is_only_attached().unwrap());
        // The name stays, since it cannot be known that no other process is attached; `close`
        // reports that, and the next creator replaces it.
        busy(|| ours.into_inner().close(), child.pid());
        assert!(MemoryInfo::of_name(&*name).unwrap().is_stale());
        drop(child);
        assert!(SharedMemory::create(&*name, 64).is_ok());
    });
}

/// Another thread forks a helper while the file grows, and then the grower is killed.
#[test]
fn a_child_that_was_forked_during_growth_keeps_no_lock() {
    watchdog(|| {
        let name = fixture::name();
        let options = MemoryOptions::new(4096).max_size(1 << 30).removal(Removal::Never);
        let ours = SharedMemory::create(&*name, options).unwrap();
        let mut grower = Child::run("grower among forks", &[&name]);
        let children: Vec<i32> = grower.hear().split(' ').map(|pid| pid.parse().unwrap()).collect();
        grower.kill();
        let grown = ours.grow(ours.refresh().unwrap() + 1);
        children.into_iter().for_each(process::kill);
        grown.unwrap();
        assert_eq!(SharedMemory::unlink(&*name).map_err(|err| err.to_string()), Ok(()));
    });
}

fn grower_among_forks(role: &mut Role) {
    let memory = SharedMemory::open(role.arg(0)).unwrap();
    let begun = Barrier::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            begun.wait();
            for size in (1..200).map(|step| step << 20) {
                memory.grow(size).unwrap();
            }
        });
        begun.wait();
        let children: Vec<String> = (0..50).map(|_| process::fork_sleeper().to_string()).collect();
        role.say(&children.join(" "));
        role.wait_for("never");
    });
}

#[test]
fn memory_grows_when_the_first_thread_has_ended() {
    Child::run("no first thread", &[&fixture::name()]).finish();
}

fn no_first_thread(role: &mut Role) {
    let name = role.arg(0).to_owned();
    adversity::without_first_thread(move || {
        let options = MemoryOptions::new(4096).max_size(1 << 20);
        let memory = SharedMemory::create(&*name, options).unwrap();
        memory.grow(20_000).unwrap();
        drop(memory);
        assert!(!fs::exists(path(&name)).unwrap());
    });
}

/// In such a thread the descriptor of another file may have the same number as in the first one.
#[test]
fn memory_grows_and_no_other_in_a_thread_with_its_own_descriptors() {
    Child::run("own table", &[&fixture::name()]).finish();
}

fn own_table(role: &mut Role) {
    let options = MemoryOptions::new(4096).max_size(1 << 20);
    let (ours, theirs) = (format!("{}-o", role.arg(0)), format!("{}-t", role.arg(0)));
    let turn = Barrier::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            process::own_descriptors();
            let memory = SharedMemory::create(&*ours, options).unwrap();
            turn.wait(); // the other thread creates another, with the same number
            turn.wait();
            memory.grow(40_000).unwrap();
            assert_eq!((memory.size(), memory.refresh().unwrap()), (40_000, 40_000));
        });
        turn.wait();
        let other = SharedMemory::create(&*theirs, options).unwrap();
        turn.wait();
        crate::until(|| SharedMemory::open(&*ours).map_or(true, |ours| ours.size() == 40_000));
        assert_eq!(other.refresh().unwrap(), 4096);
    });
}
