//! A descriptor that a handle keeps, and that other code of the process may close unexpectedly.

use std::fs::File;
use std::os::fd::{AsRawFd, IntoRawFd};

use ipc_core::{Errno, Refusal};

use crate::named::Identity;

/// An open file that is checked before each use. If a daemon has closed all descriptors
/// (`close_range`, `closefrom`), the number may refer to another file, which must be neither
/// written nor closed.
#[derive(Debug)]
pub(crate) struct KeptFile {
    /// `Some` until `drop`.
    file: Option<File>,
    identity: Identity,
}

impl KeptFile {
    pub(crate) fn new(file: File, identity: Identity) -> Self {
        Self { file: Some(file), identity }
    }

    /// The file, if it is still the one that was kept.
    pub(crate) fn get(&self) -> Result<&File, Refusal> {
        let is_it = |file: &&File| {
            file.metadata().is_ok_and(|metadata| Identity::of(&metadata) == self.identity)
        };
        self.file.as_ref().filter(is_it).ok_or_else(|| {
            let number = self.file.as_ref().map_or(-1, File::as_raw_fd);
            let why = format!(
                "descriptor {number} of this handle was closed by other code of this process"
            );
            Refusal::os("fstat", Errno::EBADF).because(why)
        })
    }
}

impl Drop for KeptFile {
    fn drop(&mut self) {
        if self.get().is_err() {
            // The number refers to another file, or is closed.
            let _ = self.file.take().map(File::into_raw_fd);
        }
    }
}
