//! Processes, users, groups and permissions.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use ipc_core::{GroupId, Namespaces, Permissions, ProcessId, UserId};
use ipc_testkit::{Child, ChildOptions, Role, Root, adversity, fixture};

#[test]
fn roles() {
    ipc_testkit::play(&[
        ("relative", relative),
        ("somebody", somebody),
        ("masker", masker),
        ("headless", headless),
    ]);
}

fn relative(role: &mut Role) {
    role.say(&ProcessId::current().to_string());
    role.say(&ProcessId::parent().to_string());
}

#[test]
fn a_child_and_its_parent_agree_on_their_ids() {
    let mut child = Child::run("relative", &[]);
    assert_eq!(child.hear(), format!("ProcessId({})", child.pid()));
    assert_eq!(child.hear(), format!("ProcessId({})", std::process::id()));
    child.finish();
}

/// The directory `/proc/self` belongs to the first thread, and a part of it ends with that thread.
#[test]
fn a_process_whose_first_thread_has_ended_knows_its_namespaces() {
    Child::run("headless", &[]).finish();
}

fn headless(_: &mut Role) {
    let before = Namespaces::here();
    assert_ne!(before.pid(), 0);
    adversity::without_first_thread(move || assert_eq!(Namespaces::here(), before));
}

#[test]
fn ids_are_printed_with_what_they_are_and_convert_to_numbers() {
    assert_eq!(ProcessId::new(123).to_string(), "ProcessId(123)");
    assert_eq!(format!("{:?}", UserId::new(0)), "UserId(0)");
    assert_eq!(GroupId::new(7).to_string(), "GroupId(7)");
    assert_eq!(u64::try_from(i32::from(ProcessId::current())), Ok(std::process::id().into()));
    assert_eq!(u32::from(UserId::new(u32::MAX)), u32::MAX);
    assert_eq!(u32::from(GroupId::new(u32::MAX)), GroupId::new(u32::MAX).raw());
}

#[test]
fn the_effective_user_and_group_own_new_files() {
    let dir = fixture::dir();
    File::create(dir.join("mine")).unwrap();
    let file = fs::metadata(dir.join("mine")).unwrap();
    assert_eq!(UserId::effective(), UserId::new(file.uid()));
    assert_eq!(GroupId::effective(), GroupId::new(file.gid()));
}

fn somebody(role: &mut Role) {
    role.say(&format!("{} {}", UserId::real(), UserId::effective()));
    role.say(&format!("{} {}", GroupId::real(), GroupId::effective()));
}

#[test]
fn another_user_has_other_ids() {
    let Some(root) = Root::or_skip("becomes another user") else { return };
    let mut child = Child::run(ChildOptions::role("somebody").as_user(root, Root::NOBODY), &[]);
    assert_eq!(child.hear(), "UserId(65534) UserId(65534)");
    assert_eq!(child.hear(), "GroupId(65534) GroupId(65534)");
    child.finish();
}

fn masker(role: &mut Role) {
    let old = Permissions::set_umask(Permissions::from(0o100227));
    File::create(role.arg(0)).unwrap();
    assert_eq!(Permissions::set_umask(old), Permissions::from(0o227));
    assert_eq!(Permissions::set_umask(old), old);
}

/// Runs in its own process, because all threads of a process share the umask.
#[test]
fn the_mask_is_replaced_and_restored_when_the_next_is_set() {
    let dir = fixture::dir();
    let path = dir.join("masked");
    Child::run("masker", &[path.to_str().unwrap()]).finish();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o440);
}

#[test]
fn permissions_are_the_nine_lowest_bits_of_a_mode() {
    assert_eq!(Permissions::from_mode(0o107654).mode(), 0o654);
    assert_eq!(Permissions::from(u32::MAX).mode(), 0o777);
    assert_eq!(Permissions::default().mode(), 0o600);
    assert_eq!(Permissions::from(0o40).to_string(), "0040");
    assert_eq!(format!("{:?}", Permissions::OWNER), "Permissions(0600)");
}
