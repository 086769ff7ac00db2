//! What C does when a thread ends.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::{Errno, ret};
use ipc_sys as c;

/// What C calls with the number that a thread gave, if that is not 0.
pub(crate) type AtEnd = extern "C" fn(*mut c_void);

/// Has C call `at_end`, which is always the same, with this number when this thread ends; or not, with 0.
///
/// It comes after the destructors of `thread_local!` with glibc, and before or after those with musl, which keeps them in
/// a key, too. If it calls this, it is called once more, after all the others.
pub(crate) fn at_end_of_thread(at_end: AtEnd, number: usize) -> Result<(), Errno> {
    let key = key(at_end)?;
    // SAFETY: a key that was made, and is never deleted; the number is an address to nobody.
    ret::code(unsafe { c::pthread_setspecific(key, ptr::without_provenance(number)) })
}

/// The one key of this process. Not in a `OnceLock`: in a child that is forked while one thread makes it, all others
/// would wait for that thread, which is not there.
fn key(at_end: AtEnd) -> Result<c::pthread_key_t, Errno> {
    const NONE: u64 = u64::MAX;
    static KEY: AtomicU64 = AtomicU64::new(NONE);

    if let Ok(key) = c::pthread_key_t::try_from(KEY.load(Ordering::Relaxed)) {
        return Ok(key);
    }
    let mut ours = 0;
    // SAFETY: the call writes a key, which is ours; `at_end` is a function that C may call.
    ret::code(unsafe { c::pthread_key_create(&mut ours, Some(at_end)) })?;
    match KEY.compare_exchange(NONE, ours.into(), Ordering::Relaxed, Ordering::Relaxed) {
        Ok(_) => Ok(ours),
        Err(theirs) => {
            // SAFETY: made above, and nobody else has it.
            unsafe { c::pthread_key_delete(ours) };
            c::pthread_key_t::try_from(theirs).map_err(|_| Errno::EINVAL)
        }
    }
}

/// Writes to standard error, without a lock that another thread may have.
pub(crate) fn complain(sentence: &str) {
    // SAFETY: so many bytes, which are there until the call returns.
    unsafe { c::write(c::STDERR_FILENO, sentence.as_ptr().cast(), sentence.len()) };
}
