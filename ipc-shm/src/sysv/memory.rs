//! System V shared memory, which other processes open by a key or an id.

#![expect(unsafe_code, reason = "says which handle is fresh, and that a tag is true")]

use std::fmt;
use std::time::{Duration, Instant};
use std::{process, thread};

use ipc_core::{
    Errno, Error, Key, Origin, Permissions, Refusal, Removal, Result, crash_point, kernel_limit,
    open_or_create,
};
use ipc_mem::file::{Body, trailer};
use ipc_mem::{AccessMode, Fresh, Identity, Mapping, Memory, ReadOnly, ReadWrite, Region, memory};

use super::info::no_such_id;
use super::remains::{REPLACING, Remains};
use super::trailer::{look, write_trailer};
use crate::sys::segment;
use crate::{Achieved, MemoryOptions, OpenOptions, SysvInfo};

/// A System V shared memory segment.
///
/// Dropping a handle detaches it. The [`Removal`] that was chosen at creation determines how long
/// the segment exists:
///
/// - [`Removal::Never`], the default for a segment with a key: until it is removed.
/// - [`Removal::OnDrop`]: until the handle that created it is dropped.
/// - [`Removal::LastDetach`], the default for [`Key::PRIVATE`]: until its last detach. The system
///   detaches a process that is killed, and removes the segment with the last detach. Such a
///   segment has no key: if it is created with one, the key is removed before the call returns.
///   Other processes open it by its [`id`](Self::id).
///
/// # Examples
///
/// ```
/// use ipc_core::{Key, Removal};
/// use ipc_mem::Memory;
/// use ipc_shm::{MemoryOptions, SysvMemory};
///
/// let ours = SysvMemory::create(Key::PRIVATE, MemoryOptions::new(4096).removal(Removal::LastDetach))?;
/// let theirs = SysvMemory::open_id(ours.id())?; // usually in another process
/// assert_eq!((theirs.size(), theirs.info()?.attached), (4096, 2));
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/shmget.html>,
/// <https://man7.org/linux/man-pages/man7/sysvipc.7.html>
#[doc(alias = "shmget")]
#[derive(Debug)]
pub struct SysvMemory<A: AccessMode = ReadWrite> {
    region: Region<A>,
    key: Key,
    id: i32,
    /// The process that created the segment through this handle.
    creator: Option<Origin>,
    removal: Removal,
}

/// The label of a segment in errors.
fn label(key: Key, id: i32) -> String {
    if key == Key::PRIVATE { format!("segment id {id}") } else { key.to_string() }
}

