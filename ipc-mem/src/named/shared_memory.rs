//! POSIX shared memory, which other processes open by name.

#![expect(unsafe_code, reason = "says which handle is fresh, and what a mapped file holds")]

use std::fs::File;

use ipc_core::{Error, Name, Origin, Refusal, Removal, Result, Trust, open_or_create};

use crate::file::Body;
use crate::named::attach::Attach;
use crate::named::found::{Found, SHARED_MEMORY, entry};
use crate::named::{Attachment, Draft, Entry, Identity, KeptFile, Stale};
use crate::{
    AccessMode, Achieved, Fresh, Memory, MemoryOptions, OpenOptions, ReadOnly, ReadWrite, Region,
};

/// Shared memory that processes open by name.
///
/// Dropping a handle unmaps the memory in the calling process. The [`Removal`] that was chosen at
/// creation determines when the name is removed.
///
/// # Last detach
///
/// A process is *attached* from the time it opens its first handle until it drops its last handle,
/// exits, is killed or calls `exec`. [`attached`](Self::attached) counts processes, not handles. By
/// default ([`Removal::LastDetach`]), the name is removed when the last attached process drops its
/// last handle, whichever process created the object, and never while a process is attached.
///
/// - **Inspection never removes a name.** A process that opened the object only read-only, a
///   process that could not open it, and `ipc ls` leave the name. A copy of the file (`cp`) can be
///   opened like the object, but its name is never removed automatically. One exception: after a
///   restart, a backup that is copied back may get the device and inode that the original object
///   had. If the system does not report when a file was created (before Linux 5.18, or with musl),
///   such a copy counts as the original.
/// - **Only dropping a handle removes the name.** If the last attached process exits without
///   dropping its handles (as `std::process::exit` does), is killed or calls `exec`, the name
///   stays, and the object is *stale*. [`create`](Self::create) and
///   [`open_or_create`](Self::open_or_create) replace a stale object, and
///   [`remove_stale`](Self::remove_stale) removes its name. All three fail if the process may not
///   remove the name, because `/dev/shm` is sticky and another user owns the object; the error says
///   so. [`open`](Self::open) opens a stale object like any other, and its name is then removed
///   when the last attached process drops its last handle. Create objects that must outlive a crash
///   with [`Removal::Never`]. For the program `ipc`, an object with [`Removal::OnDrop`] is stale,
///   too, if its creator has ended and no process has the file open or mapped.
/// - **Dropping needs no new descriptor:** a process keeps one for each object that it is attached
///   to. [`close`](Self::close) reports the error that dropping ignores.
/// - **A forked child** is not attached until it calls [`reattach`](Self::reattach). Until then,
///   dropping its copies of the handles removes nothing. `fork` waits while another thread attaches
///   or detaches, which takes a few system calls. `posix_spawn` and `vfork` do not wait. A child
///   that they start has copies of the descriptors until it calls `exec`. Until then, the parent
///   process still counts as attached, even if it has detached. So the last process to detach waits
///   for that `exec`, for up to ten seconds. If that takes longer, for example because a debugger
///   stopped the child, the name stays and is stale.
/// - **Programs that do not use this toolkit** are not counted. Their mappings stay valid after the
///   name is removed. If they need the name, use [`Removal::Never`]. A C program counts as attached
///   as long as it has a shared lock (`F_OFD_SETLK`, `F_RDLCK`) on byte 2^62 - 2 of the file. All C
///   programs with a lock on this byte count as one attached process. After locking the byte, the
///   program must check that the name still belongs to the file, and open the name again if it does
///   not. While a program holds a lock on the whole file (`lockf`), the name is not removed, and
///   `open` and `grow` fail with `is_busy` after two seconds; the error names the process.
/// - If the system does not support open file description locks (`F_OFD_SETLK`), creating and
///   opening objects with [`Removal::LastDetach`] fails with
///   [`is_unsupported`](Error::is_unsupported).
///
/// # Examples
///
/// ```
/// use ipc_mem::Memory;
/// use ipc_mem::SharedMemory;
///
/// let name = format!("/frames-{}", std::process::id());
/// let ours = SharedMemory::create(&name, 4096)?;
/// let theirs = SharedMemory::open(&name)?; // usually in another process
/// assert_eq!((theirs.size(), theirs.identity()), (4096, ours.identity()));
/// assert_eq!(theirs.attached()?, 1); // this process
///
/// drop(ours);
/// assert!(SharedMemory::open(&name).is_ok()); // `theirs` has it
/// drop(theirs);
/// assert!(SharedMemory::open(&name).is_err_and(|err| err.is_not_found()));
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/shm_open.html>,
/// <https://man7.org/linux/man-pages/man7/shm_overview.7.html>
#[doc(alias = "shm_open")]
#[derive(Debug)]
pub struct SharedMemory<A: AccessMode = ReadWrite> {
    region: Region<A>,
    entry: Entry,
    attachment: Attachment,
    /// The file, to grow the memory or to see that it has grown; `None` if it may not grow.
    file: Option<KeptFile>,
    /// The process that created the object through this handle.
    creator: Option<Origin>,
    /// `true` if the name is removed when the creator's handle is dropped.
    on_drop: bool,
}

