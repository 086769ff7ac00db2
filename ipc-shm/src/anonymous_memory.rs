//! Memory without a name, for whoever is handed its descriptor.

#![expect(unsafe_code, reason = "vouches for the mapped bytes as a `Memory`, and acts between fork and exec")]

use std::ffi::CString;
use std::fs::{File, Permissions as Mode};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::ptr::NonNull;

use ipc_core::{Access, Content, Errno, Error, Memory, Origin, Removal, Result, switched_on};

use crate::growth::{Body, Extent, refused};
use crate::sys::file;
use crate::{Achieved, MemoryOptions, OpenOptions};

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
/// use ipc_core::Memory;
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
    held: Held,
    /// The process that created it through this handle.
    creator: Option<Origin>,
}

/// Anonymous memory that this process can only look at.
///
/// If who handed it over called [`AnonymousMemory::seal_writes`], nobody can make more of the descriptor either.
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
pub struct ReadOnlyAnonymousMemory(Held);

/// What both have: the data, with its file, and what to call it.
#[derive(Debug)]
struct Held {
    label: String,
    body: Body,
    file: File,
}

impl Held {
    fn receive(fd: OwnedFd, access: Access, options: OpenOptions) -> Result<Self> {
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

    fn is_write_sealed(&self) -> Result<bool> {
        let seals = file::seals(&self.file).map_err(|errno| Error::os("fcntl", &self.label, errno))?;
        Ok(seals & (file::SEAL_WRITE | file::SEAL_ALL_WRITE) != 0)
    }

    fn refresh(&self) -> Result<usize> {
        self.body.refresh(Some(&self.file), &self.label)
    }

    fn try_clone_fd(&self) -> Result<OwnedFd> {
        self.file.try_clone().map(OwnedFd::from).map_err(|err| refused("fcntl", &self.label, &err))
    }

    /// The number that the descriptor will have in the program that `command` starts.
    fn hand_to(&self, command: &mut Command) -> Result<RawFd> {
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
        Ok(Self { held: Held { label: name.to_owned(), body, file: made }, creator: Some(Origin::here()) })
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
        Held::receive(fd.into(), Access::ReadWrite, options).map(|held| Self { held, creator: None })
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
        inherited(number, Access::ReadWrite).map(|held| Self { held, creator: None })
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
        self.held.hand_to(command)
    }

    /// Lets nobody begin to write it, whoever has or will have a descriptor, and however they open that again. Who has
    /// it mapped already, as this handle, still writes. It cannot be taken back, and what is sealed grows no more.
    ///
    /// # Errors
    ///
    /// What the system refuses.
    #[doc(alias = "F_SEAL_FUTURE_WRITE")]
    pub fn seal_writes(&self) -> Result<()> {
        let sealed = file::seal(&self.held.file, file::SEAL_WRITE | file::SEAL_SEAL);
        sealed.map_err(|errno| Error::os("fcntl", &self.held.label, errno))
    }

    /// Whether nobody can begin to write it.
    ///
    /// # Errors
    ///
    /// What the system refuses.
    pub fn is_write_sealed(&self) -> Result<bool> {
        self.held.is_write_sealed()
    }

    /// Another descriptor of it, to be handed over: see [above](Self#its-descriptor).
    ///
    /// # Errors
    ///
    /// `is_no_space` if this process has too many.
    pub fn try_clone_fd(&self) -> Result<OwnedFd> {
        self.held.try_clone_fd()
    }

    /// Unmaps it here, and leaves its descriptor, of which is said [above](Self#its-descriptor) what it may be used for.
    #[must_use]
    pub fn into_fd(self) -> OwnedFd {
        self.held.file.into()
    }

    /// Whether this handle made it.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.creator.is_some()
    }

    /// Makes it larger, for all who have it; what is so large already stays as it is. The address stays, too.
    ///
    /// Others see it when they [`refresh`](Self::refresh). The descriptor has to be opened anew for that, which its mode
    /// allows to its owner.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if it would be larger than it was made to become; `is_no_space` if there is no room;
    /// `is_permission_denied` if its mode or a seal forbids it.
    #[doc(alias = "ftruncate")]
    pub fn grow(&self, size: usize) -> Result<()> {
        self.held.body.grow(Some(&self.held.file), size, &self.held.label)
    }

    /// Looks whether somebody made it larger, and tells its size.
    ///
    /// # Errors
    ///
    /// What the system refuses; `is_mismatch` if the record of its size was destroyed.
    pub fn refresh(&self) -> Result<usize> {
        self.held.refresh()
    }

