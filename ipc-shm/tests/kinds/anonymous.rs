//! Memory without a name: which processes receive it, which do not, and what they can do to each
//! other.

use std::env;
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::Command;

use ipc_core::{Errno, Error, Removal};
use ipc_mem::{Access, Memory, Tag};
use ipc_shm::{AnonymousMemory, ForkMemory, MemoryOptions, Placement};
use ipc_testkit::{Child, Part, Role, fixture};

use crate::{bytes, sys};

pub(crate) const ROLES: &[(&str, Part)] =
    &[("view scribbler", scribbler), ("forked", forked), ("failed exec", failed_exec)];

#[test]
fn a_passed_descriptor_gives_the_same_bytes_with_their_tag() {
    for (size, content) in [(1, Tag::BARE), (64, Tag::ARRAY), (5000, Tag::VALUE)] {
        let ours =
            AnonymousMemory::create("shared", MemoryOptions::new(size).content(content)).unwrap();
        let theirs = AnonymousMemory::from_fd(ours.try_clone_fd().unwrap()).unwrap();
        let view =
            AnonymousMemory::from_fd_read_only(ours.as_fd().try_clone_to_owned().unwrap()).unwrap();
        assert_eq!([ours.size(), theirs.size(), view.size()], [size; 3]);
        assert_eq!([ours.tag(), theirs.tag(), view.tag()], [content; 3]);
        assert_eq!([ours.access(), view.access()], [Access::ReadWrite, Access::ReadOnly]);
        assert_eq!(
            (ours.was_created(), theirs.was_created(), ours.label().as_str()),
            (true, false, "shared")
        );
        assert_eq!(bytes::all(&view), vec![0; size]);
        bytes::put(&theirs, size - 1, b"!");
        drop(theirs);
        assert!(bytes::all(&*ours)[size - 1] == b'!' && bytes::all(&view)[size - 1] == b'!');
        let fd = ours.into_inner().into_fd();
        assert_eq!(bytes::all(&AnonymousMemory::from_fd(fd).unwrap())[size - 1], b'!');
    }
}

#[test]
fn no_process_can_shrink_or_grow_sealed_memory() {
    let ours = AnonymousMemory::create("fixed", 4096).unwrap();
    let file = File::from(ours.try_clone_fd().unwrap());
    for len in [0, 4096, 1 << 20] {
        assert_eq!(file.set_len(len).unwrap_err().raw_os_error(), Some(Errno::EPERM.raw()));
    }
    assert!(file.write_at(b"x", 1 << 20).is_err());
    let growing =
        AnonymousMemory::create("growing", MemoryOptions::new(4096).max_size(8192)).unwrap();
    let file = File::from(growing.try_clone_fd().unwrap());
    assert_eq!(file.set_len(4096).unwrap_err().raw_os_error(), Some(Errno::EPERM.raw()));
}

#[test]
fn what_others_could_make_shorter_is_refused_as_unsealed() {
    let directory = fixture::dir();
    let plain = File::create_new(directory.join("plain")).unwrap();
    plain.set_len(4096).unwrap();
    let unsealed = sys::memfd(0);
    File::from(unsealed.try_clone().unwrap()).set_len(4096).unwrap();
    let grow_only = sys::memfd(libc::F_SEAL_GROW);
    let name = fixture::name();
    let named = File::create_new(format!("/dev/shm{}", &*name)).unwrap();
    named.set_len(4096).unwrap();
    for fd in [plain.into(), unsealed, grow_only, named.into()] {
        let again: OwnedFd = fd.try_clone().unwrap();
        let number = fd.as_raw_fd();
        let err = AnonymousMemory::from_fd(fd).unwrap_err();
        assert!(err.is_unsealed() && !err.is_mismatch(), "{err}");
        assert_eq!((err.call(), err.object()), ("mmap", &*format!("descriptor {number}")));
        assert!(AnonymousMemory::from_fd_read_only(again).unwrap_err().is_unsealed());
    }
}

#[test]
fn a_wrong_descriptor_is_a_mismatch_and_others_memory_is_foreign() {
    let (reader, _writer) = std::io::pipe().unwrap();
    let directory = File::open("/").unwrap();
    let empty = sys::memfd(libc::F_SEAL_SHRINK);
    let mismatches: [OwnedFd; 3] = [reader.into(), directory.into(), empty];
    for fd in mismatches {
        let err = AnonymousMemory::from_fd(fd).unwrap_err();
        assert!(err.is_mismatch(), "{err}");
    }
    let theirs = File::from(sys::memfd(0));
    theirs.write_all_at(b"made elsewhere", 0).unwrap();
    sys::seal(theirs.as_fd(), libc::F_SEAL_SHRINK);
    let memory = AnonymousMemory::from_fd(theirs).unwrap();
    assert_eq!((memory.size(), memory.tag()), (14, Tag::FOREIGN));
    assert_eq!(bytes::all(&memory), b"made elsewhere");
}

