//! Memory objects that break the rules as tests require: several handles to the same bytes, and
//! arbitrary bytes.

#![expect(
    unsafe_code,
    reason = "says which memory objects of the tests are fresh, and looks at their bytes"
)]

use std::sync::Arc;

use ipc_mem::file::Body;
use ipc_mem::{
    Access, Fresh, Memory, MemoryOptions, Placement, ReadOnly, ReadWrite, Region, Tag, granule,
};
use ipc_shm::AnonymousMemory;

use crate::sys;

/// A copy of all bytes.
pub(crate) fn bytes(memory: &impl Memory) -> Vec<u8> {
    let mut bytes = vec![0; memory.size()];
    // SAFETY: that many bytes are mapped, and no test writes them meanwhile.
    unsafe { granule::copy_out(memory.base(), &mut bytes) };
    bytes
}

/// One of several handles to the same bytes, which one thread uses in turn.
#[derive(Clone)]
pub(crate) struct Views {
    memory: Arc<AnonymousMemory>,
    /// For any structure: what a part was created for does not matter.
    part: Region<ReadWrite>,
}

impl Views {
    pub(crate) fn new(size: usize) -> Self {
        let options = MemoryOptions::new(size).content(Tag::ARRAY);
        let memory = AnonymousMemory::create("views", options).unwrap().into_inner();
        Self { part: memory.region().part(0..size), memory: Arc::new(memory) }
    }

    /// Another handle, as if this process had created the memory object through it.
    pub(crate) fn fresh(&self) -> Fresh<Self> {
        // SAFETY: each test uses its handles in one thread, and lays out something in a fresh one
        // only once.
        unsafe { Fresh::new(self.clone()) }
    }

    /// Another handle, which is read-only.
    pub(crate) fn read_only(&self) -> AnonymousMemory<ReadOnly> {
        AnonymousMemory::from_fd_read_only(self.memory.try_clone_fd().unwrap()).unwrap()
    }
}

impl Memory for Views {
    type Access = ReadWrite;

    fn region(&self) -> &Region<ReadWrite> {
        &self.part
    }

    fn label(&self) -> String {
        String::from("the views")
    }
}

/// A memory object that reports that it was created for something else, and whose bytes cannot even
/// be read.
pub(crate) struct Unreadable(Region<ReadWrite>);

impl Unreadable {
    pub(crate) fn new() -> Self {
        let mapping = sys::unreadable(4096);
        let body =
            Body::fixed(mapping, 0..4096, Access::ReadWrite, Tag::BARE, Placement::new()).unwrap();
        // SAFETY: the pages are new, and nothing is ever laid out in them.
        Self(unsafe { Region::new(body) })
    }
}

impl Memory for Unreadable {
    type Access = ReadWrite;

    fn region(&self) -> &Region<ReadWrite> {
        &self.0
    }

    fn label(&self) -> String {
        String::from("/bare")
    }
}

/// Space for the bytes of one memory object after another, followed by a guard page that cannot be
/// read.
pub(crate) struct Pages(Region<ReadWrite>);

impl Pages {
    pub(crate) fn new(at_least: usize) -> Self {
        let (mapping, len) = sys::guarded(at_least);
        let body = Body::fixed(mapping, 0..len, Access::ReadWrite, Tag::FOREIGN, Placement::new())
            .unwrap();
        // SAFETY: the pages are new, and only this body reaches them.
        Self(unsafe { Region::new(body) })
    }
}

/// A memory object of arbitrary bytes, followed by a guard page that cannot be read.
pub(crate) struct Guarded(Region<ReadWrite>);

impl Guarded {
    /// The bytes end as close to the guard page as a boundary of 64 bytes allows.
    pub(crate) fn new(pages: &Pages, content: &[u8]) -> Self {
        let from = pages.0.size().checked_sub(content.len().next_multiple_of(64)).unwrap();
        let part = pages.0.part(from..from + content.len());
        // SAFETY: that many bytes are mapped, and the test has dropped the handle it had before.
        unsafe { granule::copy_in(content, part.base()) };
        Self(part)
    }
}

impl Memory for Guarded {
    type Access = ReadWrite;

    fn region(&self) -> &Region<ReadWrite> {
        &self.0
    }

    fn label(&self) -> String {
        String::from("/hostile")
    }
}
