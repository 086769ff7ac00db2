//! Options to create and open shared memory.

use crate::Tag;
use ipc_core::{Permissions, Removal, Trust};

use crate::Placement;

/// Options to create shared memory: its size, and any settings that differ from the safe defaults.
///
/// A number of bytes is enough in most cases:
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
    /// The number of bytes of data.
    pub size: usize,
    /// The permissions of the file.
    pub permissions: Permissions,
    /// When its name is removed.
    pub removal: Removal,
    /// `true` if the caller chose the removal; if `false`, the kind of memory determines the
    /// removal.
    pub removal_asked: bool,
    /// The tag: the purpose of the memory.
    pub content: Tag,
    /// `true` if space is allocated only when pages are touched.
    pub sparse: bool,
    /// The maximum size; `None` if the memory may not grow.
    pub max_size: Option<usize>,
    /// The placement in this process.
    pub placement: Placement,
    /// Which owners are trusted.
    pub trust: Trust,
}

impl MemoryOptions {
    /// Options for `size` bytes that are reserved at creation and accessible to this user only.
    /// Memory with a name is removed at the last detach; other kinds of memory, such as System V
    /// segments with a key and files, document their own default.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Self {
            size,
            permissions: Permissions::default(),
            removal: Removal::LastDetach,
            removal_asked: false,
            content: Tag::BARE,
            sparse: false,
            max_size: None,
            placement: Placement::new(),
            trust: Trust::default(),
        }
    }

    /// Sets the number of bytes.
    #[must_use]
    pub fn size(self, size: usize) -> Self {
        Self { size, ..self }
    }

    /// Sets the permissions: exactly this mode, regardless of the umask.
    #[must_use]
    pub fn permissions(self, permissions: impl Into<Permissions>) -> Self {
        Self { permissions: permissions.into(), ..self }
    }

    /// Sets when its name is removed.
    #[must_use]
    pub fn removal(self, removal: Removal) -> Self {
        Self { removal, removal_asked: true, ..self }
    }

    /// Sets the tag: the purpose of the memory. The default is [`Tag::BARE`]. An array or a shared
    /// value can be opened only in memory that was created with the tag for it, or that was created
    /// without this toolkit. To open one in memory with the default tag, an `unsafe` function is
    /// needed. [`Tag::FOREIGN`] is refused as an invalid argument.
    #[must_use]
    pub fn content(self, content: Tag) -> Self {
        Self { content, ..self }
    }

    /// Reserves no space: pages are allocated when they are first touched.
    ///
    /// A process that touches a page for which no space is left is killed by SIGBUS.
    #[must_use]
    pub fn sparse(self) -> Self {
        Self { sparse: true, ..self }
    }

    /// Sets the maximum size to which the memory may grow. Each process reserves address space of
    /// that size, so the memory does not move when it grows. A maximum below the size is refused as
    /// an invalid argument.
    #[must_use]
    pub fn max_size(self, max_size: usize) -> Self {
        Self { max_size: Some(max_size), ..self }
    }

    /// Sets the placement of the memory in this process.
    #[must_use]
    pub fn placement(self, placement: Placement) -> Self {
        Self { placement, ..self }
    }

    /// Sets which owners to trust if an object of that name exists already.
    #[must_use]
    pub fn trust(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }

    /// Sets [`Removal::Never`], unless the caller chose a removal: for kinds of memory that stay
    /// until they are removed.
    pub fn kept(self) -> Self {
        if self.removal_asked { self } else { self.removal(Removal::Never) }
    }
}

impl From<usize> for MemoryOptions {
    fn from(size: usize) -> Self {
        Self::new(size)
    }
}

/// Options to open existing shared memory.
///
/// `SharedMemory::open` uses the safe defaults, and `open_with` takes these options:
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
    /// Which owners are trusted.
    pub trust: Trust,
    /// Set by `open_or_create`. `Some(size)`: a stale object is removed instead of opened, and
    /// `open_or_create` then creates a new one of that size. `None`: a stale object is opened like
    /// any other.
    pub replaces: Option<usize>,
    /// The maximum size of a file that was created without this toolkit; `None` if such a file may
    /// not grow. Other objects record their own.
    pub max_size: Option<usize>,
    /// The placement in this process.
    pub placement: Placement,
}

impl OpenOptions {
    /// The safe defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets which owners to trust.
    #[must_use]
    pub fn trust(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }

    /// Sets the maximum size for a file that was created without this toolkit. Other objects record
    /// their own maximum size.
    #[must_use]
    pub fn max_size(self, max_size: usize) -> Self {
        Self { max_size: Some(max_size), ..self }
    }

    /// Sets the placement of the memory in this process.
    #[must_use]
    pub fn placement(self, placement: Placement) -> Self {
        Self { placement, ..self }
    }
}

/// Converts the options of `open_or_create`, for an object that exists. A stale object is removed
/// instead of opened.
impl From<MemoryOptions> for OpenOptions {
    fn from(options: MemoryOptions) -> Self {
        let trust = options.trust.for_permissions(options.permissions);
        let MemoryOptions { size, max_size, placement, .. } = options;
        Self { trust, replaces: Some(size), max_size, placement }
    }
}
