//! Bytes that stay mapped as long as any structure is laid out in them.

#![expect(unsafe_code, reason = "counts addresses within a mapping; states that a tag is true")]

use std::marker::PhantomData;
use std::ops::Range;
use std::ptr::NonNull;
use std::sync::Arc;

use crate::file::Body;
use crate::memory::at_offset;
use crate::retained;
use crate::{AccessMode, ReadWrite, Tag};

/// Bytes of this process at a fixed address, which stay mapped as long as a clone of this value
/// exists.
///
/// A region returns addresses, but gives safe code no access to the bytes.
#[derive(Debug)]
pub struct Region<A: AccessMode = ReadWrite> {
    body: Arc<Body>,
    /// The bytes of the body that belong to the region; `None` for all of them.
    part: Option<Range<usize>>,
    access: PhantomData<A>,
}

impl<A: AccessMode> Region<A> {
    /// Creates a region of the bytes of a [`Body`] (mapped bytes), with access `A`. If this process
    /// still has an older mapping of the same bytes that must stay (see
    /// [`Resident::may_unmap`](crate::Resident::may_unmap)), the region uses that mapping.
    ///
    /// # Panics
    ///
    /// If the body allows less access than `A`.
    ///
    /// # Safety
    ///
    /// As long as the bytes are mapped, the [tag](Body::content) of the body is the purpose for
    /// which they were created. It may be [`Tag::FOREIGN`] only if no memory object with another
    /// tag contains these bytes.
    #[must_use]
    pub unsafe fn new(body: Body) -> Self {
        assert!(
            body.access() == A::ACCESS || body.access() == crate::Access::ReadWrite,
            "a body that is read-only"
        );
        Self { body: retained::share(body), part: None, access: PhantomData }
    }

    /// Returns a part of the region. The tag of a part is [foreign](Tag::FOREIGN).
    ///
    /// # Panics
    ///
    /// If the range does not lie within the region.
    #[must_use]
    pub fn part(&self, range: Range<usize>) -> Self {
        assert!(
            range.start <= range.end && range.end <= self.size(),
            "{range:?} of {} bytes",
            self.size()
        );
        let start = self.part.as_ref().map_or(0, |part| part.start);
        let part = start + range.start..start + range.end;
        Self { body: Arc::clone(&self.body), part: Some(part), access: PhantomData }
    }

    /// Returns the address of the first byte.
    #[must_use]
    pub fn base(&self) -> NonNull<u8> {
        let start = self.part.as_ref().map_or(0, |part| part.start);
        at_offset(self.body.base(), start)
    }

    /// Returns the number of bytes, which may grow but never shrinks, and is at most `isize::MAX`.
    #[must_use]
    pub fn size(&self) -> usize {
        self.part.as_ref().map_or_else(|| self.body.size(), Range::len)
    }

    /// Returns the tag of the bytes: the purpose for which they were created.
    #[must_use]
    pub fn tag(&self) -> Tag {
        if self.part.is_some() { Tag::FOREIGN } else { self.body.content() }
    }

    /// Returns `true` if the bytes are mapped in this process. In a forked child that does not
    /// inherit them, they are not mapped, and other bytes may be mapped at their address. Such a
    /// child may only drop the region.
    #[must_use]
    pub fn is_mapped(&self) -> bool {
        self.body.is_mapped()
    }

    pub(crate) fn shared_body(&self) -> &Arc<Body> {
        &self.body
    }

    /// Returns the body that contains the bytes.
    #[must_use]
    pub fn body(&self) -> &Body {
        &self.body
    }
}

impl<A: AccessMode> Clone for Region<A> {
    fn clone(&self) -> Self {
        Self { body: Arc::clone(&self.body), part: self.part.clone(), access: PhantomData }
    }
}
