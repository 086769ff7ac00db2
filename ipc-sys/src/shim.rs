//! What C has only as macros, and so no generator can see: written by hand.
//!
//! `tests/layout/shim.rs` compares all of it with what a C compiler makes of the macros.

#![expect(unsafe_code, reason = "reads C's unions and calls C")]
#![expect(
    missing_debug_implementations,
    non_camel_case_types,
    non_snake_case,
    reason = "the names and unions are C's"
)]

use core::{
    ffi::{c_int, c_long, c_ulong, c_ushort, c_void},
    mem::MaybeUninit,
    ptr,
};

use crate::bindings::*;

/// The last error of a C function, in this thread.
#[must_use]
pub fn errno() -> c_int {
    // SAFETY: C gives each thread a place of its own, there as long as the thread.
    let place = unsafe { __errno_location() };
    // SAFETY: `place` holds an `int` and is this thread's alone.
    unsafe { *place }
}

/// Sets what [`errno`] returns, for functions that tell an error in no other way.
pub fn set_errno(value: c_int) {
    // SAFETY: C gives each thread a place of its own, there as long as the thread.
    let place = unsafe { __errno_location() };
    // SAFETY: `place` holds an `int` and is this thread's alone.
    unsafe { *place = value }
}

/// The thread's number in the kernel; glibc before 2.30 has no function for it.
#[must_use]
pub fn gettid() -> pid_t {
    // SAFETY: this call takes nothing, writes nothing and cannot fail.
    let id = unsafe { syscall(SYS_gettid) };
    #[expect(clippy::cast_possible_truncation, reason = "a pid_t, which `syscall` made longer")]
    return id as pid_t;
}

/// What [`mmap`] and [`mremap`] return when they fail; [`shmat`] too.
pub const MAP_FAILED: *mut c_void = ptr::without_provenance_mut(usize::MAX);

/// What [`sem_open`] returns when it fails.
pub const SEM_FAILED: *mut sem_t = ptr::null_mut();

/// No limit, in an [`rlimit`].
pub const RLIM_INFINITY: rlim_t = rlim_t::MAX;

/// A mutex that is free, of the default kind and for this process.
// SAFETY: a union or struct of integers, pointers and arrays of them.
pub const PTHREAD_MUTEX_INITIALIZER: pthread_mutex_t = unsafe { zeroed() };

/// A condition variable without waiters, for this process.
// SAFETY: a union or struct of integers, pointers and arrays of them.
pub const PTHREAD_COND_INITIALIZER: pthread_cond_t = unsafe { zeroed() };

/// A read-write lock that is free, for this process.
// SAFETY: a union or struct of integers, pointers and arrays of them.
pub const PTHREAD_RWLOCK_INITIALIZER: pthread_rwlock_t = unsafe { zeroed() };

/// The value all of whose bytes are zero.
///
/// # Safety
///
/// `T` has such a value.
const unsafe fn zeroed<T>() -> T {
    // SAFETY: as the caller of this function vouches.
    unsafe { MaybeUninit::zeroed().assume_init() }
}

/// The fourth argument of [`semctl`], which C leaves to the program to declare.
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

/// A signal's handler: the address of a function, or one of the three values below.
pub type sighandler_t = usize;

/// The signal does what it does by default.
pub const SIG_DFL: sighandler_t = 0;

/// The signal is ignored.
pub const SIG_IGN: sighandler_t = 1;

/// There is no handler: an error.
pub const SIG_ERR: sighandler_t = usize::MAX;

/// The first real-time signal that the C library leaves to programs.
#[must_use]
pub fn SIGRTMIN() -> c_int {
    // SAFETY: takes nothing and returns a number that the C library fixed at its start.
    unsafe { __libc_current_sigrtmin() }
}

/// The last real-time signal.
#[must_use]
pub fn SIGRTMAX() -> c_int {
    // SAFETY: takes nothing and returns a number that the C library fixed at its start.
    unsafe { __libc_current_sigrtmax() }
}

impl sigaction {
    /// An action that runs `handler` with the signals of `mask` blocked.
    #[must_use]
    pub fn new(handler: sighandler_t, mask: sigset_t, flags: c_int) -> Self {
        // SAFETY: integers, pointers and `Option`s of functions, for which zero is `None`.
        let mut action: Self = unsafe { zeroed() };
        action.sa_mask = mask;
        action.sa_flags = flags;
        let place = (&raw mut action).wrapping_byte_add(OFFSET_OF_sa_handler);
        // SAFETY: C says that the handler, a pointer, lies there in `action`.
        unsafe { place.cast::<sighandler_t>().write(handler) }
        action
    }

    /// The function that it runs, or [`SIG_DFL`] or [`SIG_IGN`].
    #[must_use]
    pub fn handler(&self) -> sighandler_t {
        let place = (&raw const *self).wrapping_byte_add(OFFSET_OF_sa_handler);
        // SAFETY: C says that the handler lies there; each member of the union that holds it
        // is a pointer, so the bytes are set.
        unsafe { place.cast::<sighandler_t>().read() }
    }
}

/// The members that C reaches through macros. Which of them mean anything depends on the signal
/// and on `si_code`.
///
/// # Safety
///
/// For each of them: the kernel filled the structure, or it was zeroed before it was filled.
#[expect(clippy::missing_safety_doc, reason = "said once, for all of them")]
impl siginfo_t {
    /// The process that sent it.
    #[must_use]
    pub unsafe fn si_pid(&self) -> pid_t {
        // SAFETY: as the caller of this function vouches.
        unsafe { self.member(OFFSET_OF_si_pid) }
    }