impl SharedMemory {
    /// Creates zeroed shared memory under a new name. A [stale](#last-detach) object of that name
    /// is replaced.
    ///
    /// No process sees it before it is complete, and a process that is killed during creation
    /// leaves nothing, or a complete object.
    ///
    /// # Errors
    ///
    /// [`is_exists`](Error::is_exists) if the name exists, and its object is not stale;
    /// [`is_no_space`](Error::is_no_space) if not all of it can be reserved;
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the name is not valid, or the size is
    /// 0 or more than `isize::MAX`; [`is_permission_denied`](Error::is_permission_denied) if the
    /// name is to be removed at the last detach, but the requested mode does not let the owner read
    /// the object; otherwise the error of the system.
    #[doc(alias = "shm_open")]
    #[doc(alias = "ftruncate")]
    pub fn create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<MemoryOptions>,
    ) -> Result<Fresh<Self>> {
        let memory = Draft::new(name, options)?.publish()?;
        // SAFETY: the file was new, so it is zeros, and nothing was written to the draft; this is
        // the only handle that created it, and the trailer has recorded its purpose since before it
        // had a name.
        Ok(unsafe { Fresh::new(memory) })
    }

    /// Opens existing shared memory for reading and writing.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) if the name does not exist;
    /// [`is_permission_denied`](Error::is_permission_denied) if its mode forbids it;
    /// [`is_untrusted`](Error::is_untrusted) if it does not belong to this user or root, or other
    /// users may write it; [`is_mismatch`](Error::is_mismatch) if it is empty or not a regular
    /// file.
    #[doc(alias = "shm_open")]
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenOptions::new())
    }

    /// Opens existing shared memory with options, such as which owners to trust.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open), and an error of the system if it cannot provide the
    /// placement.
    pub fn open_with(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: OpenOptions,
    ) -> Result<Self> {
        Self::find(name.try_into().map_err(Into::into)?, options, |_| Ok(()))
            .map(|(memory, ())| memory)
    }

    /// Opens existing shared memory with options, and copies its first bytes into `head`. Returns
    /// the memory, and the number of bytes that were copied.
    ///
    /// Reading them from the file costs less than touching the first page of the memory.
    ///
    /// # Errors
    ///
    /// Those of [`open_with`](Self::open_with).
    pub fn open_and_read(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: OpenOptions,
        head: &mut [u8],
    ) -> Result<(Self, usize)> {
        Self::find(name.try_into().map_err(Into::into)?, options, |found| {
            let wanted = head.len().min(found.size());
            found.read_at(0, &mut head[..wanted]).map(|()| wanted)
        })
    }

    /// Opens existing shared memory read-only.
    ///
    /// The memory is mapped read-only: even a wild pointer in the calling process cannot change it.
    /// The calling process counts as attached like any other. If it opened the object only
    /// read-only and is the last attached process, the name stays when it drops its last handle.
    ///
    /// # Examples
    ///
    /// ```
    /// use ipc_mem::{Access, Memory, SharedMemory};
    ///
    /// # let name = format!("/look-{}", std::process::id());
    /// let ours = SharedMemory::create(&name, 4096)?;
    /// let view = SharedMemory::open_read_only(&name)?;
    /// assert_eq!((view.size(), view.identity()), (4096, ours.identity()));
    /// assert_eq!(view.access(), Access::ReadOnly);
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open); only permission to read is needed.
    pub fn open_read_only(
        name: impl TryInto<Name, Error: Into<Error>>,
    ) -> Result<SharedMemory<ReadOnly>> {
        Self::open_read_only_with(name, OpenOptions::new())
    }

    /// Opens existing shared memory read-only, with options.
    ///
    /// # Errors
    ///
    /// Those of [`open_with`](Self::open_with); only permission to read is needed.
    pub fn open_read_only_with(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: OpenOptions,
    ) -> Result<SharedMemory<ReadOnly>> {
        let name = name.try_into().map_err(Into::into)?;
        SharedMemory::find(name, options, |_| Ok(())).map(|(memory, ())| memory)
    }

    /// Opens shared memory, or creates it; [`was_created`](Self::was_created) reports which.
    ///
    /// A [stale](#last-detach) object is replaced. If the options let the object
    /// [grow](Self::grow), an existing object may be larger than the requested size.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open) and [`create`](Self::create);
    /// [`is_mismatch`](Error::is_mismatch) if an object exists that has another size, maximum size
    /// or [tag](crate::Tag).
    pub fn open_or_create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<MemoryOptions>,
    ) -> Result<Self> {
        let (name, options) = (name.try_into().map_err(Into::into)?, options.into());
        let create = || Self::create(&name, options).map(Fresh::into_inner);
        let open = || {
            Self::find(name.clone(), options.into(), |found| expect(found, &options))
                .map(|(memory, ())| memory)
        };
        open_or_create(open, create)
    }

    /// Unlinks a name. Open handles stay valid. Unlinking a name that does not exist is not an
    /// error.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the name is not valid;
    /// [`is_permission_denied`](Error::is_permission_denied) if the object belongs to another user.
    #[doc(alias = "shm_unlink")]
    #[doc(alias = "shmrm")]
    pub fn unlink(name: impl TryInto<Name, Error: Into<Error>>) -> Result<()> {
        entry(name.try_into().map_err(Into::into)?)?.unlink()
    }

    /// Returns the names of all existing shared memory objects, whichever program created them.
    /// `MemoryInfo` of `ipc-shm` describes each of them.
    ///
    /// # Errors
    ///
    /// The error of the system if `/dev/shm` cannot be read.
    pub fn names() -> Result<Vec<Name>> {
        SHARED_MEMORY.names()
    }

    /// Removes the name of a [stale](#last-detach) object: its name should have been removed at the
    /// last detach, and no process is attached to it.
    ///
    /// The name stays if a process is attached to the object, or if a program that does not use
    /// this toolkit created it.
    ///
    /// # Errors
    ///
    /// [`is_permission_denied`](Error::is_permission_denied) if the object is stale and belongs to
    /// another user, because only that user or root may remove the name; otherwise those of
    /// [`open`](Self::open), but a name that does not exist is not an error.
    pub fn remove_stale(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Stale> {
        Self::remove_stale_with(name, Trust::default())
    }

    /// Removes the name of a stale object like [`remove_stale`](Self::remove_stale), if the owner
    /// of the object is trusted. Root can pass [`Trust::Anyone`] to clean up after all users.
    ///
    /// # Errors
    ///
    /// Those of [`remove_stale`](Self::remove_stale).
    pub fn remove_stale_with(
        name: impl TryInto<Name, Error: Into<Error>>,
        trust: Trust,
    ) -> Result<Stale> {
        let entry = entry(name.try_into().map_err(Into::into)?)?;
        match Found::look(&entry, trust, crate::Access::ReadOnly) {
            Err(err) if err.is_not_found() => Ok(Stale::Absent),
            found => found?.remove_stale(&entry),
        }
    }

    /// Grows the memory to `size` bytes, for all processes. If it is already at least that large,
    /// nothing changes. The address stays the same.
    ///
    /// Other processes see the new size when they call [`refresh`](Self::refresh). The call waits
    /// while another process grows the object. A handle to memory that may grow keeps a descriptor
    /// open.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the size is over the
    /// [`MemoryOptions::max_size`] set at creation; [`is_no_space`](Error::is_no_space) if the
    /// additional bytes cannot be reserved, or if this process could not map the maximum size when
    /// it opened the object, because of a limit on its address space or on its locked memory;
    /// [`is_permission_denied`](Error::is_permission_denied) if the mode of the object forbids
    /// opening it again; [`is_unsupported`](Error::is_unsupported) without `/proc`, through which
    /// it is opened again.
    #[doc(alias = "ftruncate")]
    pub fn grow(&self, size: usize) -> Result<()> {
        let refuse = |refusal: Refusal| self.entry.refuse(refusal);
        // An object that is that large already needs no file.
        let file = self.file.as_ref().filter(|_| size > self.size());
        let file = file.map(KeptFile::get).transpose().map_err(refuse)?;
        self.region.body().grow(file, size).map_err(refuse)
    }

    /// Creates the handle of a memory object that is not published yet. It has no name to remove,
    /// and no process is attached.
    pub(crate) fn from_draft(
        entry: Entry,
        body: Body,
        file: Option<KeptFile>,
        identity: Identity,
    ) -> Self {
        let (attachment, creator) =
            (Attachment::uncounted(entry.path(), identity), Some(Origin::here()));
        // SAFETY: the body is of a new file, whose trailer records the same tag
        // (`draft.rs`).
        let region = unsafe { Region::new(body) };
        Self { region, entry, attachment, file, creator, on_drop: false }
    }

    pub(crate) fn published(&mut self, removal: Removal, attach: Option<Attach>, file: File) {
        self.on_drop = removal == Removal::OnDrop;
        if let Some(attach) = attach {
            self.attachment.count(attach, file);
        }
    }
}

