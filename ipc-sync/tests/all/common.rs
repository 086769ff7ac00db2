//! What the tests of this crate share.

#![expect(unsafe_code, reason = "asks the system for the number of a thread")]

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::thread;
use std::time::Duration;

use ipc_core::Removal;
use ipc_mem::{Fresh, MemoryOptions, Part, Placed, SharedMemory};

/// Longer than any test may take.
pub(crate) const LONG: Duration = Duration::from_secs(3600);

/// What lives in a part of a file that several processes map.
pub(crate) type Shared<T> = Placed<T, Part<SharedMemory>>;

/// Bytes that another process opens by name, whoever was attached before.
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

/// The file behind a name, by its inode: a creator has mapped it before it had the name.
pub(crate) fn inode(name: &str) -> u64 {
    fs::metadata(format!("/dev/shm{name}")).unwrap().ino()
}

/// Whether this process still has the bytes of a file.
pub(crate) fn is_mapped(inode: u64) -> bool {
    fs::read_to_string("/proc/self/maps").unwrap().contains(&format!(" {inode} "))
}

/// Where the C library keeps a named semaphore.
pub(crate) fn semaphore_path(name: &str) -> String {
    let prefix = if cfg!(target_env = "musl") { "" } else { "sem." };
    format!("/dev/shm/{prefix}{}", &name[1..])
}

/// Does two things at once, and returns what the first returns.
pub(crate) fn in_thread<T: Send>(run: impl FnOnce() -> T + Send, meanwhile: impl FnOnce()) -> T {
    thread::scope(|scope| {
        let running = scope.spawn(run);
        meanwhile();
        running.join().unwrap()
    })
}

/// By what the kernel knows this thread.
pub(crate) fn thread_id() -> i32 {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::gettid() }
}

/// Waits for what another thread does.
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

/// Whether a process of one thread waits for a lock, a semaphore or the like.
pub(crate) fn waits(pid: i32) -> bool {
    sleeps_in(pid, pid).is_some_and(|(call, _)| call == libc::SYS_futex)
}
