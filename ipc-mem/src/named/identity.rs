//! The identity of a file, independent of its name.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

/// The identity of an object, independent of its name. No two existing objects have the same
/// identity.
///
/// It is recorded in the object, so that a copy is distinguished from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    pub(crate) device: u64,
    pub(crate) inode: u64,
}

impl Identity {
    /// The identity of no file.
    #[must_use]
    pub const fn none() -> Self {
        Self { device: 0, inode: 0 }
    }

    /// Returns the identity of the file with this `metadata`.
    #[must_use]
    pub fn of(metadata: &Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }
}
