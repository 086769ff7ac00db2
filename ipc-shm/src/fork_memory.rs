//! Memory for this process and the children that it forks.

#![expect(unsafe_code, reason = "vouches for the mapped bytes as a `Memory`")]

use std::ptr::NonNull;

use ipc_core::{Error, Origin, Result};
use ipc_mem::{Access, Content, Memory};

use crate::{Achieved, MemoryOptions};
use ipc_mem::file::{Body, trailer};

/// Memory that this process shares with the children that it forks, and with nobody else.
///
/// There is no descriptor and no name: what has a copy of this handle by `fork` has the memory. A program started by
/// `exec` has not; for that, there is [`AnonymousMemory`](crate::AnonymousMemory).
///
/// # Examples
///
/// ```
/// use ipc_mem::Memory;
/// use ipc_shm::ForkMemory;
///
/// let memory = ForkMemory::create(4096)?;
/// assert_eq!((memory.size(), memory.is_fresh()), (4096, true));
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://man7.org/linux/man-pages/man2/mmap.2.html>, under `MAP_ANONYMOUS`
#[doc(alias = "MAP_ANONYMOUS")]
#[derive(Debug)]
pub struct ForkMemory {
    body: Body,
    creator: Origin,
}

const LABEL: &str = "memory for children";

impl ForkMemory {
    /// Makes a memory of zeros. Of the options, size, content and placement matter.
    ///
    /// # Errors
    ///
    /// `is_no_space` if the system does not promise so much; `is_invalid_argument` if the size is 0 or over
    /// `isize::MAX`, or it is to grow, which only what has a descriptor can, or its [placement](crate::Placement::not_inherited)
    /// keeps it from the children it is for.
    #[doc(alias = "mmap")]
    pub fn create(options: impl Into<MemoryOptions>) -> Result<Self> {
        let options = options.into();
        trailer(&options, LABEL)?; // it has none, but the same sizes are possible
        if options.max_size.is_some() {
            return Err(Error::invalid("create", LABEL, "there is no descriptor by which it could grow"));
        }
        if !options.placement.is_inherited() {
            return Err(Error::invalid("create", LABEL, "children would not inherit it"));
        }
        let mapping = options.placement.map(None, options.size, Access::ReadWrite);
        let mapping = mapping.map_err(|errno| Error::os("mmap", LABEL, errno))?;
        let range = 0..options.size;
        let body = Body::fixed(mapping, range, Access::ReadWrite, options.content, options.placement, LABEL)?;
        Ok(Self { body, creator: Origin::here() })
    }

    /// What became of the placement that was asked for.
    #[must_use]
    pub fn placement(&self) -> Achieved {
        self.body.achieved()
    }
}

// SAFETY: the bytes are mapped from construction to drop at one address, readable and writable; no method gives them
// out. They were zero, and only this handle reaches them and its copies in forked children, which are not fresh and
// tell the same content.
unsafe impl Memory for ForkMemory {
    fn base(&self) -> NonNull<u8> {
        self.body.base()
    }

    fn size(&self) -> usize {
        self.body.size()
    }

    fn access(&self) -> Access {
        Access::ReadWrite
    }

    fn is_fresh(&self) -> bool {
        self.creator.is_here()
    }

    fn content(&self) -> Content {
        self.body.content()
    }

    fn label(&self) -> String {
        LABEL.to_owned()
    }
}
