//! Files as memory: whole or in part, shared or for this process alone.

#![expect(unsafe_code, reason = "vouches for the mapped bytes as a `Memory`")]

use std::fs::{self, File, Permissions as Mode};
use std::ops::{Deref, Range};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::ptr::NonNull;

use ipc_core::{Error, Origin, Removal, Result};
use ipc_mem::Identity;
use ipc_mem::{Access, Content, Memory};

use crate::read_only_mapped_file::How;
use crate::{MemoryOptions, OpenOptions, ReadOnlyMappedFile};
use ipc_mem::file::{Body, Extent, refused, trailer};

/// A file as memory.
///
/// What is written to it the file has, and who maps it or reads it sees it at once. When it is on the disk, if the machine
/// loses power, is another question: [`flush`](Self::flush).
///
/// # Who else can write the file can shorten it
///
/// Whoever then touches what is gone is ended by SIGBUS: nothing can be done against it, so do not map files that others
/// shorten. [`others_can_truncate`](ReadOnlyMappedFile::others_can_truncate) tells;
/// [`AnonymousMemory`](crate::AnonymousMemory) is sealed against it.
///
/// # What it was made for
///
/// A file that [`create`](Self::create) makes says so behind its data, as [shared memory](crate::SharedMemory) does. Of any
/// other file all bytes are data. A part of a file is opened by who knows what is there, in `unsafe`: somebody might
/// have written what looks like a header into the elements of an array.
///
/// # Examples
///
/// ```
/// use ipc_mem::Memory;
/// use ipc_shm::MappedFile;
///
/// # let path = std::env::temp_dir().join(format!("mapped-{}", std::process::id()));
/// let ours = MappedFile::create(&path, 4096)?;
/// let theirs = MappedFile::open(&path)?; // usually in another process
/// assert_eq!((theirs.size(), theirs.identity()), (4096, ours.identity()));
/// ours.flush()?;
/// # std::fs::remove_file(&path).unwrap();
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/mmap.html>
#[doc(alias = "mmap")]
#[derive(Debug)]
pub struct MappedFile {
    view: ReadOnlyMappedFile,
    /// The process that created it through this handle.
    creator: Option<Origin>,
}

impl MappedFile {
    /// Makes a file with so many zero bytes of data, and behind them what it was made for.
    ///
    /// It is there until somebody removes it. Nobody finds it half-made: until it is whole, it is empty, which is a
    /// mismatch to who opens it; if this process dies before, that is what remains.
    ///
    /// # Errors
    ///
    /// `is_exists` if there is such a file, or anything else of that name; `is_not_found` if there is no such directory;
    /// `is_no_space` if there is no room for all of it; `is_invalid_argument` if the size is 0 or over `isize::MAX`;
    /// `is_unsupported` if it is to go by itself.
    #[doc(alias = "O_EXCL")]
    pub fn create(path: impl AsRef<Path>, options: impl Into<MemoryOptions>) -> Result<Self> {
        let (path, options) = (path.as_ref(), options.into().kept());
        let label = path.display().to_string();
        if options.removal != Removal::Never {
            return Err(Error::unsupported("open", label, "a file stays until somebody removes it"));
        }
        trailer(&options, &label)?; // before there is a file
        let mode = options.permissions.mode();
        let made = File::options().read(true).write(true).create_new(true).mode(mode & 0o600).open(path);
        let file = made.map_err(|err| refused("open", &label, &err))?;
        let metadata = file.metadata().map_err(|err| refused("fstat", &label, &err))?;
        let identity = Identity::of(&metadata);
        let fill = || {
            let extent = Extent::make(&file, &options, &label)?;
            file.set_permissions(Mode::from_mode(mode)).map_err(|err| refused("fchmod", &label, &err))?;
            Body::map(&file, extent, Access::ReadWrite, options, &label)
        };
        match fill() {
            Ok(body) => {
                let view = ReadOnlyMappedFile { path: path.to_owned(), label, identity, body, file };
                Ok(Self { view, creator: Some(Origin::here()) })
            }
            Err(err) => {
                if fs::symlink_metadata(path).is_ok_and(|metadata| Identity::of(&metadata) == identity) {
                    let _ = fs::remove_file(path); // what cannot be removed now is an empty file or a whole one
                }
                Err(err)
            }
        }
    }

