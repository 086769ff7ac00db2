//! Memory without a name, for whoever is handed its descriptor.

#![expect(unsafe_code, reason = "vouches for the mapped bytes as a `Memory`, and acts between fork and exec")]

use std::ffi::CString;
use std::fs::Permissions as Mode;
use std::io;
use std::ops::Deref;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::ptr::NonNull;

use ipc_core::{Error, Origin, Removal, Result};
use ipc_mem::{Access, Content, Memory};

use crate::sys::file;
use crate::{MemoryOptions, OpenOptions, ReadOnlyAnonymousMemory};
use ipc_mem::file::{Body, Extent, refused};

/// Memory that no name leads to: who has a descriptor of it, handed on through a socket or left to a child, maps it.
///
/// It is gone when nobody has it any more, also after `kill -9` of all: nothing can be left behind. Nobody can make it
/// shorter (it is sealed), so who maps it is not ended by SIGBUS. Whoever may write it can still punch holes into it, which
/// read as zeros, and need room when they are written again; in huge pages (`MFD_HUGETLB`), that a program outside of
/// this toolkit made, a hole for which the pool has no page left ends who touches it by SIGBUS.
///
/// # Its descriptor
///
/// Who has the descriptor can read, write and grow the file by system calls, past all types and locks. Handing it on is what it is
/// there for. Whoever does anything else with it, but look, is in the position of a debugger, or of who writes
/// `/proc/self/mem`: the promises of what is laid out here hold only as far as that leaves them alone.
///
/// # Examples
///
/// ```
/// use ipc_mem::Memory;
/// use ipc_shm::AnonymousMemory;
///
/// let ours = AnonymousMemory::create("frames", 4096)?;
/// let theirs = AnonymousMemory::from_fd(ours.try_clone_fd()?)?; // usually in another process
/// assert_eq!((theirs.size(), theirs.is_fresh()), (4096, false));
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://man7.org/linux/man-pages/man2/memfd_create.2.html>
#[doc(alias = "memfd_create")]
#[derive(Debug)]
pub struct AnonymousMemory {
    view: ReadOnlyAnonymousMemory,
    /// The process that created it through this handle.
    creator: Option<Origin>,
}

impl AnonymousMemory {
    /// Makes a memory of zeros, shown as `/memfd:name` in `/proc`, which means nothing to anybody else.
    ///
    /// Its mode decides who else may open it by way of `/proc`, and grow it: nobody but this user unless asked otherwise.
    ///
    /// # Errors
    ///
    /// `is_no_space` if there is no room for all of it; `is_invalid_argument` if the size is 0 or over `isize::MAX`, or
    /// the name has a zero byte or over 249; `is_unsupported` if it is to stay without users.
    pub fn create(name: &str, options: impl Into<MemoryOptions>) -> Result<Self> {
        let options = options.into();
        if options.removal != Removal::LastUser {
            return Err(Error::unsupported("memfd_create", name, "the system removes it with its last user"));
        }
        let Ok(c_name) = CString::new(name) else {
            return Err(Error::invalid("memfd_create", format_args!("{name:?}"), "a name has no zero byte"));
        };
        let made = file::anonymous(&c_name).map_err(|errno| Error::os("memfd_create", name, errno))?;
        let extent = Extent::make(&made, &options, name)?;
        let mode = Mode::from_mode(options.permissions.mode());
        made.set_permissions(mode).map_err(|err| refused("fchmod", name, &err))?;
        let grow = if options.max_size.is_none() { file::SEAL_GROW } else { 0 };
        file::seal(&made, file::SEAL_SHRINK | grow).map_err(|errno| Error::os("fcntl", name, errno))?;
        let body = Body::map(&made, extent, Access::ReadWrite, options, name)?;
        let view = ReadOnlyAnonymousMemory { label: name.to_owned(), body, file: made };
        Ok(Self { view, creator: Some(Origin::here()) })
    }

    /// Maps what a descriptor stands for that somebody handed over.
    ///
    /// What this toolkit made says what it was made for; all bytes of anything else are data.
    ///
    /// # Errors
    ///
    /// `is_unsealed` if others can make it shorter; `is_permission_denied` if it is handed over to be looked at only;
    /// `is_mismatch` if it is no file, or empty.
    pub fn from_fd(fd: impl Into<OwnedFd>) -> Result<Self> {
        Self::from_fd_with(fd, OpenOptions::new())
    }

