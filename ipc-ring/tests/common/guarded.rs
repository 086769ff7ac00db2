//! Bytes that may be anything, laid out where a step too far is a fault.

#![expect(unsafe_code, reason = "lays arbitrary bytes out as objects")]

use ipc_mem::file::Body;
use ipc_mem::{Access, Maker, Memory, Placement, ReadWrite, Region, Tag, granule};

use super::sys;

/// Bytes that end at a page that cannot be read.
#[derive(Clone)]
pub(crate) struct Guarded(Region<ReadWrite>);

impl Guarded {
    pub(crate) fn new(at_least: usize) -> Self {
        let (mapping, len) = sys::guarded(at_least);
        let body = Body::fixed(mapping, 0..len, Access::ReadWrite, Tag::FOREIGN, Placement::new())
            .unwrap();
        // SAFETY: the pages are new, and only this body reaches them.
        Self(unsafe { Region::new(body) })
    }

    /// A memory object of these bytes, close to the guard page.
    pub(crate) fn with(&self, content: &[u8]) -> Self {
        let from = self.0.size() - content.len().next_multiple_of(64);
        let part = self.0.part(from..from + content.len());
        // SAFETY: that many bytes are mapped, and the test has dropped the handles it had before.
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

/// A memory object of these bytes, in the pages of the one before, whose handles were dropped. If
/// they do not say in which namespaces they were created, it is here.
pub(crate) fn memory(content: &[u8]) -> Guarded {
    const MOST: usize = 65_536;

    thread_local! {
        static PAGES: Guarded = Guarded::new(MOST);
    }

    let mut content = content[..content.len().min(MOST)].to_vec();
    if let Some(maker) = content.get_mut(32..32 + Maker::LEN).filter(|maker| **maker == [0; 24]) {
        maker.copy_from_slice(&Maker::here().encode());
    }
    PAGES.with(|pages| pages.with(&content))
}

/// The bytes of a memory object.
pub(crate) fn image(memory: &impl Memory) -> Vec<u8> {
    let mut bytes = vec![0; memory.size()];
    // SAFETY: that many bytes are mapped, and no test writes them meanwhile.
    unsafe { granule::copy_out(memory.base(), &mut bytes) };
    bytes
}
