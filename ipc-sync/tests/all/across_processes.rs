//! Semaphores between processes: with C programs, killed processes, forked children and other users.

#![expect(unsafe_code, reason = "opens semaphores of processes that it controls; forks")]

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ipc_core::{Permissions, Removal, Trust, UserId};
use ipc_sync::NamedSemaphore;
use ipc_sync::posix::{Semaphore, SemaphoreOptions};
use ipc_testkit::{
    Child, ChildOptions, LeakCheck, Part, Role, Root, c_program, crash_points, fixture, watchdog,
};

use crate::common::{LONG, in_thread, new_file, open_file, semaphore_path};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("poster", poster),
    ("unnamed waiter", unnamed_waiter),
    ("creator", creator),
    ("maker", maker),
    ("stranger", stranger),
    ("umask", umask),
    ("forker", forker),
    ("full", full),
    ("leaks", leaks),
];

fn poster(role: &mut Role) {
    let sem = NamedSemaphore::open(role.arg(0)).unwrap();
    role.wait_for("post");
    sem.post().unwrap();
    assert!(NamedSemaphore::open(role.arg(1)).unwrap().wait_timeout(LONG).unwrap());
}

#[test]
fn a_post_in_one_process_ends_the_wait_in_another() {
    let (there, back) = (fixture::tagged("there"), fixture::tagged("back"));
    let (gate, answer) =
        (NamedSemaphore::create(&*there, 0).unwrap(), NamedSemaphore::create(&*back, 0).unwrap());
    let mut child = Child::run("poster", &[&there, &back]);
    assert!(!gate.try_wait().unwrap());
    child.tell("post");
    watchdog(|| gate.wait()).unwrap();
    answer.post().unwrap();
    child.finish();
}

fn unnamed_waiter(role: &mut Role) {
    // SAFETY: the parent created the semaphore, and destroys it after this process has ended.
    let sem = unsafe { Semaphore::open_in(open_file(role.arg(0))) }.unwrap();
    role.say("waiting");
    sem.wait().unwrap();
    assert!(!sem.try_wait().unwrap());
}

#[test]
fn a_semaphore_in_shared_memory_counts_for_both_processes() {
    let name = fixture::name();
    let sem = Semaphore::create_in(new_file(&name), 0).unwrap();
    let mut child = Child::run("unnamed waiter", &[&name]);
    child.wait_for("waiting");
    sem.post().unwrap();
    child.finish();
}

const C_NAMED: &str = r#"
    #include <fcntl.h>
    #include <semaphore.h>
    int main(int argc, char **argv) {
        must(argc == 3);
        sem_t *ours = sem_open(argv[1], O_CREAT | O_EXCL, 0600, 1u);
        must(ours != SEM_FAILED);
        sem_t *theirs = sem_open(argv[2], 0);
        must(theirs != SEM_FAILED);
        int value;
        must(sem_getvalue(theirs, &value) == 0 && value == 3);
        say("ready");
        wait_for("post");
        must(sem_post(theirs) == 0);
        must(sem_wait(ours) == 0);
        must(sem_wait(ours) == 0);
        must(sem_getvalue(ours, &value) == 0 && value == 0);
        return 0;
    }
"#;

/// C's variadic `sem_open` finds ours, and we find its.
#[test]
fn a_c_program_and_we_use_each_others_named_semaphores() {
    let (theirs, ours) = (fixture::tagged("c"), fixture::tagged("rust"));
    let sem = NamedSemaphore::create(&*ours, 3).unwrap();
    let mut c = Child::run(&c_program("named", C_NAMED), &[&theirs, &ours]);
    c.wait_for("ready");
    let found = NamedSemaphore::open(&*theirs).unwrap();
    assert_eq!(found.value().unwrap(), 1);
    (0..3).for_each(|_| sem.wait().unwrap());
    c.tell("post");
    watchdog(|| sem.wait()).unwrap();
    found.post().unwrap();
    c.finish();
    let err = NamedSemaphore::create(&*theirs, 0).unwrap_err();
    assert!(err.is_exists());
}

const C_CREATES: &str = r#"
    #include <fcntl.h>
    #include <semaphore.h>
    int main(int argc, char **argv) {
        must(argc == 2);
        must(sem_open(argv[1], O_CREAT | O_EXCL, 0600, 77u) != SEM_FAILED);
        return 0;
    }
"#;

#[test]
fn our_files_are_byte_for_byte_what_c_makes() {
    let (theirs, ours) = (fixture::tagged("c"), fixture::tagged("rust"));
    Child::run(&c_program("creates", C_CREATES), &[&theirs]).finish();
    NamedSemaphore::create(&*ours, 77).unwrap();
    // musl uses three words, and leaves bytes of its stack in the rest.
    let used = if cfg!(target_env = "musl") { 12 } else { size_of::<Semaphore>() };
    let bytes = |name| fs::read(semaphore_path(name)).unwrap();
    assert_eq!(bytes(&theirs).len(), bytes(&ours).len());
    assert_eq!(bytes(&theirs)[..used], bytes(&ours)[..used]);
    let mode = |name| fs::metadata(semaphore_path(name)).unwrap().mode();
    assert_eq!(mode(&theirs), mode(&ours));
}

