//! Owners of bytes, and the checks that every layout makes first.

#![expect(unsafe_code, reason = "states when a memory object is fresh")]

use std::alloc::Layout;
use std::fmt;
use std::ops::Deref;
use std::ptr::NonNull;

use ipc_core::{Error, Origin, Result, switched_on};

use crate::{Access, AccessMode, ReadWrite, Region, Tag};

/// A memory object: it owns a region of bytes, whose address never changes.
///
/// Arrays, semaphores and locks are laid out *in* a memory object, which they take by value. Safe
/// code cannot get a reference to the bytes, whatever the implementation does: the bytes belong to
/// a [`Region`], which returns only addresses. Every structure that is laid out there keeps the
/// region alive.
///
/// If other code writes or resizes the file of a memory object through a descriptor or a path, that
/// code is responsible for the consequences, as with `/proc/self/mem`.
pub trait Memory: Send + Sync {
    /// The access mode of the bytes, as a type.
    type Access: AccessMode;

    /// The bytes.
    fn region(&self) -> &Region<Self::Access>;

    /// Returns the name of this memory object for error messages.
    fn label(&self) -> String;

    /// The address of the first byte.
    fn base(&self) -> NonNull<u8> {
        self.region().base()
    }

    /// The number of bytes.
    fn size(&self) -> usize {
        self.region().size()
    }

    /// Returns the access mode of the bytes, as a value.
    fn access(&self) -> Access {
        Self::Access::ACCESS
    }

    /// Returns the tag of the memory object: the purpose for which it was created.
    fn tag(&self) -> Tag {
        self.region().tag()
    }
}

/// A memory object that this process has just created: its bytes are zero, and nothing is laid out
/// in it yet.
///
/// The `create_in` functions of structures and residents consume it.
/// [`into_inner`](Self::into_inner) returns the memory object with nothing laid out in it.
///
/// # Examples
///
/// ```
/// use ipc_mem::{Fresh, LocalMemory, Memory};
///
/// let fresh: Fresh<LocalMemory> = LocalMemory::new(4096)?;
/// assert_eq!(fresh.size(), 4096);
/// let memory: LocalMemory = fresh.into_inner();
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[must_use = "a memory object that is dropped at once may be removed at once"]
pub struct Fresh<M> {
    memory: M,
    /// A forked child has a copy of this value, and must not lay out the same bytes again.
    origin: Origin,
}

impl<M: Memory<Access = ReadWrite>> Fresh<M> {
    /// Marks a memory object as fresh.
    ///
    /// # Safety
    ///
    /// 1. [`Memory::region`] of `memory` always returns the same region, and its bytes are zero.
    /// 2. No other `Fresh` value contains any of these bytes, in any process, and nothing is laid
    ///    out there.
    /// 3. Every process that opens the bytes from now on finds the [`Tag`] that the region has.
    pub unsafe fn new(memory: M) -> Self {
        Self { memory, origin: Origin::here() }
    }

    /// Returns the memory object, so that the caller can lay out an object with the tag `tag` in
    /// it. Errors name `call`.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) in a forked child of the process that
    /// created the memory object; [`is_mismatch`](Error::is_mismatch) if the memory object was
    /// created with a [tag](crate::Tag) other than `tag` or `BARE` (the default).
    pub fn claim(self, call: &'static str, tag: Tag) -> Result<M> {
        if !self.origin.is_here() {
            let why = "the process that forked this one created this memory, and lays out what is in it: open that";
            return Err(Error::invalid(call, self.memory.label(), why));
        }
        if self.memory.tag() != Tag::BARE {
            expect_tag(call, &self.memory, tag)?;
        }
        Ok(self.memory)
    }
}

impl<M> Fresh<M> {
    /// Returns the memory object. No `create_in` function accepts it any longer.
    #[must_use]
    pub fn into_inner(self) -> M {
        self.memory
    }
}

impl<M> Deref for Fresh<M> {
    type Target = M;

    fn deref(&self) -> &M {
        &self.memory
    }
}

impl<M: fmt::Debug> fmt::Debug for Fresh<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fresh").field(&self.memory).finish()
    }
}

/// Returns the address of the `layout.size()` bytes at `offset` of a memory object. The error names
/// `call`.
///
/// # Errors
///
/// [`is_invalid_argument`](Error::is_invalid_argument) if these bytes do not lie within the memory
/// object, or are not aligned for `layout`.
pub fn locate<M: Memory>(
    call: &'static str,
    memory: &M,
    offset: usize,
    layout: Layout,
) -> Result<NonNull<u8>> {
    let (region, size, align) = (memory.region(), layout.size(), layout.align());
    if offset.checked_add(size).is_none_or(|end| end > region.size()) {
        let why =
            format!("{size} bytes at offset {offset} do not fit into {} bytes", region.size());
        return Err(Error::invalid(call, memory.label(), why));
    }
    let place = at_offset(region.base(), offset);
    if !place.as_ptr().addr().is_multiple_of(align) {
        let why = format!("offset {offset} is not on a boundary of {align} bytes");
        return Err(Error::invalid(call, memory.label(), why));
    }
    Ok(place)
}

/// Returns the address `offset` bytes behind `base`, or the maximum address if the sum overflows.
///
/// Code that accesses the address must prove that it lies in the same region as `base`.
#[must_use]
#[inline]
pub fn at_offset<T>(base: NonNull<T>, offset: usize) -> NonNull<T> {
    base.map_addr(|address| address.saturating_add(offset))
}

/// Refuses a memory object whose tag is neither `wanted` nor [`Tag::FOREIGN`]. The error names
/// `call`.
///
/// # Errors
///
/// [`is_mismatch`](Error::is_mismatch) if the memory object was created with another
/// [tag](crate::Tag).
pub fn expect_tag(call: &'static str, memory: &impl Memory, wanted: Tag) -> Result<()> {
    let found = memory.region().tag();
    if found == wanted || found == Tag::FOREIGN || !switched_on("content") {
        return Ok(());
    }
    Err(Error::mismatch(call, memory.label(), format_args!("found {found}, wanted {wanted}")))
}
