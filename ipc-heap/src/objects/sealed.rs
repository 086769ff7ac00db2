//! The common interface of all kinds of objects.

use ipc_core::Refusal;

use crate::allocator::local::Local;
use crate::objects::description::Description;
use crate::objects::directory::Content;
use crate::objects::object::Handle;

/// The functions of [`HeapObject`](crate::HeapObject) that only this crate calls.
pub trait Sealed<'h>: Sized {
    /// The content of a new object.
    type First<'a>;

    /// The same kind of object, in a heap that lives as long as `'a`.
    type At<'a>: Sealed<'a>;

    fn description() -> Result<Description, Refusal>;

    fn first(local: &Local, first: Self::First<'_>) -> Result<Content, Refusal>;

    fn of(handle: Handle<'h>) -> Self;

    fn handle(&self) -> Handle<'h>;
}

/// Allocates the content of a new object, which consists of these bytes.
pub(crate) fn content(
    local: &Local,
    bytes: &[u8],
    each: usize,
    align: usize,
) -> Result<Content, Refusal> {
    if bytes.is_empty() {
        return Ok(Content::default());
    }
    let block = local.allocate(bytes.len() as u64, align.max(8))?;
    let words = local.words(block, bytes.len().div_ceil(8) as u64).unwrap_or_default();
    // The block has the words that the bytes need.
    let _ = crate::words::copy_in(words, 0, bytes);
    Ok(Content { block, len: (bytes.len() / each) as u64, third: 0 })
}
