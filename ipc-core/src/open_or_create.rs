//! One of many makes what all of them look for.

use crate::Result;

/// Opens what there is, or makes it, again and again while others make it or end it in between.
///
/// However many processes do this at once, where `create` makes a whole object or none, all get the same one.
///
/// # Errors
///
/// What `open` fails with, but for `is_not_found` and `is_removed`, and `create`, but for `is_exists`.
pub fn open_or_create<T>(mut open: impl FnMut() -> Result<T>, mut create: impl FnMut() -> Result<T>) -> Result<T> {
    loop {
        match open() {
            Err(err) if err.is_not_found() || err.is_removed() => {}
            done => return done,
        }
        match create() {
            // Somebody was faster: theirs is the one to open.
            Err(err) if err.is_exists() => {}
            done => return done,
        }
    }
}