impl SysvMemory {
    /// Creates a segment filled with zeros under a key that is not in use. [`Key::PRIVATE`] is
    /// never in use, so each call with it creates a segment.
    ///
    /// If this process dies during the call, it may leave an incomplete segment that no process is
    /// attached to. [`open_or_create`](Self::open_or_create) replaces it, and
    /// [`remove`](Self::remove) removes it.
    ///
    /// # Errors
    ///
    /// `is_exists` if the key is in use; `is_no_space` if the system does not have enough memory,
    /// or has its maximum number of segments; `is_invalid_argument` if the size is 0 or over the
    /// maximum of the system, or if the options set a maximum size (a segment cannot grow).
    #[doc(alias = "IPC_CREAT")]
    #[doc(alias = "IPC_PRIVATE")]
    pub fn create(key: impl Into<Key>, options: impl Into<MemoryOptions>) -> Result<Fresh<Self>> {
        let (key, options) = (key.into(), options.into());
        // No other process finds a private segment by its key.
        let options = if key == Key::PRIVATE { options } else { options.kept() };
        let (trailer, len) = trailer(&options).map_err(|refusal| refusal.on(key))?;
        if options.max_size.is_some() {
            return Err(Error::invalid("create", key, "a segment never grows"));
        }
        // The creator has to map it, whatever its permissions allow the owner later.
        let mode = options.permissions;
        let first = mode.check("shmget").map_err(|refusal| refusal.on(key))? | 0o600;
        let made = segment::create(key.raw(), len, first, options.sparse);
        let id = made.map_err(|errno| not_created(key, len, errno))?;
        crash_point("segment.create.bare");
        let fill = || {
            let label = label(key, id);
            let (mapping, _) = segment::attach(id, ipc_mem::Access::ReadWrite)
                .map_err(|errno| not_attached(&label, errno))?;
            write_trailer(&mapping, &trailer);
            crash_point("segment.create.whole");
            if mode.mode() != first {
                segment::set_permissions(id, mode)
                    .map_err(|errno| Error::os("shmctl", &label, errno))?;
            }
            if options.removal == Removal::LastDetach {
                segment::remove(id).map_err(|errno| Error::os("shmctl", &label, errno))?;
            }
            let range = 0..options.size;
            Body::fixed(
                mapping,
                range,
                ipc_mem::Access::ReadWrite,
                options.content,
                options.placement,
            )
            .map(|body| body.identified(Identity::of_segment(id)))
            .map_err(|refusal| refusal.on(&label))
        };
        match fill() {
            Ok(body) => {
                // SAFETY: the segment was new, and its trailer records the same tag.
                let region = unsafe { Region::new(body) };
                let creator = Some(Origin::here());
                let memory = Self { region, key, id, creator, removal: options.removal };
                // SAFETY: the segment was new, so its data is zeros; only this handle created it;
                // and its trailer, which records its tag, was written before anything is
                // laid out (see the table in `trailer.rs`).
                Ok(unsafe { Fresh::new(memory) })
            }
            Err(err) => {
                let _ = segment::remove(id);
                Err(err)
            }
        }
    }

    /// Opens the segment with this key for reading and writing.
    ///
    /// A segment that starts with zeros, and has no record of its tag, may be incomplete. `open`
    /// waits until it is complete. If it is still incomplete two seconds after its creation, or
    /// after the last change of its mode or owner, `open` opens it with all of its bytes as data.
    ///
    /// # Errors
    ///
    /// `is_not_found` if the key is not in use; `is_permission_denied` if the mode of the segment
    /// forbids access; `is_untrusted` if its owner or creator is neither this user nor root, or if
    /// other users may write it.
    #[doc(alias = "shmat")]
    pub fn open(key: impl Into<Key>) -> Result<Self> {
        Self::open_with(key, OpenOptions::new())
    }

    /// Opens the segment with this key with options, such as which owners to trust and its
    /// placement.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open); the error of the system if it cannot provide the placement.
    pub fn open_with(key: impl Into<Key>, options: OpenOptions) -> Result<Self> {
        Self::find(key.into(), options)
    }

    /// Opens the segment with this id, even if it has no key.
    ///
    /// # Errors
    ///
    /// `is_removed` if no segment has the id; otherwise those of [`open`](Self::open).
    pub fn open_id(id: i32) -> Result<Self> {
        Self::open_id_with(id, OpenOptions::new())
    }

    /// Opens the segment with this id with options, such as which owners to trust and its
    /// placement.
    ///
    /// # Errors
    ///
    /// Those of [`open_id`](Self::open_id); the error of the system if it cannot provide the
    /// placement.
    pub fn open_id_with(id: i32, options: OpenOptions) -> Result<Self> {
        Self::find_id(id, options)
    }

