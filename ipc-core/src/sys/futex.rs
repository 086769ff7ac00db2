//! The futex calls of the kernel. A futex is an integer of 32 bits in memory on which threads
//! sleep.
//!
//! <https://man7.org/linux/man-pages/man2/futex.2.html>

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ffi::c_long;
use std::ptr;
use std::sync::atomic::AtomicU32;

use crate::{Errno, TimeSpec};
use ipc_sys as c;

/// Sleeps if `word` is `expected`: until another thread wakes this one, or the monotonic clock
/// reaches `end`. May also return `Ok` without a wake-up.
///
/// # Errors
///
/// `EAGAIN` if the word has another value, `ETIMEDOUT` if the clock has reached `end`, `EINTR` if a
/// signal was handled.
pub fn wait(word: &AtomicU32, expected: u32, end: Option<TimeSpec>) -> Result<(), Errno> {
    let end = end.map(c::timespec::from);
    let end = end.as_ref().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: the kernel reads the word, which is borrowed, and the time, a local; it writes to
    // neither.
    let done = unsafe {
        c::syscall(
            c::SYS_futex,
            word.as_ptr(),
            c::FUTEX_WAIT_BITSET,
            expected,
            end,
            ptr::null::<u32>(),
            c::FUTEX_BITSET_MATCH_ANY,
        )
    };
    if done == -1 { Err(Errno::last()) } else { Ok(()) }
}

/// The maximum number of words of [`wait_any`].
pub const MAX_WORDS: usize = 128;

/// Sleeps if each of the words has the value beside it: until another thread wakes this one through
/// one of them, or the monotonic clock reaches `end`. May also return `Ok` without a wake-up.
///
/// # Errors
///
/// Those of [`wait`]; `ENOSYS` before Linux 5.16; `EINVAL` if `words` is empty, or has more than
/// [`MAX_WORDS`] entries.
///
/// <https://man7.org/linux/man-pages/man2/futex_waitv.2.html>
#[doc(alias = "futex_waitv")]
pub fn wait_any(words: &[(&AtomicU32, u32)], end: Option<TimeSpec>) -> Result<(), Errno> {
    /// The same number for all processors.
    const SYS_FUTEX_WAITV: c_long = 449;
    const FUTEX2_SIZE_U32: u32 = 2;

    /// `struct futex_waitv`
    #[repr(C)]
    struct Waiter {
        value: u64,
        address: u64,
        flags: u32,
        reserved: u32,
    }

    let waiter = |(word, expected): &(&AtomicU32, u32)| Waiter {
        value: u64::from(*expected),
        address: word.as_ptr().addr() as u64,
        flags: FUTEX2_SIZE_U32,
        reserved: 0,
    };
    let waiters: Vec<_> = words.iter().map(waiter).collect();
    let count = u32::try_from(waiters.len()).unwrap_or(u32::MAX);
    let end = end.map(c::timespec::from);
    let end = end.as_ref().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: the kernel reads the waiters and the time, which are locals, and the words, which are
    // borrowed; it writes to none of them.
    let done = unsafe {
        c::syscall(SYS_FUTEX_WAITV, waiters.as_ptr(), count, 0_u32, end, c::CLOCK_MONOTONIC)
    };
    if done == -1 { Err(Errno::last()) } else { Ok(()) }
}

/// Wakes at most `most` threads that sleep on `word`, and returns the number of threads that were
/// woken.
pub fn wake(word: &AtomicU32, most: i32) -> usize {
    // SAFETY: the kernel looks for sleepers by the address of the word, which is borrowed, and does
    // not access it.
    let woken: c_long = unsafe { c::syscall(c::SYS_futex, word.as_ptr(), c::FUTEX_WAKE, most) };
    // The call fails only for an address that is not mapped.
    usize::try_from(woken).unwrap_or(0)
}
