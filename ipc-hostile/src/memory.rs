//! Memory objects that break the rules as tests require: several handles to the same bytes, and
//! arbitrary bytes.

#![expect(
    unsafe_code,
    reason = "says which memory objects of the tests are fresh, and looks at their bytes"
)]

use std::sync::Arc;

use ipc_mem::file::Body;
use ipc_mem::{
    Access, Fresh, Maker, Memory, MemoryOptions, Placement, ReadOnly, ReadWrite, Region, Tag,
    granule,
};
use ipc_shm::AnonymousMemory;

use crate::sys;

/// A copy of all bytes.
pub fn bytes(memory: &impl Memory) -> Vec<u8> {
    let mut bytes = vec![0; memory.size()];
    // SAFETY: that many bytes are mapped, and no test writes them meanwhile.
    unsafe { granule::copy_out(memory.base(), &mut bytes) };
    bytes
}

/// One of several handles to the same bytes, which one thread uses in turn.
#[derive(Clone, Debug)]
pub struct Views {
    memory: Arc<AnonymousMemory>,
    /// For any structure: what a part was created for does not matter.
    part: Region<ReadWrite>,
}

impl Views {
    /// A memory object of zeros.
    pub fn new(size: usize) -> Self {
        let options = MemoryOptions::new(size).content(Tag::ARRAY);
        let memory = AnonymousMemory::create("views", options).unwrap().into_inner();
        Self { part: memory.region().part(0..size), memory: Arc::new(memory) }
    }

    /// Another handle, as if this process had created the memory object through it.
    pub fn fresh(&self) -> Fresh<Self> {
        // SAFETY: each test uses its handles in one thread, and lays out something in a fresh one
        // only once.
        unsafe { Fresh::new(self.clone()) }
    }

    /// Another handle, which is read-only.
    pub fn read_only(&self) -> AnonymousMemory<ReadOnly> {
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
#[derive(Debug)]
pub struct Unreadable(Region<ReadWrite>);

impl Unreadable {
    /// Maps some of it.
    pub fn create() -> Self {
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
#[derive(Debug)]
pub struct Pages(Region<ReadWrite>);

impl Pages {
    /// Pages for at least that many bytes.
    pub fn new(at_least: usize) -> Self {
        let (mapping, len) = sys::guarded(at_least);
        let body = Body::fixed(mapping, 0..len, Access::ReadWrite, Tag::FOREIGN, Placement::new())
            .unwrap();
        // SAFETY: the pages are new, and only this body reaches them.
        Self(unsafe { Region::new(body) })
    }

    /// A memory object of these bytes, which end as close to the guard page as a boundary of 64
    /// bytes allows.
    pub fn with(&self, content: &[u8]) -> Guarded {
        let from = self.0.size().checked_sub(content.len().next_multiple_of(64)).unwrap();
        let part = self.0.part(from..from + content.len());
        // SAFETY: that many bytes are mapped, and the test has dropped the handles it had before.
        unsafe { granule::copy_in(content, part.base()) };
        Guarded(part)
    }
}

/// A memory object of arbitrary bytes, followed by a guard page that cannot be read.
#[derive(Clone, Debug)]
pub struct Guarded(Region<ReadWrite>);

impl Memory for Guarded {
    type Access = ReadWrite;

    fn region(&self) -> &Region<ReadWrite> {
        &self.0
    }

    fn label(&self) -> String {
        String::from("/hostile")
    }
}

/// The maximum number of bytes for [`memory`].
pub const MOST: usize = 9 << 16;

/// A memory object of these bytes, in the same pages as this thread's previous one, whose handles
/// were dropped.
pub fn memory(content: &[u8]) -> Guarded {
    thread_local! {
        static PAGES: Pages = Pages::new(MOST);
    }

    PAGES.with(|pages| pages.with(&content[..content.len().min(MOST)]))
}

/// The bytes of a ring, a queue or a heap, which was created here if they do not say where.
pub(crate) fn created_here(content: &[u8]) -> Vec<u8> {
    let mut content = content.to_vec();
    if let Some(maker) = content.get_mut(32..32 + Maker::LEN).filter(|maker| **maker == [0; 24]) {
        maker.copy_from_slice(&Maker::here().encode());
    }
    content
}
