//! Lists of queues, and mounts of their file system.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use ipc_core::Key;
use ipc_queue::{MessageQueue, SysvQueueInfo, SysvQueueOptions};
use ipc_testkit::{Child, ChildOptions, Part, Role, Root, adversity, fixture, watchdog};

use crate::common::{key, passing, queue, sysv};
use crate::sys;

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("mounts", mounts),
    ("another namespace", another_namespace),
    ("headless", headless),
    ("no proc", no_proc),
];

#[test]
fn names_are_found_wherever_their_file_system_is_mounted() {
    let Some(root) = Root::or_skip("mounts and unmounts") else { return };
    watchdog(|| Child::run(ChildOptions::role("mounts").small_shm(root, 1 << 20), &[]).finish());
}

fn is_unsupported() {
    let err = MessageQueue::names().unwrap_err();
    assert!(err.is_unsupported() && err.to_string().contains("mount -t mqueue"), "{err}");
}

fn mounts(_: &mut Role) {
    sys::unmount_queues();
    let name = fixture::name();
    let made = queue(&name, 2);
    is_unsupported();
    let dir = fixture::dir();
    for place in ["plain", "with space", "tab\there", "back\\slash", "new\nline", "\\040"] {
        let place = dir.join(place);
        fs::create_dir(&place).unwrap();
        sys::mount_queues(&place);
        assert_eq!(MessageQueue::names().unwrap(), [made.name().clone()], "{place:?}");
        // Something else is mounted over it.
        sys::mount(c"tmpfs", &place);
        is_unsupported();
        sys::unmount(place.to_str().unwrap());
        sys::unmount(place.to_str().unwrap());
        is_unsupported();
    }
    let place = dir.join("plain");
    sys::mount_queues(&place);
    // A look does not end a notification of this process.
    let _news = made.notify(ipc_core::Signal::URG, 0).unwrap();
    assert_eq!(MessageQueue::names().unwrap(), [made.name().clone()]);
    assert!(made.notify(ipc_core::Signal::URG, 0).unwrap_err().is_busy());
    // The device of the queues is known without a queue, and without room for one more.
    let limit = "/proc/sys/fs/mqueue/queues_max";
    let usual = fs::read_to_string(limit).unwrap();
    fs::write(limit, "0").unwrap();
    assert_eq!(MessageQueue::names().unwrap(), [made.name().clone()]);
    fs::write(limit, usual).unwrap();
    fs::set_permissions(&place, fs::Permissions::from_mode(0o1777)).unwrap();
    MessageQueue::unlink(&*name).unwrap();
    assert_eq!(MessageQueue::names().unwrap(), []);
    sys::unmount(place.to_str().unwrap());
}

#[test]
fn names_without_proc_are_found_at_dev_mqueue_or_unsupported() {
    let Some(root) = Root::or_skip("mounts and unmounts") else { return };
    watchdog(|| Child::run(ChildOptions::role("no proc").small_shm(root, 1 << 20), &[]).finish());
}

fn no_proc(_: &mut Role) {
    let Some(root) = Root::or_skip("mounts and unmounts") else { return };
    sys::unmount_queues();
    adversity::hide_proc(root);
    let name = fixture::name();
    let made = queue(&name, 2);
    is_unsupported();
    assert!(MessageQueue::names().unwrap_err().to_string().contains("without /proc"));
    // The directory may not exist in this file system of devices.
    let dev = std::path::Path::new("/dev");
    sys::mount(c"tmpfs", dev);
    is_unsupported();
    let place = dev.join("mqueue");
    fs::create_dir(&place).unwrap();
    sys::mount_queues(&place);
    assert_eq!(MessageQueue::names().unwrap(), [made.name().clone()]);
}

/// The list of mounts in `/proc/self` ends with the first thread.
#[test]
fn names_are_found_when_the_first_thread_has_ended() {
    let Some(root) = Root::or_skip("mounts a file system") else { return };
    let dir = fixture::dir();
    let options = ChildOptions::role("headless").small_shm(root, 1 << 20);
    watchdog(|| Child::run(options, &[dir.to_str().unwrap()]).finish());
}

fn headless(role: &mut Role) {
    sys::mount_queues(role.arg(0).as_ref());
    adversity::without_first_thread(|| drop(MessageQueue::names().unwrap()));
}

#[test]
fn a_mount_of_another_ipc_namespace_is_not_taken_for_ours() {
    let Some(root) = Root::or_skip("mounts and unmounts") else { return };
    let options = ChildOptions::role("another namespace").small_shm(root, 1 << 20);
    watchdog(|| Child::run(options, &[]).finish());
}

fn another_namespace(_: &mut Role) {
    sys::unmount_queues();
    let dir = fixture::dir();
    let [theirs, ours] = ["theirs", "ours"].map(|place| dir.join(place));
    [&theirs, &ours].iter().for_each(|place| fs::create_dir(place).unwrap());
    sys::mount_queues(&theirs);
    let name = fixture::name();
    for theirs_has_one in [false, true] {
        let other = theirs_has_one.then(|| queue(&name, 1));
        sys::leave_ipc_namespace();
        let made = queue(&name, 1); // of the same name as theirs, if there is one
        is_unsupported();
        sys::mount_queues(&ours);
        assert_eq!(MessageQueue::names().unwrap(), [made.name().clone()]);
        sys::unmount(ours.to_str().unwrap());
        MessageQueue::unlink(&*name).unwrap();
        drop(other);
    }
    sys::unmount(theirs.to_str().unwrap());
}

#[test]
fn system_v_queues_are_listed_and_looked_at_without_a_handle() {
    let (key, private) = (key(), sysv());
    let made = ipc_queue::SysvQueue::create(key, passing().permissions(0o000)).unwrap();
    made.send(b"abc", 1).unwrap_or_else(|err| assert!(err.is_permission_denied()));
    let all = SysvQueueInfo::all().unwrap();
    let find = |id| all.iter().find(|info| info.id == id).unwrap();
    assert_eq!((find(made.id()).key, find(made.id()).permissions.mode()), (key, 0));
    assert_eq!(find(private.id()).key, Key::PRIVATE);
    assert_eq!(SysvQueueInfo::of_id(private.id()).unwrap(), private.info().unwrap());
    assert!(SysvQueueInfo::of_key(Key::PRIVATE).unwrap_err().is_invalid_argument());
    let id = made.id();
    drop(made);
    assert!(SysvQueueInfo::of_key(key).unwrap_err().is_not_found());
    assert!(SysvQueueInfo::of_id(id).unwrap_err().is_removed());
    assert!(SysvQueueInfo::all().unwrap().iter().all(|info| info.id != id));
    let found = ipc_queue::SysvQueue::create(key, SysvQueueOptions::new()).unwrap();
    assert_eq!(SysvQueueInfo::of_key(key).unwrap().id, found.id());
    ipc_queue::SysvQueue::remove(key).unwrap();
}
