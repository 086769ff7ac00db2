//! Every mode, under every umask, for every kind of object, as another user sees it.

use std::fs::{self, File};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use ipc_core::{Permissions, Removal, Result};
use ipc_mem::Memory;
use ipc_shm::{
    AnonymousMemory, MappedFile, MemoryOptions, OpenOptions, SharedMemory, SysvMemory, Trust,
};
use ipc_testkit::{Child, ChildOptions, Part, Role, Root, fixture};

use crate::sys;
use crate::sysv::OwnKey;

pub(crate) const ROLES: &[(&str, Part)] =
    &[("maker", maker), ("second user", second_user), ("handing on", handing_on)];

const MODES: [u32; 8] = [0o600, 0o640, 0o660, 0o644, 0o666, 0o604, 0o400, 0o000];
const MASKS: [u32; 4] = [0o000, 0o022, 0o077, 0o777];

/// The owner is a user without privileges, so that its own mode applies to it as well; the other is
/// a different user.
const OTHER: u32 = 12_345;

#[test]
fn every_kind_of_memory_has_the_exact_mode_and_enforces_it() {
    let Some(root) = Root::or_skip("needs two more users") else { return };
    let directory = fixture::dir();
    fs::set_permissions(&*directory, fs::Permissions::from_mode(0o777)).unwrap();
    let (name, key) = (fixture::name(), OwnKey::new());
    let (key, path) = (key.0.raw().to_string(), directory.join("object"));
    let args = [&*name, &key, path.to_str().unwrap()];
    let mut maker = Child::run(ChildOptions::role("maker").as_user(root, Root::NOBODY), &args);
    let mut other = Child::run(ChildOptions::role("second user").as_user(root, OTHER), &args);
    for mask in MASKS {
        for mode in MODES {
            maker.tell(&format!("{mask} {mode}"));
            maker.wait_for("made");
            other.tell(&mode.to_string());
            other.wait_for("seen");
            maker.tell("drop");
        }
    }
    drop((maker, other));
}

fn maker(role: &mut Role) {
    let (name, key, path) =
        (role.arg(0).to_owned(), role.arg(1).parse::<i32>().unwrap(), role.arg(2).to_owned());
    loop {
        let line = role.hear();
        let (mask, mode) = numbers(&line);
        Permissions::set_umask(Permissions::from_mode(mask));
        let options = MemoryOptions::new(64).permissions(mode);
        // A process that may not write it cannot be the last one attached.
        let named = SharedMemory::create(&*name, options.removal(Removal::Never)).unwrap();
        let segment = SysvMemory::create(key, options).unwrap();
        let anonymous = AnonymousMemory::create("matrix", options).unwrap();
        let _file = MappedFile::create(&path, options).unwrap();
        let exact = |file: &Path| fs::metadata(file).unwrap().permissions().mode() & 0o7777;
        let fd = anonymous.as_fd().as_raw_fd();
        assert_eq!(exact(format!("/dev/shm{name}").as_ref()), mode, "named, mask {mask:o}");
        assert_eq!(exact(path.as_ref()), mode, "file, mask {mask:o}");
        assert_eq!(exact(format!("/proc/self/fd/{fd}").as_ref()), mode, "anonymous, mask {mask:o}");
        if mode & 0o400 != 0 {
            // The system requires read permission even to query the mode.
            assert_eq!(segment.info().unwrap().permissions.mode(), mode, "segment, mask {mask:o}");
        }
        // Nothing here changes the umask, not even briefly.
        assert_eq!(Permissions::set_umask(Permissions::from_mode(mask)).mode(), mask);
        role.say("made");
        role.wait_for("drop");
        drop(named);
        SharedMemory::unlink(&*name).unwrap();
        fs::remove_file(&path).unwrap();
        SysvMemory::remove(key).unwrap();
    }
}

