//! Mapped files: a whole file or a part, shared or copy-on-write.

#![expect(unsafe_code, reason = "says which handle is fresh, and that a tag is true")]

use std::fs::{self, File, Metadata, Permissions as Mode};
use std::io;
use std::ops::Range;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use ipc_core::{
    Error, Origin, Permissions, Refusal, Removal, Result, UserId, above_standard_streams,
};
use ipc_mem::file::{Body, Extent, trailer};
use ipc_mem::named::Attachment;
use ipc_mem::{
    Access, AccessMode, Fresh, Identity, Mapping, Memory, ReadOnly, ReadWrite, Region, Tag,
};

use crate::sys::file;
use crate::{Achieved, MemoryOptions, OpenOptions, Usage};

/// A file mapped into memory.
///
/// Processes that map or read the file see each write immediately. After a loss of power, only the
/// data that [`flush`](Self::flush) has written to the disk is certain to be there.
///
/// # Processes that can write the file can truncate it
///
/// If a process truncates the file, accessing the removed part of the mapping raises SIGBUS. This
/// cannot be prevented: do not map files that other processes truncate.
/// [`others_can_truncate`](Self::others_can_truncate) reports whether they can. No process can
/// truncate an [`AnonymousMemory`](crate::AnonymousMemory).
///
/// # Tag
///
/// [`create`](Self::create) records the [tag](ipc_mem::Tag) (the purpose of the file) behind the
/// data, as [`SharedMemory`](crate::SharedMemory) does. If another program created the file, all of
/// its bytes are data. A part can be mapped by a safe call, but `open_in` opens no array or value
/// in it: another process might have written bytes that look like a header there. If you know what
/// the part contains, use an `unsafe` function, such as `ShmArray::wrap`.
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
pub struct MappedFile<A: AccessMode = ReadWrite> {
    region: Region<A>,
    path: PathBuf,
    label: String,
    identity: Identity,
    /// Present if the file is an object that is unlinked at its last detach.
    _attachment: Option<Attachment>,
    file: File,
    /// The process that created the file through this handle.
    creator: Option<Origin>,
}

/// The part of a file that is mapped, and whether writes stay in this process.
enum How {
    Whole,
    Part(u64, usize),
    CopyOnWrite,
}

impl How {
    /// Maps that part of a file, and returns when its name is removed.
    fn map(
        &self,
        file: &File,
        metadata: &Metadata,
        access: Access,
        options: OpenOptions,
    ) -> Result<(Body, Removal), Refusal> {
        let refused = |errno| Refusal::os("mmap", errno);
        let extent = || Extent::of(file, metadata, "open");
        let (mapping, range, tag, removal) = match *self {
            Self::Whole => {
                let extent = extent()?;
                return Ok((Body::map(file, extent, access, options)?, extent.removal));
            }
            Self::Part(offset, size) => {
                let end = usize::try_from(offset).ok().and_then(|offset| offset.checked_add(size));
                let len = metadata.len();
                if size == 0 || end.is_none_or(|end| end as u64 > len) {
                    let why = format!("{size} bytes at offset {offset} of a file of {len}");
                    return Err(Refusal::invalid("mmap", why));
                }
                #[expect(clippy::cast_possible_truncation, reason = "less than the size of a page")]
                let before = (offset % Mapping::page_size_of(file) as u64) as usize;
                let mapping = Mapping::part(file, offset - before as u64, before + size, access)
                    .map_err(refused)?;
                // A mapped part keeps the object attached, as the whole does.
                let removal = extent().map_or(Removal::Never, |extent| extent.removal);
                (mapping, before..before + size, Tag::BARE, removal)
            }
            Self::CopyOnWrite => {
                let Extent { size, content, removal, .. } = extent()?;
                // A lock in the copy would differ from the lock in the file, while the data it
                // guards is still that of the file until it is written. A heap relies on no lock for
                // the soundness of what it reads.
                let tag = match content {
                    Tag::ARRAY | Tag::FOREIGN => Tag::ARRAY,
                    Tag::HEAP => Tag::HEAP,
                    _ => Tag::BARE,
                };
                (Mapping::copy_on_write(file, 0, size).map_err(refused)?, 0..size, tag, removal)
            }
        };
        Ok((Body::fixed(mapping, range, access, tag, options.placement)?, removal))
    }
}

