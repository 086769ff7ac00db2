//! What the tests of this crate share.

#![expect(unsafe_code, reason = "vouches for the bytes of a file as a `Memory`")]

use std::fs::{self, File};
use std::ptr::NonNull;
use std::thread;
use std::time::Duration;

use ipc_mem::{Access, Mapping, Memory, Part, Placed};

/// Longer than any test may take.
pub(crate) const LONG: Duration = Duration::from_secs(3600);

/// What lives in a part of a file that several processes map.
pub(crate) type Shared<T> = Placed<T, Part<FileMemory>>;

/// A file in `/dev/shm` as a memory.
pub(crate) struct FileMemory {
    mapping: Mapping,
    fresh: bool,
    access: Access,
}

impl FileMemory {
    pub(crate) fn create(name: &str) -> Self {
        let file = File::create_new(path(name)).unwrap();
        file.set_len(4096).unwrap();
        drop(file);
        Self { fresh: true, ..Self::open(name) }
    }

    pub(crate) fn open(name: &str) -> Self {
        let file = File::options().read(true).write(true).open(path(name)).unwrap();
        let mapping = Mapping::new(&file, 4096, Access::ReadWrite).unwrap();
        Self { mapping, fresh: false, access: Access::ReadWrite }
    }

    /// As if it had been opened so.
    pub(crate) fn read_only(self) -> Self {
        Self { access: Access::ReadOnly, ..self }
    }
}

fn path(name: &str) -> String {
    format!("/dev/shm{name}")
}

/// Where the C library keeps a named semaphore.
pub(crate) fn semaphore_path(name: &str) -> String {
    let prefix = if cfg!(target_env = "musl") { "" } else { "sem." };
    format!("/dev/shm/{prefix}{}", &name[1..])
}

// SAFETY: mapped as long as `self`, 4096 bytes at one address that nobody gets a reference to; the
// one that is fresh made the file.
unsafe impl Memory for FileMemory {
    fn base(&self) -> NonNull<u8> {
        self.mapping.base()
    }

    fn size(&self) -> usize {
        self.mapping.size()
    }

    fn access(&self) -> Access {
        self.access
    }

    fn is_fresh(&self) -> bool {
        self.fresh
    }

    fn label(&self) -> String {
        String::from("a file")
    }
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
