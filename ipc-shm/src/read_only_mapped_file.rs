//! Files as memory that this process can only look at.

#![expect(unsafe_code, reason = "vouches for the mapped bytes as a `Memory`")]

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::ptr::NonNull;

use ipc_core::{Error, Result, UserId};
use ipc_mem::Identity;
use ipc_mem::{Access, Content, Mapping, Memory};

use crate::sys::file;
use crate::{Achieved, OpenOptions, Usage};
use ipc_mem::file::{Body, Extent, refused};

/// A file as memory that this process can only look at.
///
/// What [`MappedFile`](crate::MappedFile) says of files that become shorter holds here too. It has all methods of this.
///
/// # Examples
///
/// ```
/// use ipc_mem::Memory;
/// use ipc_shm::ReadOnlyMappedFile;
///
/// # let path = std::env::temp_dir().join(format!("viewed-{}", std::process::id()));
/// std::fs::write(&path, b"all of it").unwrap();
/// # use std::os::unix::fs::PermissionsExt;
/// # std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
/// let view = ReadOnlyMappedFile::open(&path)?;
/// assert_eq!(view.size(), 9);
/// # std::fs::remove_file(&path).unwrap();
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Debug)]
pub struct ReadOnlyMappedFile {
    pub(crate) path: PathBuf,
    pub(crate) label: String,
    pub(crate) identity: Identity,
    pub(crate) body: Body,
    pub(crate) file: File,
}

/// How much of a file is mapped, and whether what is written stays here.
pub(crate) enum How {
    Whole,
    Part(u64, usize),
    CopyOnWrite,
}

impl How {
    /// Maps so much of a file that has `len` bytes.
    fn map(&self, file: &File, len: u64, access: Access, options: OpenOptions, label: &str) -> Result<Body> {
        let refused = |errno| Error::os("mmap", label, errno);
        let (mapping, range, content) = match *self {
            Self::Whole => return Body::map(file, Extent::of_len(file, len, "open", label)?, access, options, label),
            Self::Part(offset, size) => {
                let end = usize::try_from(offset).ok().and_then(|offset| offset.checked_add(size));
                if size == 0 || end.is_none_or(|end| end as u64 > len) {
                    let why = format!("{size} bytes at offset {offset} of a file of {len}");
                    return Err(Error::invalid("mmap", label, why));
                }
                #[expect(clippy::cast_possible_truncation, reason = "less than the size of a page")]
                let before = (offset % ipc_mem::page_size() as u64) as usize;
                let mapping = Mapping::part(file, offset - before as u64, before + size, access).map_err(refused)?;
                (mapping, before..before + size, Content::Bare)
            }
            Self::CopyOnWrite => {
                let Extent { size, content, .. } = Extent::of_len(file, len, "open", label)?;
                // A lock here would be another than theirs, and what it guards still theirs until it is written.
                let content = match content {
                    Content::Array | Content::Foreign => Content::Array,
                    Content::Value | Content::Bare => Content::Bare,
                };
                (Mapping::copy_on_write(file, 0, size).map_err(refused)?, 0..size, content)
            }
        };
        Body::fixed(mapping, range, access, content, options.placement, label)
    }
}

impl ReadOnlyMappedFile {
    /// Maps a whole file, to look at it.
    ///
    /// # Errors
    ///
    /// As [`MappedFile::open`](crate::MappedFile::open); it needs leave to read only.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(path, OpenOptions::new())
    }

    /// As [`open`](Self::open), with a say in whose file is acceptable, and how this process has it.
    ///
    /// # Errors
    ///
    /// As [`MappedFile::open_with`](crate::MappedFile::open_with).
    pub fn open_with(path: impl AsRef<Path>, options: OpenOptions) -> Result<Self> {
        Self::find(path.as_ref(), Access::ReadOnly, &How::Whole, options)
    }

    /// Maps `len` bytes of a file from `offset` on, as [`MappedFile::open_part`](crate::MappedFile::open_part).
    ///
    /// # Errors
    ///
    /// As [`MappedFile::open_part`](crate::MappedFile::open_part).
    pub fn open_part(path: impl AsRef<Path>, offset: u64, len: usize, options: OpenOptions) -> Result<Self> {
        Self::find(path.as_ref(), Access::ReadOnly, &How::Part(offset, len), options)
    }

    /// For either kind of handle.
    pub(crate) fn find(path: &Path, access: Access, how: &How, options: OpenOptions) -> Result<Self> {
        let label = path.display().to_string();
        let write = access == Access::ReadWrite && !matches!(how, How::CopyOnWrite);
        // A FIFO of that name would make `open` wait for its other end.
        let opened = File::options().read(true).write(write).custom_flags(file::NO_WAIT).open(path);
        let file = opened.map_err(|err| refused("open", &label, &err))?;
        let metadata = file.metadata().map_err(|err| refused("fstat", &label, &err))?;
        if !metadata.is_file() {
            return Err(Error::mismatch("open", label, "found something that is no file"));
        }
        options.trust.judge("open", &label, UserId::new(metadata.uid()), metadata.mode().into())?;
        let identity = Identity::of(&metadata);
        let body = how.map(&file, metadata.len(), access, options, &label)?;
        Ok(Self { path: path.to_owned(), label, identity, body, file })
    }

    /// The path it was created or opened by.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Which file it is, whatever stands at that path by now.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Whether another process that has the file can make it shorter, and so end this one by SIGBUS: that is so unless it
    /// is sealed.
    #[must_use]
    pub fn others_can_truncate(&self) -> bool {
        // What has no seals at all has not this one.
        !file::seals(&self.file).is_ok_and(|seals| seals & file::SEAL_SHRINK != 0)
    }

    /// Tells the system how a range will be used.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the range does not lie within the memory.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/posix_madvise.html>
    #[doc(alias = "posix_madvise")]
    pub fn advise(&self, range: Range<usize>, usage: Usage) -> Result<()> {
        let (mapping, range) = self.mapped("posix_madvise", range)?;
        mapping.advise(range, usage).map_err(|errno| Error::os("posix_madvise", &self.label, errno))
    }

    pub(crate) fn mapped(&self, call: &'static str, range: Range<usize>) -> Result<(&Mapping, Range<usize>)> {
        self.body.mapped(range.clone()).ok_or_else(|| {
            Error::invalid(call, &self.label, format_args!("{range:?} does not lie within {} bytes", self.body.size()))
        })
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

// SAFETY: as for `MappedFile`, but never fresh, and nobody may write through it, also where it is part of one.
unsafe impl Memory for ReadOnlyMappedFile {
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
