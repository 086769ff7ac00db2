//! Anonymous memory objects, which processes share by passing a descriptor.

#![expect(
    unsafe_code,
    reason = "says which handle is fresh and that a tag is true, and acts between fork and exec"
)]

use std::ffi::CString;
use std::fs::{File, Permissions as Mode};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use ipc_core::{
    Errno, Error, Origin, Removal, Result, above_standard_streams, duplicate, switched_on,
};
use ipc_mem::file::{Body, Extent};
use ipc_mem::{AccessMode, Fresh, Memory, ReadOnly, ReadWrite, Region};

use crate::sys::file;
use crate::{Achieved, MemoryOptions, OpenOptions};

/// The maximum length of a name for `memfd_create`: the kernel puts `memfd:` before it.
const MAX_NAME: usize = 249;

/// A shared memory object without a name. A process that receives its descriptor, through a socket
/// or by inheritance, can map it.
///
/// The system removes it when no process has it open or mapped any more, even if all of these
/// processes were killed: nothing is left behind. It is sealed against shrinking, so no process can
/// cause SIGBUS in another by truncating it. A process with write access can still punch holes into
/// it. A hole reads as zeros, and needs memory when it is written again. If a program outside of
/// this toolkit created the object in huge pages (`MFD_HUGETLB`), accessing a hole raises SIGBUS
/// when the pool of huge pages is empty.
///
/// # Its descriptor
///
/// A process with the descriptor can read, write and grow the file through system calls, which
/// bypass all types and locks. Use the descriptor only to read, or to pass it to another process.
/// Any other use can break every guarantee of the types that are laid out in the memory, as a
/// debugger or a write to `/proc/self/mem` can.
///
/// # Examples
///
/// ```
/// use ipc_mem::Memory;
/// use ipc_shm::AnonymousMemory;
///
/// let ours = AnonymousMemory::create("frames", 4096)?;
/// let theirs = AnonymousMemory::from_fd(ours.try_clone_fd()?)?; // usually in another process
/// assert_eq!(theirs.size(), 4096);
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://man7.org/linux/man-pages/man2/memfd_create.2.html>
#[doc(alias = "memfd_create")]
#[derive(Debug)]
pub struct AnonymousMemory<A: AccessMode = ReadWrite> {
    region: Region<A>,
    label: String,
    file: File,
    /// The process that created the object through this handle.
    creator: Option<Origin>,
}

impl AnonymousMemory {
    /// Creates a memory object filled with zeros. `/proc` shows it as `/memfd:name`; the name has
    /// no other meaning.
    ///
    /// The mode determines which users may open the object again through `/proc`: by default, only
    /// this user. A process can [grow](Self::grow) the object only if the mode lets it open the
    /// object for reading and writing.
    ///
    /// # Errors
    ///
    /// `is_no_space` if the system does not have enough memory for the whole object;
    /// `is_invalid_argument` if the size is 0 or over `isize::MAX`, or if the name contains a zero
    /// byte or is longer than 249 bytes; `is_unsupported` if the options set a removal other than
    /// [`Removal::LastDetach`].
    pub fn create(name: &str, options: impl Into<MemoryOptions>) -> Result<Fresh<Self>> {
        let options = options.into();
        if options.removal != Removal::LastDetach {
            return Err(Error::unsupported(
                "memfd_create",
                name,
                "the system removes it when no process has it open or mapped: only \
                 `Removal::LastDetach` is possible",
            ));
        }
        if name.len() > MAX_NAME {
            let why = format!("a name of {} bytes, at most {MAX_NAME}", name.len());
            return Err(Error::invalid("memfd_create", name, why));
        }
        let Ok(c_name) = CString::new(name) else {
            return Err(Error::invalid(
                "memfd_create",
                format_args!("{name:?}"),
                "a name has no zero byte",
            ));
        };
        let _ = options.permissions.check("memfd_create").map_err(|refusal| refusal.on(name))?;
        let made =
            file::anonymous(&c_name).map_err(|errno| Error::os("memfd_create", name, errno))?;
        let extent = Extent::make(&made, &options).map_err(|refusal| refusal.on(name))?;
        let mode = Mode::from_mode(options.permissions.mode());
        made.set_permissions(mode).map_err(|err| Error::io("fchmod", name, &err))?;
        let grow = if options.max_size.is_none() { file::SEAL_GROW } else { 0 };
        file::seal(&made, file::SEAL_SHRINK | grow)
            .map_err(|errno| Error::os("fcntl", name, errno))?;
        let body = Body::map(&made, extent, ipc_mem::Access::ReadWrite, options)
            .map_err(|refusal| refusal.on(name))?;
        // SAFETY: the file was new, and its trailer records the same tag.
        let region = unsafe { Region::new(body) };
        let (label, creator) = (name.to_owned(), Some(Origin::here()));
        // SAFETY: the file was new, so it is zeros; this is the only handle that created it; and
        // the trailer was there before any other process could have a descriptor.
        Ok(unsafe { Fresh::new(Self { region, label, file: made, creator }) })
    }

