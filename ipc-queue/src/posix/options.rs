//! Options of POSIX message queues.

use ipc_core::{Permissions, Removal, Trust};

/// Options to create a [`MessageQueue`](crate::MessageQueue): its capacity, the size of its
/// messages, permissions and removal.
///
/// # Examples
///
/// ```
/// use ipc_queue::{MessageQueue, QueueOptions};
///
/// # let name = format!("/job-options-{}", std::process::id());
/// let jobs = MessageQueue::create(&name, QueueOptions::new(8, 256).permissions(0o660))?;
/// # MessageQueue::unlink(&name)?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct QueueOptions {
    pub(crate) capacity: usize,
    pub(crate) message_size: usize,
    pub(crate) permissions: Permissions,
    pub(crate) removal: Removal,
    pub(crate) trust: Trust,
}

impl QueueOptions {
    /// Creates options for a queue of up to `capacity` messages of up to `message_size` bytes each.
    ///
    /// Only the caller's user may open the queue, and the queue exists until it is unlinked. By
    /// default, Linux permits ordinary users queues of up to 10 messages of 8192 bytes.
    #[must_use]
    pub fn new(capacity: usize, message_size: usize) -> Self {
        let (permissions, trust) = (Permissions::default(), Trust::default());
        Self { capacity, message_size, permissions, removal: Removal::Never, trust }
    }

    /// Sets the mode of the queue, which says which users may open it. The umask does not apply.
    #[must_use]
    pub fn permissions(self, permissions: impl Into<Permissions>) -> Self {
        Self { permissions: permissions.into(), ..self }
    }

    /// Sets when the name is unlinked: [`Removal::Never`] or [`Removal::OnDrop`].
    ///
    /// `OnDrop` unlinks the name when the handle that created the queue is dropped in the process
    /// that created it. If that process is killed, the name stays.
    ///
    /// Before it unlinks the name, the handle checks that its queue still has this name. The check
    /// and the unlinking are two steps. If another process unlinks the name and creates a new queue
    /// with it between the two steps, the new queue loses its name.
    ///
    /// [`Removal::LastDetach`] is refused as unsupported, because the kernel does not count the
    /// processes that have a queue open.
    #[must_use]
    pub fn removal(self, removal: Removal) -> Self {
        Self { removal, ..self }
    }

    /// Sets which owners to trust if `open_or_create` opens an existing queue.
    #[must_use]
    pub fn trust(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }
}
