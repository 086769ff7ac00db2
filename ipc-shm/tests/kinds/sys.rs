//! The C calls that these tests need.

#![expect(unsafe_code, reason = "the one file of these tests that calls C")]

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::path::Path;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_mem::{Resident, Schema};

fn check(returned: i32) -> i32 {
    assert_ne!(returned, -1, "{}", io::Error::last_os_error());
    returned
}

/// Runs `child` in a forked child, which then exits like C's `exit`; returns its exit code.
pub(crate) fn fork(child: impl FnOnce()) -> i32 {
    wait(fork_and_go_on(child))
}

/// Forks like `fork`, without waiting for the child; returns its process id.
pub(crate) fn fork_and_go_on(child: impl FnOnce()) -> i32 {
    // SAFETY: takes nothing; the child is a copy of a role, whose other threads hold no lock it
    // needs.
    let pid = check(unsafe { libc::fork() });
    if pid == 0 {
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(child));
        std::process::exit(i32::from(ended.is_err()));
    }
    pid
}

/// Waits until a child exits by itself, and returns its exit code.
pub(crate) fn wait(pid: i32) -> i32 {
    let status = ipc_testkit::reap(pid);
    assert!(libc::WIFEXITED(status), "the forked child ended with {status:#x}");
    libc::WEXITSTATUS(status)
}

/// Mounts an empty file system of a kind, in a role with mounts of its own.
pub(crate) fn mount(kind: &CStr, place: &Path) {
    let place = CString::new(place.as_os_str().as_encoded_bytes()).unwrap();
    // SAFETY: strings that outlive the call, and null for no options.
    check(unsafe {
        libc::mount(kind.as_ptr(), place.as_ptr(), kind.as_ptr(), 0, std::ptr::null())
    });
}

/// Locks all memory that this process maps from now on.
pub(crate) fn lock_future_memory() {
    // SAFETY: takes a number.
    check(unsafe { libc::mlockall(libc::MCL_FUTURE) });
}

pub(crate) fn make_fifo(path: &str) {
    let path = CString::new(path).unwrap();
    // SAFETY: a NUL-terminated string that outlives the call, and a number.
    check(unsafe { libc::mkfifo(path.as_ptr(), 0o600) });
}

/// A file without a name, sealed with `seals`.
pub(crate) fn memfd(seals: i32) -> OwnedFd {
    // SAFETY: the name is a C string that is never freed.
    let fd = check(unsafe {
        libc::memfd_create(c"test".as_ptr(), libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING)
    });
    // SAFETY: the descriptor was created in the line above, and no other code has it.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    if seals != 0 {
        seal(fd.as_fd(), seals);
    }
    fd
}

pub(crate) fn seal(fd: BorrowedFd, seals: i32) {
    // SAFETY: takes numbers only.
    check(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_ADD_SEALS, seals) });
}

/// A zero-filled System V segment, created by the plain call.
pub(crate) fn segment(key: i32, size: usize, mode: i32) -> i32 {
    // SAFETY: takes numbers only.
    check(unsafe { libc::shmget(key, size, libc::IPC_CREAT | libc::IPC_EXCL | mode) })
}

/// Changes the owner of a segment to another user.
pub(crate) fn give_segment(id: i32, user: u32) {
    let mut stat = std::mem::MaybeUninit::<libc::shmid_ds>::uninit();
    // SAFETY: the call fills a `shmid_ds`, and the buffer is large enough for one.
    check(unsafe { libc::shmctl(id, libc::IPC_STAT, stat.as_mut_ptr()) });
    // SAFETY: filled by the call above.
    let mut stat = unsafe { stat.assume_init() };
    stat.shm_perm.uid = user;
    // SAFETY: the call reads a `shmid_ds`.
    check(unsafe { libc::shmctl(id, libc::IPC_SET, &raw mut stat) });
}

/// Limits the memory that this process may lock to that many bytes.
pub(crate) fn limit_locked(bytes: u64) {
    let limit = libc::rlimit { rlim_cur: bytes, rlim_max: bytes };
    // SAFETY: `limit` lives on this stack.
    check(unsafe { libc::setrlimit(libc::RLIMIT_MEMLOCK, &raw const limit) });
}

