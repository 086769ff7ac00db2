//! Calls to C's mutex.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ffi::c_int;
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

use ipc_core::{Deadline, Errno, ret};
use ipc_sys::{self as c, Live};

use crate::clib;
use crate::pthread::{MutexKind, MutexOptions, Protocol};
use crate::sys::attributes::Attributes;

/// C's mutex, made by `pthread_mutex_init` or found as such.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct Mutex(Live<c::pthread_mutex_t>);

impl Mutex {
    pub(crate) fn init(
        place: &mut MaybeUninit<Live<c::pthread_mutex_t>>,
        options: &MutexOptions,
    ) -> Result<(), Errno> {
        let attributes = attributes(options)?;
        ret::code(c::pthread_mutex_init(place, Some(&attributes.0)))
    }

    /// # Safety
    ///
    /// `init` initialised the one at `place`, and it is not used any more.
    pub(crate) unsafe fn destroy(place: NonNull<Self>) {
        // SAFETY: the caller guarantees that it is not used any more. One whose guard was leaked is
        // refused, and stays.
        unsafe { c::pthread_mutex_destroy(place.as_ptr().cast()) };
    }

    pub(crate) fn as_ptr(&self) -> *mut c::pthread_mutex_t {
        self.0.as_ptr()
    }

    #[inline]
    pub(crate) fn lock(&self) -> Result<(), Errno> {
        ret::code(c::pthread_mutex_lock(&self.0))
    }

    #[inline]
    pub(crate) fn try_lock(&self) -> Result<(), Errno> {
        let tried = ret::code(c::pthread_mutex_trylock(&self.0));
        if tried == Err(Errno::ENOTRECOVERABLE) {
            self.leave_unrecoverable();
        }
        tried
    }

    /// Releases what glibc's `pthread_mutex_trylock` keeps of a mutex that is not recoverable: its
    /// word is the id of the thread that tried, so that all others would wait for ever instead of
    /// failing.
    #[cold]
    fn leave_unrecoverable(&self) {
        if self.owner() != c::gettid().cast_unsigned() || !owner_is_known() {
            return;
        }
        self.word().store(0, Ordering::Release);
        for wake in [c::FUTEX_WAKE, c::FUTEX_WAKE | c::FUTEX_PRIVATE_FLAG] {
            // SAFETY: the address of a word that is there, and numbers.
            unsafe { c::syscall(c::SYS_futex, self.word().as_ptr(), wake, 1) };
        }
    }

    /// Waits until the moment that `deadline` gives, if there is something to wait for.
    #[inline]
    pub(crate) fn lock_until(&self, deadline: impl FnOnce() -> Deadline) -> Result<(), Errno> {
        match self.try_lock() {
            Err(Errno::EBUSY) => clib::mutex_lock_until(&self.0, deadline()),
            ended => ended,
        }
    }

    /// Refused by a mutex that knows its owner, if that is another thread.
    ///
    /// # Safety
    ///
    /// The calling thread locked the mutex, in this process or in the one from which this one was
    /// forked. It calls this once for each time that it locked the mutex.
    #[inline]
    pub(crate) unsafe fn unlock(&self) -> Result<(), Errno> {
        // SAFETY: `self` is a mutex, which lives as long as it is borrowed; this thread, or the one
        // from which it was forked, holds it (contract).
        ret::code(unsafe { c::pthread_mutex_unlock(self.0.as_ptr()) })
    }

    pub(crate) fn mark_consistent(&self) -> Result<(), Errno> {
        ret::code(c::pthread_mutex_consistent(&self.0))
    }

    /// Returns `true` if a thread of this process may hold it, so that the kernel knows it by its
    /// address.
    ///
    /// While a robust mutex is held, one word of it is its owner's thread id, as the kernel wants
    /// it.
    pub(crate) fn may_be_held_here(&self) -> bool {
        match self.owner() {
            0 => false,
            owner => !owner_is_known() || is_thread_of_this_process(owner),
        }
    }

    fn owner(&self) -> u32 {
        self.word().load(Ordering::Relaxed) & c::FUTEX_TID_MASK
    }

    fn word(&self) -> &AtomicU32 {
        let word = self.0.as_ptr().wrapping_byte_add(c::OFFSET_OF_LOCK_WORD).cast();
        // SAFETY: an aligned word of the mutex, which C changes by atomic operations.
        unsafe { AtomicU32::from_ptr(word) }
    }
}