impl MappedFile {
    /// Creates a file. It contains the given number of zero bytes as data, and then a record of its
    /// [tag](ipc_mem::Tag).
    ///
    /// The file exists until it is removed. Until it is complete, it is empty, and opening it fails
    /// with a mismatch. So no process sees it half-initialised. If this process dies before the
    /// file is complete, an empty file remains.
    ///
    /// # Errors
    ///
    /// `is_exists` if the path exists; `is_not_found` if the directory does not exist;
    /// `is_no_space` if the file system does not have enough space for the whole file;
    /// `is_invalid_argument` if the size is 0 or over `isize::MAX`; `is_unsupported` if the options
    /// set a removal other than [`Removal::Never`].
    #[doc(alias = "O_EXCL")]
    pub fn create(
        path: impl AsRef<Path>,
        options: impl Into<MemoryOptions>,
    ) -> Result<Fresh<Self>> {
        let (path, options) = (path.as_ref(), options.into().kept());
        let label = path.display().to_string();
        if options.removal != Removal::Never {
            return Err(Error::unsupported(
                "open",
                label,
                "a file stays until somebody removes it",
            ));
        }
        // Checked before there is a file.
        trailer(&options).map_err(|refusal| refusal.on(&label))?;
        let mode = options.permissions.check("open").map_err(|refusal| refusal.on(&label))?;
        let made =
            File::options().read(true).write(true).create_new(true).mode(mode & 0o600).open(path);
        let made = above_standard_streams(made.map_err(|err| Error::io("open", &label, &err))?);
        let file = File::from(made.map_err(|errno| Error::os("fcntl", &label, errno))?);
        let metadata = file.metadata().map_err(|err| Error::io("fstat", &label, &err))?;
        let identity = Identity::of(&metadata);
        let fill = || {
            let extent = Extent::make(&file, &options).map_err(|refusal| refusal.on(&label))?;
            file.set_permissions(Mode::from_mode(mode))
                .map_err(|err| Error::io("fchmod", &label, &err))?;
            Body::map(&file, extent, Access::ReadWrite, options)
                .map_err(|refusal| refusal.on(&label))
        };
        match fill() {
            Ok(body) => {
                // SAFETY: the file was new, and its trailer records the same tag.
                let region = unsafe { Region::new(body) };
                let (path, creator) = (path.to_owned(), Some(Origin::here()));
                // SAFETY: the file was new, so it is zeros; this is the only handle that created
                // it; and since it has not been empty, it has recorded its tag.
                Ok(unsafe {
                    Fresh::new(Self {
                        region,
                        path,
                        label,
                        identity,
                        _attachment: None,
                        file,
                        creator,
                    })
                })
            }
            Err(err) => {
                if fs::symlink_metadata(path)
                    .is_ok_and(|metadata| Identity::of(&metadata) == identity)
                {
                    // If this fails, an empty or a complete file remains.
                    let _ = fs::remove_file(path);
                }
                Err(err)
            }
        }
    }

