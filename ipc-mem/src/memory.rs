//! Where bytes live, and what every layout in them checks first.

#![expect(unsafe_code, reason = "states what an owner of bytes vouches for")]

use std::alloc::Layout;
use std::fmt;
use std::ptr::NonNull;

use crate::Access;
use ipc_core::{Error, Result, switched_on};

/// An owner of a run of bytes at a fixed address.
///
/// Arrays, semaphores and locks are laid out *in* a memory, which they take by
/// value: whoever has the memory has its bytes, and nobody else in safe code does.
///
/// # Safety
///
/// For as long as `self` lives, also while it is moved:
///
/// 1. [`base`](Self::base) and [`access`](Self::access) always answer the same, and
///    [`size`](Self::size) never less than before and never more than `isize::MAX`.
/// 2. The `size` bytes from `base` on can be read and, if `access` says so, written,
///    by every thread of this process.
/// 3. No safe code gets a reference to these bytes or reads or writes them otherwise
///    than through what was laid out in this memory. A descriptor or a path of the file behind it is like
///    `/proc/self/mem`: who writes or resizes the file through it vouches for that.
/// 4. [`is_fresh`](Self::is_fresh) is true only if the bytes were zero when this handle was
///    made, and no other value for which it is true, in any process, reaches any of them.
/// 5. [`content`](Self::content) always answers the same; `Foreign` only if no other handle that safe code
///    can have had laid something out in these bytes that does not begin with a header of its own.
pub unsafe trait Memory: Send + Sync {
    /// The address of the first byte.
    fn base(&self) -> NonNull<u8>;

    /// The number of bytes.
    fn size(&self) -> usize;

    /// What may be done to them.
    fn access(&self) -> Access;

    /// Whether it is for this handle to lay something out here.
    ///
    /// It is for the one that made the memory. Others open what they find.
    fn is_fresh(&self) -> bool {
        false
    }

    /// What it was made for.
    fn content(&self) -> Content {
        Content::Foreign
    }

    /// What to call this memory in an error message, usually its name.
    fn label(&self) -> String;

    /// Whether this process has the bytes. A forked child has not if they are not inherited: then nothing of the above
    /// holds there, and it may do nothing with the memory but drop it.
    fn is_mapped(&self) -> bool {
        true
    }

    /// Does what dropping does besides unmapping, which is to end a name: for who has to leave the bytes mapped for ever.
    fn leave(&mut self) {}
}

/// What a memory was made for, as far as this toolkit made it.
///
/// Opening by what the bytes say is safe only where no safe door to the same bytes is of another kind: somebody
/// might write bytes that look like a header through it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// An array, which begins with its header.
    Array,
    /// A shared value, which begins with its preamble.
    Value,
    /// Anything, which may have no header: it is opened by who vouches for knowing what it is.
    Bare,
    /// Not for this toolkit to say: made by a program outside of it, or private to this handle.
    Foreign,
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Array => "an array",
            Self::Value => "a shared value",
            Self::Bare => "bare memory",
            Self::Foreign => "foreign memory",
        })
    }
}

/// The address of `layout.size()` bytes at `offset` of a memory; `call` is named in the error.
///
/// # Errors
///
/// `is_invalid_argument` if the place does not lie within the memory or is not aligned for `layout`.
pub fn locate(call: &'static str, memory: &impl Memory, offset: usize, layout: Layout) -> Result<NonNull<u8>> {
    let (size, align) = (layout.size(), layout.align());
    if offset.checked_add(size).is_none_or(|end| end > memory.size()) {
        let why = format!("{size} bytes at offset {offset} do not fit into {} bytes", memory.size());
        return Err(Error::invalid(call, memory.label(), why));
    }
    // SAFETY: `offset` is within the memory, which is one run of at most `isize::MAX` bytes (`Memory`, 1 and 2).
    let place = unsafe { memory.base().add(offset) };
    if !place.as_ptr().addr().is_multiple_of(align) {
        let why = format!("offset {offset} is not on a boundary of {align} bytes");
        return Err(Error::invalid(call, memory.label(), why));
    }
    Ok(place)
}

/// Refuses a memory that is read-only; `call` is named in the error.
///
/// # Errors
///
/// `is_invalid_argument` if it is.
pub fn expect_writable(call: &'static str, memory: &impl Memory) -> Result<()> {
    match memory.access() {
        Access::ReadWrite => Ok(()),
        Access::ReadOnly => Err(Error::invalid(call, memory.label(), "the memory is read-only")),
    }
}

/// Refuses to open what was made for something else; `call` is named in the error.
///
/// # Errors
///
/// `is_mismatch` if it was.
pub fn expect_content(call: &'static str, memory: &impl Memory, wanted: Content) -> Result<()> {
    let found = memory.content();
    if found == wanted || found == Content::Foreign || !switched_on("content") {
        return Ok(());
    }
    Err(Error::mismatch(call, memory.label(), format_args!("found {found}, wanted {wanted}")))
}

/// Refuses to lay something out in a memory that this handle did not make, may not write, or made
/// for something else; `call` is named in the error.
///
/// # Errors
///
/// `is_invalid_argument` or `is_mismatch` if so.
pub fn expect_fresh(call: &'static str, memory: &impl Memory, wanted: Content) -> Result<()> {
    expect_writable(call, memory)?;
    if memory.content() != Content::Bare {
        expect_content(call, memory, wanted)?;
    }
    if !memory.is_fresh() {
        let why = "somebody else made this memory and may have laid something out in it: open that instead";
        return Err(Error::invalid(call, memory.label(), why));
    }
    Ok(())
}