    /// Opens the segment with this key read-only.
    ///
    /// # Examples
    ///
    /// ```
    /// use ipc_core::{Key, Removal};
    /// use ipc_mem::Memory;
    /// use ipc_shm::{MemoryOptions, SysvMemory};
    ///
    /// let ours = SysvMemory::create(Key::PRIVATE, MemoryOptions::new(4096).removal(Removal::OnDrop))?;
    /// let view = SysvMemory::open_id_read_only(ours.id())?;
    /// assert_eq!((view.size(), view.id()), (4096, ours.id()));
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open); only permission to read is needed.
    #[doc(alias = "SHM_RDONLY")]
    pub fn open_read_only(key: impl Into<Key>) -> Result<SysvMemory<ReadOnly>> {
        Self::open_read_only_with(key, OpenOptions::new())
    }

    /// Opens the segment with this key read-only, with options.
    ///
    /// # Errors
    ///
    /// Those of [`open_with`](Self::open_with); only permission to read is needed.
    pub fn open_read_only_with(
        key: impl Into<Key>,
        options: OpenOptions,
    ) -> Result<SysvMemory<ReadOnly>> {
        SysvMemory::find(key.into(), options)
    }

    /// Opens the segment with this id read-only.
    ///
    /// # Errors
    ///
    /// Those of [`open_id`](Self::open_id); only permission to read is needed.
    pub fn open_id_read_only(id: i32) -> Result<SysvMemory<ReadOnly>> {
        Self::open_id_read_only_with(id, OpenOptions::new())
    }

    /// Opens the segment with this id read-only, with options.
    ///
    /// # Errors
    ///
    /// Those of [`open_id_with`](Self::open_id_with); only permission to read is needed.
    pub fn open_id_read_only_with(id: i32, options: OpenOptions) -> Result<SysvMemory<ReadOnly>> {
        SysvMemory::find_id(id, options)
    }

    /// Opens the segment with this key, or creates it; [`was_created`](Self::was_created) reports
    /// which. If an existing segment is incomplete because its creator died, this call waits for up
    /// to a second until no other process is attached, and replaces the segment. If others stay
    /// attached, the segment is kept: the call opens it if its creator had recorded its size and
    /// tag already, and otherwise fails with `is_mismatch`.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open) and [`create`](Self::create); `is_mismatch` if an existing
    /// segment has another size or tag; `is_unsupported` for [`Removal::LastDetach`] with a key
    /// other than [`Key::PRIVATE`], because a segment with this removal has no key: each process
    /// would create its own segment.
    pub fn open_or_create(key: impl Into<Key>, options: impl Into<MemoryOptions>) -> Result<Self> {
        let (key, options) = (key.into(), options.into());
        if key == Key::PRIVATE {
            return Self::create(key, options).map(Fresh::into_inner);
        }
        if options.removal_asked && options.removal == Removal::LastDetach {
            return Err(Error::unsupported(
                "shmget",
                key,
                "a segment with `Removal::LastDetach` has no key: use `Key::PRIVATE`, or another removal",
            ));
        }
        let found = open_or_create(
            || Self::open_with(key, options.into()),
            || Self::create(key, options).map(Fresh::into_inner),
        )?;
        if found.size() != options.size {
            let why = format!("found {} bytes, wanted {}", found.size(), options.size);
            return Err(Error::mismatch("shmget", key, why));
        }
        memory::expect_tag("shmget", &found, options.content)?;
        Ok(found)
    }

    /// Removes the segment with this key. Attached processes keep access to it; other processes can
    /// no longer open it by the key. Removing a key that is not in use is not an error.
    ///
    /// # Errors
    ///
    /// `is_permission_denied` if this user is neither root nor the owner or creator of the segment.
    #[doc(alias = "IPC_RMID")]
    #[doc(alias = "shmrm")]
    pub fn remove(key: impl Into<Key>) -> Result<()> {
        let key = key.into();
        match segment::find(key.raw()) {
            Ok(id) => removed(key, segment::remove(id)),
            Err(Errno::ENOENT) => Ok(()),
            Err(errno) => Err(Error::os("shmget", key, errno)),
        }
    }

    /// Removes the segment with this id. Removing an id that does not exist is not an error.
    ///
    /// # Errors
    ///
    /// `is_permission_denied` if this user is neither root nor the owner or creator of the segment.
    pub fn remove_id(id: i32) -> Result<()> {
        removed(label(Key::PRIVATE, id), segment::remove(id))
    }

    /// Changes the permissions of the segment.
    ///
    /// # Errors
    ///
    /// `is_permission_denied` if this user is neither root nor the owner or creator of the segment.
    #[doc(alias = "shmcfg")]
    #[doc(alias = "IPC_SET")]
    pub fn set_permissions(&self, permissions: impl Into<Permissions>) -> Result<()> {
        let permissions = permissions.into();
        permissions.check("shmctl").map_err(|refusal| refusal.on(label(self.key, self.id)))?;
        segment::set_permissions(self.id, permissions).map_err(self.refused())
    }

    /// Locks the pages of the segment in memory, for all processes, until
    /// [`unlock_pages`](Self::unlock_pages) is called. If a page is not allocated yet, it is locked
    /// when it is allocated.
    ///
    /// # Errors
    ///
    /// `is_permission_denied` if this user is neither root nor the owner or creator of the segment;
    /// `is_no_space` if its size is over `RLIMIT_MEMLOCK`.
    #[doc(alias = "SHM_LOCK")]
    pub fn lock_pages(&self) -> Result<()> {
        segment::lock(self.id).map_err(self.refused())
    }

    /// Unlocks the pages of the segment, so that the system may swap them out again.
    ///
    /// # Errors
    ///
    /// `is_permission_denied` if this user is neither root nor the owner or creator of the segment.
    #[doc(alias = "SHM_UNLOCK")]
    pub fn unlock_pages(&self) -> Result<()> {
        segment::unlock(self.id).map_err(self.refused())
    }
}

