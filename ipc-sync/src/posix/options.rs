//! How a named semaphore is made.

use ipc_core::{Permissions, Removal, Trust};

/// How a named semaphore is made: its first value, and what differs from the careful choice.
///
/// A plain number does for most:
///
/// ```
/// use ipc_core::Removal;
/// use ipc_sync::NamedSemaphore;
/// use ipc_sync::posix::SemaphoreOptions;
///
/// # let (a, b) = (format!("/a-{}", std::process::id()), format!("/b-{}", std::process::id()));
/// let gate = NamedSemaphore::create(&a, 1)?;
///
/// let options = SemaphoreOptions::new(4).permissions(0o660).removal(Removal::OnDrop);
/// let shared_with_the_group = NamedSemaphore::create(&b, options)?;
/// # NamedSemaphore::unlink(&a)?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SemaphoreOptions {
    pub(crate) value: u32,
    pub(crate) permissions: Permissions,
    pub(crate) removal: Removal,
    pub(crate) trust: Trust,
}

impl SemaphoreOptions {
    /// One that begins with `value`, for this user alone, which stays until it is unlinked.
    #[must_use]
    pub fn new(value: u32) -> Self {
        let (permissions, trust) = (Permissions::default(), Trust::default());
        Self { value, permissions, removal: Removal::Never, trust }
    }

    /// The users that may open it. Exactly this mode, whatever the umask.
    #[must_use]
    pub fn permissions(self, permissions: impl Into<Permissions>) -> Self {
        Self { permissions: permissions.into(), ..self }
    }

    /// When its name goes away: [`Removal::Never`] or [`Removal::OnDrop`].
    ///
    /// C's format has no room to count users, so [`Removal::LastDetach`] is refused as unsupported.
    #[must_use]
    pub fn removal(self, removal: Removal) -> Self {
        Self { removal, ..self }
    }

    /// The owners of an existing semaphore that `open_or_create` accepts.
    #[must_use]
    pub fn trust(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }
}

impl From<u32> for SemaphoreOptions {
    fn from(value: u32) -> Self {
        Self::new(value)
    }
}
