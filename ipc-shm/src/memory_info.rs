//! Facts about shared memory objects, without opening them for use.

use std::os::unix::fs::MetadataExt;

use ipc_core::{
    Errno, Error, GroupId, Name, Permissions, ProcessId, Removal, Result, TimeSpec, Trust, UserId,
};
use ipc_mem::Identity;
use ipc_mem::{Access, Tag};

use ipc_mem::file::Trailer;
use ipc_mem::file::unread;
use ipc_mem::named::entry;

/// Facts about a [`SharedMemory`](crate::SharedMemory) object. Reading them attaches no process and
/// removes nothing.
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
/// assert_eq!((info.size, info.removal, info.attached), (4096, Some(Removal::LastDetach), Some(1)));
/// assert!(!info.is_stale());
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemoryInfo {
    /// The identity of the object. If another object gets the name, the identity of this one stays
    /// the same.
    pub identity: Identity,
    /// The size in bytes that a process sees when it opens the object.
    pub size: usize,
    /// The maximum size, if the object may grow.
    pub max_size: Option<usize>,
    /// The tag: the purpose for which the object was created.
    pub tag: Tag,
    /// The rule by which its name is removed; `None` if a program that does not use this toolkit
    /// created the object.
    pub removal: Option<Removal>,
    /// The number of attached processes; `None` if they are not counted.
    pub attached: Option<usize>,
    /// The process that created the object; `None` if that is not recorded. It may have exited, and
    /// its id may have been reused.
    pub creator_process: Option<ProcessId>,
    /// The time of creation; `None` if that is not recorded.
    pub created: Option<TimeSpec>,
    /// The owner of the object.
    pub owner: UserId,
    /// The group of the object.
    pub group: GroupId,
    /// The permissions.
    pub permissions: Permissions,
}

impl MemoryInfo {
    /// Returns the facts about the object with this name, whichever program created it.
    ///
    /// # Errors
    ///
    /// `is_not_found` if the name does not exist; `is_removed` if another process removes or
    /// replaces the name during the call; `is_permission_denied` if its mode forbids reading;
    /// `is_mismatch` if it is not a regular file.
    pub fn of_name(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        let entry = entry(name.try_into().map_err(Into::into)?)?;
        let (file, metadata) = entry.open(Trust::Anyone, Access::ReadOnly)?;
        let (len, trailer) =
            Trailer::read(&file, metadata.len()).map_err(|err| unread(&err).on(entry.name()))?;
        let identity = Identity::of(&metadata);
        // A copy of an object's file is never removed automatically.
        let removal = trailer.map(|trailer| trailer.removal_of(&metadata));
        let attached = match removal {
            Some(Removal::LastDetach) => {
                let removed = || Error::os("shm_open", entry.name(), Errno::EIDRM);
                Some(entry.attached(identity, &file)?.ok_or_else(removed)?)
            }
            _ => None,
        };
        Ok(Self {
            identity,
            size: trailer.map_or(len, |trailer| trailer.size),
            max_size: trailer.and_then(|trailer| trailer.max_size),
            tag: trailer.map_or(Tag::FOREIGN, |trailer| trailer.content),
            removal,
            attached,
            creator_process: trailer.map(|trailer| ProcessId::new(trailer.creator.cast_signed())),
            created: trailer.map(|trailer| TimeSpec::new(trailer.created, 0)),
            owner: UserId::new(metadata.uid()),
            group: GroupId::new(metadata.gid()),
            permissions: Permissions::of_mode(metadata.mode()),
        })
    }

    /// Returns `true` if the object is stale: its name should have been removed at the last detach,
    /// but the last attached process was killed, exited without dropping its handles, had the
    /// object open only read-only, or could not remove the name.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.attached == Some(0)
    }
}