    /// As [`from_fd`](Self::from_fd), with a say in how this process has it. Trust does not matter: whoever handed it over
    /// is trusted with that.
    ///
    /// # Errors
    ///
    /// As [`from_fd`](Self::from_fd), and what the placement asks for in vain.
    pub fn from_fd_with(fd: impl Into<OwnedFd>, options: OpenOptions) -> Result<Self> {
        let view = ReadOnlyAnonymousMemory::receive(fd.into(), Access::ReadWrite, options)?;
        Ok(Self { view, creator: None })
    }

    /// Maps the memory whose descriptor has this number, left to this process by who started it, with
    /// [`hand_to`](Self::hand_to). The number stays open, for this program only; where there is an error, nothing changes.
    ///
    /// # Errors
    ///
    /// As [`from_fd`](Self::from_fd), and what the system says to a number that is no descriptor.
    ///
    /// # Safety
    ///
    /// If the number is an open descriptor, it was left to this process so, and nobody here relies on owning it, or on leaving
    /// it to other programs.
    pub unsafe fn inherited(number: RawFd) -> Result<Self> {
        ReadOnlyAnonymousMemory::left(number, Access::ReadWrite).map(|view| Self { view, creator: None })
    }

    /// Leaves the memory to the program that `command` will start, under the number that is returned; tell it that.
    ///
    /// # Errors
    ///
    /// What the system refuses.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::process::Command;
    ///
    /// use ipc_shm::AnonymousMemory;
    ///
    /// let frames = AnonymousMemory::create("frames", 4096)?;
    /// let mut command = Command::new("worker");
    /// let number = frames.hand_to(&mut command)?;
    /// let worker = command.arg(number.to_string()).spawn(); // which calls `AnonymousMemory::inherited`
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    pub fn hand_to(&self, command: &mut Command) -> Result<RawFd> {
        let own = self.try_clone_fd()?;
        let number = own.as_raw_fd();
        let keep = move || {
            let left = file::set_inherited(own.as_raw_fd(), true);
            left.map_err(|errno| io::Error::from_raw_os_error(errno.raw()))
        };
        // SAFETY: between fork and exec the closure makes one system call: it neither allocates nor locks, and the
        // descriptor it has is as open there as here.
        unsafe { command.pre_exec(keep) };
        Ok(number)
    }

    /// Lets nobody begin to write it, whoever has or will have a descriptor, and however they open that again. Who has
    /// it mapped already, as this handle, still writes. It cannot be taken back, and what is sealed grows no more.
    ///
    /// # Errors
    ///
    /// What the system refuses.
    #[doc(alias = "F_SEAL_FUTURE_WRITE")]
    pub fn seal_writes(&self) -> Result<()> {
        let sealed = file::seal(&self.view.file, file::SEAL_WRITE | file::SEAL_SEAL);
        sealed.map_err(|errno| Error::os("fcntl", &self.view.label, errno))
    }

    /// Unmaps it here, and leaves its descriptor, of which is said [above](Self#its-descriptor) what it may be used for.
    #[must_use]
    pub fn into_fd(self) -> OwnedFd {
        self.view.file.into()
    }

    /// Whether this handle made it.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.creator.is_some()
    }

    /// Makes it larger, for all who have it; what is so large already stays as it is. The address stays, too.
    ///
    /// Others see it when they [`refresh`](ReadOnlyAnonymousMemory::refresh). The descriptor has to be opened anew for
    /// that, which its mode allows to its owner.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if it would be larger than it was made to become; `is_no_space` if there is no room;
    /// `is_permission_denied` if its mode or a seal forbids it.
    #[doc(alias = "ftruncate")]
    pub fn grow(&self, size: usize) -> Result<()> {
        self.view.body.grow(Some(&self.view.file), size, &self.view.label)
    }
}

/// The methods that only look.
impl Deref for AnonymousMemory {
    type Target = ReadOnlyAnonymousMemory;

    fn deref(&self) -> &ReadOnlyAnonymousMemory {
        &self.view
    }
}

/// To be looked at or handed on: see [above](AnonymousMemory#its-descriptor).
impl AsFd for AnonymousMemory {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.view.file.as_fd()
    }
}

// SAFETY: the bytes are mapped from construction to drop at one address, readable and writable, and the file cannot
// shrink; no method gives them out. Fresh is only the one handle that created it, in the process that did: the file was
// new and so all zeros. The content is what the creator said, or foreign where the file has not our trailer, so that no
// handle ever was fresh: the trailer was there before anybody else could have a descriptor.
unsafe impl Memory for AnonymousMemory {
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
}
