//! Memories that break the rules as tests must: several handles to the same bytes, and bytes at will.

#![expect(unsafe_code, reason = "vouches for memories of the tests, and looks at their bytes")]

use std::ptr::NonNull;
use std::sync::Arc;

use ipc_mem::{Access, Content, LocalMemory, Memory, granule};

use crate::sys::Pages;

/// A copy of all bytes.
pub(crate) fn bytes(memory: &impl Memory) -> Vec<u8> {
    let mut bytes = vec![0; memory.size()];
    // SAFETY: so many bytes are there, and no test writes them meanwhile.
    unsafe { granule::copy_out(memory.base(), &mut bytes) };
    bytes
}

/// One of several handles to local memory, for one thread to use in turn.
#[derive(Clone)]
pub(crate) struct Views {
    memory: Arc<LocalMemory>,
    access: Access,
    fresh: bool,
}

impl Views {
    pub(crate) fn new(size: usize) -> Self {
        Self { memory: Arc::new(LocalMemory::new(size).unwrap()), access: Access::ReadWrite, fresh: false }
    }

    /// Another handle, as if this process had made the memory through it.
    pub(crate) fn fresh(&self) -> Self {
        Self { fresh: true, ..self.clone() }
    }

    /// Another handle, as if it had been opened to be looked at.
    pub(crate) fn read_only(&self) -> Self {
        Self { access: Access::ReadOnly, ..self.clone() }
    }
}

// SAFETY: `memory` keeps its promises of base and size as long as one handle lives. That several reach the same
// bytes is safe because each test uses its handles in one thread, and lays out in one that is fresh only once.
unsafe impl Memory for Views {
    fn base(&self) -> NonNull<u8> {
        self.memory.base()
    }

    fn size(&self) -> usize {
        self.memory.size()
    }

    fn access(&self) -> Access {
        self.access
    }

    fn is_fresh(&self) -> bool {
        self.fresh
    }

    fn label(&self) -> String {
        String::from("the views")
    }
}

/// What says that it was made for something else, and has bytes that cannot even be read.
pub(crate) struct Unreadable(pub(crate) Pages);

// SAFETY: none of the bytes can be read, which is the promise broken here: who touches one is found out by the fault.
unsafe impl Memory for Unreadable {
    fn base(&self) -> NonNull<u8> {
        self.0.last(0)
    }

    fn size(&self) -> usize {
        4096
    }

    fn access(&self) -> Access {
        Access::ReadWrite
    }

    fn is_fresh(&self) -> bool {
        false
    }

    fn content(&self) -> Content {
        Content::Bare
    }

    fn label(&self) -> String {
        String::from("/bare")
    }
}

/// Any bytes as a memory, behind which nothing can be read.
pub(crate) struct Guarded {
    pages: Arc<Pages>,
    size: usize,
}

impl Guarded {
    pub(crate) fn new(pages: &Arc<Pages>, content: &[u8]) -> Self {
        let this = Self { pages: Arc::clone(pages), size: content.len() };
        // SAFETY: so many bytes are there, and the test has dropped the handle it had before.
        unsafe { granule::copy_in(content, this.base()) };
        this
    }
}

// SAFETY: the pages live as long as `self`, and the last `size` bytes of them can be read and written.
unsafe impl Memory for Guarded {
    fn base(&self) -> NonNull<u8> {
        self.pages.last(self.size)
    }

    fn size(&self) -> usize {
        self.size
    }

    fn access(&self) -> Access {
        Access::ReadWrite
    }

    fn is_fresh(&self) -> bool {
        false
    }

    fn label(&self) -> String {
        String::from("/hostile")
    }
}
