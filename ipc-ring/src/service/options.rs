//! The options of a new service.

use ipc_mem::MemoryOptions;

/// The options of a new service: its capacity, the maximum number of handles, redelivery, and the
/// options of its memory object.
///
/// # Examples
///
/// ```
/// use ipc_ring::service::{Server, ServiceOptions};
///
/// # let name = format!("/service-options-{}", std::process::id());
/// let options = ServiceOptions::new(100).redeliver(2);
/// let server = Server::<u64, u64>::create(&name, options)?;
/// assert_eq!(server.capacity(), 128); // a power of two
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct ServiceOptions {
    pub(super) capacity: usize,
    pub(super) handles: usize,
    pub(super) redeliveries: u32,
    pub(super) memory: MemoryOptions,
}

impl ServiceOptions {
    /// Options for a service with space for at least `capacity` calls at a time, and for 1024
    /// handles.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, handles: 1024, redeliveries: 0, memory: MemoryOptions::new(0) }
    }

    /// Sets how many servers and clients together may be open at a time, 4096 at most.
    pub fn handles(self, handles: usize) -> Self {
        Self { handles, ..self }
    }

    /// Sets how often a call is delivered again, to another server, if its server dies. With zero,
    /// the default, the client gets an error instead. Each death of a server after it has taken the
    /// call uses up one of these deliveries.
    ///
    /// A server may die after it has acted on a call and before it replies. So use a number above
    /// zero only if a call may be acted on twice.
    pub fn redeliver(self, times: u32) -> Self {
        Self { redeliveries: times, ..self }
    }

    /// Sets the options of the memory object: permissions, removal and placement. Its size and tag
    /// are ignored: the service determines them.
    pub fn memory(self, memory: MemoryOptions) -> Self {
        Self { memory, ..self }
    }
}

impl From<usize> for ServiceOptions {
    fn from(capacity: usize) -> Self {
        Self::new(capacity)
    }
}