    /// The user who owns that process.
    #[must_use]
    pub unsafe fn si_uid(&self) -> uid_t {
        // SAFETY: as the caller of this function vouches.
        unsafe { self.member(OFFSET_OF_si_uid) }
    }

    /// The value sent with it.
    #[must_use]
    pub unsafe fn si_value(&self) -> sigval {
        // SAFETY: as the caller of this function vouches.
        unsafe { self.member(OFFSET_OF_si_value) }
    }

    /// The exit code or signal of the child.
    #[must_use]
    pub unsafe fn si_status(&self) -> c_int {
        // SAFETY: as the caller of this function vouches.
        unsafe { self.member(OFFSET_OF_si_status) }
    }

    /// The address that failed.
    #[must_use]
    pub unsafe fn si_addr(&self) -> *mut c_void {
        // SAFETY: as the caller of this function vouches.
        unsafe { self.member(OFFSET_OF_si_addr) }
    }

    /// The events on the descriptor, of `SIGIO`.
    #[must_use]
    pub unsafe fn si_band(&self) -> c_long {
        // SAFETY: as the caller of this function vouches.
        unsafe { self.member(OFFSET_OF_si_band) }
    }

    /// The descriptor, of `SIGIO`.
    #[must_use]
    pub unsafe fn si_fd(&self) -> c_int {
        // SAFETY: as the caller of this function vouches.
        unsafe { self.member(OFFSET_OF_si_fd) }
    }

    /// The kernel's number of the timer.
    #[must_use]
    pub unsafe fn si_timerid(&self) -> c_int {
        // SAFETY: as the caller of this function vouches.
        unsafe { self.member(OFFSET_OF_si_timerid) }
    }

    /// How often the timer ran out unseen.
    #[must_use]
    pub unsafe fn si_overrun(&self) -> c_int {
        // SAFETY: as the caller of this function vouches.
        unsafe { self.member(OFFSET_OF_si_overrun) }
    }

    /// # Safety
    ///
    /// C says that a `T` lies `offset` bytes into the structure, and its bytes are set.
    unsafe fn member<T>(&self, offset: usize) -> T {
        let place = (&raw const *self).wrapping_byte_add(offset);
        // SAFETY: as the caller of this function vouches.
        unsafe { place.cast::<T>().read() }
    }
}

impl sigevent {
    /// Names the thread that `SIGEV_THREAD_ID` is for.
    pub fn set_notify_thread_id(&mut self, thread: pid_t) {
        let place = (&raw mut *self).wrapping_byte_add(OFFSET_OF_sigev_notify_thread_id);
        // SAFETY: C says that the thread's number lies there in `self`.
        unsafe { place.cast::<pid_t>().write(thread) }
    }
}

impl ipc_perm {
    /// The key, whose member has another name in each C library.
    #[must_use]
    pub fn key(&self) -> key_t {
        let place = (&raw const *self).wrapping_byte_add(OFFSET_OF___key);
        // SAFETY: C says that the key lies there in `self`, which is no union.
        unsafe { place.cast::<key_t>().read() }
    }
}

/// Whether the child of this [`waitpid`] status ended by itself.
#[must_use]
pub const fn WIFEXITED(status: c_int) -> bool {
    WTERMSIG(status) == 0
}

/// The exit code of such a child.
#[must_use]
pub const fn WEXITSTATUS(status: c_int) -> c_int {
    (status >> 8) & 0xff
}

/// Whether a signal ended the child.
#[must_use]
pub const fn WIFSIGNALED(status: c_int) -> bool {
    WTERMSIG(status) != 0 && WTERMSIG(status) != 0x7f
}

/// The signal which did.
#[must_use]
pub const fn WTERMSIG(status: c_int) -> c_int {
    status & 0x7f
}

/// Whether the child left a core file.
#[must_use]
pub const fn WCOREDUMP(status: c_int) -> bool {
    status & 0x80 != 0
}

/// Whether a signal stopped the child.
#[must_use]
pub const fn WIFSTOPPED(status: c_int) -> bool {
    status & 0xff == 0x7f
}

/// The signal which did.
#[must_use]
pub const fn WSTOPSIG(status: c_int) -> c_int {
    WEXITSTATUS(status)
}

/// Whether the child, stopped before, goes on.
#[must_use]
pub const fn WIFCONTINUED(status: c_int) -> bool {
    status == 0xffff
}

impl cpu_set_t {
    /// No processor.
    // SAFETY: an array of integers.
    pub const EMPTY: Self = unsafe { zeroed() };

    /// Adds a processor; one that is too high for the set is left out.
    #[doc(alias = "CPU_SET")]
    pub fn insert(&mut self, cpu: usize) {
        if let Some(word) = self.__bits.get_mut(cpu / c_ulong::BITS as usize) {
            *word |= 1 << (cpu % c_ulong::BITS as usize);
        }
    }

    /// Whether it has that processor.
    #[doc(alias = "CPU_ISSET")]
    #[must_use]
    pub fn contains(&self, cpu: usize) -> bool {
        let word = self.__bits.get(cpu / c_ulong::BITS as usize);
        word.is_some_and(|word| word & 1 << (cpu % c_ulong::BITS as usize) != 0)
    }
}
