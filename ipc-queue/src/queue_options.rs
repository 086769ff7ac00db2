//! How a message queue of either kind is made, and for what one is opened.

use ipc_core::{Permissions, Removal, Trust};

/// How a message queue is made: how many messages of how many bytes it holds, and what differs from the careful choice.
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
    /// One of `capacity` messages of up to `message_size` bytes each, for this user alone, which stays until it is unlinked.
    ///
    /// An ordinary user gets 10 messages of 8192 bytes at most where nobody has changed the limits.
    #[must_use]
    pub fn new(capacity: usize, message_size: usize) -> Self {
        let (permissions, trust) = (Permissions::default(), Trust::default());
        Self { capacity, message_size, permissions, removal: Removal::Never, trust }
    }

    /// Who may open it. Exactly this mode, whatever the umask.
    #[must_use]
    pub fn permissions(self, permissions: impl Into<Permissions>) -> Self {
        Self { permissions: permissions.into(), ..self }
    }

    /// When its name goes away: [`Removal::Never`] or [`Removal::OnDrop`].
    ///
    /// A name that leads to another queue by then is left alone. But the kernel knows a queue's name only to look it up
    /// or to end it, and nothing locks it between the two: who ends the name and makes a queue of its own under it in
    /// just that moment loses the new name.
    ///
    /// The kernel does not say how many have a queue open, so [`Removal::LastUser`] is refused as unsupported.
    #[must_use]
    pub fn removal(self, removal: Removal) -> Self {
        Self { removal, ..self }
    }

    /// Whose queue is acceptable where `open_or_create` finds one.
    #[must_use]
    pub fn trust(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }
}

/// How a System V message queue is made: what differs from the careful choice.
///
/// ```
/// use ipc_core::{Key, Removal};
/// use ipc_queue::{SysvQueue, SysvQueueOptions};
///
/// let options = SysvQueueOptions::new().permissions(0o660).byte_limit(4096).removal(Removal::OnDrop);
/// let jobs = SysvQueue::create(Key::PRIVATE, options)?;
/// assert_eq!(jobs.info()?.byte_limit, 4096);
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SysvQueueOptions {
    pub(crate) permissions: Permissions,
    pub(crate) byte_limit: Option<usize>,
    pub(crate) removal: Removal,
    pub(crate) trust: Trust,
}

impl SysvQueueOptions {
    /// One for this user alone, of as many bytes as the system gives, which stays until it is removed.
    #[must_use]
    pub fn new() -> Self {
        Self { permissions: Permissions::default(), byte_limit: None, removal: Removal::Never, trust: Trust::default() }
    }

    /// Who may use it. Exactly this mode: System V has no umask.
    #[must_use]
    pub fn permissions(self, permissions: impl Into<Permissions>) -> Self {
        Self { permissions: permissions.into(), ..self }
    }

    /// The most bytes that its messages have together; more than the system gives wants privilege.
    #[doc(alias = "msg_qbytes")]
    #[must_use]
    pub fn byte_limit(self, bytes: usize) -> Self {
        Self { byte_limit: Some(bytes), ..self }
    }

    /// When it goes away: [`Removal::Never`] or [`Removal::OnDrop`], which ends it for everybody at once.
    ///
    /// The kernel does not count the users of a queue, so [`Removal::LastUser`] is refused as unsupported.
    #[must_use]
    pub fn removal(self, removal: Removal) -> Self {
        Self { removal, ..self }
    }

    /// Whose queue is acceptable where `open_or_create` finds one.
    #[must_use]
    pub fn trust(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }
}

impl Default for SysvQueueOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// What a handle of a queue is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Sending and receiving.
    #[default]
    Both,
    /// Sending only: leave to write is enough.
    Send,
    /// Receiving only: leave to read is enough.
    Receive,
}

/// How an existing message queue is opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenQueueOptions {
    pub(crate) direction: Direction,
    pub(crate) trust: Trust,
}

impl OpenQueueOptions {
    /// To send and receive, on a queue of this user or root that nobody else may write.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What it is for.
    #[must_use]
    pub fn direction(self, direction: Direction) -> Self {
        Self { direction, ..self }
    }

    /// Whose queue is acceptable.
    #[must_use]
    pub fn trust(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }
}
