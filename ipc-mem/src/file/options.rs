//! How a shared memory is made, and whose is opened.

use crate::Content;
use ipc_core::{Permissions, Removal, Trust};

use crate::Placement;

/// How a shared memory is made: its size, and what differs from the careful choice.
///
/// A plain number of bytes does for most:
///
/// ```
/// use ipc_core::{Permissions, Removal};
/// use ipc_mem::{MemoryOptions, SharedMemory};
///
/// # let (a, b) = (format!("/a-{}", std::process::id()), format!("/b-{}", std::process::id()));
/// let private = SharedMemory::create(&a, 4096)?;
///
/// let options = MemoryOptions::new(1 << 20).permissions(Permissions::from_mode(0o640)).removal(Removal::OnDrop);
/// let shared_with_the_group = SharedMemory::create(&b, options)?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct MemoryOptions {
    pub size: usize,
    pub permissions: Permissions,
    pub removal: Removal,
    /// Whether it was asked for: not every kind of memory has the same default.
    pub removal_asked: bool,
    pub content: Content,
    pub sparse: bool,
    pub max_size: Option<usize>,
    pub placement: Placement,
    pub trust: Trust,
}

impl MemoryOptions {
    /// `size` bytes that are reserved at once, for this user alone, gone with their last user.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Self {
            size,
            permissions: Permissions::default(),
            removal: Removal::LastUser,
            removal_asked: false,
            content: Content::Bare,
            sparse: false,
            max_size: None,
            placement: Placement::new(),
            trust: Trust::default(),
        }
    }

    /// As many bytes as that instead.
    #[must_use]
    pub fn size(self, size: usize) -> Self {
        Self { size, ..self }
    }

    /// Who may open it. Exactly this mode, whatever the umask.
    #[must_use]
    pub fn permissions(self, permissions: impl Into<Permissions>) -> Self {
        Self { permissions: permissions.into(), ..self }
    }

    /// When its name goes away.
    #[must_use]
    pub fn removal(self, removal: Removal) -> Self {
        Self { removal, removal_asked: true, ..self }
    }

    /// What it is for. Others open an array or a shared value only in memory that was made for it; what is
    /// laid out in bare memory, they open by an `unsafe` door. Nobody here makes foreign memory: that is refused as an
    /// invalid argument.
    #[must_use]
    pub fn content(self, content: Content) -> Self {
        Self { content, ..self }
    }

    /// Reserves nothing: pages come into being when they are first touched.
    ///
    /// If there is no room for one then, the process that touches it is killed by SIGBUS.
    #[must_use]
    pub fn sparse(self) -> Self {
        Self { sparse: true, ..self }
    }

    /// Lets it grow to as many bytes, without ever moving: so much of the address space is set aside for it. Less than
    /// its size is refused as an invalid argument.
    #[must_use]
    pub fn max_size(self, max_size: usize) -> Self {
        Self { max_size: Some(max_size), ..self }
    }

    /// How this process has it in its memory.
    #[must_use]
    pub fn placement(self, placement: Placement) -> Self {
        Self { placement, ..self }
    }

    /// Whose object is acceptable where `open_or_create` finds one.
    #[must_use]
    pub fn trust(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }

    /// For the kinds of memory that stay until they are removed, unless something else was asked for.
    pub fn kept(self) -> Self {
        if self.removal_asked { self } else { self.removal(Removal::Never) }
    }
}

impl From<usize> for MemoryOptions {
    fn from(size: usize) -> Self {
        Self::new(size)
    }
}

/// How an existing shared memory is opened.
///
/// Every `open` takes a plain name for the careful choice, or this with the rest:
///
/// ```
/// use ipc_core::Trust;
/// use ipc_mem::{OpenOptions, SharedMemory};
///
/// let err = SharedMemory::open_with("/nobody-made-this", OpenOptions::new().trust(Trust::Anyone)).unwrap_err();
/// assert!(err.is_not_found());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenOptions {
    pub trust: Trust,
    /// Whether to remove what has no users any more rather than to adopt it.
    pub reclaim: bool,
    pub max_size: Option<usize>,
    pub placement: Placement,
}

impl OpenOptions {
    /// The careful choice.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whose object is acceptable.
    #[must_use]
    pub fn trust(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }

    /// Lets what this toolkit did not make grow to as many bytes. What it made says itself how large it may become.
    #[must_use]
    pub fn max_size(self, max_size: usize) -> Self {
        Self { max_size: Some(max_size), ..self }
    }

    /// How this process has it in its memory.
    #[must_use]
    pub fn placement(self, placement: Placement) -> Self {
        Self { placement, ..self }
    }
}

/// For `open_or_create`: what an object that is found must be. One whose users were all killed is removed, and not found.
impl From<MemoryOptions> for OpenOptions {
    fn from(options: MemoryOptions) -> Self {
        let trust = options.trust.for_permissions(options.permissions);
        Self { trust, reclaim: true, max_size: options.max_size, placement: options.placement }
    }
}
