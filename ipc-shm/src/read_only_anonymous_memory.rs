//! Memory without a name that this process can only look at.

#![expect(unsafe_code, reason = "vouches for the mapped bytes as a `Memory`")]

use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::ptr::NonNull;

use ipc_core::{Errno, Error, Result, switched_on};
use ipc_mem::{Access, Content, Memory};

use crate::sys::file;
use crate::{Achieved, OpenOptions};
use ipc_mem::file::{Body, Extent, refused};

/// Anonymous memory that this process can only look at.
///
/// If who handed it over called [`AnonymousMemory::seal_writes`](crate::AnonymousMemory::seal_writes), nobody can make
/// more of the descriptor either. An [`AnonymousMemory`](crate::AnonymousMemory) has all methods of this, too.
///
/// # Examples
///
/// ```
/// use ipc_shm::{AnonymousMemory, ReadOnlyAnonymousMemory};
///
/// let ours = AnonymousMemory::create("frames", 4096)?;
/// ours.seal_writes()?;
/// let view = ReadOnlyAnonymousMemory::from_fd(ours.try_clone_fd()?)?; // usually in another process
/// assert!(view.is_write_sealed()?);
/// assert!(AnonymousMemory::from_fd(ours.try_clone_fd()?).is_err_and(|err| err.is_permission_denied()));
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Debug)]
pub struct ReadOnlyAnonymousMemory {
    pub(crate) label: String,
    pub(crate) body: Body,
    pub(crate) file: File,
}

impl ReadOnlyAnonymousMemory {
    /// Maps what a descriptor stands for, to look at it.
    ///
    /// # Errors
    ///
    /// As [`AnonymousMemory::from_fd`](crate::AnonymousMemory::from_fd); it needs leave to read only.
    pub fn from_fd(fd: impl Into<OwnedFd>) -> Result<Self> {
        Self::from_fd_with(fd, OpenOptions::new())
    }

    /// As [`from_fd`](Self::from_fd), with a say in how this process has it.
    ///
    /// # Errors
    ///
    /// As [`AnonymousMemory::from_fd_with`](crate::AnonymousMemory::from_fd_with).
    pub fn from_fd_with(fd: impl Into<OwnedFd>, options: OpenOptions) -> Result<Self> {
        Self::receive(fd.into(), Access::ReadOnly, options)
    }

    /// As [`from_fd`](Self::from_fd), of the descriptor with this number: see
    /// [`AnonymousMemory::inherited`](crate::AnonymousMemory::inherited).
    ///
    /// # Errors
    ///
    /// As [`from_fd`](Self::from_fd), and what the system says to a number that is no descriptor.
    ///
    /// # Safety
    ///
    /// As for [`AnonymousMemory::inherited`](crate::AnonymousMemory::inherited).
    pub unsafe fn inherited(number: RawFd) -> Result<Self> {
        Self::left(number, Access::ReadOnly)
    }

    /// For either kind of handle.
    pub(crate) fn receive(fd: OwnedFd, access: Access, options: OpenOptions) -> Result<Self> {
        let label = format!("descriptor {}", fd.as_raw_fd());
        let file = File::from(fd);
        let metadata = file.metadata().map_err(|err| refused("fstat", &label, &err))?;
        if !metadata.is_file() {
            return Err(Error::mismatch("mmap", label, "found something that is no file, wanted memory"));
        }
        // What cannot be sealed is not sealed.
        let seals = file::seals(&file).unwrap_or(0);
        if seals & file::SEAL_SHRINK == 0 && switched_on("seals") {
            let why = "whoever else has it can make it shorter, and so end this process by SIGBUS";
            return Err(Error::unsealed("mmap", label, why));
        }
        let extent = Extent::of_len(&file, metadata.len(), "mmap", &label)?;
        let body = Body::map(&file, extent, access, options, &label)?;
        Ok(Self { label, body, file })
    }

    /// By a descriptor of our own, for one that was left to us, and will not be left to others.
    pub(crate) fn left(number: RawFd, access: Access) -> Result<Self> {
        let os = |errno: Errno| Error::os("fcntl", format_args!("descriptor {number}"), errno);
        let view = Self::receive(file::duplicate(number).map_err(os)?, access, OpenOptions::new())?;
        file::set_inherited(number, false).map_err(os)?;
        Ok(view)
    }

    /// Whether nobody can begin to write it.
    ///
    /// # Errors
    ///
    /// What the system refuses.
    pub fn is_write_sealed(&self) -> Result<bool> {
        let seals = file::seals(&self.file).map_err(|errno| Error::os("fcntl", &self.label, errno))?;
        Ok(seals & (file::SEAL_WRITE | file::SEAL_ALL_WRITE) != 0)
    }

    /// Another descriptor of it, to be handed over: see [there](crate::AnonymousMemory#its-descriptor).
    ///
    /// # Errors
    ///
    /// `is_no_space` if this process has too many.
    pub fn try_clone_fd(&self) -> Result<OwnedFd> {
        self.file.try_clone().map(OwnedFd::from).map_err(|err| refused("fcntl", &self.label, &err))
    }

    /// Looks whether somebody made it larger, and tells its size.
    ///
    /// # Errors
    ///
    /// What the system refuses; `is_mismatch` if the record of its size was destroyed.
    pub fn refresh(&self) -> Result<usize> {
        self.body.refresh(Some(&self.file), &self.label)
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
}

impl AsFd for ReadOnlyAnonymousMemory {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

// SAFETY: as for `AnonymousMemory`, but never fresh, and nobody may write through it, also where it is part of one.
unsafe impl Memory for ReadOnlyAnonymousMemory {
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
        self.label.clone()
    }
}
