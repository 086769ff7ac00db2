//! The trait of structures that begin with a header in memory, such as arrays and values.

#![expect(unsafe_code, reason = "states what a structure guarantees")]

use std::ptr::NonNull;

use ipc_core::{Refusal, Result};

use crate::{AccessMode, Tag};

/// A kind of object that is laid out at the beginning of a memory object: a header, and the content
/// that the header describes.
///
/// An [`Object`](crate::Object) creates and opens it, by name or in any memory object. An
/// implementation defines the header, checks a header that may contain any bytes, and accesses the
/// content behind it.
///
/// The first eight bytes of a header are never all zero. They are written last, as one atomic
/// integer: a process that reads a value other than zero there finds the rest complete.
///
/// # Safety
///
/// 1. For a memory object that was created with this [`TAG`](Self::TAG), or by a program that does
///    not use this toolkit, [`check`](Self::check) returns a layout only if all its parts lie
///    within `size` bytes, whatever bytes the header contains.
/// 2. As long as the bytes stay mapped, a value that [`at`](Self::at) returned cannot cause
///    undefined behaviour in safe code, whatever other processes write into the bytes through this
///    structure.
/// 3. While [`may_unmap`](Self::may_unmap) returns `true`, unmapping the bytes is sound if `self`
///    is not used afterwards.
/// 4. If [`Access`](Self::Access) is [`ReadOnly`](crate::ReadOnly), methods that write exist only
///    for a memory object that is [`ReadWrite`](crate::ReadWrite).
pub unsafe trait Structure: Sized + Send + Sync + 'static {
    /// The tag of memory objects that are created for this structure.
    const TAG: Tag;

    /// The length of the fixed part at the beginning of each header, in bytes: at least eight.
    const FIXED: usize;

    /// The minimum access with which it can be opened.
    type Access: AccessMode;

    /// The specification of a new object, such as a shape or an initial value.
    type Options: Clone;

    /// The position of each part of the structure, computed from a checked header.
    type Layout;

    /// Plans a new object: its header, size and alignment.
    ///
    /// # Errors
    ///
    /// An invalid argument if the options do not describe a valid object.
    fn plan(options: &Self::Options) -> Result<Plan<Self::Layout>, Refusal>;

    /// Returns the length of the header that begins with these [`FIXED`](Self::FIXED) bytes, which
    /// may have any values.
    ///
    /// # Errors
    ///
    /// A mismatch if the bytes are not the beginning of a header.
    fn head_len(fixed: &[u8]) -> Result<usize, Refusal> {
        Ok(fixed.len())
    }

    /// Checks the header at the beginning of a memory object of `size` bytes. The header may
    /// contain any bytes.
    ///
    /// # Errors
    ///
    /// A mismatch if it is not a header of this structure, or its values contradict each other or
    /// the size; the message says what was found and what was wanted.
    fn check(head: &[u8], size: usize) -> Result<Self::Layout, Refusal>;

    /// Initialises the bytes after the header of a new object. They are zero already.
    ///
    /// # Errors
    ///
    /// The error of the system. The implementation has then undone its work.
    ///
    /// # Safety
    ///
    /// `base` is aligned as [`Plan::align`] requires. The [`Plan::size`] bytes from there on are
    /// mapped and writable, they are zero behind the header, and no other code accesses them.
    unsafe fn init(base: NonNull<u8>, layout: &Self::Layout, options: Self::Options) -> Result<()> {
        let _ = (base, layout, options);
        Ok(())
    }

    /// Returns the structure at `base`.
    ///
    /// # Errors
    ///
    /// A mismatch if a part of the structure would not be aligned.
    ///
    /// # Safety
    ///
    /// 1. The layout is from [`plan`](Self::plan) or [`check`](Self::check), for a memory object
    ///    that begins at `base`.
    /// 2. The bytes have been initialised, and stay mapped, with at least [`Access`](Self::Access),
    ///    until the value is dropped.
    unsafe fn at(base: NonNull<u8>, layout: Self::Layout) -> Result<Self, Refusal>;

    /// Returns `true` if the bytes may be unmapped now. They may not while a thread of this process
    /// holds a robust mutex in them, because the kernel refers to that mutex by its address.
    fn may_unmap(&self) -> bool {
        true
    }
}

/// The memory that a new object needs, and its header.
#[derive(Clone, Debug)]
pub struct Plan<L> {
    /// The header: at least eight bytes, the first eight of which are not all zero.
    pub head: Vec<u8>,
    /// The number of bytes, the header included.
    pub size: usize,
    /// The alignment of the object, in bytes.
    pub align: usize,
    /// The position of each part.
    pub layout: L,
}
