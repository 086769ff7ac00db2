//! Code that is specific to glibc.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::mem::MaybeUninit;

use crate::sys::c;

/// Returns the C library with which this program runs, and its version.
pub(crate) fn version() -> (u16, (u16, u16)) {
    let version = c::libc_version().to_str().unwrap_or_default();
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    (super::GLIBC, (parts.next().unwrap_or(0), parts.next().unwrap_or(0)))
}

/// Returns the layout of condition variables: 1 before the change of glibc 2.41, 2 after it, 0 if
/// the layout is unknown.
///
/// Distributions have backported the change to older versions, so the version does not show the
/// layout. A new condition variable shows it: if it is shared between processes and uses the
/// monotonic clock, it has the value 3 (the flags of both) at byte 36 before the change, and at
/// byte 28 after it.
pub(crate) fn condvar_layout() -> u16 {
    const WORDS: usize = size_of::<c::pthread_cond_t>() / 4;
    let mut attributes = MaybeUninit::zeroed();
    c::pthread_condattr_init(&mut attributes);
    // SAFETY: initialised by the call above, which cannot fail.
    let attributes = unsafe { attributes.assume_init_mut() };
    c::pthread_condattr_setpshared(attributes, c::PTHREAD_PROCESS_SHARED);
    c::pthread_condattr_setclock(attributes, c::CLOCK_MONOTONIC);
    let mut condvar = MaybeUninit::zeroed();
    c::pthread_cond_init(&mut condvar, Some(attributes));
    // SAFETY: `condvar` has at least `WORDS` words, all zeroed or written above; any bytes are
    // valid integers, and it is aligned for them.
    let words = unsafe { condvar.as_ptr().cast::<[u32; WORDS]>().read() };
    match (words[9], words[7]) {
        (3, _) => 1,
        (_, 3) => 2,
        _ => 0,
    }
}