/// An error that names the limit that a new segment of this size meets.
fn not_created(key: Key, len: usize, errno: Errno) -> Error {
    let limit =
        |name| kernel_limit(name).map_or_else(|| String::from("?"), |limit| limit.to_string());
    let why = match errno {
        Errno::ENOSPC => format!(
            "over the {} segments of /proc/sys/kernel/shmmni, or the {} pages of shmall, which root can raise",
            limit("kernel/shmmni"),
            limit("kernel/shmall")
        ),
        Errno::EINVAL => format!(
            "{len} bytes, at most {} by /proc/sys/kernel/shmmax, which root can raise",
            limit("kernel/shmmax")
        ),
        _ => return Error::os("shmget", key, errno),
    };
    Refusal::os("shmget", errno).because(why).on(key)
}

/// `shmat` fails with `EAGAIN` if all memory of the process is locked, and this would be too much.
fn not_attached(object: impl fmt::Display, errno: Errno) -> Error {
    match errno {
        Errno::EAGAIN => {
            let why =
                "over the limit RLIMIT_MEMLOCK (`ulimit -l`), since `mlockall` locks new mappings";
            Refusal::os("shmat", errno).because(why).on(object)
        }
        _ => Error::os("shmat", object, errno),
    }
}

fn removed(object: impl std::fmt::Display, done: Result<(), Errno>) -> Result<()> {
    match done {
        Err(errno) if errno != Errno::EINVAL && errno != Errno::EIDRM => {
            Err(Error::os("shmctl", object, errno))
        }
        _ => Ok(()),
    }
}