impl<A: AccessMode> SharedMemory<A> {
    /// Opens an object, calls `look` with it, maps it if `look` succeeds, and returns the result of
    /// `look` too.
    pub(crate) fn find<R>(
        name: Name,
        options: OpenOptions,
        look: impl FnOnce(&Found) -> Result<R, Refusal>,
    ) -> Result<(Self, R)> {
        let entry = entry(name)?;
        let (found, attachment) = Found::open(&entry, options, A::ACCESS)?;
        let looked = look(&found).map_err(|refusal| entry.refuse(refusal))?;
        let (body, file) = found.map(&entry, A::ACCESS, options)?;
        if A::ACCESS == crate::Access::ReadWrite {
            attachment.accept(); // only now is the name removed when this process is the last to detach
        }
        // SAFETY: the tag was read from the trailer, which the creator wrote before the object had
        // a name; a file without a trailer was created by another program, and is foreign.
        let region = unsafe { Region::new(body) };
        Ok((Self { region, entry, attachment, file, creator: None, on_drop: false }, looked))
    }

    pub(crate) fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Returns the number of processes that are attached to the object. A process with several
    /// handles counts once. Forked children before [`reattach`](Self::reattach), and programs that
    /// do not use this toolkit, are not counted, except C programs that lock the byte that [last
    /// detach](#last-detach) describes.
    ///
    /// # Errors
    ///
    /// [`is_unsupported`](Error::is_unsupported) if it was not created with
    /// [`Removal::LastDetach`]; [`is_removed`](Error::is_removed) if the name was removed, or now
    /// belongs to another object, because processes are counted only while the name exists;
    /// [`is_permission_denied`](Error::is_permission_denied) if its mode forbids reading.
    pub fn attached(&self) -> Result<usize> {
        self.attachment.attached().map_err(|refusal| self.entry.refuse(refusal))
    }

