//! The options of a new array: its shape, permissions, removal and trust.

use ipc_core::{Permissions, Removal};
use ipc_shm::{MemoryOptions, Trust};

use crate::Shape;

/// The options for creating an array in shared memory.
///
/// A shape alone converts into options with defaults for everything else:
///
/// ```
/// use ipc_core::Removal;
/// use ipc_shmarray::{ArrayOptions, ShmArray};
///
/// # let (a, b) = (format!("/a-{}", std::process::id()), format!("/b-{}", std::process::id()));
/// let vector = ShmArray::<f64>::create(&a, 1000)?;
/// let image = ShmArray::<u8>::create(&b, ArrayOptions::new([640, 480]).removal(Removal::OnDrop))?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ArrayOptions {
    pub(crate) shape: Shape,
    pub(crate) memory: MemoryOptions,
}

impl ArrayOptions {
    /// Options for an array of this shape, with the defaults: all memory is reserved at creation,
    /// only this user has access, and the last process that closes the array removes the name
    /// ([`Removal::LastDetach`](ipc_core::Removal::LastDetach)).
    #[must_use]
    pub fn new(shape: impl Into<Shape>) -> Self {
        Self { shape: shape.into(), memory: MemoryOptions::new(0) }
    }

    /// Sets the permissions to exactly this mode. The umask does not apply.
    #[must_use]
    pub fn permissions(self, permissions: impl Into<Permissions>) -> Self {
        Self { memory: self.memory.permissions(permissions), ..self }
    }

    /// Sets when the name is unlinked.
    #[must_use]
    pub fn removal(self, removal: Removal) -> Self {
        Self { memory: self.memory.removal(removal), ..self }
    }

    /// Reserves no memory: the system allocates a page when it is first accessed, see
    /// [`MemoryOptions::sparse`].
    #[must_use]
    pub fn sparse(self) -> Self {
        Self { memory: self.memory.sparse(), ..self }
    }

    /// Sets the owners whose arrays `open_or_create` accepts. By default, these are this user and
    /// root: see [`Trust`], and [`Trust::for_permissions`] for arrays that other users may write.
    #[must_use]
    pub fn trust(self, trust: Trust) -> Self {
        Self { memory: self.memory.trust(trust), ..self }
    }
}

impl<S: Into<Shape>> From<S> for ArrayOptions {
    fn from(shape: S) -> Self {
        Self::new(shape)
    }
}
