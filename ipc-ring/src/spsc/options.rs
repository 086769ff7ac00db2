//! The options of a new ring.

use ipc_mem::MemoryOptions;

/// The options of a new ring: its capacity, and the options of its memory object.
///
/// # Examples
///
/// ```
/// use ipc_core::Permissions;
/// use ipc_mem::MemoryOptions;
/// use ipc_ring::spsc::{RingOptions, Sender};
///
/// # let name = format!("/orders-options-{}", std::process::id());
/// let memory = MemoryOptions::new(0).permissions(Permissions::of_mode(0o660));
/// let orders = Sender::<u64>::create(&name, RingOptions::new(1000).memory(memory))?;
/// assert_eq!(orders.capacity(), 1024); // a power of two
/// # Sender::<u64>::unlink(&name)?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct RingOptions {
    pub(crate) capacity: usize,
    pub(crate) memory: MemoryOptions,
}

impl RingOptions {
    /// Options for a ring of at least `capacity` messages, or bytes.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, memory: MemoryOptions::new(0) }
    }

    /// Sets the options of the memory object: permissions, removal and placement. Its size and tag
    /// are ignored: the ring determines them.
    pub fn memory(self, memory: MemoryOptions) -> Self {
        Self { memory, ..self }
    }
}

impl From<usize> for RingOptions {
    fn from(capacity: usize) -> Self {
        Self::new(capacity)
    }
}
