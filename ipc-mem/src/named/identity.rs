//! The identity of a file, independent of its name.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

/// The identity of an object, independent of its name. No two existing objects have the same
/// identity.
///
/// The object records its identity, so that a copy of it can be recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    pub(crate) device: u64,
    pub(crate) inode: u64,
}

impl Identity {
    /// Returns an identity that no file has.
    #[must_use]
    pub const fn none() -> Self {
        Self { device: 0, inode: 0 }
    }

    /// Returns the identity of the System V segment with this id. It is valid as long as the
    /// segment exists.
    #[must_use]
    pub fn of_segment(id: i32) -> Self {
        // No file system has this device.
        Self { device: u64::MAX, inode: u64::from(id.cast_unsigned()) }
    }

    /// Returns the identity of the file with this `metadata`.
    #[must_use]
    pub fn of(metadata: &Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }
}