    /// Maps the memory object of a descriptor that another process passed.
    ///
    /// An object that this toolkit created records its [tag](ipc_mem::Tag). If another program
    /// created the object, all of its bytes are data.
    ///
    /// # Errors
    ///
    /// `is_unsealed` if other processes can truncate the object; `is_permission_denied` if the
    /// descriptor or a seal does not permit writing; `is_mismatch` if the descriptor is not that of
    /// a regular file, or if the file is empty.
    pub fn from_fd(fd: impl Into<OwnedFd>) -> Result<Self> {
        Self::from_fd_with(fd, OpenOptions::new())
    }

    /// Maps the memory object of a descriptor with options, such as its placement. The trust option
    /// is ignored: the process that passed the descriptor is trusted.
    ///
    /// # Errors
    ///
    /// Those of [`from_fd`](Self::from_fd); the error of the system if it cannot provide the
    /// placement.
    pub fn from_fd_with(fd: impl Into<OwnedFd>, options: OpenOptions) -> Result<Self> {
        Self::from_descriptor(fd.into(), options)
    }

    /// Maps the memory object whose descriptor has this number. The parent process passed it with
    /// [`hand_to`](Self::hand_to). The descriptor stays open, but programs that this process starts
    /// do not inherit it. If the call fails, nothing changes.
    ///
    /// # Errors
    ///
    /// Those of [`from_fd`](Self::from_fd); the error of `fcntl` if the number is not an open
    /// descriptor.
    ///
    /// # Safety
    ///
    /// If the number is an open descriptor, the caller must ensure two things: the parent process
    /// passed it with [`hand_to`](Self::hand_to); and no other code in this process closes the
    /// descriptor during the call, or relies on owning it or on passing it to other programs.
    pub unsafe fn inherited(number: RawFd) -> Result<Self> {
        // SAFETY: the caller guarantees that no code closes the descriptor during the call.
        Self::left(number, unsafe { file::inherited(number) })
    }

