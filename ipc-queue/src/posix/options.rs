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
    /// Creates options for `capacity` messages of up to `message_size` bytes each, for the caller's
    /// user alone, in a queue that stays until it is unlinked.
    ///
    /// By default, Linux permits ordinary users 10 messages of 8192 bytes.
    #[must_use]
    pub fn new(capacity: usize, message_size: usize) -> Self {
        let (permissions, trust) = (Permissions::default(), Trust::default());
        Self { capacity, message_size, permissions, removal: Removal::Never, trust }
    }

    /// Sets which users may open the queue: exactly this mode, whatever the umask.
    #[must_use]
    pub fn permissions(self, permissions: impl Into<Permissions>) -> Self {
        Self { permissions: permissions.into(), ..self }
    }

    /// Sets when the name is unlinked: [`Removal::Never`] or [`Removal::OnDrop`].
    ///
    /// `OnDrop` unlinks the name when the handle that created the queue is dropped, in the process
    /// that created it; after `kill -9` the name stays. If the name refers to another queue by
    /// then, it is not unlinked. The kernel cannot lock the name between this check and the
    /// unlinking: a queue that another process creates under the name in that moment loses it.
    ///
    /// The kernel does not report how many processes have a queue open, so [`Removal::LastDetach`] is
    /// refused as unsupported.
    #[must_use]
    pub fn removal(self, removal: Removal) -> Self {
        Self { removal, ..self }
    }

    /// Sets which owners are acceptable if `open_or_create` finds a queue.
    #[must_use]
    pub fn trust(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }
}
