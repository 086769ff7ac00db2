//! Processes that fork, exit and execute other programs.

#![expect(unsafe_code, reason = "calls C, as all files in this folder")]

use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::ptr;

use super::check;

/// A forked child that has not been waited for.
#[derive(Debug)]
pub(crate) struct Forked(i32);

/// Runs `child` in a forked child, which exits when it returns, or when this thread does.
pub(crate) fn start(child: impl FnOnce()) -> Forked {
    // SAFETY: takes nothing; the child is a copy of a role, whose other threads hold no lock it
    // needs.
    let pid = check(unsafe { libc::fork() });
    if pid == 0 {
        // SAFETY: takes numbers.
        check(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) });
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(child));
        // SAFETY: takes a number, and does not return.
        unsafe { libc::_exit(i32::from(ended.is_err())) };
    }
    Forked(pid)
}

impl Forked {
    /// Kills it; [`reap`](Self::reap) waits for its end.
    pub(crate) fn kill(&self) {
        // SAFETY: takes numbers; no code has waited for this child, so the process id is still its
        // own.
        check(unsafe { libc::kill(self.0, libc::SIGKILL) });
    }

    /// Returns `true` if it has exited.
    pub(crate) fn has_died(&self) -> bool {
        let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
        let (id, flags) =
            (libc::id_t::try_from(self.0).unwrap(), libc::WEXITED | libc::WNOWAIT | libc::WNOHANG);
        // SAFETY: `info` lives on this stack and is as large as the call requires.
        check(unsafe { libc::waitid(libc::P_PID, id, info.as_mut_ptr(), flags) });
        // SAFETY: any bytes are valid for this plain C struct, and all of it was zero.
        let info = unsafe { info.assume_init() };
        // SAFETY: a process that has exited, or nothing, for which the field is zero.
        unsafe { info.si_pid() != 0 }
    }

    /// Waits until its first thread has exited, while others still run.
    pub(crate) fn wait_until_headless(&self) {
        let headless =
            || std::fs::read_to_string(format!("/proc/{}/stat", self.0)).unwrap().contains(") Z ");
        while !headless() {
            std::thread::yield_now();
        }
    }

    /// Waits for its exit, and returns whether it was killed.
    pub(crate) fn reap(self) -> bool {
        let status = ipc_testkit::reap(self.0);
        assert!(
            status == 0 || libc::WIFSIGNALED(status),
            "the forked child ended with {status:#x}"
        );
        status != 0
    }
}

/// Waits until a child has exited, and leaves it a zombie.
pub(crate) fn wait_for_the_end_of(pid: i32) {
    let mut info = MaybeUninit::<libc::siginfo_t>::uninit();
    let id = libc::id_t::try_from(pid).unwrap();
    // SAFETY: `info` lives on this stack and is as large as the call requires.
    while unsafe { libc::waitid(libc::P_PID, id, info.as_mut_ptr(), libc::WEXITED | libc::WNOWAIT) }
        == -1
    {
        assert_eq!(io::Error::last_os_error().kind(), io::ErrorKind::Interrupted);
    }
}

/// Makes this process, which has one thread, die at a crash point when it reaches it.
pub(crate) fn die_at(point: &str) {
    // SAFETY: no other thread of this process reads the environment.
    unsafe { std::env::set_var("IPC_CRASH_POINT", format!("{point}:1")) };
}

/// Exits this thread, and no other.
pub(crate) fn end_thread() -> ! {
    // SAFETY: takes a number; no code has borrowed anything of this thread, which has no guard to
    // drop.
    unsafe { libc::syscall(libc::SYS_exit, 0) };
    unreachable!("the thread has ended")
}

/// Exits this process without dropping anything.
pub(crate) fn end_process() -> ! {
    // SAFETY: takes a number, and does not return.
    unsafe { libc::_exit(0) }
}

/// Closes all descriptors but the first three.
pub(crate) fn close_all() {
    // SAFETY: takes numbers; the role that calls this ends without using one again.
    let closed = unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0) };
    assert_eq!(closed, 0, "{}", io::Error::last_os_error());
}