    /// Maps, read-only, the memory object of a descriptor that another process passed.
    ///
    /// If the other process called [`seal_writes`](Self::seal_writes), this process cannot obtain
    /// write access through the descriptor either.
    ///
    /// # Examples
    ///
    /// ```
    /// use ipc_shm::AnonymousMemory;
    ///
    /// let ours = AnonymousMemory::create("frames", 4096)?;
    /// ours.seal_writes()?;
    /// // Usually in another process.
    /// let view = AnonymousMemory::from_fd_read_only(ours.try_clone_fd()?)?;
    /// assert!(view.is_write_sealed()?);
    /// assert!(AnonymousMemory::from_fd(ours.try_clone_fd()?).is_err_and(|err| err.is_permission_denied()));
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`from_fd`](Self::from_fd); only permission to read is needed.
    pub fn from_fd_read_only(fd: impl Into<OwnedFd>) -> Result<AnonymousMemory<ReadOnly>> {
        Self::from_fd_read_only_with(fd, OpenOptions::new())
    }

    /// Maps, read-only and with options, the memory object of a descriptor that another process
    /// passed.
    ///
    /// # Errors
    ///
    /// Those of [`from_fd_with`](Self::from_fd_with); only permission to read is needed.
    pub fn from_fd_read_only_with(
        fd: impl Into<OwnedFd>,
        options: OpenOptions,
    ) -> Result<AnonymousMemory<ReadOnly>> {
        AnonymousMemory::from_descriptor(fd.into(), options)
    }

    /// Maps, read-only, the memory object whose descriptor has this number. The parent process
    /// passed it with [`hand_to`](Self::hand_to).
    ///
    /// # Errors
    ///
    /// Those of [`inherited`](Self::inherited); only permission to read is needed.
    ///
    /// # Safety
    ///
    /// The contract of [`inherited`](Self::inherited).
    pub unsafe fn inherited_read_only(number: RawFd) -> Result<AnonymousMemory<ReadOnly>> {
        // SAFETY: the caller guarantees that no code closes the descriptor during the call.
        AnonymousMemory::left(number, unsafe { file::inherited(number) })
    }

    /// Passes the memory object to the program that `command` starts. Returns the number of the
    /// object's descriptor in that program; the caller must pass this number to the program.
    ///
    /// Start `command` with `spawn`, `output` or `status`. `CommandExt::exec` fails with
    /// `ErrorKind::Unsupported`. The reason is that it would make the descriptor inheritable in the
    /// calling process. If `exec` failed after that, every program that the process starts later
    /// would inherit the descriptor.
    ///
    /// # Errors
    ///
    /// The error of the system call that failed.
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
    /// // The worker calls `AnonymousMemory::inherited`.
    /// let worker = command.arg(number.to_string()).spawn();
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    pub fn hand_to(&self, command: &mut Command) -> Result<RawFd> {
        let own = self.try_clone_fd()?;
        let number = own.as_raw_fd();
        let here = Origin::here();
        let keep = move || {
            if here.is_here() {
                return Err(io::ErrorKind::Unsupported.into()); // `exec` without `fork`
            }
            let left = file::set_inherited(own.as_fd(), true);
            left.map_err(|errno| io::Error::from_raw_os_error(errno.raw()))
        };
        // SAFETY: between fork and exec the closure makes a few system calls: it neither allocates
        // nor locks, and the descriptor it has is as open there as here.
        unsafe { command.pre_exec(keep) };
        Ok(number)
    }

    /// Seals the object against new writers. From now on, no process can write it by system calls
    /// or map it for writing, through any descriptor: existing, new or reopened. Existing writable
    /// mappings, such as that of this handle, stay writable. The seal cannot be removed, and a
    /// sealed object cannot grow.
    ///
    /// # Errors
    ///
    /// The error of the system call that failed.
    #[doc(alias = "F_SEAL_FUTURE_WRITE")]
    pub fn seal_writes(&self) -> Result<()> {
        let sealed = file::seal(&self.file, file::SEAL_WRITE | file::SEAL_SEAL);
        sealed.map_err(|errno| Error::os("fcntl", &self.label, errno))
    }

    /// Unmaps the object, and returns its descriptor: see [its permitted
    /// uses](Self#its-descriptor).
    #[must_use]
    pub fn into_fd(self) -> OwnedFd {
        self.file.into()
    }

    /// Grows the object to `size` bytes, for all processes that map it. If it has at least this
    /// size already, nothing changes. The address stays the same.
    ///
    /// `grow` opens the object again for reading and writing, so the mode must permit that. Other
    /// processes see the new size when they call [`refresh`](Self::refresh).
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if `size` is over the maximum size set at creation; `is_no_space` if
    /// the system does not have enough memory, or if this process could not map the maximum size
    /// when it opened the object; `is_permission_denied` if the mode or a seal forbids growing;
    /// `is_unsupported` without `/proc`, through which the object is opened again.
    #[doc(alias = "ftruncate")]
    pub fn grow(&self, size: usize) -> Result<()> {
        self.region.body().grow(Some(&self.file), size).map_err(|refusal| refusal.on(&self.label))
    }
}

impl<A: AccessMode> AnonymousMemory<A> {
    fn from_descriptor(fd: OwnedFd, options: OpenOptions) -> Result<Self> {
        let label = format!("descriptor {}", fd.as_raw_fd());
        Self::receive(fd, label, options)
    }

