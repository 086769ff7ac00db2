//! Options for named semaphores.

use ipc_core::{Permissions, Removal, Trust};

/// The options for creating a named semaphore.
///
/// An initial value alone converts into options with defaults for everything else:
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
    /// Options for a semaphore with this initial value, with the defaults: only this user has
    /// access, and the name stays until it is unlinked.
    #[must_use]
    pub fn new(value: u32) -> Self {
        let (permissions, trust) = (Permissions::default(), Trust::default());
        Self { value, permissions, removal: Removal::Never, trust }
    }

    /// Sets the permissions to exactly this mode. The umask does not apply.
    #[must_use]
    pub fn permissions(self, permissions: impl Into<Permissions>) -> Self {
        Self { permissions: permissions.into(), ..self }
    }

    /// Sets when the name is unlinked: [`Removal::Never`] or [`Removal::OnDrop`].
    ///
    /// C's format has no field that counts attached processes, so [`Removal::LastDetach`] is
    /// refused as unsupported.
    #[must_use]
    pub fn removal(self, removal: Removal) -> Self {
        Self { removal, ..self }
    }

    /// Sets which owners to trust if `open_or_create` opens an existing semaphore.
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
