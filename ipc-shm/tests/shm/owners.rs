//! Which users may open what: modes, owners, and objects that are not shared memory.

use std::fs::{self, Permissions as Mode};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, chroot, symlink};
use std::os::unix::net::UnixListener;

use ipc_core::{Errno, Permissions, Removal, UserId};
use ipc_mem::Memory;
use ipc_shm::{Draft, MemoryOptions, OpenOptions, SharedMemory, Trust};
use ipc_testkit::{Child, ChildOptions, Part, Role, Root, fixture, watchdog};

use crate::{path, sys};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("masked", masked),
    ("stranger", stranger),
    ("refused links", refused_links),
    ("walled in", walled_in),
];

fn mode(name: &str) -> u32 {
    fs::metadata(path(name)).unwrap().mode() & 0o7777
}

#[test]
fn by_default_only_its_owner_may_open_an_object() {
    let name = fixture::name();
    let _memory = SharedMemory::create(&*name, 64).unwrap();
    assert_eq!(mode(&name), 0o600);
}

/// The umask does not apply. It belongs to the process, so only a child changes
/// it.
#[test]
fn the_mode_is_exactly_the_one_asked_for_whatever_the_umask() {
    Child::run("masked", &[]).finish();
}

fn masked(_: &mut Role) {
    for mask in [0o000, 0o022, 0o077, 0o777] {
        Permissions::set_umask(Permissions::from_mode(mask));
        for wanted in [0o600, 0o640, 0o660, 0o666, 0o644, 0o400, 0o000, 0o777] {
            let name = fixture::name();
            // An object that its owner may not read has no attached processes, and one that it may
            // not write is not removed with them.
            let options = MemoryOptions::new(64).permissions(wanted).removal(Removal::OnDrop);
            let memory = SharedMemory::create(&*name, options).unwrap();
            assert_eq!(mode(&name), wanted, "umask {mask:03o}");
            drop(memory);
            assert!(!fs::exists(path(&name)).unwrap());
        }
        // Nothing here changes the umask, not even briefly.
        assert_eq!(Permissions::set_umask(Permissions::from_mode(mask)).mode(), mask);
    }
}

#[test]
fn an_object_that_others_may_write_is_opened_only_if_asked_for() {
    for wanted in [0o620, 0o602, 0o660, 0o666, 0o777] {
        let name = fixture::name();
        let options = MemoryOptions::new(64).permissions(wanted);
        let ours = SharedMemory::create(&*name, options).unwrap();
        let errs = [
            SharedMemory::open(&*name).map(drop),
            SharedMemory::open_read_only(&*name).map(drop),
            SharedMemory::open_or_create(&*name, 64).map(drop),
        ];
        for err in errs.map(Result::unwrap_err) {
            assert!(err.is_untrusted());
            let (user, mode) = (UserId::effective().raw(), Permissions::from(wanted));
            let says = [
                format!("uid {user}"),
                format!("with mode {mode}, which others may write"),
                format!("Trust::User(UserId::new({user}))"),
            ];
            assert!(says.iter().all(|part| err.to_string().contains(part)), "{err}");
        }
        assert!(
            !SharedMemory::open_or_create(&*name, options).unwrap().was_created(),
            "it is as asked for"
        );
        for trust in [Trust::Anyone, Trust::User(UserId::effective())] {
            let options = OpenOptions::new().trust(trust);
            assert_eq!(
                SharedMemory::open_with(&*name, options).unwrap().identity(),
                ours.identity()
            );
            SharedMemory::open_read_only_with(&*name, options).unwrap();
            let found =
                SharedMemory::open_or_create(&*name, MemoryOptions::new(64).trust(trust)).unwrap();
            assert!(!found.was_created());
        }
    }
    for harmless in [0o600, 0o644, 0o640, 0o755] {
        let name = fixture::name();
        let _ours =
            SharedMemory::create(&*name, MemoryOptions::new(64).permissions(harmless)).unwrap();
        SharedMemory::open(&*name).unwrap();
    }
}

#[test]
fn an_object_of_another_user_is_opened_only_if_asked_for() {
    let Some(_root) = Root::or_skip("gives files to other users") else { return };
    let name = fixture::name();
    let memory = SharedMemory::create(&*name, MemoryOptions::new(64).permissions(0o644)).unwrap();
    chown(path(&name), Some(Root::NOBODY), None).unwrap();
    for trust in [Trust::Owner, Trust::User(UserId::new(1))] {
        let options = OpenOptions::new().trust(trust);
        let errs = [
            SharedMemory::open_with(&*name, options).map(drop),
            SharedMemory::open_read_only_with(&*name, options).map(drop),
            SharedMemory::open_or_create(&*name, MemoryOptions::new(64).trust(trust)).map(drop),
        ];
        for err in errs.map(Result::unwrap_err) {
            assert!(err.is_untrusted());
            assert!(err.to_string().contains("65534"), "{err}");
            assert!(
                trust == Trust::Owner || err.to_string().contains("wanted one of uid 1"),
                "{err}"
            );
        }
    }
    for trust in [Trust::User(UserId::new(Root::NOBODY)), Trust::Anyone] {
        let found = SharedMemory::open_with(&*name, OpenOptions::new().trust(trust)).unwrap();
        assert_eq!(found.identity(), memory.identity());
    }
}

