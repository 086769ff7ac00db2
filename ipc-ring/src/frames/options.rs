//! The options of new frames: a shape, and what differs from the defaults.

use ipc_core::{Permissions, Removal};
use ipc_mem::{MemoryOptions, Shape};

/// Which readers the writer wakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Wake {
    /// Readers that have announced that they sleep. Announcing needs permission to write the
    /// object. A frame for which no reader waits costs no system call.
    #[default]
    Announced,
    /// All readers, with a system call for each frame. Readers need only permission to read.
    EveryFrame,
}

impl Wake {
    pub(super) const fn code(self) -> u32 {
        match self {
            Self::Announced => 1,
            Self::EveryFrame => 2,
        }
    }

    pub(super) fn from_code(code: u32) -> Option<Self> {
        [Self::Announced, Self::EveryFrame].into_iter().find(|wake| wake.code() == code)
    }
}

/// The options for creating frames.
///
/// A shape alone converts into options with defaults for everything else:
///
/// ```
/// use ipc_core::Removal;
/// use ipc_ring::frames::{FrameOptions, FrameWriter};
///
/// # let (a, b) = (format!("/opt-a-{}", std::process::id()), format!("/opt-b-{}", std::process::id()));
/// let spectrum = FrameWriter::<f64>::create(&a, [1000])?;
/// let camera = FrameWriter::<u8>::create(&b, FrameOptions::new([640, 480]).slots(16).removal(Removal::OnDrop))?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct FrameOptions {
    pub(super) shape: Shape,
    pub(super) slots: usize,
    pub(super) wake: Wake,
    pub(super) memory: MemoryOptions,
}

impl FrameOptions {
    /// The default number of slots.
    pub const SLOTS: usize = 4;

    /// Options for frames of this shape, with the defaults: 4 slots, all memory is reserved at
    /// once, only this user has access, and the name is removed when the last attached process
    /// drops its last handle, unless that process is a reader
    /// ([`Removal::LastDetach`](ipc_core::Removal::LastDetach)).
    #[must_use]
    pub fn new(shape: impl Into<Shape>) -> Self {
        let (slots, wake) = (Self::SLOTS, Wake::default());
        Self { shape: shape.into(), slots, wake, memory: MemoryOptions::new(0) }
    }

    /// Sets the number of slots, at least 2. A reader misses no frame as long as it is fewer than
    /// `slots` frames behind the writer.
    #[must_use]
    pub fn slots(self, slots: usize) -> Self {
        Self { slots, ..self }
    }

    /// Sets which readers the writer wakes.
    #[must_use]
    pub fn wake(self, wake: Wake) -> Self {
        Self { wake, ..self }
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
}

impl<S: Into<Shape>> From<S> for FrameOptions {
    fn from(shape: S) -> Self {
        Self::new(shape)
    }
}
