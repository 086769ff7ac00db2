//! Open an object, or create it, while other processes do the same.

use crate::Result;

/// Opens an existing object or creates it, and retries while other processes create or remove it in
/// between.
///
/// If many processes call this at once, and `create` creates a complete object or none, all get the
/// same object.
///
/// # Errors
///
/// The errors of `open`, except `is_not_found` and `is_removed`, and those of `create`, except
/// `is_exists`.
pub fn open_or_create<T>(
    mut open: impl FnMut() -> Result<T>,
    mut create: impl FnMut() -> Result<T>,
) -> Result<T> {
    loop {
        match open() {
            Err(err) if err.is_not_found() || err.is_removed() => {}
            done => return done,
        }
        match create() {
            // Another process was faster: open its object.
            Err(err) if err.is_exists() => {}
            done => return done,
        }
    }
}
