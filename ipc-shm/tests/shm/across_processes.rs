//! Shared memory between processes: its main use.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use ipc_core::Removal;
use ipc_mem::{Memory, Tag};
use ipc_shm::{Draft, MemoryOptions, SharedMemory};
use ipc_testkit::{Child, Part, Role, c_program, fixture};

use crate::{bytes, path, sys};

pub(crate) const ROLES: &[(&str, Part)] =
    &[("sharer", sharer), ("scribbler", scribbler), ("forker", forker), ("executor", executor)];

/// Ten integers, seen through three handles in two processes.
#[test]
fn what_one_process_writes_the_others_see() {
    let name = fixture::name();
    let numbers: Vec<u8> = (1..=10i64).flat_map(i64::to_ne_bytes).collect();
    let ours = SharedMemory::create(&*name, numbers.len()).unwrap();
    let mut child = Child::run("sharer", &[&name]);
    assert_eq!(child.hear(), format!("{:?} of {} bytes", ours.identity(), ours.size()));
    bytes::put(&*ours, 0, &numbers);
    child.tell("numbers");
    child.wait_for("doubled");
    let doubled: Vec<u8> = (1..=10i64).flat_map(|i| (2 * i).to_ne_bytes()).collect();
    assert_eq!(bytes::all(&*ours), doubled);
    bytes::put(&*ours, 0, &vec![0xFF; numbers.len()]); // memset
    child.tell("all ones");
    child.finish();
}

fn sharer(role: &mut Role) {
    let name = role.arg(0).to_owned();
    let (memory, view) =
        (SharedMemory::open(&*name).unwrap(), SharedMemory::open_read_only(&*name).unwrap());
    assert_eq!(
        (view.identity(), view.size(), view.name()),
        (memory.identity(), memory.size(), memory.name())
    );
    role.say(&format!("{:?} of {} bytes", memory.identity(), memory.size()));
    role.wait_for("numbers");
    let numbers = bytes::all(&view);
    let numbers: Vec<i64> =
        numbers.chunks(8).map(|word| i64::from_ne_bytes(word.try_into().unwrap())).collect();
    assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
    let doubled: Vec<u8> = numbers.iter().flat_map(|i| (2 * i).to_ne_bytes()).collect();
    bytes::put(&memory, 0, &doubled);
    assert_eq!(bytes::all(&view), doubled);
    role.say("doubled");
    role.wait_for("all ones");
    assert!(bytes::all(&memory) == [0xFF; 80] && bytes::all(&view) == [0xFF; 80]);
}

/// Safe code has no method that writes; a wild pointer faults.
#[test]
fn a_write_into_memory_opened_for_reading_ends_the_process() {
    const SIGSEGV: i32 = 11;
    let name = fixture::name();
    let ours = SharedMemory::create(&*name, 64).unwrap();
    let child = Child::run("scribbler", &[&name]);
    assert_eq!(child.wait().signal(), Some(SIGSEGV));
    assert_eq!(bytes::all(&*ours), [0; 64]);
}

fn scribbler(role: &mut Role) {
    let view = SharedMemory::open_read_only(role.arg(0)).unwrap();
    bytes::put(&view, 0, &[1]);
}

#[test]
fn a_forked_child_neither_removes_nor_fills_its_parents_object() {
    let name = fixture::name();
    Child::run("forker", &[&name]).finish();
    assert!(!fs::exists(path(&name)).unwrap());
}

fn forker(role: &mut Role) {
    let name = role.arg(0).to_owned();
    let memory =
        SharedMemory::create(&*name, MemoryOptions::new(64).removal(Removal::OnDrop)).unwrap();
    assert_eq!(sys::fork(|| {}), 0); // ends with the handle alive
    assert!(fs::exists(path(&name)).unwrap());
    let mut handle = Some(memory);
    let child = || {
        let memory = handle.take().unwrap();
        assert!(memory.was_created());
        bytes::put(&*memory, 0, b"child");
        let err = memory.claim("create", Tag::BARE).unwrap_err();
        assert!(err.is_invalid_argument() && err.to_string().contains("open that"), "{err}");
        assert!(fs::exists(path(&name)).unwrap());
        // An object that it creates itself is its own to remove.
        let own = format!("{name}-child");
        drop(SharedMemory::create(&own, 64).unwrap());
        assert!(!fs::exists(path(&own)).unwrap());
    };
    assert_eq!(sys::fork(child), 0);
    let memory = handle.unwrap();
    assert_eq!(&bytes::all(&*memory)[..5], b"child");
    drop(memory);
    assert!(!fs::exists(path(&name)).unwrap());
}

