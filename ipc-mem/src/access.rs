//! What a handle may do to the bytes of a memory object.

/// What this handle may do to the bytes of a memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Look at them.
    ReadOnly,
    /// Look at them and change them.
    ReadWrite,
}
