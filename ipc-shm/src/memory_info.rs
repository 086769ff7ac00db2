//! What a shared memory is, told without using it.

use std::os::unix::fs::MetadataExt;

use ipc_core::{Errno, Error, GroupId, Name, Permissions, ProcessId, Removal, Result, TimeSpec, Trust, UserId};
use ipc_mem::Identity;
use ipc_mem::{Access, Content};

use ipc_mem::file::Trailer;
use ipc_mem::file::unread;
use ipc_mem::named::entry;

/// What a [`SharedMemory`](crate::SharedMemory) is, told without using it: whoever looks is no user, and takes nothing
/// away when done.
///
/// # Examples
///
/// ```
/// use ipc_core::Removal;
/// use ipc_shm::{MemoryInfo, SharedMemory};
///
/// let name = format!("/watched-{}", std::process::id());
/// let memory = SharedMemory::create(&name, 4096)?;
/// let info = MemoryInfo::of_name(&name)?;
/// assert_eq!((info.size, info.removal, info.users), (4096, Some(Removal::LastUser), Some(1)));
/// assert!(!info.is_stale());
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemoryInfo {
    /// Which object it is, also after its name has been given to another.
    pub identity: Identity,
    /// The number of its bytes, as whoever opens it has them.
    pub size: usize,
    /// How large it may become, if it may.
    pub max_size: Option<usize>,
    /// What it was made for.
    pub content: Content,
    /// When its name goes; `None` if a program outside of this toolkit made it.
    pub removal: Option<Removal>,
    /// How many use it now; `None` if they are not counted.
    pub users: Option<usize>,
    /// The process that made it, which may have ended, and its number may be another's; `None` if that is not recorded.
    pub creator_process: Option<ProcessId>,
    /// When it was made; `None` if that is not recorded.
    pub created: Option<TimeSpec>,
    /// Who may use it as its owner.
    pub owner: UserId,
    /// The group that may use it as such.
    pub group: GroupId,
    /// Who may do what.
    pub permissions: Permissions,
}

impl MemoryInfo {
    /// Of the memory that has this name, whoever made it.
    ///
    /// # Errors
    ///
    /// `is_not_found` if nobody has the name; `is_removed` if it passes on at this moment; `is_permission_denied` if its
    /// mode forbids reading; `is_mismatch` if it is no file.
    pub fn of_name(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        let entry = entry(name.try_into().map_err(Into::into)?);
        let (file, metadata) = entry.open(Trust::Anyone, Access::ReadOnly)?;
        let (len, trailer) = Trailer::read(&file, metadata.len()).map_err(|err| unread(entry.name().as_str(), &err))?;
        let identity = Identity::of(&metadata);
        let users = match trailer {
            Some(Trailer { removal: Removal::LastUser, .. }) => {
                let removed = || Error::os("shm_open", entry.name(), Errno::EIDRM);
                Some(entry.users(identity)?.ok_or_else(removed)?)
            }
            _ => None,
        };
        Ok(Self {
            identity,
            size: trailer.map_or(len, |trailer| trailer.size),
            max_size: trailer.and_then(|trailer| trailer.max_size),
            content: trailer.map_or(Content::Foreign, |trailer| trailer.content),
            removal: trailer.map(|trailer| trailer.removal),
            users,
            creator_process: trailer.map(|trailer| ProcessId::new(trailer.creator.cast_signed())),
            created: trailer.map(|trailer| TimeSpec::new(trailer.created, 0)),
            owner: UserId::new(metadata.uid()),
            group: GroupId::new(metadata.gid()),
            permissions: metadata.mode().into(),
        })
    }

    /// Whether it should have gone with its last user, and did not, because all were killed or none could remove it.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.users == Some(0)
    }
}
