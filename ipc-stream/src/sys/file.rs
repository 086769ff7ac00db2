//! The files of sockets and FIFOs: their identity, their mode, and how they change place.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use ipc_core::{Errno, Permissions, UserId};
use rustix::fs::{CWD, FlockOperation, Mode, OFlags, RenameFlags};

use super::errno;

/// The flag of `open` that refuses a symbolic link.
pub(crate) const NO_FOLLOW: i32 = libc::O_NOFOLLOW;

/// Which file it is, whatever its name: no two that exist at the same time have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }

    /// `true` if `path` is the name of this file.
    pub(crate) fn is_at(self, path: &Path) -> bool {
        fs::symlink_metadata(path).is_ok_and(|metadata| Self::of(&metadata) == self)
    }
}

/// Returns the number of an error of `std`, which refuses some names without asking the system.
pub(crate) fn code(err: &io::Error) -> Errno {
    let refused = err.kind() == io::ErrorKind::InvalidInput;
    err.raw_os_error().map_or(if refused { Errno::EINVAL } else { Errno::EIO }, Errno::new)
}

pub(crate) fn is_ours(metadata: &Metadata) -> bool {
    metadata.uid() == UserId::effective().raw()
}

/// Returns the noun for the type of a file.
pub(crate) fn noun(metadata: &Metadata) -> &'static str {
    let kind = metadata.file_type();
    match () {
        () if kind.is_file() => "a regular file",
        () if kind.is_dir() => "a directory",
        () if kind.is_symlink() => "a symbolic link",
        () if kind.is_fifo() => "a FIFO",
        () if kind.is_socket() => "a socket",
        () => "a device",
    }
}

/// Opens a file for what it is, and not for its bytes: not even a link or a FIFO is followed or
/// waited for.
pub(crate) fn open_path(path: &Path) -> Result<File, Errno> {
    // Not with `std`, which takes this flag for an access mode where C's library is musl.
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let found = rustix::fs::open(path, flags, Mode::empty()).map_err(errno)?;
    super::above_stdio(found).map(File::from)
}

/// The path of an open file. It is that of this thread: after `unshare(CLONE_FILES)`, the number may
/// mean another file in the rest of the process, and with the first thread its table ends.
pub(crate) fn by_descriptor(file: &File) -> String {
    format!("/proc/thread-self/fd/{}", file.as_raw_fd())
}

/// Gives a file exactly this mode, if it is still the one that `metadata` are of.
pub(crate) fn set_mode(
    path: &Path,
    metadata: &Metadata,
    permissions: Permissions,
) -> Result<(), Errno> {
    if metadata.mode() & 0o777 == permissions.mode() {
        return Ok(());
    }
    let found = open_path(path)?;
    let opened = found.metadata().map_err(|err| code(&err))?;
    if Identity::of(&opened) != Identity::of(metadata) {
        return Err(Errno::EEXIST);
    }
    // By descriptor: the name may be another file's by now.
    fs::set_permissions(by_descriptor(&found), fs::Permissions::from_mode(permissions.mode()))
        .map_err(|err| code(&err))
}

/// Makes a FIFO with a mode that holds no more than these permissions.
pub(crate) fn make_fifo(path: &Path, permissions: Permissions) -> Result<(), Errno> {
    rustix::fs::mkfifoat(CWD, path, Mode::from_raw_mode(permissions.mode())).map_err(errno)
}

/// Opens one end of a FIFO, or waits for the other end if it may block.
pub(crate) fn open_end(path: &Path, write: bool, nonblocking: bool) -> Result<File, Errno> {
    let mut flags = OFlags::NOFOLLOW | OFlags::NOCTTY;
    flags.set(OFlags::NONBLOCK, nonblocking);
    let mut options = File::options();
    let options = options.read(!write).write(write).custom_flags(flags.bits().cast_signed());
    let opened = options.open(path).map_err(|err| code(&err))?;
    super::above_stdio(opened.into()).map(File::from)
}

/// Opens an open file once more, with a description of its own, to do the same with it.
pub(crate) fn reopen(file: &File) -> Result<File, Errno> {
    let mode = rustix::fs::fcntl_getfl(file).map_err(errno)? & OFlags::ACCMODE;
    let mut options = File::options();
    let options = options.read(mode != OFlags::WRONLY).write(mode != OFlags::RDONLY);
    let opened = options.open(by_descriptor(file)).map_err(|err| code(&err))?;
    super::above_stdio(opened.into()).map(File::from)
}

/// Renames a file, unless there is one of the new name.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), Errno> {
    rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE).map_err(errno)
}

/// Opens a directory, to be locked.
pub(crate) fn open_directory(path: &Path) -> Result<File, Errno> {
    let flags = OFlags::DIRECTORY.bits().cast_signed();
    let opened = File::options().read(true).custom_flags(flags).open(path);
    super::above_stdio(opened.map_err(|err| code(&err))?.into()).map(File::from)
}

/// Locks a directory for this description of it, which is unlocked when it is closed; `false` if
/// another has locked it.
pub(crate) fn try_lock(directory: &File) -> Result<bool, Errno> {
    match rustix::fs::flock(directory, FlockOperation::NonBlockingLockExclusive).map_err(errno) {
        Ok(()) => Ok(true),
        Err(Errno::EAGAIN) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// Unlocks a directory, also for a child that was forked meanwhile.
pub(crate) fn unlock(directory: &File) {
    // Nothing that was locked cannot be unlocked.
    let _ = rustix::fs::flock(directory, FlockOperation::Unlock);
}