/// Returns, for each page of a range, whether it is resident.
pub(crate) fn resident(base: NonNull<u8>, size: usize) -> Vec<bool> {
    let mut pages = vec![0u8; size.div_ceil(ipc_mem::page_size())];
    // SAFETY: a mapped range, whose bytes are not accessed, and one byte for each of its pages.
    check(unsafe { libc::mincore(base.as_ptr().cast(), size, pages.as_mut_ptr()) });
    pages.iter().map(|page| page & 1 == 1).collect()
}

/// A value that must not be unmapped while it is not zero, like a lock that is held.
pub(crate) struct Held(pub(crate) AtomicU64);

// SAFETY: an atomic integer and nothing else; it may be unmapped at any time.
unsafe impl Resident for Held {
    const SCHEMA: &'static Schema = AtomicU64::SCHEMA;

    type Options = ();

    unsafe fn init(_zeroed: NonNull<Self>, (): ()) -> ipc_core::Result<()> {
        Ok(())
    }

    fn may_unmap(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }
}

/// Maps zeros of its own where nothing is mapped; they are never unmapped.
pub(crate) fn map_zeros_at(place: NonNull<u8>, size: usize) {
    let (protection, flags) = (
        libc::PROT_READ | libc::PROT_WRITE,
        libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED_NOREPLACE,
    );
    // SAFETY: no existing mapping is replaced.
    let mapped = unsafe { libc::mmap(place.as_ptr().cast(), size, protection, flags, -1, 0) };
    assert_eq!(mapped, place.as_ptr().cast(), "{}", io::Error::last_os_error());
}

/// Returns `true` if a program that this process starts inherits the descriptor.
pub(crate) fn is_inherited(fd: i32) -> bool {
    // SAFETY: takes numbers only.
    check(unsafe { libc::fcntl(fd, libc::F_GETFD) }) & libc::FD_CLOEXEC == 0
}

/// Lets programs that this process starts inherit the descriptor.
pub(crate) fn let_inherit(fd: i32) {
    // SAFETY: takes numbers only.
    check(unsafe { libc::fcntl(fd, libc::F_SETFD, 0) });
}

/// Calls `AnonymousMemory::inherited`.
pub(crate) fn inherited(number: i32) -> ipc_core::Result<ipc_shm::AnonymousMemory> {
    // SAFETY: the tests pass descriptors that they inherited, or that they manage themselves, or
    // that are not open.
    unsafe { ipc_shm::AnonymousMemory::inherited(number) }
}

/// Calls `AnonymousMemory::inherited_read_only`.
pub(crate) fn inherited_view(
    number: i32,
) -> ipc_core::Result<ipc_shm::AnonymousMemory<ipc_mem::ReadOnly>> {
    // SAFETY: as above.
    unsafe { ipc_shm::AnonymousMemory::inherited_read_only(number) }
}

/// Stays until it is killed, or for as long as a test may take.
pub(crate) fn stay() {
    // SAFETY: takes and returns numbers only.
    unsafe { libc::alarm(120) };
    loop {
        // SAFETY: takes nothing.
        unsafe { libc::pause() };
    }
}

/// Kills a child.
pub(crate) fn kill(pid: i32) {
    // SAFETY: takes numbers only.
    check(unsafe { libc::kill(pid, libc::SIGKILL) });
    ipc_testkit::reap(pid);
}

/// Reads one byte.
pub(crate) fn touch(place: NonNull<u8>) {
    // SAFETY: whether it may be read is what the test checks; where it may not, the fault is what
    // it waits for.
    unsafe { place.as_ptr().read_volatile() };
}

/// Changes to that user, in the group of the same number and in no other group.
pub(crate) fn become_user(user: u32) {
    // SAFETY: no list is passed, and its length is zero.
    check(unsafe { libc::setgroups(0, std::ptr::null()) });
    // SAFETY: takes numbers only.
    check(unsafe { libc::setresgid(user, user, user) });
    // SAFETY: takes numbers only.
    check(unsafe { libc::setresuid(user, user, user) });
}
