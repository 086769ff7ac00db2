//! How an array is made: its shape, and what differs from the careful choice.

use ipc_core::{Permissions, Removal};
use ipc_shm::{MemoryOptions, Trust};

use crate::Shape;

/// How an array in shared memory is made.
///
/// A plain shape does for most:
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
    /// An array of this shape in memory that is reserved at once, for this user alone, gone with its last user.
    #[must_use]
    pub fn new(shape: impl Into<Shape>) -> Self {
        Self { shape: shape.into(), memory: MemoryOptions::new(0) }
    }

    /// Who may open it. Exactly this mode, whatever the umask.
    #[must_use]
    pub fn permissions(self, permissions: impl Into<Permissions>) -> Self {
        Self { memory: self.memory.permissions(permissions), ..self }
    }

    /// When its name goes away.
    #[must_use]
    pub fn removal(self, removal: Removal) -> Self {
        Self { memory: self.memory.removal(removal), ..self }
    }

    /// Reserves nothing: pages come into being when they are first touched, see [`MemoryOptions::sparse`].
    #[must_use]
    pub fn sparse(self) -> Self {
        Self { memory: self.memory.sparse(), ..self }
    }

    /// Whose array is acceptable where `open_or_create` finds one.
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