    /// Returns `true` if this process is attached to the object, and no other process is.
    ///
    /// # Errors
    ///
    /// Those of [`attached`](Self::attached).
    pub fn is_only_attached(&self) -> Result<bool> {
        self.attachment.is_only_attached().map_err(|refusal| self.entry.refuse(refusal))
    }

    /// Attaches this process if it inherited the handle through `fork`. Call it before the parent
    /// detaches, which may remove the name. If this process is attached already, or attached
    /// processes are not counted, the call does nothing.
    ///
    /// # Errors
    ///
    /// [`is_removed`](Error::is_removed) if the name was removed, or now belongs to another object;
    /// [`is_permission_denied`](Error::is_permission_denied) if its mode forbids reading.
    pub fn reattach(&self) -> Result<()> {
        self.attachment.reattach().map_err(|refusal| self.entry.refuse(refusal))
    }

    /// Checks whether another process has grown the memory, and returns its size.
    ///
    /// # Errors
    ///
    /// The error of the system; [`is_mismatch`](Error::is_mismatch) if another process destroyed
    /// the record of its size.
    pub fn refresh(&self) -> Result<usize> {
        let refuse = |refusal: Refusal| self.entry.refuse(refusal);
        let file = self.file.as_ref().map(KeptFile::get).transpose().map_err(refuse)?;
        self.region.body().refresh(file).map_err(refuse)
    }