#[test]
fn an_impossible_memory_object_is_refused_with_a_reason() {
    let refused =
        |name: &str, options: MemoryOptions| AnonymousMemory::create(name, options).unwrap_err();
    for (options, why) in [
        (MemoryOptions::new(0), "a size of 0 bytes"),
        (MemoryOptions::new(usize::MAX), "more than an address space has"),
        (MemoryOptions::new(64).max_size(usize::MAX), "more than an address space has"),
        (MemoryOptions::new(64).max_size(63), "64 bytes are over the 63 it may grow to"),
        (MemoryOptions::new(64).content(Tag::FOREIGN), "made by programs outside"),
    ] {
        let err = refused("odd", options);
        assert!(
            err.is_invalid_argument() && err.object() == "odd" && err.to_string().contains(why),
            "{err}"
        );
    }
    for name in ["a\0b".to_owned(), "n".repeat(250)] {
        let err = refused(&name, MemoryOptions::new(64));
        assert!(err.is_invalid_argument() && err.call() == "memfd_create", "{err}");
    }
    let err = refused(&"n".repeat(300), MemoryOptions::new(64));
    assert!(err.to_string().ends_with(": a name of 300 bytes, at most 249"), "{err}");
    for removal in [Removal::OnDrop, Removal::Never] {
        assert!(refused("kept", MemoryOptions::new(64).removal(removal)).is_unsupported());
    }
    // Not reserved: a file system without a limit would try.
    assert!(refused("vast", MemoryOptions::new(isize::MAX as usize - 4096).sparse()).is_no_space());
}

#[test]
fn memory_sealed_against_writers_cannot_be_opened_for_writing() {
    let ours = AnonymousMemory::create("frames", MemoryOptions::new(4096).max_size(8192)).unwrap();
    let early = AnonymousMemory::from_fd(ours.try_clone_fd().unwrap()).unwrap();
    assert!(!ours.is_write_sealed().unwrap());
    ours.seal_writes().unwrap();
    let view = AnonymousMemory::from_fd_read_only(ours.try_clone_fd().unwrap()).unwrap();
    assert!(ours.is_write_sealed().unwrap() && view.is_write_sealed().unwrap());
    let again = File::options()
        .read(true)
        .write(true)
        .open(format!("/proc/self/fd/{}", ours.as_fd().as_raw_fd()));
    let denied = [
        AnonymousMemory::from_fd(view.try_clone_fd().unwrap()).map(drop),
        AnonymousMemory::from_fd(again.unwrap()).map(drop),
        ours.grow(8000),
    ];
    for err in denied.map(Result::unwrap_err) {
        assert!(err.is_permission_denied(), "{err}");
    }
    let file = File::from(view.try_clone_fd().unwrap());
    assert_eq!(file.write_at(b"x", 0).unwrap_err().raw_os_error(), Some(Errno::EPERM.raw()));
    // A handle that existed before can still write.
    bytes::put(&*ours, 0, b"one");
    bytes::put(&early, 3, b"two");
    assert_eq!(bytes::some(&view, 0..6), b"onetwo");
}

#[test]
fn a_write_into_a_view_ends_the_process() {
    assert_eq!(Child::run("view scribbler", &[]).wait().signal(), Some(libc::SIGSEGV));
}

fn scribbler(_: &mut Role) {
    let ours = AnonymousMemory::create("frames", 64).unwrap();
    let view = AnonymousMemory::from_fd_read_only(ours.try_clone_fd().unwrap()).unwrap();
    bytes::put(&view, 0, &[1]);
}

const HANDED: &str = "IPC_TEST_HANDED";

/// The role of a program that was started with two descriptors; it does nothing in any other
/// process.
#[test]
fn handed() {
    let Ok(numbers) = env::var(HANDED) else { return };
    let (ours, view) = numbers.split_once(' ').unwrap();
    let memory = sys::inherited(ours.parse().unwrap()).unwrap();
    let view = sys::inherited_view(view.parse().unwrap()).unwrap();
    assert_eq!(bytes::some(&memory, 0..6), b"parent");
    assert_eq!(bytes::some(&view, 0..4), b"view");
    bytes::put(&memory, 0, b"child!");
    let listed = Command::new("ls").args(["-l", "/proc/self/fd"]).output().unwrap();
    assert!(
        !String::from_utf8(listed.stdout).unwrap().contains("memfd:ipc"),
        "its children get none of them"
    );
}

