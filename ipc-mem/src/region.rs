//! Bytes that stay mapped as long as any structure is laid out in them.

#![expect(unsafe_code, reason = "counts addresses within a mapping; states that a tag is true")]

use std::marker::PhantomData;
use std::ops::Range;
use std::ptr::NonNull;
use std::sync::Arc;

use crate::file::Body;
use crate::retained;
use crate::{AccessMode, ReadWrite, Tag};

/// Bytes of this process at a fixed address, which stay mapped as long as a clone of this value exists.
///
/// It returns addresses, but gives no access to the bytes.
#[derive(Debug)]
pub struct Region<A: AccessMode = ReadWrite> {
    body: Arc<Body>,
    /// Which of the bytes, if not all of them.
    part: Option<Range<usize>>,
    access: PhantomData<A>,
}

impl<A: AccessMode> Region<A> {
    /// Creates a region of the bytes of a body, which allows access `A`. If this process keeps another mapping of the
    /// same bytes that it may not unmap yet, it uses that one.
    ///
    /// # Panics
    ///
    /// If the body allows less access.
    ///
    /// # Safety
    ///
    /// The [tag](Body::content) of the body is what the bytes were created for, as long as they are mapped.
    /// It may be [`Tag::FOREIGN`] only if no memory object with another tag reaches the bytes.
    #[must_use]
    pub unsafe fn new(body: Body) -> Self {
        assert!(
            body.access() == A::ACCESS || body.access() == crate::Access::ReadWrite,
            "a body that is read-only"
        );
        Self { body: retained::share(body), part: None, access: PhantomData }
    }

    /// A part of the region. The tag of a part is [foreign](Tag::FOREIGN).
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

    /// The address of the first byte.
    #[must_use]
    pub fn base(&self) -> NonNull<u8> {
        let start = self.part.as_ref().map_or(0, |part| part.start);
        // SAFETY: a part lies within the data of the body (`part`).
        unsafe { self.body.base().add(start) }
    }

    /// The number of bytes: never less than before, and at most `isize::MAX`.
    #[must_use]
    pub fn size(&self) -> usize {
        self.part.as_ref().map_or_else(|| self.body.size(), Range::len)
    }

    /// The tag of the bytes: their purpose at creation.
    #[must_use]
    pub fn tag(&self) -> Tag {
        if self.part.is_some() { Tag::FOREIGN } else { self.body.content() }
    }

    /// Returns `true` if this process has the bytes: a forked child does not if they are not inherited. Then there may
    /// be something else at the address, and nothing may be done with the region but drop it.
    #[must_use]
    pub fn is_mapped(&self) -> bool {
        self.body.is_mapped()
    }

    pub(crate) fn shared_body(&self) -> &Arc<Body> {
        &self.body
    }

    /// The data of the file behind it.
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
