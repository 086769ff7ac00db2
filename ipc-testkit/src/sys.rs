//! The C calls this crate needs, as safe functions.

#![expect(unsafe_code, reason = "the one file of this crate that calls C")]

use std::cell::Cell;
use std::ffi::{CStr, CString, c_int};
use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::panic::{self, AssertUnwindSafe};
use std::process::{Command, ExitStatus};
use std::ptr;
use std::time::{Duration, Instant};

fn check(returned: c_int) -> io::Result<c_int> {
    if returned == -1 { Err(io::Error::last_os_error()) } else { Ok(returned) }
}

/// Creates an unnamed file.
pub(crate) fn memfd() -> io::Result<File> {
    // SAFETY: the name is a static C string.
    let fd = check(unsafe { libc::memfd_create(c"ipc-test-output".as_ptr(), libc::MFD_CLOEXEC) })?;
    // SAFETY: the descriptor was created above and has no other owner.
    Ok(unsafe { File::from_raw_fd(fd) })
}

/// Returns a descriptor that becomes readable when the process ends.
pub(crate) fn pidfd(pid: i32) -> io::Result<OwnedFd> {
    // SAFETY: the call takes two numbers.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    let fd = RawFd::try_from(fd).map_err(io::Error::other)?;
    check(fd)?;
    // SAFETY: the descriptor was created two lines above and has no other owner.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Waits for data or end of file; returns `false` if the deadline passes first.
pub(crate) fn wait_readable(fd: impl AsFd, deadline: Instant) -> io::Result<bool> {
    let mut poll = libc::pollfd { fd: fd.as_fd().as_raw_fd(), events: libc::POLLIN, revents: 0 };
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let left = libc::timespec {
            tv_sec: libc::time_t::try_from(left.as_secs()).unwrap_or(libc::time_t::MAX),
            tv_nsec: left.subsec_nanos().into(),
        };
        // SAFETY: `poll` and `left` live on this stack, and a null mask means "leave the mask".
        match check(unsafe { libc::ppoll(&raw mut poll, 1, &raw const left, ptr::null()) }) {
            Ok(ready) => return Ok(ready > 0),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Sends a signal to one process.
pub(crate) fn kill(pid: i32, signal: c_int) -> io::Result<()> {
    // SAFETY: the call takes two numbers.
    check(unsafe { libc::kill(pid, signal) }).map(drop)
}

/// Waits for the end of a child that this process forked itself, and returns its status in the form
/// of C's `wait`.
///
/// # Panics
///
/// If the process is not a child of this process, or this process has already waited for it.
pub fn reap(pid: i32) -> i32 {
    let mut status = 0;
    loop {
        // SAFETY: `status` lives on this stack.
        match check(unsafe { libc::waitpid(pid, &raw mut status, 0) }) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            ended => {
                ended.expect("a child");
                return status;
            }
        }
    }
}

/// Waits until a child has stopped, and leaves it waitable.
pub(crate) fn wait_stopped(pid: i32) -> io::Result<()> {
    let id = libc::id_t::try_from(pid).map_err(io::Error::other)?;
    let mut info = MaybeUninit::<libc::siginfo_t>::uninit();
    let flags = libc::WSTOPPED | libc::WEXITED | libc::WNOWAIT;
    loop {
        // SAFETY: `info` lives on this stack and has the type the call writes.
        match check(unsafe { libc::waitid(libc::P_PID, id, info.as_mut_ptr(), flags) }) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other.map(drop),
        }
    }
}

/// The setup that a child applies to itself between `fork` and `exec`.
#[derive(Debug, Default)]
pub(crate) struct Setup {
    /// A descriptor that stays open across `exec`.
    pub(crate) keep: Option<RawFd>,
    /// If `true`, the child begins with all signals blocked.
    pub(crate) block_signals: bool,
    /// The user to become, and the group of the same number.
    pub(crate) user: Option<u32>,
    /// The mount options of a private `/dev/shm`.
    pub(crate) shm: Option<CString>,
}

/// Makes the child that `command` starts apply `setup`, and die when this thread ends.
pub(crate) fn set_up(command: &mut Command, setup: Setup) {
    // SAFETY: the call cannot fail and touches nothing.
    let parent = unsafe { libc::getpid() };
    let in_child = move || {
        if let Some(options) = &setup.shm {
            private_shm(options)?;
        }
        if let Some(user) = setup.user {
            become_user(user)?;
        }
        die_with(parent)?; // after the change of user, which would clear it
        if let Some(fd) = setup.keep {
            // SAFETY: the call takes numbers; the descriptor is this child's copy.
            check(unsafe { libc::fcntl(fd, libc::F_SETFD, 0) })?;
        }
        if setup.block_signals {
            set_signal_mask(libc::sigfillset)?;
        }
        Ok(())
    };
    // SAFETY: between fork and exec the closure makes system calls only: it neither allocates nor
    // locks, and all it uses was created before the fork.
    unsafe { command.pre_exec(in_child) };
}

/// Makes this process die when the parent's thread that created it ends.
fn die_with(parent: i32) -> io::Result<()> {
    // SAFETY: the call takes numbers.
    check(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) })?;
    // SAFETY: the call cannot fail and touches nothing.
    let now = unsafe { libc::getppid() };
    // Otherwise the parent died before the call.
    if now == parent { Ok(()) } else { Err(io::ErrorKind::NotConnected.into()) }
}