    /// How large it can become here.
    #[must_use]
    pub fn max_size(&self) -> usize {
        self.held.body.max_size()
    }

    /// What became of the placement that was asked for.
    #[must_use]
    pub fn placement(&self) -> Achieved {
        self.held.body.achieved()
    }
}

impl ReadOnlyAnonymousMemory {
    /// Maps what a descriptor stands for, to look at it.
    ///
    /// # Errors
    ///
    /// As [`AnonymousMemory::from_fd`]; it needs leave to read only.
    pub fn from_fd(fd: impl Into<OwnedFd>) -> Result<Self> {
        Self::from_fd_with(fd, OpenOptions::new())
    }

    /// As [`from_fd`](Self::from_fd), with a say in how this process has it.
    ///
    /// # Errors
    ///
    /// As [`AnonymousMemory::from_fd_with`].
    pub fn from_fd_with(fd: impl Into<OwnedFd>, options: OpenOptions) -> Result<Self> {
        Held::receive(fd.into(), Access::ReadOnly, options).map(Self)
    }

    /// As [`from_fd`](Self::from_fd), of the descriptor with this number: see [`AnonymousMemory::inherited`].
    ///
    /// # Errors
    ///
    /// As [`from_fd`](Self::from_fd), and what the system says to a number that is no descriptor.
    ///
    /// # Safety
    ///
    /// As for [`AnonymousMemory::inherited`].
    pub unsafe fn inherited(number: RawFd) -> Result<Self> {
        inherited(number, Access::ReadOnly).map(Self)
    }

    /// Whether nobody can begin to write it.
    ///
    /// # Errors
    ///
    /// What the system refuses.
    pub fn is_write_sealed(&self) -> Result<bool> {
        self.0.is_write_sealed()
    }

    /// Another descriptor of it, to be handed over: see [above](AnonymousMemory#its-descriptor).
    ///
    /// # Errors
    ///
    /// `is_no_space` if this process has too many.
    pub fn try_clone_fd(&self) -> Result<OwnedFd> {
        self.0.try_clone_fd()
    }

    /// Looks whether somebody made it larger, and tells its size.
    ///
    /// # Errors
    ///
    /// As [`AnonymousMemory::refresh`].
    pub fn refresh(&self) -> Result<usize> {
        self.0.refresh()
    }
}

/// By a descriptor of our own, for one that was left to us, and will not be left to others.
fn inherited(number: RawFd, access: Access) -> Result<Held> {
    let os = |errno: Errno| Error::os("fcntl", format_args!("descriptor {number}"), errno);
    let held = Held::receive(file::duplicate(number).map_err(os)?, access, OpenOptions::new())?;
    file::set_inherited(number, false).map_err(os)?;
    Ok(held)
}

/// To be looked at or handed on: see [above](AnonymousMemory#its-descriptor).
impl AsFd for AnonymousMemory {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.held.file.as_fd()
    }
}

impl AsFd for ReadOnlyAnonymousMemory {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.file.as_fd()
    }
}

// SAFETY: the bytes are mapped from construction to drop at one address, readable and writable, and the file cannot
// shrink; no method gives them out. Fresh is only the one handle that created it, in the process that did: the file was
// new and so all zeros. The content is what the creator said, or foreign where the file has not our trailer, so that no
// handle ever was fresh: the trailer was there before anybody else could have a descriptor.
unsafe impl Memory for AnonymousMemory {
    fn base(&self) -> NonNull<u8> {
        self.held.body.base()
    }

    fn size(&self) -> usize {
        self.held.body.size()
    }

    fn access(&self) -> Access {
        Access::ReadWrite
    }

    fn is_fresh(&self) -> bool {
        self.creator.is_some_and(Origin::is_here)
    }

    fn content(&self) -> Content {
        self.held.body.content()
    }

    fn is_mapped(&self) -> bool {
        self.held.body.is_mapped()
    }

    fn label(&self) -> String {
        self.held.label.clone()
    }
}

// SAFETY: as for `AnonymousMemory`, but never writable and never fresh.
unsafe impl Memory for ReadOnlyAnonymousMemory {
    fn base(&self) -> NonNull<u8> {
        self.0.body.base()
    }

    fn size(&self) -> usize {
        self.0.body.size()
    }

    fn access(&self) -> Access {
        Access::ReadOnly
    }

    fn is_fresh(&self) -> bool {
        false
    }

    fn content(&self) -> Content {
        self.0.body.content()
    }

    fn is_mapped(&self) -> bool {
        self.0.body.is_mapped()
    }

    fn label(&self) -> String {
        self.0.label.clone()
    }
}