const C_UNNAMED: &str = r#"
    #include <fcntl.h>
    #include <semaphore.h>
    #include <sys/mman.h>
    int main(int argc, char **argv) {
        must(argc == 2);
        int fd = shm_open(argv[1], O_RDWR, 0);
        must(fd >= 0);
        sem_t *sems = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        must(sems != MAP_FAILED);
        must(sem_init(&sems[1], 1, 0) == 0);
        say("ready");
        must(sem_wait(&sems[0]) == 0);
        must(sem_post(&sems[1]) == 0);
        wait_for("end");
        return 0;
    }
"#;

#[test]
fn a_c_program_and_we_use_each_others_semaphores_in_memory() {
    let name = fixture::name();
    let first = Semaphore::create_in(new_file(&name), 0).unwrap();
    let mut c = Child::run(&c_program("unnamed", C_UNNAMED), &[&name]);
    c.wait_for("ready");
    // SAFETY: the C program puts its second semaphore at this offset of the file.
    let mut carver = unsafe { ipc_mem::Carver::attach(open_file(&name)) };
    let size = size_of::<Semaphore>();
    // SAFETY: the C program has made it, for several processes, and never ends it.
    let second = unsafe { Semaphore::open_in(carver.carve_at(size, size, 8).unwrap()) }.unwrap();
    first.post().unwrap();
    assert!(second.wait_timeout(LONG).unwrap());
    c.tell("end");
    c.finish();
}

fn creator(role: &mut Role) {
    NamedSemaphore::create(role.arg(0), 5).unwrap();
}

#[test]
fn a_creator_killed_at_any_step_leaves_a_whole_semaphore_or_none() {
    let name = fixture::name();
    let points = crash_points("creator", &[&name]);
    assert!(points.len() >= 4, "{points:?}");
    NamedSemaphore::unlink(&*name).unwrap();
    for (point, hits) in points {
        assert_eq!(hits, 1);
        let leaks = LeakCheck::of(&name);
        Child::run_crashing("creator", &[&name], &point, 1).crash();
        match NamedSemaphore::open(&*name) {
            Ok(whole) => {
                assert_eq!((point.as_str(), whole.value().unwrap()), ("entry.link.after", 5));
            }
            Err(err) => assert!(err.is_not_found(), "{point}: {err}"),
        }
        NamedSemaphore::unlink(&*name).unwrap();
        leaks.finish();
    }
}

fn maker(role: &mut Role) {
    let (name, enough) = (role.arg(0).to_owned(), AtomicBool::new(false));
    let make = || {
        let mut made = 0;
        while made < 1000 || !enough.load(Ordering::Relaxed) {
            let options = SemaphoreOptions::new(5).removal(Removal::OnDrop);
            assert_eq!(NamedSemaphore::create(&name, options).unwrap().value().unwrap(), 5);
            made += 1;
        }
    };
    in_thread(make, || {
        role.wait_for("enough");
        enough.store(true, Ordering::Relaxed);
    });
}

#[test]
fn an_open_during_creation_sees_a_whole_semaphore_or_none() {
    let name = fixture::name();
    let mut making = Child::run("maker", &[&name]);
    watchdog(|| {
        let mut seen = 0;
        while seen < 100 {
            match NamedSemaphore::open(&*name) {
                Ok(found) => {
                    assert_eq!(found.value().unwrap(), 5);
                    seen += 1;
                }
                Err(err) => assert!(err.is_not_found(), "{err}"),
            }
        }
        making.tell("enough");
        making.finish();
    });
}

fn stranger(role: &mut Role) {
    let opened = NamedSemaphore::open_with(role.arg(0), Trust::User(UserId::new(0)));
    let answer = match opened {
        Ok(found) => format!("value {}", found.value().unwrap()),
        Err(err) if err.is_permission_denied() => String::from("denied"),
        Err(err) if err.is_untrusted() => String::from("untrusted"),
        Err(err) => err.to_string(),
    };
    role.say(&answer);
    let careful = NamedSemaphore::open(role.arg(0));
    assert_eq!(careful.is_err_and(|err| err.is_untrusted()), answer != "denied");
    // The other user can neither replace nor remove the name, but it can create another one.
    assert!(NamedSemaphore::create(role.arg(0), 0).unwrap_err().is_exists());
    assert!(NamedSemaphore::unlink(role.arg(0)).unwrap_err().is_permission_denied());
    NamedSemaphore::create(role.arg(1), SemaphoreOptions::new(9).permissions(0o644)).unwrap();
}