impl<A: AccessMode> SysvMemory<A> {
    /// Opens a segment by its key, for both access modes.
    fn find(key: Key, options: OpenOptions) -> Result<Self> {
        if key == Key::PRIVATE {
            return Err(Error::invalid("shmget", key, "no segment can be found by this key"));
        }
        let mut begun = None;
        loop {
            let id = segment::find(key.raw()).map_err(|errno| Error::os("shmget", key, errno))?;
            match segment::attach(id, A::ACCESS) {
                Ok((mapping, info)) if info.key == key => {
                    let found = Self::judge(key, mapping, &info, options)?;
                    match options.replaces.map(|size| found.remains(size)).transpose()? {
                        None | Some(Remains::None) => return Ok(found),
                        Some(Remains::Alone) => {
                            segment::remove(id).map_err(found.refused())?;
                            return Err(Error::os("shmget", key, Errno::ENOENT));
                        }
                        Some(Remains::Seen)
                            if begun.get_or_insert_with(Instant::now).elapsed() > REPLACING =>
                        {
                            return Ok(found);
                        }
                        Some(Remains::Seen) => {
                            drop(found);
                            // The system has nothing to wait for. Processes that look at it do not
                            // look together again.
                            thread::sleep(Duration::from_micros(u64::from(process::id() % 4096)));
                        }
                    }
                }
                // The segment was removed meanwhile, and its id may have been reused.
                Ok(_) | Err(Errno::EINVAL | Errno::EIDRM) => {}
                Err(errno) => return Err(not_attached(key, errno)),
            }
        }
    }

    fn find_id(id: i32, options: OpenOptions) -> Result<Self> {
        let attached = segment::attach(id, A::ACCESS);
        let (mapping, info) = attached.map_err(|errno| match errno {
            Errno::EINVAL | Errno::EIDRM => no_such_id("shmat", id),
            _ => not_attached(label(Key::PRIVATE, id), errno),
        })?;
        Self::judge(Key::PRIVATE, mapping, &info, options)
    }

    fn judge(key: Key, mapping: Mapping, info: &SysvInfo, options: OpenOptions) -> Result<Self> {
        let (id, label) = (info.id, label(key, info.id));
        options.trust.judge("shmat", &label, info.owner, info.permissions)?;
        options.trust.judge("shmat", &label, info.creator, info.permissions)?;
        let (size, content) = look(&mapping, info.last_change.sec());
        let body = Body::fixed(mapping, 0..size, A::ACCESS, content, options.placement);
        let body = body.map_err(|refusal| refusal.on(&label))?.identified(Identity::of_segment(id));
        // SAFETY: the tag was read from the trailer, which the creator wrote before anything was
        // laid out; a segment without a trailer was created by another program, and is foreign.
        let region = unsafe { Region::new(body) };
        Ok(Self { region, key, id, creator: None, removal: Removal::Never })
    }

    /// The key with which this handle created or opened the segment; [`Key::PRIVATE`] if this
    /// handle opened it by its id.
    #[must_use]
    pub fn key(&self) -> Key {
        self.key
    }

    /// The id of the segment, for [`open_id`](Self::open_id) in another process.
    #[doc(alias = "shmid")]
    #[must_use]
    pub fn id(&self) -> i32 {
        self.id
    }

    /// Returns the facts that the system keeps about the segment.
    ///
    /// # Errors
    ///
    /// `is_permission_denied` if its mode now forbids reading.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/shmctl.html>
    #[doc(alias = "shminfo")]
    #[doc(alias = "IPC_STAT")]
    pub fn info(&self) -> Result<SysvInfo> {
        segment::info(self.id).map_err(self.refused())
    }

    /// The placement that the memory has. Requests that are only hints may not have been followed.
    #[must_use]
    pub fn placement(&self) -> Achieved {
        self.region.body().achieved()
    }

    fn refused(&self) -> impl Fn(Errno) -> Error {
        move |errno| Error::os("shmctl", self.label(), errno)
    }

    /// Returns `true` if this handle created the segment.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.creator.is_some()
    }
}

impl<A: AccessMode> Memory for SysvMemory<A> {
    type Access = A;

    fn region(&self) -> &Region<A> {
        &self.region
    }

    fn label(&self) -> String {
        label(self.key, self.id)
    }
}

impl<A: AccessMode> Drop for SysvMemory<A> {
    fn drop(&mut self) {
        if self.removal == Removal::OnDrop && self.creator.is_some_and(Origin::is_here) {
            // The segment is mapped here, so its id cannot have been reused. `drop` cannot report
            // an error.
            let _ = segment::remove(self.id);
        }
    }
}