    /// Maps a whole file for reading and writing.
    ///
    /// # Errors
    ///
    /// `is_not_found` if the file does not exist; `is_permission_denied` if its mode forbids
    /// access; `is_untrusted` if its owner is neither this user nor root, or if other users may
    /// write it; `is_mismatch` if it is empty, or not a regular file.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(path, OpenOptions::new())
    }

    /// Maps a whole file with options, such as which owners to trust and its placement.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open); the error of the system if it cannot provide the placement.
    pub fn open_with(path: impl AsRef<Path>, options: OpenOptions) -> Result<Self> {
        Self::find(path.as_ref(), &How::Whole, options)
    }

    /// Maps `len` bytes of a file, starting at `offset`. The offset needs no alignment.
    ///
    /// `open_in` refuses to open an array or a value in a part.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open); `is_invalid_argument` if the part is empty, or does not lie
    /// within the file.
    pub fn open_part(
        path: impl AsRef<Path>,
        offset: u64,
        len: usize,
        options: OpenOptions,
    ) -> Result<Self> {
        Self::find(path.as_ref(), &How::Part(offset, len), options)
    }

    /// Maps a whole file copy-on-write. A page comes from the file until this process writes to it;
    /// the writes stay in this process.
    ///
    /// An array or a heap can be opened in this mapping. A shared value cannot: a lock in the
    /// private copy would not stop other processes from changing the data in the file. The locks of
    /// a heap do not work in the private copy either: open a heap only in a file that no process
    /// writes any more, such as a snapshot of a heap (`Heap::snapshot`). Otherwise the objects of
    /// the heap may be half old and half new.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open); only permission to read is needed.
    #[doc(alias = "MAP_PRIVATE")]
    pub fn open_copy_on_write(path: impl AsRef<Path>, options: OpenOptions) -> Result<Self> {
        Self::find(path.as_ref(), &How::CopyOnWrite, options)
    }

    /// Maps a whole file read-only.
    ///
    /// # Examples
    ///
    /// ```
    /// use ipc_mem::Memory;
    /// use ipc_shm::MappedFile;
    ///
    /// # let path = std::env::temp_dir().join(format!("viewed-{}", std::process::id()));
    /// std::fs::write(&path, b"all of it").unwrap();
    /// # use std::os::unix::fs::PermissionsExt;
    /// # std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    /// let view = MappedFile::open_read_only(&path)?;
    /// assert_eq!(view.size(), 9);
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open); only permission to read is needed.
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<MappedFile<ReadOnly>> {
        Self::open_read_only_with(path, OpenOptions::new())
    }

    /// Maps a whole file read-only, with options.
    ///
    /// # Errors
    ///
    /// Those of [`open_with`](Self::open_with); only permission to read is needed.
    pub fn open_read_only_with(
        path: impl AsRef<Path>,
        options: OpenOptions,
    ) -> Result<MappedFile<ReadOnly>> {
        MappedFile::find(path.as_ref(), &How::Whole, options)
    }

    /// Maps `len` bytes of a file read-only, starting at `offset`.
    ///
    /// # Errors
    ///
    /// Those of [`open_part`](Self::open_part); only permission to read is needed.
    pub fn open_part_read_only(
        path: impl AsRef<Path>,
        offset: u64,
        len: usize,
        options: OpenOptions,
    ) -> Result<MappedFile<ReadOnly>> {
        MappedFile::find(path.as_ref(), &How::Part(offset, len), options)
    }

    /// Writes the changes in the mapping to the disk, and waits until they are written.
    ///
    /// # Errors
    ///
    /// The error of `msync`, such as an I/O error of the disk.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/msync.html>
    #[doc(alias = "msync")]
    pub fn flush(&self) -> Result<()> {
        self.flush_range(0..self.size())
    }

    /// Writes all pages that contain bytes of a range to the disk, and waits until they are
    /// written.
    ///
    /// # Errors
    ///
    /// Those of [`flush`](Self::flush); `is_invalid_argument` if the range does not lie within the
    /// mapping.
    #[doc(alias = "MS_SYNC")]
    pub fn flush_range(&self, range: Range<usize>) -> Result<()> {
        self.write_back(range, true)
    }

    /// Starts to write the pages of a range to the disk, and does not wait.
    ///
    /// # Errors
    ///
    /// Those of [`flush_range`](Self::flush_range).
    #[doc(alias = "MS_ASYNC")]
    pub fn flush_async(&self, range: Range<usize>) -> Result<()> {
        self.write_back(range, false)
    }

    fn write_back(&self, range: Range<usize>, wait: bool) -> Result<()> {
        let (mapping, range) = self.mapped("msync", range)?;
        mapping.flush(range, wait).map_err(|errno| Error::os("msync", &self.label, errno))
    }

    /// Grows the file to `size` bytes of data, for all processes that map it. If it has at least
    /// this size already, nothing changes. The address stays the same.
    ///
    /// Other processes see the new size when they call [`refresh`](Self::refresh).
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if `size` is over the maximum size set at creation, or, for a file
    /// created outside of this toolkit, over [`OpenOptions::max_size`]; `is_no_space` if the file
    /// system lacks space, or this process could not map so much; `is_unsupported` without `/proc`.
    #[doc(alias = "ftruncate")]
    pub fn grow(&self, size: usize) -> Result<()> {
        self.region.body().grow(Some(&self.file), size).map_err(|refusal| refusal.on(&self.label))
    }
}