/// Exactly these permissions.
#[test]
fn another_user_has_access_only_where_the_mode_permits_it() {
    let Some(root) = Root::or_skip("needs a second user") else { return };
    for (mode, answer) in
        [(0o600, "denied"), (0o644, "denied"), (0o660, "denied"), (0o666, "value 2")]
    {
        let (name, squatted) = (fixture::name(), fixture::name());
        NamedSemaphore::create(&*name, SemaphoreOptions::new(2).permissions(mode)).unwrap();
        assert_eq!(fs::metadata(semaphore_path(&name)).unwrap().mode() & 0o7777, mode);
        let mut child = Child::run(
            ChildOptions::role("stranger").as_user(root, Root::NOBODY),
            &[&name, &squatted],
        );
        child.wait_for(answer);
        child.finish();
        let err = NamedSemaphore::open(&*squatted).unwrap_err();
        assert!(err.is_untrusted(), "{err}");
        let theirs =
            NamedSemaphore::open_with(&*squatted, Trust::User(UserId::new(Root::NOBODY))).unwrap();
        assert_eq!(theirs.value().unwrap(), 9);
    }
}

fn umask(role: &mut Role) {
    for mask in [0, 0o022, 0o077, 0o777] {
        Permissions::set_umask(mask.into());
        for mode in [0o600, 0o640, 0o660, 0o666, 0o777] {
            let options = SemaphoreOptions::new(1).permissions(mode).removal(Removal::OnDrop);
            let _made = NamedSemaphore::create(role.arg(0), options).unwrap();
            assert_eq!(fs::metadata(semaphore_path(role.arg(0))).unwrap().mode() & 0o7777, mode);
        }
        assert_eq!(Permissions::set_umask(mask.into()), mask.into());
    }
}

/// The umask of the process neither changes the mode nor is changed.
#[test]
fn the_mode_is_the_one_asked_for_whatever_the_umask() {
    Child::run("umask", &[&fixture::name()]).finish();
}

fn forker(role: &mut Role) {
    let made =
        NamedSemaphore::create(role.arg(0), SemaphoreOptions::new(0).removal(Removal::OnDrop))
            .unwrap();
    // SAFETY: the child calls nothing that another thread of this process may have locked for ever.
    match unsafe { libc::fork() } {
        0 => {
            made.post().unwrap();
            drop(made);
            // SAFETY: ends the process without running any other code of it.
            unsafe { libc::_exit(0) }
        }
        child => {
            assert!(made.wait_timeout(LONG).unwrap());
            assert_eq!(ipc_testkit::reap(child), 0);
            assert!(
                fs::exists(semaphore_path(role.arg(0))).unwrap(),
                "the child removed its parent's semaphore"
            );
            drop(made);
            assert!(!fs::exists(semaphore_path(role.arg(0))).unwrap());
        }
    }
}

#[test]
fn a_forked_child_uses_its_parents_semaphore_and_does_not_remove_it() {
    Child::run("forker", &[&fixture::name()]).finish();
}

fn full(role: &mut Role) {
    fs::write("/dev/shm/ballast", [1; 16384]).unwrap();
    let err = NamedSemaphore::create(role.arg(0), 0).unwrap_err();
    assert!(err.is_no_space(), "{err}");
    assert_eq!(fs::read_dir("/dev/shm").unwrap().count(), 1);
    fs::remove_file("/dev/shm/ballast").unwrap();
    NamedSemaphore::create(role.arg(0), 0).unwrap();
}

#[test]
fn a_full_file_system_is_an_error_and_nothing_is_left() {
    let Some(root) = Root::or_skip("mounts a small /dev/shm") else { return };
    Child::run(ChildOptions::role("full").small_shm(root, 16384), &["/gate"]).finish();
}

fn leaks(role: &mut Role) {
    let check = LeakCheck::start();
    {
        let made =
            NamedSemaphore::create(role.arg(0), SemaphoreOptions::new(1).removal(Removal::OnDrop))
                .unwrap();
        let descriptors = fs::read_dir("/proc/self/fd").unwrap().flatten();
        let targets: Vec<_> =
            descriptors.filter_map(|entry| fs::read_link(entry.path()).ok()).collect();
        let shm = |path: &&PathBuf| path.starts_with("/dev/shm");
        assert_eq!(targets.iter().find(shm), None, "what is used has no descriptor to inherit");
        assert!(NamedSemaphore::open(role.arg(0)).unwrap().wait_timeout(Duration::ZERO).unwrap());
        assert!(NamedSemaphore::create(role.arg(0), 0).is_err());
        assert!(NamedSemaphore::create(role.arg(1), u32::MAX).is_err());
        assert!(!made.try_wait().unwrap());
    }
    check.finish();
}

/// Even on the paths that fail.
#[test]
fn nothing_is_left_open_or_mapped() {
    let Some(root) = Root::or_skip("wants a /dev/shm that no other test uses") else { return };
    Child::run(ChildOptions::role("leaks").small_shm(root, 1 << 20), &["/one", "/two"]).finish();
}
