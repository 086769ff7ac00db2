//! POSIX shared memory, which other processes find by name.

#![expect(unsafe_code, reason = "vouches for the mapped bytes as a `Memory`")]

use std::fs::File;
use std::ptr::NonNull;

use ipc_core::entry::{Entry, Identity};
use ipc_core::{Access, Content, Error, Memory, Name, Origin, Removal, Result, Trust, memory};

use crate::attachment::Attachment;
use crate::found::{Found, entry};
use crate::growth::Body;
use crate::{Achieved, Draft, MemoryOptions, OpenOptions};

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
/// - A forked child is not counted until it calls [`reattach`](Self::reattach), and its copies of handles remove nothing.
///   A `fork` waits for threads that are about to enter or leave. A `posix_spawn` in such a moment cannot be made to:
///   until its child has become the other program it may look like a user, and the name stays too long, never too short.
/// - Where the system has no locks that belong to a description of a file, creating and opening such
///   objects is unsupported.
///
/// # Examples
///
/// ```
/// use ipc_core::Memory;
/// use ipc_shm::SharedMemory;
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
    attachment: Attachment,
    body: Body,
    /// Where it is looked at again, if it may grow.
    file: Option<File>,
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
        let (found, attachment) = Found::open(name.try_into().map_err(Into::into)?, options, Access::ReadWrite)?;
        let read = found.read(attachment.entry(), head)?;
        let (body, file) = found.map(attachment.entry(), Access::ReadWrite, options)?;
        Ok((Self { attachment, body, file, creator: None, on_drop: false }, read))
    }

    /// Finds a shared memory by name, or makes it; [`was_created`](Self::was_created) tells which.
    ///
    /// One whose users were all killed is not found: a new one takes its place. One that may [grow](Self::grow), and as far as
    /// asked for, may have grown.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open) and [`create`](Self::create); `is_mismatch` if one is found of another size or content.
    pub fn open_or_create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<MemoryOptions>,
    ) -> Result<Self> {
        let (name, options) = (name.try_into().map_err(Into::into)?, options.into());
        loop {
            match Self::open_with(&name, options.into()) {
                Ok(found) if found.is_as_large_as(&options) => {
                    memory::expect_content("shm_open", &found, options.content)?;
                    return Ok(found);
                }
                Ok(found) => {
                    let may = |max_size: Option<usize>| max_size.map(|size| format!(" that may become {size}"));
                    let [theirs, ours] =
                        [found.body.made_to(), options.max_size].map(|max| may(max).unwrap_or_default());
                    let why = format!("found {} bytes{theirs}, wanted {}{ours}", found.size(), options.size);
                    return Err(Error::mismatch("shm_open", &name, why));
                }
                Err(err) if err.is_not_found() => {}
                Err(err) => return Err(err),
            }
            match Self::create(&name, options) {
                // Somebody was faster: theirs is the one to open.
                Err(err) if err.is_exists() => {}
                done => return done,
            }
        }
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

    /// Ends the name of an object that goes with its last user and has none, because all were killed or could not remove
    /// it; says whether there was one.
    ///
    /// Whatever is used, or was made by programs outside of this toolkit, is left alone.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), but a name that nobody has is not an error.
    pub fn remove_stale(name: impl TryInto<Name, Error: Into<Error>>) -> Result<bool> {
        let entry = entry(name.try_into().map_err(Into::into)?);
        match Found::look(&entry, Trust::default(), Access::ReadWrite) {
            Err(err) if err.is_not_found() => Ok(false),
            found => Ok(found?.reclaim(&entry)),
        }
    }

    /// How many users the object has now: two handles in one process are two, a forked child and a program that knows
    /// nothing of this toolkit are none, as [explained above](Self#last-user-out).
    ///
    /// # Errors
    ///
    /// `is_unsupported` if it was not made with [`Removal::LastUser`]; `is_removed` if the name is another's by now, or
    /// nobody's, which ends the counting; `is_permission_denied` if its mode forbids reading.
    pub fn users(&self) -> Result<usize> {
        self.attachment.users()
    }

    /// Whether this handle is the only user now.
    ///
    /// # Errors
    ///
    /// As [`users`](Self::users).
    pub fn is_only_user(&self) -> Result<bool> {
        self.attachment.is_only_user()
    }

    /// Counts this process as a user, if it got the handle by `fork`: in time, before its parent leaves. Whoever is
    /// counted already stays counted once, and where users are not counted nothing is done.
    ///
    /// # Errors
    ///
    /// `is_removed` if the name is another's by now, or nobody's; `is_permission_denied` if its mode forbids reading.
    pub fn reattach(&self) -> Result<()> {
        self.attachment.reattach()
    }

    /// Makes it larger, for all who have it; what is so large already stays as it is. The address stays, too.
    ///
    /// Others see it when they [`refresh`](Self::refresh). Who may grow keeps a descriptor open for that, and waits for
    /// another who grows it at this moment.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if it would be larger than it was [made to become](MemoryOptions::max_size); `is_no_space`
    /// if there is no room; `is_permission_denied` if its mode forbids opening it anew.
    #[doc(alias = "ftruncate")]
    pub fn grow(&self, size: usize) -> Result<()> {
        self.body.grow(self.file.as_ref(), size, self.name().as_str())
    }

    /// Looks whether somebody made it larger, and tells its size.
    ///
    /// # Errors
    ///
    /// What the system refuses; `is_mismatch` if the record of its size was destroyed.
    pub fn refresh(&self) -> Result<usize> {
        self.body.refresh(self.file.as_ref(), self.name().as_str())
    }

    /// How large it can become here.
    #[must_use]
    pub fn max_size(&self) -> usize {
        self.body.max_size()
    }

    /// What became of the placement that was asked for.
    #[must_use]
    pub fn placement(&self) -> Achieved {
        self.body.achieved()
    }

    /// What it was called when it was created or opened.
    #[must_use]
    pub fn name(&self) -> &Name {
        self.entry().name()
    }

    /// Which object it is, also after its name has been given to another.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.attachment.identity()
    }

    /// Whether this handle made the object.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.creator.is_some()
    }

    /// Ends the name if it is for this handle to do so, and still the name of this object.
    pub(crate) fn remove_name(&mut self) {
        self.attachment.leave();
        if self.on_drop && self.is_fresh() {
            self.entry().unlink_if(self.identity());
        }
    }

    /// What is not published yet has no name to remove, and no users.
    pub(crate) fn from_draft(entry: Entry, body: Body, file: Option<File>, identity: Identity) -> Self {
        let attachment = Attachment::uncounted(entry, identity);
        Self { attachment, body, file, creator: Some(Origin::here()), on_drop: false }
    }

    /// One that may grow has grown perhaps.
    fn is_as_large_as(&self, options: &MemoryOptions) -> bool {
        let has_grown = options.max_size.is_some() && self.size() > options.size;
        self.body.made_to() == options.max_size && (self.size() == options.size || has_grown)
    }

    pub(crate) fn entry(&self) -> &Entry {
        self.attachment.entry()
    }

    pub(crate) fn published(&mut self, removal: Removal, file: &File) -> Result<()> {
        self.on_drop = removal == Removal::OnDrop;
        if removal == Removal::LastUser { self.attachment.count(file) } else { Ok(()) }
    }
}

impl Drop for SharedMemory {
    fn drop(&mut self) {
        self.remove_name();
    }
}

// SAFETY: the bytes are mapped from construction to drop at one address, readable and writable; no
// method gives them out. Fresh is only the one handle that created the object, in the process that
// did: the file was new and so all zeros, and who else opens it is not fresh. The content is what the
// creator said, or foreign where the file has not our trailer, so that no handle ever was fresh.
unsafe impl Memory for SharedMemory {
    fn base(&self) -> NonNull<u8> {
        self.body.base()
    }

    fn size(&self) -> usize {
        self.body.size()
    }

    fn access(&self) -> Access {
        Access::ReadWrite
    }

    fn is_fresh(&self) -> bool {
        self.creator.is_some_and(Origin::is_here)
    }

    fn content(&self) -> Content {
        self.body.content()
    }

    fn is_mapped(&self) -> bool {
        self.body.is_mapped()
    }

    fn label(&self) -> String {
        self.name().to_string()
    }

    fn leave(&mut self) {
        self.remove_name();
    }
}
