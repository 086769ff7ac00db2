//! C's macros, which no generator can read, written by hand.
//!
//! `tests/layout/shim.rs` compares each of them with the value that a C compiler gives the macro.

#![expect(unsafe_code, reason = "reads C's unions and calls C")]
#![expect(
    missing_debug_implementations,
    non_camel_case_types,
    non_snake_case,
    reason = "the names and unions are C's"
)]

use core::{
    ffi::{c_int, c_long, c_uint, c_ulong, c_ushort, c_void},
    ptr,
};

use std::os::fd::{FromRawFd, OwnedFd};

use crate::{bindings::*, zeroed};

/// The last error of a C function, in this thread.
#[must_use]
pub fn errno() -> c_int {
    // SAFETY: takes no arguments; C returns the address of this thread's own `errno`.
    let place = unsafe { __errno_location() };
    // SAFETY: `place` is this thread's `errno`, an `int` that lives as long as the thread.
    unsafe { *place }
}

/// Sets the value that [`errno`] returns, for functions that report an error in no other way.
pub fn set_errno(value: c_int) {
    // SAFETY: takes no arguments; C returns the address of this thread's own `errno`.
    let place = unsafe { __errno_location() };
    // SAFETY: `place` is this thread's `errno`, an `int` that lives as long as the thread.
    unsafe { *place = value }
}

/// The kernel's id of the calling thread; glibc before 2.30 has no function for it.
#[must_use]
pub fn gettid() -> pid_t {
    // SAFETY: `SYS_gettid` takes no arguments, writes nothing and cannot fail.
    truncated(unsafe { syscall(SYS_gettid) })
}

/// Sends a signal to a thread; glibc before 2.41 has no function for it.
///
/// Fails with `EINVAL` for the signals that the C library keeps for itself. glibc's handlers of
/// them follow pointers that only its own calls set, and accept any signal that a thread of the
/// process sent by this system call.
#[must_use]
pub fn tgkill(process: pid_t, thread: pid_t, signal: c_int) -> c_int {
    /// The kernel's first real-time signal.
    const FIRST: c_int = 32;

    if (FIRST..SIGRTMIN()).contains(&signal) {
        set_errno(EINVAL);
        return -1;
    }
    // SAFETY: `SYS_tgkill` takes numbers only, and the signal is none of the C library's own, whose
    // handlers may not run for it.
    truncated(unsafe { syscall(SYS_tgkill, process, thread, signal) })
}

