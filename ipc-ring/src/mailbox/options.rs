//! The options of a new mailbox.

use ipc_mem::MemoryOptions;

/// The options of a new mailbox: its capacity, and the options of its memory object.
///
/// # Examples
///
/// ```
/// use ipc_ring::mailbox::{Mailbox, MailboxOptions};
///
/// # let name = format!("/mailbox-options-{}", std::process::id());
/// let inbox = Mailbox::<u64>::create(&name, MailboxOptions::new(100))?;
/// assert_eq!(inbox.capacity(), 128); // a power of two
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct MailboxOptions {
    pub(super) capacity: usize,
    pub(super) memory: MemoryOptions,
}

impl MailboxOptions {
    /// Options for a mailbox of at least `capacity` messages. A message with a receipt keeps its
    /// place after it was read, until the receipt reports that or is dropped.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, memory: MemoryOptions::new(0) }
    }

    /// Sets the options of the memory object: permissions, removal and placement. Its size and tag
    /// are ignored: the mailbox determines them.
    pub fn memory(self, memory: MemoryOptions) -> Self {
        Self { memory, ..self }
    }
}

impl From<usize> for MailboxOptions {
    fn from(capacity: usize) -> Self {
        Self::new(capacity)
    }
}
