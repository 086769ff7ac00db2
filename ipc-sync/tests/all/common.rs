//! Code that the tests of this crate share.

#![expect(unsafe_code, reason = "asks the system for the number of a thread")]

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::thread;
use std::time::Duration;

use ipc_core::Removal;
use ipc_mem::{Fresh, MemoryOptions, Part, Placed, SharedMemory};

/// A time that no test takes.
pub(crate) const LONG: Duration = Duration::from_secs(3600);

/// A value in a part of a file that several processes map.
pub(crate) type Shared<T> = Placed<T, Part<SharedMemory>>;

/// Bytes that another process can open by name after the creator has ended.
pub(crate) fn new_file(name: &str) -> Fresh<SharedMemory> {
    new_file_of(name, 4096)
}

pub(crate) fn new_file_of(name: &str, size: usize) -> Fresh<SharedMemory> {
    SharedMemory::create(name, MemoryOptions::new(size).removal(Removal::Never)).unwrap()
}

/// The same bytes, at another address.
pub(crate) fn open_file(name: &str) -> SharedMemory {
    SharedMemory::open(name).unwrap()
}

/// The inode of the file behind a name: a creator maps the file before it has the name.
pub(crate) fn inode(name: &str) -> u64 {
    fs::metadata(format!("/dev/shm{name}")).unwrap().ino()
}

/// Returns `true` if this process still maps a file.
pub(crate) fn is_mapped(inode: u64) -> bool {
    fs::read_to_string("/proc/self/maps").unwrap().contains(&format!(" {inode} "))
}

/// The path of the file of a named semaphore, as the C library chooses it.
pub(crate) fn semaphore_path(name: &str) -> String {
    let prefix = if cfg!(target_env = "musl") { "" } else { "sem." };
    format!("/dev/shm/{prefix}{}", &name[1..])
}

/// Runs one closure in a thread and the other in this one, and returns the result of the first.
pub(crate) fn in_thread<T: Send>(run: impl FnOnce() -> T + Send, meanwhile: impl FnOnce()) -> T {
    thread::scope(|scope| {
        let running = scope.spawn(run);
        meanwhile();
        running.join().unwrap()
    })
}

/// The kernel's id of this thread.
pub(crate) fn thread_id() -> i32 {
    // SAFETY: takes no arguments and cannot fail.
    unsafe { libc::gettid() }
}

/// Waits until a condition is true that another thread or process brings about.
pub(crate) fn until(condition: impl Fn() -> bool) {
    while !condition() {
        thread::yield_now();
    }
}

/// The system call in which a thread sleeps, and the first argument of that; `None` while it runs.
pub(crate) fn sleeps_in(pid: i32, thread: i32) -> Option<(i64, usize)> {
    let text = fs::read_to_string(format!("/proc/{pid}/task/{thread}/syscall")).ok()?;
    let (call, arguments) = text.split_once(" 0x")?;
    let first = arguments.split(' ').next()?;
    Some((call.parse().ok()?, usize::from_str_radix(first, 16).ok()?))
}

/// Returns `true` if a process of one thread sleeps in a futex call.
pub(crate) fn waits(pid: i32) -> bool {
    sleeps_in(pid, pid).is_some_and(|(call, _)| call == libc::SYS_futex)
}