/// Returns `true` if the owner's thread id is where it is expected, in the C library that is
/// running.
///
/// The first caller finds out, or several at once: no thread waits for another, which a child of
/// `fork` does not have.
fn owner_is_known() -> bool {
    const NOT_ASKED: u8 = 0;
    const NO: u8 = 1;
    const YES: u8 = 2;
    static KNOWN: AtomicU8 = AtomicU8::new(NOT_ASKED);

    match KNOWN.load(Ordering::Relaxed) {
        NOT_ASKED => {
            let known = owner_is_found();
            KNOWN.store(if known { YES } else { NO }, Ordering::Relaxed);
            known
        }
        answer => answer == YES,
    }
}

fn owner_is_found() -> bool {
    let mut probe = MaybeUninit::zeroed();
    if Mutex::init(&mut probe, &MutexOptions::new()).is_err() {
        return false;
    }
    // SAFETY: the call above initialised the mutex, which a `Mutex` is (`repr(transparent)`); it is
    // not moved after.
    let mutex = unsafe { &*probe.as_ptr().cast::<Mutex>() };
    let free = mutex.owner();
    let locked = mutex.lock();
    let held = mutex.owner();
    let known = locked.is_ok() && free == 0 && held == c::gettid().cast_unsigned();
    // SAFETY: this thread locked the mutex above, if `locked` is `Ok`.
    let unlocked = locked.is_ok() && unsafe { mutex.unlock() }.is_ok();
    known && unlocked && mutex.owner() == 0
}

/// Returns `true` if the kernel has a list of the robust mutexes that this thread holds. glibc
/// registers it when a thread starts, musl when a thread first locks one; both continue if a sandbox
/// denies that.
pub(crate) fn has_robust_list() -> bool {
    list_is_registered() || owner_is_found() && list_is_registered()
}

fn list_is_registered() -> bool {
    const THIS_THREAD: c_int = 0;
    let (mut head, mut len) = (ptr::null_mut::<c::robust_list_head>(), 0usize);
    // SAFETY: the call writes a pointer and a length, which are ours.
    let asked = ret::check(unsafe {
        c::syscall(c::SYS_get_robust_list, THIS_THREAD, &raw mut head, &raw mut len)
    });
    asked.is_ok() && !head.is_null()
}

fn is_thread_of_this_process(thread: u32) -> bool {
    const NO_SIGNAL: c_int = 0;
    let process = std::process::id().cast_signed();
    ret::check(c::tgkill(process, thread.cast_signed(), NO_SIGNAL)) != Err(Errno::ESRCH)
}

fn attributes(options: &MutexOptions) -> Result<Attributes<c::pthread_mutexattr_t>, Errno> {
    if options.is_robust() && options.protocol == Protocol::Inherit && !clib::ROBUST_INHERITS {
        return Err(Errno::EOPNOTSUPP);
    }
    let mut this = Attributes::new(options.sharing)?;
    let attributes = &mut this.0;
    let kind = match options.kind {
        MutexKind::Normal => c::PTHREAD_MUTEX_NORMAL,
        MutexKind::ErrorChecking => c::PTHREAD_MUTEX_ERRORCHECK,
        MutexKind::Recursive => c::PTHREAD_MUTEX_RECURSIVE,
        MutexKind::Adaptive => clib::ADAPTIVE.ok_or(Errno::EOPNOTSUPP)?,
    };
    ret::code(c::pthread_mutexattr_settype(attributes, kind))?;
    let robust =
        if options.is_robust() { c::PTHREAD_MUTEX_ROBUST } else { c::PTHREAD_MUTEX_STALLED };
    ret::code(c::pthread_mutexattr_setrobust(attributes, robust))?;
    let protocol = match options.protocol {
        Protocol::None => c::PTHREAD_PRIO_NONE,
        Protocol::Inherit => c::PTHREAD_PRIO_INHERIT,
        Protocol::Protect(_) => c::PTHREAD_PRIO_PROTECT,
    };
    ret::code(c::pthread_mutexattr_setprotocol(attributes, protocol))?;
    if let Protocol::Protect(ceiling) = options.protocol {
        clib::set_priority_ceiling(attributes, ceiling)?;
    }
    Ok(this)
}
