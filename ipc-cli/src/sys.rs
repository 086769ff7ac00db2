//! The calls of C that neither the toolkit nor `nix` has.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::cell::UnsafeCell;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::failure::Failure;

/// Flags to open a file that others may have put there: no link is followed, and nothing is waited for.
pub(crate) const CAREFULLY: i32 = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;

/// Asks the kernel for a lease on a file: it is granted only if no other process has the file open
/// or mapped, whichever namespace it lives in. A process that opens the file meanwhile waits until
/// the lease ends, with `file`.
///
/// `Ok(false)` if a process has it. The signal that the kernel sends to whoever holds a lease is
/// SIGIO, which ends a process that does not ignore it.
pub(crate) fn lease(file: &File) -> io::Result<bool> {
    // SAFETY: the call reads two integers; the descriptor is open as long as `file`.
    let done = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLEASE, libc::F_WRLCK) };
    match done {
        -1 => match io::Error::last_os_error() {
            err if err.raw_os_error() == Some(libc::EAGAIN) => Ok(false),
            err => Err(err),
        },
        _ => Ok(true),
    }
}

/// Changes the permissions of a System V segment.
pub(crate) fn set_segment_mode(id: i32, mode: u32) -> io::Result<()> {
    // SAFETY: all fields are integers, of which 0 is a value.
    let mut about: libc::shmid_ds = unsafe { std::mem::zeroed() };
    // SAFETY: the call writes a `shmid_ds`, which lives until it returns.
    done(unsafe { libc::shmctl(id, libc::IPC_STAT, &raw mut about) })?;
    about.shm_perm.mode = mode.try_into().unwrap_or_default();
    // SAFETY: the call reads a `shmid_ds`, which lives until it returns.
    done(unsafe { libc::shmctl(id, libc::IPC_SET, &raw mut about) })
}

fn done(result: i32) -> io::Result<()> {
    if result == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Lets the kernel end a command with SIGTERM when this process ends, and keeps a descriptor open
/// in it.
pub(crate) fn tie(command: &mut Command, kept: Option<RawFd>) {
    let parent = std::process::id().cast_signed();
    let in_child = move || {
        // SAFETY: the call reads integers.
        done(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM) })?;
        // SAFETY: the call has no arguments, and cannot fail.
        if unsafe { libc::getppid() } != parent {
            return Err(io::Error::from_raw_os_error(libc::ESRCH)); // it has ended already
        }
        match kept {
            // SAFETY: the call reads integers; a descriptor that is not open is an error.
            Some(fd) => done(unsafe { libc::fcntl(fd, libc::F_SETFD, 0) }),
            None => Ok(()),
        }
    };
    // SAFETY: between `fork` and `exec` the closure makes calls that POSIX allows there, and
    // allocates nothing.
    unsafe { command.pre_exec(in_child) };
}

/// The version of glibc that this program runs with.
#[cfg(target_env = "gnu")]
pub(crate) fn glibc_version() -> Option<(u32, u32)> {
    // SAFETY: the call has no arguments.
    let version = unsafe { libc::gnu_get_libc_version() };
    // SAFETY: the library returns a string of its own, which is never changed.
    let version = unsafe { std::ffi::CStr::from_ptr(version) }.to_str().ok()?;
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.split('.').next()?.parse().ok()?))
}

/// The version of glibc that this program runs with.
#[cfg(not(target_env = "gnu"))]
pub(crate) fn glibc_version() -> Option<(u32, u32)> {
    None
}

