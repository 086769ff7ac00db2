//! Memory that is private to this process.

#![expect(unsafe_code, reason = "says that new memory is fresh")]

#[cfg(doc)]
use ipc_core::Error;
use ipc_core::Result;

use crate::file::Body;
use crate::{Access, Fresh, Mapping, Memory, Placement, ReadWrite, Region, Tag};

/// Zeroed memory of this process, freed when no structure is laid out in it any longer.
///
/// Structures for shared memory can also be created in local memory, for use by one process: for
/// example an array of intermediate results, or a semaphore between threads. The [tag](Tag) of
/// local memory does not matter, because no other process can open it.
///
/// # Examples
///
/// ```
/// use ipc_mem::{LocalMemory, Memory};
///
/// let memory = LocalMemory::new(4096)?;
/// assert_eq!(memory.size(), 4096);
/// assert!(LocalMemory::new(0).is_err_and(|err| err.is_invalid_argument()));
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[doc(alias = "malloc")]
#[derive(Debug)]
pub struct LocalMemory(Region<ReadWrite>);

impl LocalMemory {
    /// The alignment of the first byte: a cache line, which is also the alignment of the elements
    /// of shared arrays.
    pub const ALIGN: usize = 64;

    /// Allocates `size` zeroed bytes.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if `size` is 0 or more than
    /// `isize::MAX`; [`is_no_space`](Error::is_no_space) if the allocation fails.
    pub fn new(size: usize) -> Result<Fresh<Self>> {
        let body = Mapping::allocated(size, Self::ALIGN).and_then(|mapping| {
            Body::fixed(mapping, 0..size, Access::ReadWrite, Tag::FOREIGN, Placement::new())
        });
        let body = body.map_err(|refusal| refusal.on("local memory"))?;
        // SAFETY: the bytes are new, and only this body reaches them.
        let region = unsafe { Region::new(body) };
        // SAFETY: the bytes were allocated zeroed, and no other handle or process can reach them.
        Ok(unsafe { Fresh::new(Self(region)) })
    }
}

impl Memory for LocalMemory {
    type Access = ReadWrite;

    fn region(&self) -> &Region<ReadWrite> {
        &self.0
    }

    fn label(&self) -> String {
        String::from("local memory")
    }
}