#[test]
fn a_program_inherits_the_descriptors_passed_to_it_and_no_others() {
    let (ours, other) = (
        AnonymousMemory::create("ipc", 64).unwrap(),
        AnonymousMemory::create("ipc-other", 64).unwrap(),
    );
    let view = AnonymousMemory::create("ipc-view", 64).unwrap();
    bytes::put(&*ours, 0, b"parent");
    bytes::put(&*view, 0, b"view");
    view.seal_writes().unwrap();
    let mut command = Command::new("/proc/self/exe");
    command.args(["--exact", "anonymous::handed", "--nocapture"]);
    let numbers = [ours.hand_to(&mut command).unwrap(), view.hand_to(&mut command).unwrap()];
    command.env(HANDED, numbers.map(|number| number.to_string()).join(" "));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(bytes::some(&*ours, 0..6), b"child!");
    let mut ls = Command::new("ls");
    let number = other.hand_to(&mut ls).unwrap();
    let listed =
        String::from_utf8(ls.args(["-l", "/proc/self/fd"]).output().unwrap().stdout).unwrap();
    assert!(listed.contains(&format!("{number} -> /memfd:ipc-other")), "{listed}");
    assert_eq!(listed.matches("memfd:ipc").count(), 1, "{listed}");
    assert!(sys::inherited(i32::MAX).unwrap_err().errno() == Some(Errno::EBADF));
}

/// `exec` without `fork`: a change to a descriptor would persist if `exec` failed.
#[test]
fn a_program_that_could_not_be_executed_leaves_no_descriptor_to_others() {
    Child::run("failed exec", &[]).finish();
}

fn failed_exec(_: &mut Role) {
    let memory = AnonymousMemory::create("ipc-kept", 64).unwrap();
    let mut command = Command::new("/no/such/program");
    memory.hand_to(&mut command).unwrap();
    assert_eq!(command.exec().kind(), std::io::ErrorKind::Unsupported);
    let listed = Command::new("ls").args(["-l", "/proc/self/fd"]).output().unwrap().stdout;
    assert!(!String::from_utf8(listed).unwrap().contains("memfd:ipc-kept"));
}

#[test]
fn the_mode_is_exact_and_excludes_other_users_by_default() {
    for (options, mode) in [
        (MemoryOptions::new(64), 0o600),
        (MemoryOptions::new(64).permissions(0o640), 0o640),
        (MemoryOptions::new(64).permissions(0o000), 0o000),
    ] {
        let memory = AnonymousMemory::create("mode", options).unwrap();
        let file = File::from(memory.try_clone_fd().unwrap());
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o7777, mode);
    }
}

#[test]
fn forked_children_have_the_memory_and_create_nothing_in_it() {
    Child::run("forked", &[]).finish();
}

fn forked(_: &mut Role) {
    let memory = ForkMemory::create(MemoryOptions::new(5000).content(Tag::ARRAY)).unwrap();
    assert_eq!(
        (memory.size(), memory.tag(), memory.access()),
        (5000, Tag::ARRAY, Access::ReadWrite)
    );
    assert_eq!(bytes::all(&*memory), vec![0; 5000]);
    let mut handle = Some(memory);
    let child = || {
        let memory = handle.take().unwrap();
        bytes::put(&*memory, 4990, b"from child");
        assert!(memory.claim("create", Tag::ARRAY).unwrap_err().is_invalid_argument());
    };
    assert_eq!(sys::fork(child), 0);
    let memory = handle.unwrap().claim("create", Tag::ARRAY).unwrap();
    assert_eq!(&bytes::all(&memory)[4990..], b"from child");
    let refused: [Error; 3] =
        [0, usize::MAX, 1 << 62].map(|size| ForkMemory::create(size).unwrap_err());
    assert!(
        refused[0].is_invalid_argument()
            && refused[1].is_invalid_argument()
            && refused[2].is_no_space()
    );
    let err = ForkMemory::create(MemoryOptions::new(64).max_size(128)).unwrap_err();
    assert!(err.is_invalid_argument() && err.to_string().contains("no descriptor"), "{err}");
    let alone = MemoryOptions::new(64).placement(Placement::new().not_inherited());
    assert!(
        ForkMemory::create(alone).unwrap_err().is_invalid_argument(),
        "it would be shared with nobody"
    );
}

/// A descriptor that another kind of program left open: it is not ours to close.
#[test]
fn an_inherited_number_stays_open() {
    let ours = AnonymousMemory::create("number", 64).unwrap();
    let number = ours.try_clone_fd().unwrap();
    let raw = number.as_raw_fd();
    drop(sys::inherited(raw).unwrap());
    AnonymousMemory::from_fd(number).unwrap();
}

#[test]
fn a_descriptor_number_of_another_file_stays_as_it_was() {
    let null = File::open("/dev/null").unwrap();
    let number = null.as_raw_fd();
    sys::let_inherit(number);
    assert!(sys::inherited(number).unwrap_err().is_mismatch());
    assert!(sys::inherited_view(number).unwrap_err().is_mismatch());
    assert!(sys::is_inherited(number), "programs that are started still have it");
}