    /// Maps a whole file, to read and write.
    ///
    /// # Errors
    ///
    /// `is_not_found`, `is_permission_denied`; `is_untrusted` if it is not this user's or root's, or others may write it;
    /// `is_mismatch` if it is empty or no file.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(path, OpenOptions::new())
    }

    /// As [`open`](Self::open), with a say in whose file is acceptable, and how this process has it.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and what the placement asks for in vain.
    pub fn open_with(path: impl AsRef<Path>, options: OpenOptions) -> Result<Self> {
        Self::map(path.as_ref(), &How::Whole, options)
    }

    /// Maps `len` bytes of a file from `offset` on, which need not be a multiple of anything.
    ///
    /// Nothing is opened in a part but by `unsafe` doors.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open); `is_invalid_argument` if they do not lie within the file, or are none.
    pub fn open_part(path: impl AsRef<Path>, offset: u64, len: usize, options: OpenOptions) -> Result<Self> {
        Self::map(path.as_ref(), &How::Part(offset, len), options)
    }

    /// Maps a whole file, whose bytes are read from it until they are written here: that stays in this process.
    ///
    /// Arrays are opened in it. A shared value is not: a lock in the copy keeps nobody from changing in the file what it guards.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open); it needs leave to read only.
    #[doc(alias = "MAP_PRIVATE")]
    pub fn open_copy_on_write(path: impl AsRef<Path>, options: OpenOptions) -> Result<Self> {
        Self::map(path.as_ref(), &How::CopyOnWrite, options)
    }

    fn map(path: &Path, how: &How, options: OpenOptions) -> Result<Self> {
        let view = ReadOnlyMappedFile::find(path, Access::ReadWrite, how, options)?;
        Ok(Self { view, creator: None })
    }

    /// Whether this handle made the file.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.creator.is_some()
    }

    /// Writes to the disk what was written to the memory, and waits for that.
    ///
    /// # Errors
    ///
    /// What the disk or the system refuses.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/msync.html>
    #[doc(alias = "msync")]
    pub fn flush(&self) -> Result<()> {
        self.flush_range(0..self.size())
    }

    /// As [`flush`](Self::flush), only what has any byte of that range.
    ///
    /// # Errors
    ///
    /// As [`flush`](Self::flush); `is_invalid_argument` if the range does not lie within the memory.
    #[doc(alias = "MS_SYNC")]
    pub fn flush_range(&self, range: Range<usize>) -> Result<()> {
        self.write_back(range, true)
    }

    /// As [`flush_range`](Self::flush_range), without waiting.
    ///
    /// # Errors
    ///
    /// As [`flush_range`](Self::flush_range).
    #[doc(alias = "MS_ASYNC")]
    pub fn flush_async(&self, range: Range<usize>) -> Result<()> {
        self.write_back(range, false)
    }

    fn write_back(&self, range: Range<usize>, wait: bool) -> Result<()> {
        let (mapping, range) = self.mapped("msync", range)?;
        mapping.flush(range, wait).map_err(|errno| Error::os("msync", &self.view.label, errno))
    }

    /// Makes it larger, for all who have it; what is so large already stays as it is. The address stays, too.
    ///
    /// Others see it when they [`refresh`](ReadOnlyMappedFile::refresh).
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if it would be larger than it was made to become, or than
    /// [`OpenOptions::max_size`] for a file of somebody else's; `is_no_space` if there is no room.
    #[doc(alias = "ftruncate")]
    pub fn grow(&self, size: usize) -> Result<()> {
        self.view.body.grow(Some(&self.view.file), size, &self.view.label)
    }
}

/// The methods that only look.
impl Deref for MappedFile {
    type Target = ReadOnlyMappedFile;

    fn deref(&self) -> &ReadOnlyMappedFile {
        &self.view
    }
}

// SAFETY: the bytes are mapped from construction to drop at one address, readable and writable as long as nobody outside
// of the toolkit makes the file shorter; no method gives them out. Fresh is only the one handle that created the file, in
// the process that did: the file was new and so all zeros. The content is what the creator said, which the file says from
// the moment on when it is not empty. It is foreign where it does not, so that no handle ever was fresh; a part, in which
// elements may look like a header, is bare, and a copy of what is not an array, too.
unsafe impl Memory for MappedFile {
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
