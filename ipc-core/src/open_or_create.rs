//! Opening an object, or creating it, while other processes do so as well.

use crate::Result;

/// Opens an object, or creates it if it does not exist. Tries again if another process creates or
/// removes the object in between.
///
/// If many processes call this at the same time, all get the same object, provided that `create`
/// never leaves an incomplete object.
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