/// Forks a copy of this process that runs `child` and ends. The copy dies when this thread ends.
/// Returns its process id.
pub(crate) fn fork(child: impl FnOnce()) -> io::Result<i32> {
    // SAFETY: the call cannot fail and touches nothing.
    let parent = unsafe { libc::getpid() };
    // SAFETY: the call takes nothing; the restrictions on the child are documented for the caller
    // that supplies it.
    let pid = check(unsafe { libc::fork() })?;
    if pid == 0 {
        let ended = panic::catch_unwind(AssertUnwindSafe(|| {
            die_with(parent).expect("a parent that lives");
            child();
        }));
        // SAFETY: the call takes a number, and ends the process without running the exit handlers
        // it inherited.
        unsafe { libc::_exit(if ended.is_ok() { 0 } else { 101 }) };
    }
    Ok(pid)
}

/// Waits until a child has stopped or ended, and returns its status.
pub(crate) fn wait_changed(pid: i32) -> io::Result<ExitStatus> {
    let mut status = 0;
    loop {
        // SAFETY: `status` lives on this stack.
        match check(unsafe { libc::waitpid(pid, &raw mut status, libc::WUNTRACED) }) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other.map(|_| ExitStatus::from_raw(status)),
        }
    }
}

fn private_shm(options: &CStr) -> io::Result<()> {
    // SAFETY: the call takes a number, and the child has one thread.
    check(unsafe { libc::unshare(libc::CLONE_NEWNS | libc::CLONE_NEWIPC) })?;
    // Mounts made here must stay in this namespace. In a root that is only a directory, `/dev/shm`
    // is a mount point, but `/` is not.
    let mut places = [(c"/", libc::MS_REC), (c"/dev/shm", 0), (c"/dev", libc::MS_REC)].into_iter();
    places
        .find_map(|(place, all)| make_private(place, all).ok())
        .ok_or(libc::EINVAL)
        .map_err(io::Error::from_raw_os_error)?;
    let (tmpfs, place) = (c"tmpfs".as_ptr(), c"/dev/shm".as_ptr());
    let flags = libc::MS_NOSUID | libc::MS_NODEV;
    // SAFETY: all three are C strings, and `options` is borrowed for the call.
    check(unsafe { libc::mount(tmpfs, place, tmpfs, flags, options.as_ptr().cast()) }).map(drop)
}

/// Keeps mounts at or under this mount point from propagating to other mount namespaces.
fn make_private(place: &CStr, all: libc::c_ulong) -> io::Result<()> {
    let kept = all | libc::MS_PRIVATE;
    // SAFETY: the path is a C string, borrowed for the call, which ignores its null arguments.
    check(unsafe { libc::mount(ptr::null(), place.as_ptr(), ptr::null(), kept, ptr::null()) })
        .map(drop)
}

