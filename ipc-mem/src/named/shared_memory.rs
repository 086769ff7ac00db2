//! POSIX shared memory, which other processes find by name.

#![expect(unsafe_code, reason = "vouches for the mapped bytes as a `Memory`")]

use std::fs::File;
use std::ops::Deref;
use std::ptr::NonNull;

use crate::named::{Entry, Identity};
use crate::{Access, Content, Memory, memory};
use ipc_core::{Error, Name, Origin, Removal, Result, Trust, open_or_create};

use crate::file::Body;
use crate::named::Attachment;
use crate::named::found::{Found, SHARED_MEMORY, entry};
use crate::{Draft, MemoryOptions, OpenOptions, ReadOnlyMemory};

/// Shared memory that every process finds by name.
///
/// Dropping it unmaps it here. When its name goes was said when it was made, by a [`Removal`].
///
/// # Last user out
///
/// By default the name goes with the last user, whoever made the object, and it is never taken from a user. Each
/// handle is one, from `create` or `open` until it is dropped or its process ends, also by `kill -9` or `exec`. If all
/// were killed at once the name stays: the next [`create`](Self::create) or [`open_or_create`](Self::open_or_create)
/// makes a new object in its place, as does [`remove_stale`](Self::remove_stale) without the new one; a plain
/// [`open`](Self::open) adopts what is there, and takes it away when it leaves, even if it was refused as another
/// type: what must outlive a crash is made with [`Removal::Never`]. A last user who may not write the object, or not
/// remove the name, leaves it so, too.
///
/// - Programs that know nothing of this toolkit are not counted. What they have mapped stays whole without a name; who
///   needs the name to stay asks for [`Removal::Never`]. A C program is a user as long as it has a shared lock
///   (`F_OFD_SETLK`, `F_RDLCK`) on byte 2^62 - 2 of the file; all that lock the same byte count as one. If the file has
///   no name any more by then (`st_nlink` is 0), it came too late, and opens the name again.
/// - Who enters waits for who is just removing the name: not for long, unless that process is stopped at that instant.
/// - A forked child is not counted until it calls [`reattach`](ReadOnlyMemory::reattach), and its copies of handles
///   remove nothing. A `fork` waits for threads that are about to enter or leave. What `posix_spawn`
///   starts in such a moment looks like a user until it has become the other program: who leaves waits for it, a tenth of
///   a second at most.
/// - Where the system has no locks that belong to a description of a file, creating and opening such
///   objects is unsupported.
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
/// assert_eq!(theirs.users()?, 2);
///
/// drop(ours);
/// assert!(theirs.is_only_user()?);
/// drop(theirs);
/// assert!(SharedMemory::open(&name).is_err_and(|err| err.is_not_found()));
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/shm_open.html>,
/// <https://man7.org/linux/man-pages/man7/shm_overview.7.html>
#[doc(alias = "shm_open")]
#[derive(Debug)]
pub struct SharedMemory {
    view: ReadOnlyMemory,
    /// The process that created the object through this handle.
    creator: Option<Origin>,
    /// Whether the name goes with the creator's handle.
    on_drop: bool,
}

impl SharedMemory {
    /// Makes a shared memory of zeros under a name that nobody has yet, or only an object whose users were all killed.
    ///
    /// Nobody sees it before it is whole, and a process that dies on the way leaves nothing.
    ///
    /// # Errors
    ///
    /// `is_exists` if the name is taken; `is_no_space` if there is no room for all of it;
    /// `is_invalid_argument` if the name is none or the size is 0 or over `isize::MAX`;
    /// `is_permission_denied` and what else the system refuses, as where its owner may not read what is to go with its
    /// last user.
    #[doc(alias = "shm_open")]
    #[doc(alias = "ftruncate")]
    pub fn create(name: impl TryInto<Name, Error: Into<Error>>, options: impl Into<MemoryOptions>) -> Result<Self> {
        Draft::new(name, options)?.publish()
    }

