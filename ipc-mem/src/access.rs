//! Access modes: read only, or read and write.

use std::fmt::Debug;

/// The access mode of a handle to a memory object, as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Read only.
    ReadOnly,
    /// Read and write.
    ReadWrite,
}

/// The access mode of a handle to a memory object, as a type: [`ReadOnly`] or [`ReadWrite`].
pub trait AccessMode: sealed::Sealed + Copy + Debug + Send + Sync + 'static {
    /// The same access mode as a value.
    const ACCESS: Access;
}

/// The access modes that allow at least `A`: both modes if `A` is [`ReadOnly`], only [`ReadWrite`]
/// if `A` is [`ReadWrite`].
pub trait AtLeast<A: AccessMode>: AccessMode {}

/// Read only. The bytes are mapped read-only, so even a wild pointer of this process cannot change
/// them.
#[derive(Clone, Copy, Debug)]
pub struct ReadOnly;

/// Read and write.
#[derive(Clone, Copy, Debug)]
pub struct ReadWrite;

impl AccessMode for ReadOnly {
    const ACCESS: Access = Access::ReadOnly;
}

impl AccessMode for ReadWrite {
    const ACCESS: Access = Access::ReadWrite;
}

impl<A: AccessMode> AtLeast<ReadOnly> for A {}

impl AtLeast<ReadWrite> for ReadWrite {}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::ReadOnly {}

    impl Sealed for super::ReadWrite {}
}