/// Opens a descriptor for a process, with close-on-exec; glibc before 2.36 has no function for it.
///
/// Returns `None`, and sets [`errno`], if the call fails.
#[must_use]
pub fn pidfd_open(process: pid_t, flags: c_uint) -> Option<OwnedFd> {
    // SAFETY: `SYS_pidfd_open` takes numbers only.
    let fd = truncated(unsafe { syscall(SYS_pidfd_open, process, flags) });
    // SAFETY: it is not -1, so the call above created it, and nothing else owns it.
    (fd != -1).then(|| unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Executes a command on the memory barriers of threads; no C library has a function for it.
#[must_use]
pub fn membarrier(command: c_int) -> c_int {
    let (no_flags, no_cpu): (c_uint, c_int) = (0, 0);
    // SAFETY: `SYS_membarrier` takes numbers only.
    truncated(unsafe { syscall(SYS_membarrier, command, no_flags, no_cpu) })
}

/// Returns `true` if the number is that of an open descriptor.
#[must_use]
pub fn is_open(fd: c_int) -> bool {
    // SAFETY: this command has no argument, and reads flags that the descriptor has.
    unsafe { fcntl(fd, F_GETFD) != -1 }
}

/// The page size, in bytes. `sysconf` itself is not safe, because glibc reads environment variables
/// for some names.
#[must_use]
pub fn page_size() -> usize {
    // SAFETY: for this name, both C libraries return a number that they know since the start.
    let size = unsafe { sysconf(_SC_PAGESIZE) };
    usize::try_from(size).unwrap_or(4096) // no system fails to know it
}

/// The result of a system call that returns an `int`.
#[expect(clippy::cast_possible_truncation, reason = "`syscall` widens an int")]
fn truncated(result: c_long) -> c_int {
    result as c_int
}

/// The result of [`mmap`], [`mremap`] and [`shmat`] when they fail.
pub const MAP_FAILED: *mut c_void = ptr::without_provenance_mut(usize::MAX);

/// The result of [`sem_open`] when it fails.
pub const SEM_FAILED: *mut sem_t = ptr::null_mut();

/// No limit, in an [`rlimit`].
pub const RLIM_INFINITY: rlim_t = rlim_t::MAX;

/// An unlocked mutex of the default kind, private to one process.
pub const PTHREAD_MUTEX_INITIALIZER: pthread_mutex_t = zeroed();

/// A condition variable without waiters, private to one process.
pub const PTHREAD_COND_INITIALIZER: pthread_cond_t = zeroed();

/// An unlocked read-write lock, private to one process.
pub const PTHREAD_RWLOCK_INITIALIZER: pthread_rwlock_t = zeroed();

/// The fourth argument of [`semctl`], which C programs must declare themselves.
#[repr(C)]
#[derive(Clone, Copy)]
pub union semun {
    /// For `SETVAL`.
    pub val: c_int,
    /// For `IPC_STAT` and `IPC_SET`.
    pub buf: *mut semid_ds,
    /// For `GETALL` and `SETALL`.
    pub array: *mut c_ushort,
    /// For `IPC_INFO` and `SEM_INFO`.
    pub __buf: *mut seminfo,
}

/// The handler of a signal: the address of a function, or [`SIG_DFL`], [`SIG_IGN`] or [`SIG_ERR`].
pub type sighandler_t = usize;

/// The default action of a signal, as a handler.
pub const SIG_DFL: sighandler_t = 0;

/// The handler that ignores a signal.
pub const SIG_IGN: sighandler_t = 1;

/// The result of C's `signal` when it fails, in place of a handler.
pub const SIG_ERR: sighandler_t = usize::MAX;

/// The first real-time signal that the C library leaves to programs.
#[must_use]
pub fn SIGRTMIN() -> c_int {
    // SAFETY: takes no arguments and returns a number that the C library chose when it started.
    unsafe { __libc_current_sigrtmin() }
}

/// The last real-time signal.
#[must_use]
pub fn SIGRTMAX() -> c_int {
    // SAFETY: takes no arguments and returns a number that the C library chose when it started.
    unsafe { __libc_current_sigrtmax() }
}

impl sigaction {
    /// An action that runs `handler` with the signals of `mask` blocked.
    #[must_use]
    pub fn new(handler: sighandler_t, mask: sigset_t, flags: c_int) -> Self {
        let mut action: Self = zeroed();
        action.sa_mask = mask;
        action.sa_flags = flags;
        let place = (&raw mut action).wrapping_byte_add(OFFSET_OF_sa_handler);
        // SAFETY: `OFFSET_OF_sa_handler` is C's offset of a pointer-sized member of `action`.
        unsafe { place.cast::<sighandler_t>().write(handler) }
        action
    }

    /// The address of the function that the action runs, or [`SIG_DFL`] or [`SIG_IGN`].
    #[must_use]
    pub fn handler(&self) -> sighandler_t {
        let place = (&raw const *self).wrapping_byte_add(OFFSET_OF_sa_handler);
        // SAFETY: `OFFSET_OF_sa_handler` is C's offset of this member of `self`; the union there
        // has only pointers, so its bytes are initialised.
        unsafe { place.cast::<sighandler_t>().read() }
    }
}

/// The members that C reaches through macros. The signal and `si_code` decide which of them have a
/// meaning.
///
/// # Safety
///
/// The caller of each method must ensure that the kernel filled the structure, or that it was
/// zeroed before it was filled.
#[expect(clippy::missing_safety_doc, reason = "stated once, for all methods")]
impl siginfo_t {
    /// The process that sent the signal.
    #[must_use]
    pub unsafe fn si_pid(&self) -> pid_t {
        // SAFETY: C's offset and type of this member; the caller guarantees that it is initialised.
        unsafe { self.member(OFFSET_OF_si_pid) }
    }

    /// The user id of the process that sent the signal.
    #[must_use]
    pub unsafe fn si_uid(&self) -> uid_t {
        // SAFETY: C's offset and type of this member; the caller guarantees that it is initialised.
        unsafe { self.member(OFFSET_OF_si_uid) }
    }

    /// The value that was sent with the signal.
    #[must_use]
    pub unsafe fn si_value(&self) -> sigval {
        // SAFETY: C's offset and type of this member; the caller guarantees that it is initialised.
        unsafe { self.member(OFFSET_OF_si_value) }
    }

    /// The exit code of the child, or the signal that ended it.
    #[must_use]
    pub unsafe fn si_status(&self) -> c_int {
        // SAFETY: C's offset and type of this member; the caller guarantees that it is initialised.
        unsafe { self.member(OFFSET_OF_si_status) }
    }

    /// The address whose access failed.
    #[must_use]
    pub unsafe fn si_addr(&self) -> *mut c_void {
        // SAFETY: C's offset and type of this member; the caller guarantees that it is initialised.
        unsafe { self.member(OFFSET_OF_si_addr) }
    }

    /// The events on the descriptor, for `SIGIO`.
    #[must_use]
    pub unsafe fn si_band(&self) -> c_long {
        // SAFETY: C's offset and type of this member; the caller guarantees that it is initialised.
        unsafe { self.member(OFFSET_OF_si_band) }
    }

    /// The descriptor, for `SIGIO`.
    #[must_use]
    pub unsafe fn si_fd(&self) -> c_int {
        // SAFETY: C's offset and type of this member; the caller guarantees that it is initialised.
        unsafe { self.member(OFFSET_OF_si_fd) }
    }

    /// The kernel's id of the timer.
    #[must_use]
    pub unsafe fn si_timerid(&self) -> c_int {
        // SAFETY: C's offset and type of this member; the caller guarantees that it is initialised.
        unsafe { self.member(OFFSET_OF_si_timerid) }
    }

    /// The number of expirations of the timer without a signal of their own.
    #[must_use]
    pub unsafe fn si_overrun(&self) -> c_int {
        // SAFETY: C's offset and type of this member; the caller guarantees that it is initialised.
        unsafe { self.member(OFFSET_OF_si_overrun) }
    }

    /// # Safety
    ///
    /// C must have an initialised `T` at `offset` bytes into the structure.
    unsafe fn member<T>(&self, offset: usize) -> T {
        let place = (&raw const *self).wrapping_byte_add(offset);
        // SAFETY: the caller guarantees that an initialised `T` lies at `place`, inside `self`.
        unsafe { place.cast::<T>().read() }
    }
}

impl sigevent {
    /// Sets the thread that `SIGEV_THREAD_ID` notifies.
    pub fn set_notify_thread_id(&mut self, thread: pid_t) {
        let place = (&raw mut *self).wrapping_byte_add(OFFSET_OF_sigev_notify_thread_id);
        // SAFETY: C's offset of this member, a `pid_t`, of `self`.
        unsafe { place.cast::<pid_t>().write(thread) }
    }
}

impl ipc_perm {
    /// The key. Each C library gives this member another name.
    #[must_use]
    pub fn key(&self) -> key_t {
        let place = (&raw const *self).wrapping_byte_add(OFFSET_OF___key);
        // SAFETY: C's offset of this member, a `key_t`, of `self`, a struct that is initialised.
        unsafe { place.cast::<key_t>().read() }
    }
}

/// Returns `true` if this [`waitpid`] status is of a child that exited by itself.
#[must_use]
pub const fn WIFEXITED(status: c_int) -> bool {
    WTERMSIG(status) == 0
}

/// The exit code of a child that exited by itself, from its [`waitpid`] status.
#[must_use]
pub const fn WEXITSTATUS(status: c_int) -> c_int {
    (status >> 8) & 0xff
}

/// Returns `true` if this [`waitpid`] status is of a child that a signal ended.
#[must_use]
pub const fn WIFSIGNALED(status: c_int) -> bool {
    WTERMSIG(status) != 0 && WTERMSIG(status) != 0x7f
}

/// The signal that ended a child, from its [`waitpid`] status.
#[must_use]
pub const fn WTERMSIG(status: c_int) -> c_int {
    status & 0x7f
}

/// Returns `true` if this [`waitpid`] status is of a child that dumped core.
#[must_use]
pub const fn WCOREDUMP(status: c_int) -> bool {
    status & 0x80 != 0
}

/// Returns `true` if this [`waitpid`] status is of a child that a signal stopped.
#[must_use]
pub const fn WIFSTOPPED(status: c_int) -> bool {
    status & 0xff == 0x7f
}

/// The signal that stopped a child, from its [`waitpid`] status.
#[must_use]
pub const fn WSTOPSIG(status: c_int) -> c_int {
    WEXITSTATUS(status)
}

/// Returns `true` if this [`waitpid`] status is of a stopped child that continued.
#[must_use]
pub const fn WIFCONTINUED(status: c_int) -> bool {
    status == 0xffff
}

impl cpu_set_t {
    /// The empty set.
    pub const EMPTY: Self = zeroed();

    /// Adds a processor to the set; does nothing if its number is beyond the capacity of the set.
    #[doc(alias = "CPU_SET")]
    pub fn insert(&mut self, cpu: usize) {
        if let Some(word) = self.__bits.get_mut(cpu / c_ulong::BITS as usize) {
            *word |= 1 << (cpu % c_ulong::BITS as usize);
        }
    }

    /// Returns `true` if the processor is in the set.
    #[doc(alias = "CPU_ISSET")]
    #[must_use]
    pub fn contains(&self, cpu: usize) -> bool {
        let word = self.__bits.get(cpu / c_ulong::BITS as usize);
        word.is_some_and(|word| word & 1 << (cpu % c_ulong::BITS as usize) != 0)
    }
}