fn second_user(role: &mut Role) {
    let (name, key, path) =
        (role.arg(0).to_owned(), role.arg(1).parse::<i32>().unwrap(), role.arg(2).to_owned());
    loop {
        let line = role.hear();
        let mode: u32 = line.parse().unwrap();
        let (read, write) = (mode & 0o004 != 0, mode & 0o006 == 0o006);
        let anyone = OpenOptions::new().trust(Trust::Anyone);
        let check = |what: &str, allowed: bool, done: Result<usize>| match done {
            Ok(size) => assert!(allowed && size == 64, "{what} of mode {mode:o} let a stranger in"),
            Err(err) => {
                assert!(!allowed && err.is_permission_denied(), "{what} of mode {mode:o}: {err}");
            }
        };
        check("view", read, SharedMemory::open_read_only_with(&*name, anyone).map(|it| it.size()));
        check("memory", write, SharedMemory::open_with(&*name, anyone).map(|it| it.size()));
        check(
            "segment view",
            read,
            SysvMemory::open_read_only_with(key, anyone).map(|it| it.size()),
        );
        check("segment", write, SysvMemory::open_with(key, anyone).map(|it| it.size()));
        check(
            "file view",
            read,
            MappedFile::open_read_only_with(&path, anyone).map(|it| it.size()),
        );
        check("file", write, MappedFile::open_with(&path, anyone).map(|it| it.size()));
        // Without `Trust::Anyone`, an object of another user is never opened.
        let untrusted = [
            SharedMemory::open_read_only(&*name).map(drop),
            SysvMemory::open_read_only(key).map(drop),
            MappedFile::open_read_only(&path).map(drop),
        ];
        for err in untrusted.map(Result::unwrap_err) {
            assert!(if read { err.is_untrusted() } else { err.is_permission_denied() }, "{err}");
        }
        role.say("seen");
    }
}

/// A process that receives a read-only descriptor could reopen it for writing through `/proc`, if
/// the mode allowed it.
#[test]
fn received_anonymous_memory_is_reopened_only_as_its_mode_permits() {
    let Some(_root) = Root::or_skip("becomes another user") else { return };
    Child::run("handing on", &[]).finish();
}

fn handing_on(_: &mut Role) {
    for (mask, mode) in MASKS.into_iter().flat_map(|mask| MODES.map(|mode| (mask, mode))) {
        Permissions::set_umask(Permissions::from_mode(mask));
        let options = MemoryOptions::new(64).max_size(128).permissions(mode);
        let memory = AnonymousMemory::create("handed", options).unwrap();
        let path = |fd: &dyn AsRawFd| format!("/proc/self/fd/{}", fd.as_raw_fd());
        let to_look = File::open(path(&memory.as_fd())).unwrap();
        let stranger = || {
            sys::become_user(OTHER);
            let reopened =
                |write| File::options().read(true).write(write).open(path(&to_look)).is_ok();
            assert_eq!(
                (reopened(false), reopened(true)),
                (mode & 0o004 != 0, mode & 0o006 == 0o006),
                "mode {mode:o}"
            );
            assert!(
                AnonymousMemory::from_fd(to_look.try_clone().unwrap())
                    .unwrap_err()
                    .is_permission_denied()
            );
            assert_eq!(
                AnonymousMemory::from_fd_read_only(to_look.try_clone().unwrap()).unwrap().size(),
                64
            );
            // A process that receives a writable descriptor can write, but only one that may reopen
            // it can grow the memory.
            let theirs = AnonymousMemory::from_fd(memory.try_clone_fd().unwrap()).unwrap();
            assert!(theirs.grow(64).is_ok());
            match theirs.grow(65) {
                Ok(()) => assert!(mode & 0o006 == 0o006, "mode {mode:o}"),
                Err(err) => assert!(
                    mode & 0o006 != 0o006 && err.is_permission_denied(),
                    "mode {mode:o}: {err}"
                ),
            }
        };
        assert_eq!(sys::fork(stranger), 0);
    }
}

fn numbers(line: &str) -> (u32, u32) {
    let (one, other) = line.split_once(' ').unwrap();
    (one.parse().unwrap(), other.parse().unwrap())
}