    /// Finds a shared memory by name, to read and write.
    ///
    /// # Errors
    ///
    /// `is_not_found` if nobody has the name; `is_permission_denied` if its mode forbids it; `is_untrusted` if it
    /// is not this user's or root's, or others may write it; `is_mismatch` if it is empty or no file.
    #[doc(alias = "shm_open")]
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenOptions::new())
    }

    /// As [`open`](Self::open), with a say in whose object is acceptable.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_with(name: impl TryInto<Name, Error: Into<Error>>, options: OpenOptions) -> Result<Self> {
        Self::open_and_read(name, options, &mut []).map(|(memory, _)| memory)
    }

    /// As [`open_with`](Self::open_with), and copies the first bytes of the data into `head`: as many as there are
    /// and as there is room for, which is what the number tells.
    ///
    /// Reading them from the file costs less than touching the first page of the memory.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_and_read(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: OpenOptions,
        head: &mut [u8],
    ) -> Result<(Self, usize)> {
        let (view, read) =
            ReadOnlyMemory::find(name.try_into().map_err(Into::into)?, options, Access::ReadWrite, head)?;
        Ok((Self { view, creator: None, on_drop: false }, read))
    }

    /// Finds a shared memory by name, or makes it; [`was_created`](Self::was_created) tells which.
    ///
    /// One whose users were all killed is not found: a new one takes its place. One that may [grow](Self::grow), and as
    /// far as asked for, may have grown.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open) and [`create`](Self::create); `is_mismatch` if one is found of another size or content.
    pub fn open_or_create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<MemoryOptions>,
    ) -> Result<Self> {
        let (name, options) = (name.try_into().map_err(Into::into)?, options.into());
        let found = open_or_create(|| Self::open_with(&name, options.into()), || Self::create(&name, options))?;
        if !found.is_as_large_as(&options) {
            let may = |max_size: Option<usize>| max_size.map(|size| format!(" that may become {size}"));
            let [theirs, ours] = [found.view.body.made_to(), options.max_size].map(|max| may(max).unwrap_or_default());
            let why = format!("found {} bytes{theirs}, wanted {}{ours}", found.size(), options.size);
            return Err(Error::mismatch("shm_open", &name, why));
        }
        memory::expect_content("shm_open", &found, options.content)?;
        Ok(found)
    }

    /// Ends a name. Who has the object open keeps it; a name that nobody has is not an error.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the name is none; `is_permission_denied` if the object is somebody else's.
    #[doc(alias = "shm_unlink")]
    #[doc(alias = "shmrm")]
    pub fn unlink(name: impl TryInto<Name, Error: Into<Error>>) -> Result<()> {
        entry(name.try_into().map_err(Into::into)?).unlink()
    }

    /// The names that shared memory has now, whoever made it; what begins with `/sem.` is a semaphore to the C library.
    /// What each of them is, [`MemoryInfo`](crate::MemoryInfo) tells.
    ///
    /// # Errors
    ///
    /// What the system refuses to who looks for them.
    pub fn names() -> Result<Vec<Name>> {
        let mut names = SHARED_MEMORY.names()?;
        names.retain(|name| !name.as_str().starts_with("/sem."));
        Ok(names)
    }

    /// Ends the name of an object that goes with its last user and has none, because all were killed or could not remove
    /// it; says whether there was one.
    ///
    /// Whatever is used, or was made by programs outside of this toolkit, is left alone.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), but a name that nobody has is not an error.
    pub fn remove_stale(name: impl TryInto<Name, Error: Into<Error>>) -> Result<bool> {
        Self::remove_stale_with(name, Trust::default())
    }

    /// As [`remove_stale`](Self::remove_stale), with a say in whose object is acceptable: root may clean up after everybody.
    ///
    /// # Errors
    ///
    /// As [`remove_stale`](Self::remove_stale).
    pub fn remove_stale_with(name: impl TryInto<Name, Error: Into<Error>>, trust: Trust) -> Result<bool> {
        let entry = entry(name.try_into().map_err(Into::into)?);
        match Found::look(&entry, trust, Access::ReadWrite) {
            Err(err) if err.is_not_found() => Ok(false),
            found => Ok(found?.reclaim(&entry)),
        }
    }

    /// Makes it larger, for all who have it; what is so large already stays as it is. The address stays, too.
    ///
    /// Others see it when they [`refresh`](ReadOnlyMemory::refresh). Who may grow keeps a descriptor open for that, and
    /// waits for another who grows it at this moment.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if it would be larger than it was [made to become](MemoryOptions::max_size); `is_no_space`
    /// if there is no room; `is_permission_denied` if its mode forbids opening it anew.
    #[doc(alias = "ftruncate")]
    pub fn grow(&self, size: usize) -> Result<()> {
        self.view.body.grow(self.view.file.as_ref(), size, self.name().as_str())
    }

    /// Whether this handle made the object.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.creator.is_some()
    }

    /// What is not published yet has no name to remove, and no users.
    pub(crate) fn from_draft(entry: Entry, body: Body, file: Option<File>, identity: Identity) -> Self {
        let view = ReadOnlyMemory { attachment: Attachment::uncounted(entry, identity), body, file };
        Self { view, creator: Some(Origin::here()), on_drop: false }
    }

    /// One that may grow has grown perhaps.
    fn is_as_large_as(&self, options: &MemoryOptions) -> bool {
        let has_grown = options.max_size.is_some() && self.size() > options.size;
        self.view.body.made_to() == options.max_size && (self.size() == options.size || has_grown)
    }

    pub(crate) fn entry(&self) -> &Entry {
        self.view.attachment.entry()
    }

    pub(crate) fn published(&mut self, removal: Removal, file: &File) -> Result<()> {
        self.on_drop = removal == Removal::OnDrop;
        if removal == Removal::LastUser { self.view.attachment.count(file) } else { Ok(()) }
    }
}

/// The methods that only look.
impl Deref for SharedMemory {
    type Target = ReadOnlyMemory;

    fn deref(&self) -> &ReadOnlyMemory {
        &self.view
    }
}

impl Drop for SharedMemory {
    fn drop(&mut self) {
        self.leave();
    }
}

// SAFETY: the bytes are mapped from construction to drop at one address, readable and writable; no
// method gives them out. Fresh is only the one handle that created the object, in the process that
// did: the file was new and so all zeros, and who else opens it is not fresh. The content is what the
// creator said, or foreign where the file has not our trailer, so that no handle ever was fresh.
unsafe impl Memory for SharedMemory {
    fn base(&self) -> NonNull<u8> {
        self.view.base()
    }

    fn size(&self) -> usize {
        self.view.size()
    }

    fn access(&self) -> Access {
        Access::ReadWrite
    }

    fn is_fresh(&self) -> bool {
        self.creator.is_some_and(Origin::is_here)
    }

    fn content(&self) -> Content {
        self.view.content()
    }

    fn is_mapped(&self) -> bool {
        self.view.is_mapped()
    }

    fn label(&self) -> String {
        self.view.label()
    }

    fn leave(&mut self) {
        self.view.leave();
        if self.on_drop && self.is_fresh() {
            self.entry().unlink_if(self.identity());
        }
    }
}