fn become_user(user: u32) -> io::Result<()> {
    // SAFETY: no list is given, and its length is zero.
    check(unsafe { libc::setgroups(0, ptr::null()) })?;
    // SAFETY: the call takes numbers.
    check(unsafe { libc::setresgid(user, user, user) })?;
    // SAFETY: the call takes numbers.
    check(unsafe { libc::setresuid(user, user, user) }).map(drop)
}

/// Takes over an inherited descriptor, and sets close-on-exec on it.
///
/// # Panics
///
/// If there is no such descriptor.
pub(crate) fn inherited(fd: RawFd) -> OwnedFd {
    // SAFETY: the call takes numbers.
    let kept = check(unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) });
    kept.expect("the parent left a descriptor to talk through");
    // SAFETY: it is open, as the line above checked; the parent created it for this process alone;
    // and `play` takes it once, before it runs anything else.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

/// Unblocks all signals in this thread.
pub(crate) fn unblock_signals() -> io::Result<()> {
    set_signal_mask(libc::sigemptyset)
}

fn set_signal_mask(fill: unsafe extern "C" fn(*mut libc::sigset_t) -> c_int) -> io::Result<()> {
    let mut mask = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: `fill` is one of C's two functions that write a whole signal set, here one on the
    // stack.
    check(unsafe { fill(mask.as_mut_ptr()) })?;
    // SAFETY: the mask was filled above; the old mask is not requested.
    match unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, mask.as_ptr(), ptr::null_mut()) } {
        0 => Ok(()),
        code => Err(io::Error::from_raw_os_error(code)),
    }
}

/// Lets any process of this user attach a debugger to this process, where the system requires
/// permission.
pub(crate) fn allow_debugger() {
    // SAFETY: the call takes numbers. It fails where no permission is required.
    unsafe { libc::prctl(libc::PR_SET_PTRACER, libc::PR_SET_PTRACER_ANY) };
}

/// Ends this process by `SIGABRT`, without a core file.
pub(crate) fn abort() -> ! {
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `none` lives on this stack.
    unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const none) };
    std::process::abort()
}

/// Unlinks a message queue. Unlinking a name that does not exist is not an error.
pub(crate) fn mq_unlink(name: &CStr) {
    // SAFETY: `name` is a C string, borrowed for the call.
    unsafe { libc::mq_unlink(name.as_ptr()) };
}

/// Returns the effective user id.
pub(crate) fn euid() -> u32 {
    // SAFETY: the call cannot fail and touches nothing.
    unsafe { libc::geteuid() }
}

/// Runs `f` when this process exits normally.
pub(crate) fn at_exit(f: extern "C" fn()) {
    // SAFETY: `f` is a function of this program, valid until it ends.
    unsafe { libc::atexit(f) };
}

/// Returns the thread id of the caller.
pub(crate) fn thread_id() -> i32 {
    // SAFETY: the call cannot fail and touches nothing.
    unsafe { libc::gettid() }
}

thread_local! {
    static STORMED: Cell<u64> = const { Cell::new(0) };
}

/// Returns the number of storm signals this thread has received so far.
pub(crate) fn stormed() -> u64 {
    STORMED.get()
}

extern "C" fn count(_signal: c_int) {
    STORMED.set(STORMED.get() + 1);
}

/// Makes `signal` interrupt system calls and be counted, for the rest of this process.
pub(crate) fn count_signal(signal: c_int) -> io::Result<()> {
    // SAFETY: all-zero bytes are valid for this plain C struct: no flags (no SA_RESTART), an empty
    // mask.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = count as *const () as usize;
    // SAFETY: `count` only touches a thread-local number that needs no initialisation and is never
    // freed; `action` lives on this stack and the old action is not requested.
    check(unsafe { libc::sigaction(signal, &raw const action, ptr::null_mut()) }).map(drop)
}

/// Sends a signal to one thread of this process.
pub(crate) fn kill_thread(thread: i32, signal: c_int) -> io::Result<()> {
    // SAFETY: the call cannot fail and touches nothing.
    let process = unsafe { libc::getpid() };
    // SAFETY: the call takes numbers.
    match unsafe { libc::syscall(libc::SYS_tgkill, process, thread, signal) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Returns the deadline that is `time` from now.
pub(crate) fn after(time: Duration) -> Instant {
    Instant::now() + time
}
