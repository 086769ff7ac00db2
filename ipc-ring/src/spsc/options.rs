//! The options of a new ring.

use ipc_mem::MemoryOptions;

/// The options of a new ring: how much it holds, and those of its memory.
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
    /// A ring for at least this number of messages, or of bytes.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, memory: MemoryOptions::new(0) }
    }

    /// Sets permissions, removal and placement. Size and tag do not matter: they are those of the
    /// ring.
    pub fn memory(self, memory: MemoryOptions) -> Self {
        Self { memory, ..self }
    }
}

impl From<usize> for RingOptions {
    fn from(capacity: usize) -> Self {
        Self::new(capacity)
    }
}
