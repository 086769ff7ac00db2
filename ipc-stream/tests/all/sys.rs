//! Things that only tests do.

#![expect(unsafe_code, reason = "closes standard input")]

use std::os::fd::{FromRawFd, OwnedFd};

/// Closes standard input, as daemons that were started badly have it. For a process of its own.
pub(crate) fn close_standard_input() {
    // SAFETY: open since the process began, and this process uses it nowhere else.
    drop(unsafe { OwnedFd::from_raw_fd(0) });
}
