//! File descriptors above those of standard input, output and error.

use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use crate::{Errno, sys};

/// Moves a descriptor to number 3 or above. A descriptor that is moved has close-on-exec set. A
/// descriptor that is 3 or above already is returned unchanged.
///
/// If a daemon has closed the standard streams, the next files that it opens get the numbers 0, 1
/// and 2, and a `println!` then writes into the file with number 1. The toolkit therefore calls
/// this function for every descriptor that it opens.
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
