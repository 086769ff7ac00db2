//! Options of System V message queues.

use ipc_core::{Key, Permissions, Removal, Trust};

/// Options to create a [`SysvQueue`](crate::SysvQueue): permissions, byte limit and removal.
///
/// # Examples
///
/// ```
/// use ipc_core::Key;
/// use ipc_queue::{SysvQueue, SysvQueueOptions};
///
/// let options = SysvQueueOptions::new().permissions(0o660).byte_limit(4096);
/// let jobs = SysvQueue::create(Key::PRIVATE, options)?;
/// assert_eq!(jobs.info()?.byte_limit, 4096);
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SysvQueueOptions {
    pub(crate) permissions: Permissions,
    pub(crate) byte_limit: Option<usize>,
    removal: Option<Removal>,
    pub(crate) trust: Trust,
}

impl SysvQueueOptions {
    /// Creates options for a queue that only the caller's user may use, with the system's byte
    /// limit.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the mode of the queue, which says which users may use it. System V has no umask.
    #[must_use]
    pub fn permissions(self, permissions: impl Into<Permissions>) -> Self {
        Self { permissions: permissions.into(), ..self }
    }

    /// Sets the maximum total size of the queue's messages.
    ///
    /// A limit above the system's default requires a privilege.
    #[doc(alias = "msg_qbytes")]
    #[must_use]
    pub fn byte_limit(self, bytes: usize) -> Self {
        Self { byte_limit: Some(bytes), ..self }
    }

    /// Sets when the queue is removed: [`Removal::Never`] or [`Removal::OnDrop`].
    ///
    /// The default is `Never` for a queue with a key, and `OnDrop` for a private queue, because
    /// other programs cannot find a private queue by a key and remove it. `OnDrop` removes the
    /// queue for all processes when the handle that created it is dropped in the process that
    /// created it. If that process is killed, the queue stays.
    ///
    /// The kernel reuses ids, so before the handle removes the queue, it checks that the id still
    /// refers to the queue that it created. If another process has changed the permissions, owner
    /// or byte limit of the queue, the check fails and the queue is not removed. The check compares
    /// the key, the creator and the time of the last change, which the kernel keeps in seconds. So
    /// the handle can remove a wrong queue: one that got the id, has the same key and creator, and
    /// was last changed in the same second as the original.
    ///
    /// [`Removal::LastDetach`] is refused as unsupported, because the kernel does not count the
    /// processes that use a queue.
    #[must_use]
    pub fn removal(self, removal: Removal) -> Self {
        Self { removal: Some(removal), ..self }
    }

    /// Sets which owners to trust if `open_or_create` opens an existing queue.
    #[must_use]
    pub fn trust(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }

    /// Returns when a queue with this key is removed.
    pub(crate) fn removal_of(&self, key: Key) -> Removal {
        let default = if key == Key::PRIVATE { Removal::OnDrop } else { Removal::Never };
        self.removal.unwrap_or(default)
    }
}