/// Asks whether the kernel has a list of this thread's robust mutexes.
pub(crate) fn robust_list() -> io::Result<()> {
    let (mut head, mut len) = (std::ptr::null_mut::<libc::c_void>(), 0_usize);
    // SAFETY: the call writes a pointer and a length, which live until it returns.
    let result =
        unsafe { libc::syscall(libc::SYS_get_robust_list, 0, &raw mut head, &raw mut len) };
    if result == 0 && head.is_null() {
        return Err(io::Error::other("the C library has registered no list"));
    }
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// A semaphore of C, for comparison.
pub(crate) struct CSemaphore(Box<UnsafeCell<libc::sem_t>>);

impl CSemaphore {
    pub(crate) fn new() -> io::Result<Self> {
        // SAFETY: bytes of an object of C, which `sem_init` initialises.
        let this = Self(Box::new(UnsafeCell::new(unsafe { std::mem::zeroed() })));
        // SAFETY: the place is this value's own, and stays where it is.
        done(unsafe { libc::sem_init(this.0.get(), 1, 0) })?;
        Ok(this)
    }

    pub(crate) fn post_and_wait(&self) -> Result<(), Failure> {
        // SAFETY: the semaphore was initialised, and lives in its box.
        let posted = done(unsafe { libc::sem_post(self.0.get()) });
        // SAFETY: as above.
        let waited = done(unsafe { libc::sem_wait(self.0.get()) });
        posted.and(waited).map_err(|err| Failure::new("sem_post and sem_wait", err))
    }
}

/// A mutex of C like those of the toolkit, for comparison.
pub(crate) struct CMutex(Box<UnsafeCell<libc::pthread_mutex_t>>);

impl CMutex {
    pub(crate) fn new() -> io::Result<Self> {
        // SAFETY: bytes of an object of C, which the calls below initialise.
        let mut attributes: libc::pthread_mutexattr_t = unsafe { std::mem::zeroed() };
        // SAFETY: the place is a local variable.
        code(unsafe { libc::pthread_mutexattr_init(&raw mut attributes) })?;
        // SAFETY: the attributes were initialised.
        code(unsafe {
            libc::pthread_mutexattr_setpshared(&raw mut attributes, libc::PTHREAD_PROCESS_SHARED)
        })?;
        // SAFETY: as above.
        code(unsafe {
            libc::pthread_mutexattr_setrobust(&raw mut attributes, libc::PTHREAD_MUTEX_ROBUST)
        })?;
        // SAFETY: bytes of an object of C, which `pthread_mutex_init` initialises.
        let this = Self(Box::new(UnsafeCell::new(unsafe { std::mem::zeroed() })));
        // SAFETY: the place is this value's own, and stays where it is; the attributes were
        // initialised.
        code(unsafe { libc::pthread_mutex_init(this.0.get(), &raw const attributes) })?;
        Ok(this)
    }

    pub(crate) fn lock_and_unlock(&self) -> Result<(), Failure> {
        // SAFETY: the mutex was initialised, and lives in its box.
        let locked = code(unsafe { libc::pthread_mutex_lock(self.0.get()) });
        // SAFETY: as above, and this thread holds it.
        let unlocked = code(unsafe { libc::pthread_mutex_unlock(self.0.get()) });
        locked
            .and(unlocked)
            .map_err(|err| Failure::new("pthread_mutex_lock and pthread_mutex_unlock", err))
    }
}

/// Sends a message by C's calls, and receives it.
pub(crate) fn mq_send_and_receive(
    queue: &impl AsFd,
    message: &[u8],
    into: &mut [u8],
) -> Result<(), Failure> {
    let queue = queue.as_fd().as_raw_fd();
    // SAFETY: the call reads the bytes of a slice; on Linux a queue is a descriptor, and this one
    // is open.
    let sent = done(unsafe { libc::mq_send(queue, message.as_ptr().cast(), message.len(), 0) });
    // SAFETY: the call writes into the bytes of a slice, and no priority.
    let got = unsafe {
        libc::mq_receive(queue, into.as_mut_ptr().cast(), into.len(), std::ptr::null_mut())
    };
    let received = if got == -1 { Err(io::Error::last_os_error()) } else { Ok(()) };
    sent.and(received).map_err(|err| Failure::new("mq_send and mq_receive", err))
}

/// Sends a blocked signal to this process by C's calls, and receives it.
pub(crate) fn sigqueue_and_wait(signal: i32) -> Result<(), Failure> {
    let value = libc::sigval { sival_ptr: std::ptr::null_mut() };
    // SAFETY: bytes of a set, which `sigemptyset` initialises.
    let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: the place is a local variable.
    done(unsafe { libc::sigemptyset(&raw mut set) })
        .map_err(|err| Failure::new("sigemptyset", err))?;
    // SAFETY: the set was initialised.
    done(unsafe { libc::sigaddset(&raw mut set, signal) })
        .map_err(|err| Failure::new("sigaddset", err))?;
    // SAFETY: the call reads integers.
    let sent = done(unsafe { libc::sigqueue(std::process::id().cast_signed(), signal, value) });
    // SAFETY: the set was initialised; no information on the signal is asked for.
    let got = unsafe { libc::sigwaitinfo(&raw const set, std::ptr::null_mut()) };
    let received = if got == -1 { Err(io::Error::last_os_error()) } else { Ok(()) };
    sent.and(received).map_err(|err| Failure::new("sigqueue and sigwaitinfo", err))
}

fn code(errno: i32) -> io::Result<()> {
    if errno == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(errno)) }
}