/// The mode forbids it, although the owner is trusted: the error is the system's, not ours.
#[test]
fn an_unprivileged_user_gets_the_modes_access_and_creates_objects() {
    let Some(root) = Root::or_skip("needs a second user") else { return };
    let (closed, open, own, others) =
        (fixture::name(), fixture::name(), fixture::name(), fixture::name());
    let _closed = SharedMemory::create(&*closed, 64).unwrap();
    let _open = SharedMemory::create(&*open, MemoryOptions::new(64).permissions(0o644)).unwrap();
    let _others =
        SharedMemory::create(&*others, MemoryOptions::new(64).permissions(0o644)).unwrap();
    chown(path(&others), Some(1), None).unwrap();
    let stranger = ChildOptions::role("stranger").as_user(root, Root::NOBODY);
    Child::run(stranger, &[&closed, &open, &own, &others]).finish();
    assert!(fs::exists(path(&closed)).unwrap());
    assert!(!fs::exists(path(&own)).unwrap());
}

fn stranger(role: &mut Role) {
    let [closed, open, own, others] = [0, 1, 2, 3].map(|i| role.arg(i).to_owned());
    let denied = [
        (SharedMemory::open(&closed).map(drop), Errno::EACCES, "shm_open"),
        (SharedMemory::open_read_only(&closed).map(drop), Errno::EACCES, "shm_open"),
        (SharedMemory::open_or_create(&closed, 64).map(drop), Errno::EACCES, "shm_open"),
        (SharedMemory::open(&open).map(drop), Errno::EACCES, "shm_open"),
        (SharedMemory::unlink(&closed), Errno::EPERM, "shm_unlink"),
    ];
    for (result, errno, call) in denied {
        let err = result.unwrap_err();
        assert!(err.is_permission_denied());
        assert_eq!((err.errno(), err.call()), (Some(errno), call));
        assert!(err.object() == closed || err.object() == open);
    }
    assert!(SharedMemory::create(&closed, 64).unwrap_err().is_exists());
    assert_eq!(SharedMemory::open_read_only(&open).unwrap().size(), 64); // root's, as good as ours
    assert!(SharedMemory::open_read_only(&others).unwrap_err().is_untrusted());
    let ours = SharedMemory::create(&own, 64).unwrap();
    assert_eq!(SharedMemory::open(&own).unwrap().identity(), ours.identity());
}

/// Before Linux 6.10 only privileged processes may link by descriptor; others use `/proc` for that.
#[test]
fn an_object_gets_its_name_even_if_descriptors_cannot_be_linked() {
    Child::run("refused links", &[]).finish();
    if let Some(root) = Root::or_skip("needs a user without rights") {
        Child::run(ChildOptions::role("refused links").as_user(root, Root::NOBODY), &[]).finish();
    }
}

fn refused_links(_: &mut Role) {
    sys::refuse_links_by_descriptor();
    let name = fixture::name();
    let ours = SharedMemory::create(&*name, 64).unwrap();
    assert_eq!(SharedMemory::open(&*name).unwrap().identity(), ours.identity());
    assert!(SharedMemory::create(&*name, 64).unwrap_err().is_exists());
}

/// The object is not what is missing: a caller that took it for that would create it, and fail
/// again.
#[test]
fn a_system_without_a_folder_for_objects_is_unsupported() {
    let Some(_root) = Root::or_skip("changes the root directory") else { return };
    let empty = fixture::dir();
    Child::run("walled in", &[empty.to_str().unwrap()]).finish();
}

fn walled_in(role: &mut Role) {
    let name = fixture::name();
    let draft = Draft::new(&*name, 64).unwrap();
    sys::refuse_links_by_descriptor();
    chroot(role.arg(0)).unwrap();
    let errs = [
        draft.publish().map(drop),                  // there is no `/proc`
        SharedMemory::create(&*name, 64).map(drop), // there is no `/dev/shm`
        SharedMemory::open_or_create(&*name, 64).map(drop),
    ];
    for err in errs.map(Result::unwrap_err) {
        assert!(err.is_unsupported() && !err.is_not_found(), "{err}");
        assert_eq!((err.call(), err.object()), ("shm_open", &*name));
    }
    assert!(SharedMemory::open(&*name).unwrap_err().is_not_found());
}

#[test]
fn what_is_not_a_regular_file_is_refused_and_left_alone() {
    let (target, link, dangling) = (fixture::name(), fixture::name(), fixture::name());
    let (directory, fifo, socket) = (fixture::name(), fixture::name(), fixture::name());
    let _target = SharedMemory::create(&*target, 64).unwrap();
    symlink(path(&target), path(&link)).unwrap();
    symlink("/dev/shm/ipc-test-nobody-has-this", path(&dangling)).unwrap();
    sys::make_fifo(&path(&fifo));
    drop(UnixListener::bind(path(&socket)).unwrap());
    fs::create_dir(path(&directory)).unwrap();
    fs::set_permissions(path(&directory), Mode::from_mode(0o700)).unwrap();
    let refused = |name: &str| {
        let errs = [
            SharedMemory::open(name).map(drop),
            SharedMemory::open_read_only(name).map(drop),
            SharedMemory::open_or_create(name, 64).map(drop),
        ];
        for err in errs.map(Result::unwrap_err) {
            assert!(err.is_mismatch(), "{err}");
            assert_eq!((err.call(), err.object()), ("shm_open", name));
        }
        assert!(SharedMemory::create(name, 64).unwrap_err().is_exists());
        fs::symlink_metadata(path(name)).unwrap();
    };
    // Opening a FIFO would wait for its other end.
    let tried = std::panic::catch_unwind(|| {
        watchdog(|| [&link, &dangling, &fifo, &socket, &directory].map(|name| refused(name)))
    });
    fs::remove_dir(path(&directory)).unwrap();
    tried.unwrap();
    assert!(!fs::exists("/dev/shm/ipc-test-nobody-has-this").unwrap());
    let err = SharedMemory::open(&*fifo).unwrap_err();
    assert_eq!(
        err.to_string(),
        format!("shm_open {fifo}: found something that is no file, wanted shared memory")
    );
}