#[test]
fn one_descriptor_stays_open_for_an_object_and_no_program_inherits_it() {
    let name = fixture::name();
    Child::run("executor", &[&name]).finish();
}

fn executor(role: &mut Role) {
    let name = role.arg(0);
    let listed = |ls: &mut Command| String::from_utf8(ls.output().unwrap().stdout).unwrap();
    let ours = || {
        let targets = fs::read_dir("/proc/self/fd")
            .unwrap()
            .filter_map(|fd| fs::read_link(fd.ok()?.path()).ok());
        targets.filter(|target| target.starts_with("/dev/shm")).count()
    };
    let draft = Draft::new(name, 64).unwrap();
    assert_eq!(ours(), 1, "a draft is an open file");
    let mut ls = Command::new("ls");
    ls.args(["-l", "/proc/self/fd"]);
    let mut no_program_inherits = || {
        let inherited = listed(&mut ls);
        assert!(inherited.contains("/proc/") && !inherited.contains("/dev/shm"), "{inherited}");
    };
    no_program_inherits();
    let memory = draft.publish().unwrap();
    let handles = (SharedMemory::open(name).unwrap(), SharedMemory::open_read_only(name).unwrap());
    assert_eq!(ours(), 1, "with which to detach when no other is left");
    no_program_inherits();
    drop((memory, handles));
    assert_eq!(ours(), 0);
}

const C: &str = r#"
    #include <fcntl.h>
    #include <sys/mman.h>
    #include <sys/stat.h>
    #include <unistd.h>

    static char *map(const char *name, int flags, size_t size) {
        int fd = shm_open(name, flags, 0600);
        must(fd >= 0);
        struct stat st;
        must(fstat(fd, &st) == 0);
        if (flags & O_CREAT) {
            must(ftruncate(fd, size) == 0);
        } else {
            must((size_t)st.st_size >= size && (st.st_mode & 0777) == 0600);
        }
        char *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        must(bytes != MAP_FAILED);
        must(close(fd) == 0);
        return bytes;
    }

    int main(int argc, char **argv) {
        must(argc == 3);
        char *theirs = map(argv[1], O_RDWR, 100);
        must(memcmp(theirs, "from Rust", 9) == 0);
        memcpy(theirs + 91, "from C..", 9);
        char *ours = map(argv[2], O_CREAT | O_EXCL | O_RDWR, 100);
        memcpy(ours, "made in C", 9);
        say("made");
        wait_for("go");
        must(memcmp(ours + 90, "Rust again", 10) == 0);
        must(shm_unlink(argv[1]) == 0);
        return 0;
    }
"#;

#[test]
fn a_c_program_and_we_open_each_others_objects() {
    let (ours, theirs) = (fixture::name(), fixture::name());
    let memory =
        SharedMemory::create(&*ours, MemoryOptions::new(100).removal(Removal::Never)).unwrap();
    bytes::put(&*memory, 0, b"from Rust");
    let mut program = Child::run(&c_program("shm", C), &[&ours, &theirs]);
    program.wait_for("made");
    assert_eq!(&bytes::all(&*memory)[91..99], b"from C..");
    let opened = SharedMemory::open(&*theirs).unwrap();
    assert_eq!(opened.size(), 100, "no trailer, so all bytes are data");
    assert_eq!(&bytes::all(&opened)[..9], b"made in C");
    bytes::put(&opened, 90, b"Rust again");
    program.tell("go");
    program.finish();
    assert!(!fs::exists(path(&ours)).unwrap());
    drop(opened);
    assert!(fs::exists(path(&theirs)).unwrap(), "an object without our trailer is never removed");
}
