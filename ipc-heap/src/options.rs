//! The options of a new heap.

use ipc_core::Result;
use ipc_mem::MemoryOptions;

use crate::layout::sizes;

/// The options of a new heap: its size, its maximum numbers of objects and participants, and the
/// options of its memory object.
///
/// # Examples
///
/// ```
/// use ipc_heap::{Heap, HeapOptions};
///
/// # let name = format!("/heap-options-{}", std::process::id());
/// let heap = Heap::create(&name, HeapOptions::new(1 << 20).max_size(64 << 20).objects(100))?;
/// assert_eq!(heap.statistics().pages, 16); // of 64 KiB
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct HeapOptions {
    pub(crate) size: usize,
    pub(crate) max_size: usize,
    pub(crate) objects: u64,
    pub(crate) participants: u64,
    pub(crate) memory: MemoryOptions,
}

impl HeapOptions {
    /// Options for a heap with `size` bytes for blocks, rounded up to pages of 64 KiB. The tables
    /// of the heap need further memory: 2.5 % of the maximum size, 264 bytes for each object, and
    /// 128 bytes for each participant.
    pub fn new(size: usize) -> Self {
        let memory = MemoryOptions::new(0);
        Self { size, max_size: 0, objects: 1024, participants: 128, memory }
    }

    /// Sets the size up to which the heap grows when it is full. It grows in place: its address
    /// does not change. By default, it does not grow. Only a heap with a name can grow. A maximum
    /// below the initial size is refused at creation.
    pub fn max_size(self, max_size: usize) -> Self {
        Self { max_size, ..self }
    }

    /// Sets the maximum number of objects, 1024 by default. Objects are
    /// [`HeapValue`](crate::HeapValue)s and containers, with a name or without one; boxes and
    /// blocks are not counted.
    pub fn objects(self, objects: usize) -> Self {
        Self { objects: objects as u64, ..self }
    }

    /// Sets the maximum number of participants, 128 by default. Each handle that may write is a
    /// participant, until it is dropped or its process is found dead.
    pub fn participants(self, participants: usize) -> Self {
        Self { participants: participants as u64, ..self }
    }

    /// Returns the size that a memory object for [`Heap::create_in`](crate::Heap::create_in) needs.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) if the options are out of
    /// range.
    pub fn memory_size(&self) -> Result<usize> {
        let fixed = Self { max_size: 0, ..*self };
        sizes(&fixed).map(|(size, _)| size).map_err(|refusal| refusal.on("heap"))
    }

    /// Sets the options of the memory object: permissions, removal and placement. The heap
    /// determines its size and tag. To let the heap grow, use [`max_size`](Self::max_size).
    pub fn memory(self, memory: MemoryOptions) -> Self {
        Self { memory, ..self }
    }
}

impl From<usize> for HeapOptions {
    fn from(size: usize) -> Self {
        Self::new(size)
    }
}
