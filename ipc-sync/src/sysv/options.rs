//! How a set of semaphores is made.

use ipc_core::{Permissions, Removal, Trust};

/// How a set of semaphores is made: its first values, and what differs from the careful choice.
///
/// A list of values does for most: `SemaphoreSet::create(key, [1, 0, 0])`.
#[derive(Clone, Debug)]
pub struct SetOptions {
    pub(crate) values: Vec<u16>,
    pub(crate) permissions: Permissions,
    /// `None`: with the handle for a private set, never for others.
    pub(crate) removal: Option<Removal>,
    pub(crate) trust: Trust,
}

impl SetOptions {
    /// A set with a counter for each first value, for this user alone. It stays until it is removed; a
    /// [private](ipc_core::Key::PRIVATE) one, which no other process finds, is removed with the handle that created it.
    #[must_use]
    pub fn new(values: impl Into<Vec<u16>>) -> Self {
        let (permissions, trust) = (Permissions::default(), Trust::default());
        Self { values: values.into(), permissions, removal: None, trust }
    }

    /// The users that may use it. Exactly this mode, whatever the umask.
    #[must_use]
    pub fn permissions(self, permissions: impl Into<Permissions>) -> Self {
        Self { permissions: permissions.into(), ..self }
    }

    /// When it goes away: [`Removal::Never`] or [`Removal::OnDrop`].
    ///
    /// The system does not count the users of a set, so [`Removal::LastDetach`] is refused as unsupported.
    #[must_use]
    pub fn removal(self, removal: Removal) -> Self {
        Self { removal: Some(removal), ..self }
    }

    /// The owners of an existing set that `open_or_create` accepts.
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
