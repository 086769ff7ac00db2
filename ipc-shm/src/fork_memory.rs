//! Memory that a process shares with the children it forks.

#![expect(unsafe_code, reason = "says which handle is fresh, and that a tag is true")]

use ipc_core::{Error, Result};
use ipc_mem::{Access, Fresh, Memory, ReadWrite, Region};

use crate::{Achieved, MemoryOptions};
use ipc_mem::file::{Body, trailer};

/// Memory that this process shares only with the children that it forks.
///
/// It has no descriptor and no name. A forked child inherits the handle and the mapping. A program
/// started by `exec` inherits neither: to share memory with it, use
/// [`AnonymousMemory`](crate::AnonymousMemory).
///
/// # Examples
///
/// ```
/// use ipc_mem::Memory;
/// use ipc_shm::ForkMemory;
///
/// let memory = ForkMemory::create(4096)?;
/// assert_eq!(memory.size(), 4096);
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://man7.org/linux/man-pages/man2/mmap.2.html>, under `MAP_ANONYMOUS`
#[doc(alias = "MAP_ANONYMOUS")]
#[derive(Debug)]
pub struct ForkMemory(Region<ReadWrite>);

const LABEL: &str = "memory for children";

impl ForkMemory {
    /// Creates a memory object filled with zeros. Of the options, only the size, the tag and the
    /// placement have an effect.
    ///
    /// # Errors
    ///
    /// `is_no_space` if the system does not provide that amount of memory; `is_invalid_argument` if
    /// the size is 0 or over `isize::MAX`, if the options set a maximum size (growing requires a
    /// descriptor), or if the [placement](crate::Placement::not_inherited) excludes forked
    /// children.
    #[doc(alias = "mmap")]
    pub fn create(options: impl Into<MemoryOptions>) -> Result<Fresh<Self>> {
        let options = options.into();
        // It has no trailer, but the same sizes are valid.
        trailer(&options).map_err(|refusal| refusal.on(LABEL))?;
        if options.max_size.is_some() {
            return Err(Error::invalid(
                "create",
                LABEL,
                "there is no descriptor by which it could grow",
            ));
        }
        if !options.placement.is_inherited() {
            return Err(Error::invalid("create", LABEL, "children would not inherit it"));
        }
        let mapping = options.placement.map(None, options.size, Access::ReadWrite);
        let mapping = mapping.map_err(|refusal| refusal.on(LABEL))?;
        let range = 0..options.size;
        let body =
            Body::fixed(mapping, range, Access::ReadWrite, options.content, options.placement);
        let body = body.map_err(|refusal| refusal.on(LABEL))?;
        // SAFETY: the bytes are new, and only this body reaches them.
        let region = unsafe { Region::new(body) };
        // SAFETY: the bytes were mapped as zeros; only this handle and its copies in forked
        // children reach them, and in a forked child a `Fresh` is refused.
        Ok(unsafe { Fresh::new(Self(region)) })
    }

    /// The placement that the memory has. Requests that are only hints may not have been followed.
    #[must_use]
    pub fn placement(&self) -> Achieved {
        self.0.body().achieved()
    }
}

impl Memory for ForkMemory {
    type Access = ReadWrite;

    fn region(&self) -> &Region<ReadWrite> {
        &self.0
    }

    fn label(&self) -> String {
        LABEL.to_owned()
    }
}
