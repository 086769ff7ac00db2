//! What C does with a mutex.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::cell::UnsafeCell;
use std::ffi::c_int;
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

use ipc_core::{Deadline, Errno, ret};
use ipc_sys as c;

use crate::clib;
use crate::pthread::{MutexKind, MutexOptions, Protocol};
use crate::sys::pshared;

/// C's mutex, made by `pthread_mutex_init` or found as such.
#[repr(transparent)]
pub(crate) struct Mutex(UnsafeCell<c::pthread_mutex_t>);

// SAFETY: POSIX lets any thread, of any process if it was made so, call the functions below on one mutex.
unsafe impl Sync for Mutex {}

impl Mutex {
    /// # Safety
    ///
    /// `place` is aligned, its bytes may be written, and are nobody else's until this returns.
    pub(crate) unsafe fn init(place: NonNull<Self>, options: &MutexOptions) -> Result<(), Errno> {
        let attributes = Attributes::new(options)?;
        // SAFETY: the caller gives us the place; a `Mutex` is a `pthread_mutex_t`; the attributes are made.
        ret::code(unsafe { c::pthread_mutex_init(place.as_ptr().cast(), attributes.0.as_ptr()) })
    }

    /// # Safety
    ///
    /// `init` made the one at `place`, and nobody uses it any more, nor will.
    pub(crate) unsafe fn destroy(place: NonNull<Self>) {
        // SAFETY: as the caller vouches. One whose guard was leaked is refused, and stays as it is.
        unsafe { c::pthread_mutex_destroy(place.as_ptr().cast()) };
    }

    pub(crate) fn as_ptr(&self) -> *mut c::pthread_mutex_t {
        self.0.get()
    }

    #[inline]
    pub(crate) fn lock(&self) -> Result<(), Errno> {
        // SAFETY: `self` is a mutex, which lives as long as it is borrowed.
        ret::code(unsafe { c::pthread_mutex_lock(self.0.get()) })
    }

    #[inline]
    pub(crate) fn try_lock(&self) -> Result<(), Errno> {
        // SAFETY: `self` is a mutex, which lives as long as it is borrowed.
        let tried = ret::code(unsafe { c::pthread_mutex_trylock(self.0.get()) });
        if tried == Err(Errno::ENOTRECOVERABLE) {
            self.leave_unrecoverable();
        }
        tried
    }

    /// Gives back what glibc's `pthread_mutex_trylock` keeps of a mutex that nobody gets any more: its word is the
    /// thread id of who tried, so that all others wait for ever instead of being told.
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
            // SAFETY: `self` is a mutex, which lives as long as it is borrowed.
            Err(Errno::EBUSY) => unsafe { clib::mutex_lock_until(self.0.get(), deadline()) },
            ended => ended,
        }
    }

    /// Refused by a mutex that can tell that this thread has not locked it.
    #[inline]
    pub(crate) fn unlock(&self) -> Result<(), Errno> {
        // SAFETY: `self` is a mutex, which lives as long as it is borrowed; called by who holds a guard of it.
        ret::code(unsafe { c::pthread_mutex_unlock(self.0.get()) })
    }

    pub(crate) fn mark_consistent(&self) -> Result<(), Errno> {
        // SAFETY: `self` is a mutex, which lives as long as it is borrowed.
        ret::code(unsafe { c::pthread_mutex_consistent(self.0.get()) })
    }

    /// Whether a thread of this process may hold it, in a way that the kernel knows by address.
    ///
    /// While a robust mutex is held, one word of it is its owner's thread id, as the kernel wants it.
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
        let word = self.0.get().wrapping_byte_add(clib::OWNER_OFFSET).cast();
        // SAFETY: an aligned word of the mutex, which C changes by atomic operations.
        unsafe { AtomicU32::from_ptr(word) }
    }
}

/// Whether the owner's thread id is where we look for it, in the C library that is running.
///
/// Who asks first finds out, and so may several at once: nobody waits for a thread that a forked child has not.
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
    let mut probe = MaybeUninit::<Mutex>::zeroed();
    // SAFETY: a place of our own.
    let made = unsafe { Mutex::init(NonNull::from(&mut probe).cast(), &MutexOptions::new()) };
    if made.is_err() {
        return false;
    }
    // SAFETY: made above, and not moved after.
    let mutex = unsafe { probe.assume_init_ref() };
    let free = mutex.owner();
    let locked = mutex.lock();
    let held = mutex.owner();
    let known = locked.is_ok() && free == 0 && held == c::gettid().cast_unsigned();
    // Locked by this thread just before, so that it cannot fail.
    let unlocked = mutex.unlock();
    known && unlocked.is_ok() && mutex.owner() == 0
}

fn is_thread_of_this_process(thread: u32) -> bool {
    const NO_SIGNAL: c_int = 0;
    let process = std::process::id();
    // SAFETY: takes and returns numbers only; signal 0 is sent to nobody.
    let asked = ret::check(unsafe { c::syscall(c::SYS_tgkill, process, thread, NO_SIGNAL) });
    asked != Err(Errno::ESRCH)
}

struct Attributes(MaybeUninit<c::pthread_mutexattr_t>);

impl Attributes {
    fn new(options: &MutexOptions) -> Result<Self, Errno> {
        let mut attributes = MaybeUninit::uninit();
        // SAFETY: writes the attributes, which are ours.
        ret::code(unsafe { c::pthread_mutexattr_init(attributes.as_mut_ptr()) })?;
        // From here on they are destroyed by `drop`, whatever fails.
        let mut this = Self(attributes);
        let place = this.0.as_mut_ptr();
        let kind = match options.kind {
            MutexKind::Normal => c::PTHREAD_MUTEX_NORMAL,
            MutexKind::ErrorChecking => c::PTHREAD_MUTEX_ERRORCHECK,
            MutexKind::Recursive => c::PTHREAD_MUTEX_RECURSIVE,
            MutexKind::Adaptive => clib::ADAPTIVE.ok_or(Errno::EOPNOTSUPP)?,
        };
        // SAFETY: attributes made above.
        ret::code(unsafe { c::pthread_mutexattr_settype(place, kind) })?;
        // SAFETY: attributes made above.
        ret::code(unsafe { c::pthread_mutexattr_setpshared(place, pshared(options.sharing)) })?;
        let robust = if options.is_robust() { c::PTHREAD_MUTEX_ROBUST } else { c::PTHREAD_MUTEX_STALLED };
        // SAFETY: attributes made above.
        ret::code(unsafe { c::pthread_mutexattr_setrobust(place, robust) })?;
        let protocol = match options.protocol {
            Protocol::None => c::PTHREAD_PRIO_NONE,
            Protocol::Inherit => c::PTHREAD_PRIO_INHERIT,
            Protocol::Protect(_) => c::PTHREAD_PRIO_PROTECT,
        };
        // SAFETY: attributes made above.
        ret::code(unsafe { c::pthread_mutexattr_setprotocol(place, protocol) })?;
        if let Protocol::Protect(ceiling) = options.protocol {
            // SAFETY: attributes made above.
            unsafe { clib::set_priority_ceiling(place, ceiling) }?;
        }
        Ok(this)
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: made in `new`, and destroyed only here.
        unsafe { c::pthread_mutexattr_destroy(self.0.as_mut_ptr()) };
    }
}