impl<A: AccessMode> MappedFile<A> {
    fn find(path: &Path, how: &How, options: OpenOptions) -> Result<Self> {
        let label = if path == Path::new("") { "\"\"".into() } else { path.display().to_string() };
        let write = A::ACCESS == Access::ReadWrite && !matches!(how, How::CopyOnWrite);
        let refused = |call| {
            let label = &label;
            move |err: io::Error| Error::io(call, label, &err)
        };
        loop {
            let opened = File::options()
                .read(true)
                .write(write)
                .custom_flags(file::open_flags(path))
                .open(path);
            let file = above_standard_streams(opened.map_err(refused("open"))?).map(File::from);
            let file = file.map_err(|errno| Error::os("fcntl", &label, errno))?;
            let metadata = file.metadata().map_err(refused("fstat"))?;
            if !metadata.is_file() {
                return Err(Error::mismatch("open", &label, "found something that is not a file"));
            }
            let mode = Permissions::of_mode(metadata.mode());
            options.trust.judge("open", &label, UserId::new(metadata.uid()), mode)?;
            let identity = Identity::of(&metadata);
            let refuse = |refusal: Refusal| refusal.on(&label);
            let (body, removal) = how.map(&file, &metadata, A::ACCESS, options).map_err(refuse)?;
            // A descriptor's entry in `/proc` is not a name that could be removed.
            let is_name = !fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
            let attachment = if removal == Removal::LastDetach && is_name {
                let has = if write { Access::ReadWrite } else { Access::ReadOnly };
                let attached = Attachment::attach(path, identity, &file, has).map_err(refuse)?;
                let Some(attachment) = attached else { continue };
                if write {
                    attachment.accept();
                }
                Some(attachment)
            } else {
                None
            };
            // SAFETY: the tag was read from the trailer, which the creator wrote before the file
            // had content; a file without a trailer was created by another program, and is foreign.
            let region = unsafe { Region::new(body) };
            let path = path.to_owned();
            return Ok(Self {
                region,
                path,
                label,
                identity,
                _attachment: attachment,
                file,
                creator: None,
            });
        }
    }

    /// The path that this handle created or opened.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The identity of the mapped file. It stays the same even if another file gets the path.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Returns `true` if another process that has the file open can truncate it, and so cause
    /// SIGBUS in this process. The result is `false` only if the file is sealed against shrinking.
    #[must_use]
    pub fn others_can_truncate(&self) -> bool {
        // A file that does not support seals is not sealed.
        !file::seals(&self.file).is_ok_and(|seals| seals & file::SEAL_SHRINK != 0)
    }

    /// Tells the system how a range will be used.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the range does not lie within the mapping.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/posix_madvise.html>
    #[doc(alias = "posix_madvise")]
    pub fn advise(&self, range: Range<usize>, usage: Usage) -> Result<()> {
        let (mapping, range) = self.mapped("posix_madvise", range)?;
        mapping.advise(range, usage).map_err(|errno| Error::os("posix_madvise", &self.label, errno))
    }

    fn mapped(&self, call: &'static str, range: Range<usize>) -> Result<(&Mapping, Range<usize>)> {
        self.region.body().mapped(range.clone()).ok_or_else(|| {
            Error::invalid(
                call,
                &self.label,
                format_args!("{range:?} does not lie within {} bytes", self.region.body().size()),
            )
        })
    }

    /// Updates this handle if another process has grown the file. Returns the size of the data in
    /// this process.
    ///
    /// # Errors
    ///
    /// The error of the system call that failed; `is_mismatch` if another process overwrote the
    /// record of the size.
    pub fn refresh(&self) -> Result<usize> {
        self.region.body().refresh(Some(&self.file)).map_err(|refusal| refusal.on(&self.label))
    }

    /// The maximum size to which the data can grow in this process.
    #[must_use]
    pub fn max_size(&self) -> usize {
        self.region.body().max_size()
    }

    /// The placement that the memory has. Requests that are only hints may not have been followed.
    #[must_use]
    pub fn placement(&self) -> Achieved {
        self.region.body().achieved()
    }

    /// Returns `true` if this handle created the file.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.creator.is_some()
    }
}

impl<A: AccessMode> Memory for MappedFile<A> {
    type Access = A;

    fn region(&self) -> &Region<A> {
        &self.region
    }

    fn label(&self) -> String {
        self.label.clone()
    }
}
