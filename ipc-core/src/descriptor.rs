//! File descriptors that are kept clear of standard input, output and error.

use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use crate::{Errno, sys};

/// Moves a descriptor to number 3 or above, with close-on-exec set.
///
/// A daemon that has closed the standard streams gets the numbers 0, 1 and 2 for the next files it
/// opens, and a `println!` anywhere in the program then writes into those files. Every descriptor
/// that the toolkit opens goes through here.
///
/// # Examples
///
/// ```
/// use std::fs::File;
/// use std::os::fd::AsRawFd;
///
/// use ipc_core::above_standard_streams;
///
/// let file = above_standard_streams(File::open("/dev/null")?);
/// assert!(file.is_ok_and(|file| file.as_raw_fd() > 2));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// `EMFILE` if the descriptor is below 3 and no other number is free. The descriptor is closed
/// then.
#[doc(alias = "F_DUPFD_CLOEXEC")]
pub fn above_standard_streams(fd: impl Into<OwnedFd>) -> Result<OwnedFd, Errno> {
    let fd = fd.into();
    if fd.as_raw_fd() > 2 { Ok(fd) } else { sys::duplicate(fd.as_fd()) }
}

/// Duplicates a descriptor to a number of 3 or above, with close-on-exec set.
///
/// Both descriptors share one open file description.
///
/// # Errors
///
/// `EMFILE` if no number is free.
#[doc(alias = "dup")]
pub fn duplicate(fd: impl AsFd) -> Result<OwnedFd, Errno> {
    sys::duplicate(fd.as_fd())
}
