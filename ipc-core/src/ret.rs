//! Conversion of C's return values to `Result`: [`check`] for calls that return -1 and set `errno`,
//! [`code`] for calls that return the error number, and [`retry`] for calls that fail with `EINTR`.

use crate::{Errno, switched_on};

/// Returns `result`, or the thread's `errno` if `result` is -1.
///
/// # Errors
///
/// The thread's error number, if `result` is -1.
#[inline]
pub fn check<N: PartialEq + From<i8>>(result: N) -> Result<N, Errno> {
    if result == N::from(-1) { Err(Errno::last()) } else { Ok(result) }
}

/// Turns the error number that pthread functions return into a `Result`.
///
/// # Errors
///
/// `code` itself, if it is not 0.
#[inline]
pub fn code(code: i32) -> Result<(), Errno> {
    if code == 0 { Ok(()) } else { Err(Errno::new(code)) }
}

/// Repeats a call until it returns something other than `EINTR`.
///
/// # Errors
///
/// The errors of `call`, but never `EINTR`.
#[inline]
pub fn retry<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    loop {
        match call() {
            Err(Errno::EINTR) if switched_on("retry") => {}
            other => return other,
        }
    }
}
