//! POSIX shared memory that this process can only look at.

#![expect(unsafe_code, reason = "vouches for the mapped bytes as a `Memory`")]

use std::fs::File;
use std::ptr::NonNull;

use crate::named::Identity;
use crate::{Access, Content, Memory};
use ipc_core::{Error, Name, Result};

use crate::file::Body;
use crate::named::Attachment;
use crate::named::found::Found;
use crate::{Achieved, OpenOptions};

/// Shared memory that was opened to be looked at.
///
/// It is mapped so: even a wild pointer of this process cannot change it. What is
/// laid out in it has no writing methods either. A [`SharedMemory`](crate::SharedMemory) has all methods of this, too.
///
/// It is a user like any other. If it is the last and may not write the object, the name stays when it leaves, see
/// [`SharedMemory`](crate::SharedMemory#last-user-out).
///
/// # Examples
///
/// ```
/// use ipc_mem::Memory;
/// use ipc_mem::{ReadOnlyMemory, SharedMemory};
///
/// # let name = format!("/look-{}", std::process::id());
/// let ours = SharedMemory::create(&name, 4096)?;
/// let view = ReadOnlyMemory::open(&name)?;
/// assert_eq!((view.size(), view.identity()), (4096, ours.identity()));
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Debug)]
pub struct ReadOnlyMemory {
    pub(crate) attachment: Attachment,
    pub(crate) body: Body,
    /// Where it is looked at again, if it may grow.
    pub(crate) file: Option<File>,
}

impl ReadOnlyMemory {
    /// Finds a shared memory by name, to look at it.
    ///
    /// # Errors
    ///
    /// As [`SharedMemory::open`](crate::SharedMemory::open); it needs leave to read only.
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

    /// As [`open_with`](Self::open_with), and copies the first bytes of the data into `head`: as many as
    /// there are and as there is room for, which is what the number tells.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_and_read(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: OpenOptions,
        head: &mut [u8],
    ) -> Result<(Self, usize)> {
        Self::find(name.try_into().map_err(Into::into)?, options, Access::ReadOnly, head)
    }

    /// For either kind of handle.
    pub(crate) fn find(name: Name, options: OpenOptions, access: Access, head: &mut [u8]) -> Result<(Self, usize)> {
        let (found, attachment) = Found::open(name, options, access)?;
        let read = found.read(attachment.entry(), head)?;
        let (body, file) = found.map(attachment.entry(), access, options)?;
        Ok((Self { attachment, body, file }, read))
    }

    /// How many users the object has now: two handles in one process are two, a forked child and a program that knows
    /// nothing of this toolkit are none, as [explained there](crate::SharedMemory#last-user-out).
    ///
    /// # Errors
    ///
    /// `is_unsupported` if it was not made with [`Removal::LastUser`](ipc_core::Removal::LastUser); `is_removed` if the
    /// name is another's by now, or nobody's, which ends the counting; `is_permission_denied` if its mode forbids
    /// reading.
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
        self.attachment.entry().name()
    }

    /// Which object it is, also after its name has been given to another.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.attachment.identity()
    }
}

// SAFETY: as for `SharedMemory`, but never fresh, and nobody may write through it, also where it is part of one.
unsafe impl Memory for ReadOnlyMemory {
    fn base(&self) -> NonNull<u8> {
        self.body.base()
    }

    fn size(&self) -> usize {
        self.body.size()
    }

    fn access(&self) -> Access {
        Access::ReadOnly
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
        self.attachment.leave();
    }
}
