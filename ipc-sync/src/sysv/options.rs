//! Options for sets of semaphores.

use ipc_core::{Permissions, Removal, Trust};

/// The options for creating a set of semaphores.
///
/// A list of initial values is enough in most cases: `SemaphoreSet::create(key, [1, 0, 0])`.
#[derive(Clone, Debug)]
pub struct SetOptions {
    pub(crate) values: Vec<u16>,
    pub(crate) permissions: Permissions,
    /// `None`: with the handle for a private set, never for others.
    pub(crate) removal: Option<Removal>,
    pub(crate) trust: Trust,
}

impl SetOptions {
    /// Options for a set with one counter for each initial value. By default, only this user has
    /// access, and the set stays until it is removed. A [private](ipc_core::Key::PRIVATE) set,
    /// which has no key, is removed when the handle that created it is dropped.
    #[must_use]
    pub fn new(values: impl Into<Vec<u16>>) -> Self {
        let (permissions, trust) = (Permissions::default(), Trust::default());
        Self { values: values.into(), permissions, removal: None, trust }
    }

    /// Sets the permissions to exactly this mode. The umask does not apply.
    #[must_use]
    pub fn permissions(self, permissions: impl Into<Permissions>) -> Self {
        Self { permissions: permissions.into(), ..self }
    }

    /// Sets when the set is removed: [`Removal::Never`] or [`Removal::OnDrop`].
    ///
    /// The kernel reuses ids. So when the handle that created the set is dropped, it first checks
    /// that the id still refers to that set: by key, creator, number of counters and the time of
    /// the last change. If another handle, or another process, has set values or permissions since
    /// (operations do not count), the check fails and the set stays:
    /// [`destroy`](crate::sysv::SemaphoreSet::destroy) removes it. The time of the last change has
    /// a resolution of one second. So the handle removes a wrong set in one case: its own set was
    /// removed, another set with the same key, creator and number of counters got the id, and that
    /// set was last changed in the same second in which this handle last changed its own set.
    ///
    /// The system does not count the processes that use a set, so [`Removal::LastDetach`] is
    /// refused as unsupported.
    #[must_use]
    pub fn removal(self, removal: Removal) -> Self {
        Self { removal: Some(removal), ..self }
    }

    /// Sets which owners to trust if `open_or_create` opens an existing set.
    #[must_use]
    pub fn trust(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }
}

impl From<Vec<u16>> for SetOptions {
    fn from(values: Vec<u16>) -> Self {
        Self::new(values)
    }
}

impl From<&[u16]> for SetOptions {
    fn from(values: &[u16]) -> Self {
        Self::new(values)
    }
}

impl<const N: usize> From<[u16; N]> for SetOptions {
    fn from(values: [u16; N]) -> Self {
        Self::new(values)
    }
}
