//! An error that hands something back.

use std::fmt;
use std::os::fd::OwnedFd;

use ipc_core::Error;

use crate::file_lock::FileLock;

/// An error, with the unchanged value that was passed to the failed call.
///
/// The value is lost if the error is turned into an [`Error`], as `?` does.
pub struct Refused<T> {
    error: Error,
    value: T,
}

impl<T> Refused<T> {
    pub(crate) fn new(error: Error, value: T) -> Self {
        Self { error, value }
    }

    /// Returns the reason.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// Returns the value.
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
    }
}

impl From<Refused<OwnedFd>> for Error {
    fn from(refused: Refused<OwnedFd>) -> Self {
        refused.error
    }
}

impl From<Refused<FileLock>> for Error {
    fn from(refused: Refused<FileLock>) -> Self {
        refused.error
    }
}

impl<T> fmt::Debug for Refused<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.error, f)
    }
}

impl<T> fmt::Display for Refused<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<T> std::error::Error for Refused<T> {}