/// Numbers the children that this process forks from now on from 1, in a new PID namespace.
pub(crate) fn number_children_anew() {
    // SAFETY: takes a number.
    check(unsafe { libc::unshare(libc::CLONE_NEWPID) });
}

/// Runs `run` in the child that `command` starts, before it executes the other program.
pub(crate) fn before_exec(command: &mut Command, mut run: impl FnMut() + Send + Sync + 'static) {
    let run = move || {
        run();
        Ok(())
    };
    // SAFETY: the child is a copy of a role, whose other threads hold no lock it needs.
    unsafe { command.pre_exec(run) };
}

/// Maps a page at an address where nothing is mapped, and writes to it.
pub(crate) fn occupy(address: usize) -> *mut u8 {
    let (protection, place) =
        (libc::PROT_READ | libc::PROT_WRITE, ptr::without_provenance_mut(address));
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED_NOREPLACE;
    // SAFETY: no existing mapping is replaced.
    let page = unsafe { libc::mmap(place, 4096, protection, flags, -1, 0) };
    assert_ne!(page, libc::MAP_FAILED, "{}", io::Error::last_os_error());
    let page = page.cast::<u8>();
    // SAFETY: the page mapped above, which is writable.
    unsafe { page.write_volatile(7) };
    page
}

/// Reads what `occupy` has written; if it is no longer mapped, that kills the process.
pub(crate) fn is_occupied(page: *mut u8) -> bool {
    // SAFETY: if the test fails the page is not mapped, and nothing else is lost.
    unsafe { page.read_volatile() == 7 }
}

/// Lowers the number of descriptors that this process may have open.
pub(crate) fn limit_descriptors(most: u64) {
    let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
    // SAFETY: the call reads an `rlimit`, which lives until it returns.
    check(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) });
}

/// Changes this process to an ordinary user, as a daemon does that was started by root.
pub(crate) fn become_nobody() {
    // SAFETY: takes a number.
    check(unsafe { libc::setgid(65534) });
    // SAFETY: takes a number.
    check(unsafe { libc::setuid(65534) });
}

/// Moves this process, which has one thread, to a user namespace that maps no uid for it.
pub(crate) fn lose_number() {
    // SAFETY: takes a number.
    check(unsafe { libc::unshare(libc::CLONE_NEWUSER) });
}

/// Locks all bytes of a file like a program that does not use this toolkit (`lockf`), for reading
/// or writing.
pub(crate) fn lock_as_lockf(file: &File, exclusive: bool) -> bool {
    let kind = if exclusive { libc::F_WRLCK } else { libc::F_RDLCK };
    let kind = i16::try_from(kind).unwrap();
    let lock = libc::flock { l_type: kind, l_whence: 0, l_start: 0, l_len: 0, l_pid: 0 };
    // SAFETY: the call reads a `flock`, which lives until it returns.
    unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLK, &raw const lock) == 0 }
}

/// Forks a child that sleeps until it is killed, even after this process exits; returns its process
/// id.
pub(crate) fn fork_sleeper() -> i32 {
    // SAFETY: takes nothing; the child makes system calls only.
    let child = check(unsafe { libc::fork() });
    if child == 0 {
        loop {
            // SAFETY: takes nothing.
            unsafe { libc::pause() };
        }
    }
    child
}

/// Kills a process.
pub(crate) fn kill(pid: i32) {
    // SAFETY: takes numbers.
    check(unsafe { libc::kill(pid, libc::SIGKILL) });
}

/// Gives this thread a descriptor table of its own.
pub(crate) fn own_descriptors() {
    // SAFETY: takes a number.
    check(unsafe { libc::unshare(libc::CLONE_FILES) });
}

/// Closes standard input, output and error.
pub(crate) fn close_stdio() {
    for fd in 0..3 {
        // SAFETY: takes a number; the role that calls this writes nothing there any more.
        unsafe { libc::close(fd) };
    }
}
