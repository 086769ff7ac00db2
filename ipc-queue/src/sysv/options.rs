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
    /// Creates options for a queue for the caller's user alone, with the system's byte limit.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets which users may use the queue: exactly this mode, since System V has no umask.
    #[must_use]
    pub fn permissions(self, permissions: impl Into<Permissions>) -> Self {
        Self { permissions: permissions.into(), ..self }
    }

    /// Sets the maximum total size of the queue's messages. More than the system's default needs a
    /// privilege.
    #[doc(alias = "msg_qbytes")]
    #[must_use]
    pub fn byte_limit(self, bytes: usize) -> Self {
        Self { byte_limit: Some(bytes), ..self }
    }

    /// Sets when the queue is removed: [`Removal::Never`] or [`Removal::OnDrop`].
    ///
    /// By default a queue with a key stays, and a private queue, which no other program could find
    /// and remove, is removed with the handle that created it. `OnDrop` removes the queue for all
    /// processes when that handle is dropped, in the process that created it; after `kill -9` the
    /// queue stays.
    ///
    /// Before it is removed, the queue is compared with the one that was created, because the
    /// kernel reuses ids. If another process has changed its permissions, owner or byte limit
    /// since, the comparison fails and the queue is left alone.
    ///
    /// The kernel does not count the users of a queue, so [`Removal::LastDetach`] is refused as
    /// unsupported.
    #[must_use]
    pub fn removal(self, removal: Removal) -> Self {
        Self { removal: Some(removal), ..self }
    }

    /// Sets which owners are acceptable if `open_or_create` finds a queue.
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