    /// Returns the maximum size of the memory in this process.
    #[must_use]
    pub fn max_size(&self) -> usize {
        self.region.body().max_size()
    }

    /// Returns the result of the requested placement.
    #[must_use]
    pub fn placement(&self) -> Achieved {
        self.region.body().achieved()
    }

    /// Returns the name by which it was created or opened.
    #[must_use]
    pub fn name(&self) -> &Name {
        self.entry.name()
    }

    /// Returns the identity of the object, which stays the same even if another object gets its
    /// name.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.attachment.identity()
    }

    /// Returns `true` if this handle created the object.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.creator.is_some()
    }

    /// Closes the handle as dropping it does, and returns an error if the name could not be
    /// removed.
    ///
    /// # Errors
    ///
    /// The reason why the name stays although the calling process should remove it:
    /// [`is_permission_denied`](Error::is_permission_denied); [`is_no_space`](Error::is_no_space)
    /// if other code closed the descriptor that the process keeps, and the process cannot open
    /// another one; [`is_busy`](Error::is_busy) if another program holds a lock on the file.
    pub fn close(mut self) -> Result<()> {
        self.end()
    }

    /// Does the work of dropping except unmapping, once.
    fn end(&mut self) -> Result<()> {
        let detached = self.attachment.detach().map_err(|refusal| self.entry.refuse(refusal));
        if std::mem::take(&mut self.on_drop) && self.creator.is_some_and(Origin::is_here) {
            return self.entry.unlink_if(self.identity());
        }
        detached
    }
}

/// Refuses an object that has another size or [tag](crate::Tag) than wanted. An object that may
/// grow may be larger than wanted.
fn expect(found: &Found, options: &MemoryOptions) -> Result<(), Refusal> {
    let has_grown = options.max_size.is_some() && found.size() > options.size;
    if found.max_size() != options.max_size || found.size() != options.size && !has_grown {
        let may = |max_size: Option<usize>| max_size.map(|size| format!(" that may become {size}"));
        let [theirs, ours] =
            [found.max_size(), options.max_size].map(|max| may(max).unwrap_or_default());
        let why = format!("found {} bytes{theirs}, wanted {}{ours}", found.size(), options.size);
        return Err(Refusal::mismatch("shm_open", why));
    }
    found.expect_tag(options.content)
}

impl<A: AccessMode> Memory for SharedMemory<A> {
    type Access = A;

    fn region(&self) -> &Region<A> {
        &self.region
    }

    fn label(&self) -> String {
        self.name().to_string()
    }
}

impl<A: AccessMode> Drop for SharedMemory<A> {
    fn drop(&mut self) {
        let _ = self.end(); // a caller that wants to know calls `close`
    }
}