    /// Maps the file of a descriptor, for both access modes.
    fn receive(fd: OwnedFd, label: String, options: OpenOptions) -> Result<Self> {
        let fd = above_standard_streams(fd).map_err(|errno| Error::os("fcntl", &label, errno))?;
        let file = File::from(fd);
        let metadata = file.metadata().map_err(|err| Error::io("fstat", &label, &err))?;
        if !metadata.is_file() {
            return Err(Error::mismatch(
                "mmap",
                label,
                "found something that is not a file, wanted memory",
            ));
        }
        // A file that does not support seals is not sealed.
        let seals = file::seals(&file).unwrap_or(0);
        if seals & file::SEAL_SHRINK == 0 && switched_on("seals") {
            let why = "the object is not sealed against shrinking: another process could shorten it, \
                       and so cause SIGBUS in this process";
            return Err(Error::unsealed("mmap", label, why));
        }
        let extent = Extent::of(&file, &metadata, "mmap").map_err(|refusal| refusal.on(&label))?;
        let body =
            Body::map(&file, extent, A::ACCESS, options).map_err(|refusal| refusal.on(&label))?;
        // SAFETY: the tag was read from the trailer, which the creator wrote before any other
        // process had a descriptor; a file without a trailer was created by another program, and is
        // foreign.
        let region = unsafe { Region::new(body) };
        Ok(Self { region, label, file, creator: None })
    }

    /// Maps the file through a duplicate of an inherited descriptor, and marks the original
    /// close-on-exec.
    fn left(number: RawFd, fd: Result<BorrowedFd<'_>, Errno>) -> Result<Self> {
        let os = |errno: Errno| Error::os("fcntl", format_args!("descriptor {number}"), errno);
        let fd = fd.map_err(os)?;
        let label = format!("descriptor {number}");
        let view = Self::receive(duplicate(fd).map_err(os)?, label, OpenOptions::new())?;
        file::set_inherited(fd, false).map_err(os)?;
        Ok(view)
    }

    /// Returns `true` if the object is sealed against new writers.
    ///
    /// # Errors
    ///
    /// The error of the system call that failed.
    pub fn is_write_sealed(&self) -> Result<bool> {
        let seals =
            file::seals(&self.file).map_err(|errno| Error::os("fcntl", &self.label, errno))?;
        Ok(seals & (file::SEAL_WRITE | file::SEAL_ALL_WRITE) != 0)
    }

    /// Returns a new descriptor of the object, to pass to another process: see [its permitted
    /// uses](Self#its-descriptor).
    ///
    /// # Errors
    ///
    /// `is_no_space` if this process has too many open descriptors.
    pub fn try_clone_fd(&self) -> Result<OwnedFd> {
        self.file
            .try_clone()
            .map(OwnedFd::from)
            .map_err(|err| Error::io("fcntl", &self.label, &err))
    }

    /// Updates this handle if another process has grown the object. Returns the size of the object
    /// in this process.
    ///
    /// # Errors
    ///
    /// The error of the system call that failed; `is_mismatch` if another process overwrote the
    /// record of the size.
    pub fn refresh(&self) -> Result<usize> {
        self.region.body().refresh(Some(&self.file)).map_err(|refusal| refusal.on(&self.label))
    }

    /// The maximum size to which the object can grow in this process.
    #[must_use]
    pub fn max_size(&self) -> usize {
        self.region.body().max_size()
    }

    /// The placement that the memory has. Requests that are only hints may not have been followed.
    #[must_use]
    pub fn placement(&self) -> Achieved {
        self.region.body().achieved()
    }

    /// Returns `true` if this handle created the object.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.creator.is_some()
    }
}

/// Use the descriptor only to read, or to pass it to another process: see
/// [above](AnonymousMemory#its-descriptor).
impl<A: AccessMode> AsFd for AnonymousMemory<A> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

impl<A: AccessMode> Memory for AnonymousMemory<A> {
    type Access = A;

    fn region(&self) -> &Region<A> {
        &self.region
    }

    fn label(&self) -> String {
        self.label.clone()
    }
}
