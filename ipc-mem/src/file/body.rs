//! The data of a file as this process maps it. It may grow in place.
//!
//! The address space for the maximum size of the file is mapped from the start. The part beyond the
//! end of the file becomes usable when the file grows: no pointer moves and nothing is copied, in
//! this process and in all others.
//!
//! A process that grows the file holds a lock on one byte of it (`GROWTH`), which the kernel
//! releases if the process dies. It takes these steps:
//!
//! 1. reserve space behind the end without making the file longer, unless the memory is sparse;
//! 2. write a trailer at the new end, which still records the old size, and which makes the file
//!    longer;
//! 3. clear the trailer at the old end, because its bytes become data, and new data must be zero;
//! 4. write the trailer at the new end again, with the new size.
//!
//! A process that dies between any two steps leaves a file that ends with a trailer, with either
//! the old size or the new one. The next process that grows the file clears the bytes between the
//! data and the trailer.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::{Access, Mapping, Tag};
use ipc_core::{Errno, Refusal, UserId, crash_point};

use crate::file::extent::unread;
use crate::file::{Extent, Trailer, limits, room};
use crate::memory::at_offset;
use crate::named::{Hold, Identity};
use crate::sys::file;
use crate::sys::limit::FileSystem;
use crate::sys::lock::Lock;
use crate::sys::map;
use crate::{Achieved, OpenOptions, Placement};

/// A process that grows a file holds a lock on this byte of it.
const GROWTH: Range<i64> = (1 << 61) - 1..1 << 61;

/// The maximum time that another process may take to grow the same file.
const GROWING: Duration = Duration::from_secs(10);

/// The data of a file, as this process maps it.
#[derive(Debug)]
pub struct Body {
    mapping: Mapping,
    /// The offset in the mapping at which the data begins.
    start: usize,
    access: Access,
    size: AtomicUsize,
    content: Tag,
    is_ours: bool,
    /// The identity of the file or segment, if all of it is mapped.
    identity: Identity,
    made_to: Option<usize>,
    /// The number of bytes in which it could have grown, and the error of the system that mapped
    /// only the data.
    unmapped: Option<(usize, Errno)>,
    placement: Placement,
    achieved: Achieved,
}

impl Body {
    /// Maps the data of a file, and the address space in which it may grow.
    ///
    /// # Errors
    ///
    /// The error of the system or of the placement.
    pub fn map(
        file: &File,
        extent: Extent,
        access: Access,
        options: impl Into<OpenOptions>,
    ) -> Result<Self, Refusal> {
        let options = options.into();
        // A file of this toolkit records its own maximum size.
        let max_size = if extent.is_ours { extent.max_size } else { options.max_size };
        // A mapping of huge pages makes its file as long as itself.
        let may_grow =
            max_size.is_some_and(|max_size| max_size > extent.size) && !has_huge_pages(file);
        let room = max_size.filter(|_| may_grow).unwrap_or(extent.size);
        // Where the address space has no room to grow, or all of it would be locked (`mlockall`),
        // the memory can be used as it is.
        let map = |size| options.placement.map(Some(file), size, access);
        let is_too_much =
            |refusal: &Refusal| matches!(refusal.errno(), Some(Errno::ENOMEM | Errno::EAGAIN));
        let mut unmapped = None;
        let mapping = match map(room) {
            Err(refusal) if room > extent.size && is_too_much(&refusal) => {
                unmapped = refusal.errno().map(|errno| (room, errno));
                map(extent.size)
            }
            mapping => mapping,
        }?;
        let mut body =
            Self::fixed(mapping, 0..extent.size, access, extent.content, options.placement)?;
        (body.is_ours, body.made_to, body.unmapped) = (extent.is_ours, extent.max_size, unmapped);
        Ok(body.identified(extent.identity))
    }

    /// Creates a body whose data is the range `data` of the mapping, and never grows.
    ///
    /// The tag is not checked. It must be the purpose for which the bytes were created, because
    /// opening a structure relies on it.
    ///
    /// # Errors
    ///
    /// An invalid argument if the range is not within the mapping; the error of the placement.
    pub fn fixed(
        mapping: Mapping,
        range: Range<usize>,
        access: Access,
        content: Tag,
        placement: Placement,
    ) -> Result<Self, Refusal> {
        if isize::try_from(mapping.size()).is_err() {
            return Err(Refusal::os("mmap", Errno::ENOMEM));
        }
        if range.start > range.end || range.end > mapping.size() {
            let why = format!("bytes {range:?} of a mapping of {}", mapping.size());
            return Err(Refusal::invalid("mmap", why));
        }
        let achieved = placement.apply(&mapping, range.end, access)?;
        let mapping = if achieved.inherited { mapping } else { mapping.not_inherited() };
        let (start, size) = (range.start, AtomicUsize::new(range.len()));
        Ok(Self {
            mapping,
            start,
            access,
            size,
            content,
            is_ours: false,
            identity: Identity::none(),
            made_to: None,
            unmapped: None,
            placement,
            achieved,
        })
    }

    /// Returns `true` if no other process, not even a forked child, can reach the same bytes.
    pub(crate) fn is_local(&self) -> bool {
        self.mapping.is_local()
    }

    /// Sets the identity of the bytes. If they may not be unmapped when the last handle is dropped,
    /// this mapping is kept, and later handles of this process with the same identity use it.
    #[must_use]
    pub fn identified(self, identity: Identity) -> Self {
        Self { identity, ..self }
    }

    /// Returns a number that is the same for all bodies of the same bytes.
    pub(crate) fn number(&self) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "any bits of it will do")]
        let number = self.identity.inode as usize;
        number
    }

    /// Returns `true` if this process can use this body instead of `new`, which is another mapping
    /// of the same bytes. In that case this body takes over the size of `new`.
    pub(crate) fn replaces(&self, new: &Self) -> bool {
        let replaces = self.identity == new.identity
            && new.identity != Identity::none()
            && (self.access, self.content, self.placement)
                == (new.access, new.content, new.placement)
            && (self.start, self.mapping.size()) == (new.start, new.mapping.size())
            && (self.is_ours, self.made_to) == (new.is_ours, new.made_to)
            && self.is_mapped();
        if replaces {
            self.size.fetch_max(new.size(), Ordering::AcqRel);
        }
        replaces
    }

    /// Returns the address of the first byte of data.
    #[must_use]
    pub fn base(&self) -> NonNull<u8> {
        at_offset(self.mapping.base(), self.start)
    }

    /// Returns the mapping, and the range of the mapping that contains `range` of the data; `None`
    /// if the data is shorter.
    #[must_use]
    pub fn mapped(&self, range: Range<usize>) -> Option<(&Mapping, Range<usize>)> {
        let within = range.start <= range.end && range.end <= self.size();
        within.then(|| (&self.mapping, self.start + range.start..self.start + range.end))
    }

    /// Returns the number of bytes of data, as far as this process knows.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size.load(Ordering::Acquire)
    }

    /// Returns `true` if the data may grow in this process.
    #[must_use]
    pub fn can_grow(&self) -> bool {
        self.size() < self.max_size()
    }

    /// Returns the maximum size in this process.
    #[must_use]
    pub fn max_size(&self) -> usize {
        self.mapping.size() - self.start
    }

    /// Returns the maximum size that the creator chose, even if this process cannot map that many
    /// bytes; `None` if the data may not grow.
    #[must_use]
    pub fn made_to(&self) -> Option<usize> {
        self.made_to
    }

    /// Returns `true` if the bytes are mapped in this process. In a forked child they may not be.
    #[must_use]
    pub fn is_mapped(&self) -> bool {
        self.mapping.is_here()
    }

    /// Returns the access mode of the data.
    #[must_use]
    pub fn access(&self) -> Access {
        self.access
    }

    /// Returns the tag of the data: the purpose for which it was created.
    #[must_use]
    pub fn content(&self) -> Tag {
        self.content
    }

    /// Returns the result of the placement.
    #[must_use]
    pub fn achieved(&self) -> Achieved {
        self.achieved
    }

    /// Grows the data to `wanted` bytes, for all processes. If it is already at least that large,
    /// nothing changes. `file` may be `None` if the data may not grow.
    ///
    /// # Errors
    ///
    /// An invalid argument if `wanted` is over the maximum size; the error of `mmap` if this process
    /// could map only the data when it opened the memory; `EBUSY` if another process holds a lock on
    /// the file for too long; an unsupported operation if there is no `/proc`; otherwise the error
    /// of the system.
    pub fn grow(&self, file: Option<&File>, wanted: usize) -> Result<(), Refusal> {
        if wanted <= self.size() {
            return Ok(());
        }
        let Some(file) = file.filter(|_| wanted <= self.max_size()) else {
            return Err(self.too_large(wanted));
        };
        let identity = identity(file)?;
        let hold =
            Hold::take(|| reopen(file, identity).map(Some), Lock::Exclusive, &GROWTH, GROWING)?;
        let size =
            if self.is_ours { lengthen(file, wanted) } else { lengthen_foreign(file, wanted) };
        drop(hold);
        self.take_up(size?)
    }

    /// Returns the error of a growth to more bytes than this process has mapped.
    fn too_large(&self, wanted: usize) -> Refusal {
        let most = self.max_size();
        match self.unmapped {
            Some((room, errno)) if wanted <= room => {
                let reason = map::why_not_mapped(errno).unwrap_or_default();
                Refusal::os("mmap", errno).because(format_args!(
                    "wanted {wanted} bytes of a maximum of {room}, but when this process opened it, the system mapped only {most}: {reason}; raise the limit, then open it again"
                ))
            }
            _ => Refusal::invalid(
                "grow",
                format_args!(
                    "wanted {wanted} bytes, it can have {most} here: create it with a larger `max_size`"
                ),
            ),
        }
    }

    /// Checks whether another process has grown the data, and returns its size.
    ///
    /// # Errors
    ///
    /// A mismatch if another process destroyed the trailer, which records the size; otherwise the
    /// error of the system.
    pub fn refresh(&self, file: Option<&File>) -> Result<usize, Refusal> {
        if let Some(file) = file.filter(|_| self.can_grow()) {
            let metadata = file.metadata().map_err(|err| Refusal::io("fstat", &err))?;
            let extent = Extent::of(file, &metadata, "refresh")?;
            if extent.is_ours != self.is_ours {
                return Err(Refusal::mismatch("refresh", "it lost the record of its size"));
            }
            self.take_up(extent.size)?;
        }
        Ok(self.size())
    }

    /// Uses the size that the file records, which may be any number: bytes beyond the mapping are
    /// not accessible.
    fn take_up(&self, size: usize) -> Result<(), Refusal> {
        let (before, size) = (self.size(), size.min(self.max_size()));
        if size > before {
            self.placement.fill(&self.mapping, before..size, self.access)?;
            self.size.fetch_max(size, Ordering::AcqRel);
        }
        Ok(())
    }
}

fn has_huge_pages(file: &File) -> bool {
    FileSystem::of(file).is_ok_and(|system| system.huge_page.is_some())
}

/// Returns the identity of the file; an error if the descriptor was closed.
fn identity(file: &File) -> Result<Identity, Refusal> {
    file.metadata().map(|metadata| Identity::of(&metadata)).map_err(|err| {
        let refusal = Refusal::io("fstat", &err);
        let is_closed = refusal.errno() == Some(Errno::EBADF);
        if is_closed {
            refusal.because("its descriptor was closed by other code of this process")
        } else {
            refusal
        }
    })
}

/// Opens the file again. Locks belong to open file descriptions, and no other process or call has
/// the new one.
fn reopen(file: &File, identity: Identity) -> Result<File, Refusal> {
    let own = file::reopen(file, Access::ReadWrite).map_err(|err| match err.kind() {
        io::ErrorKind::NotFound => Refusal::unsupported(
            "grow",
            "there is no /proc through which to open it anew: mount it",
        ),
        io::ErrorKind::PermissionDenied => {
            let (us, why) = (
                UserId::effective().raw(),
                "its mode does not let this process open it anew to lock it",
            );
            Refusal::io("open", &err)
                .because(format_args!("{why} (as uid {us}, which may have changed since)"))
        }
        _ => limits::explained("open", &err),
    })?;
    match own.metadata() {
        Ok(metadata) if Identity::of(&metadata) == identity => Ok(own),
        Ok(_) => {
            Err(Refusal::mismatch("open", "/proc leads to another file than this thread has open"))
        }
        Err(err) => Err(Refusal::io("fstat", &err)),
    }
}

/// Takes steps 1 to 4, for a caller that holds the lock. Returns the new size.
fn lengthen(file: &File, wanted: usize) -> Result<usize, Refusal> {
    let len = file.metadata().map_err(|err| Refusal::io("fstat", &err))?.len();
    let (len, Some(trailer)) = Trailer::read(file, len).map_err(|err| unread(&err))? else {
        return Err(Refusal::mismatch("grow", "it lost the record of its size"));
    };
    if wanted <= trailer.size {
        return Ok(trailer.size);
    }
    let Some(needed) = Trailer::file_len(wanted) else {
        return Err(Refusal::os("grow", Errno::EFBIG));
    };
    let end = needed.max(len);
    let (at, new_at) = (len - Trailer::LEN, end - Trailer::LEN);
    // These bytes may be of a process that died on the way, or of a program outside of this
    // toolkit.
    clear(file, trailer.size..at)?;
    if !trailer.sparse {
        room::reserve(file, trailer.size as u64..end as u64).inspect_err(|_| {
            let _ = file.set_len(len as u64); // gives back what is behind the end
        })?;
    }
    crash_point("growth.reserved");
    if end > len {
        room::write(file, &trailer.encode(), new_at as u64)?;
        crash_point("growth.longer");
        clear(file, at..len)?;
        crash_point("growth.cleared");
    }
    let grown = Trailer { size: wanted, ..trailer };
    room::write(file, &grown.encode(), new_at as u64)?;
    crash_point("growth.done");
    Ok(wanted)
}

/// Lengthens a file without a trailer, all of which is data. Other processes may change its length
/// at the same time, so this code never shortens it.
fn lengthen_foreign(file: &File, wanted: usize) -> Result<usize, Refusal> {
    let len = file.metadata().map_err(|err| Refusal::io("fstat", &err))?.len();
    if (wanted as u64) > len {
        room::lengthen(file, len..wanted as u64)?;
    }
    Ok(wanted)
}

/// Writes zeros.
fn clear(file: &File, range: Range<usize>) -> Result<(), Refusal> {
    let zeros = [0; 4096];
    let mut at = range.start;
    while at < range.end {
        let len = zeros.len().min(range.end - at);
        room::write(file, &zeros[..len], at as u64)?;
        at += len;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt;

    use super::*;
    use crate::MemoryOptions;

    #[test]
    fn what_others_left_between_the_data_and_the_trailer_does_not_become_data() {
        for wanted in [101, 128, 129, 1000] {
            let file = crate::file::tests::unnamed();
            Extent::make(&file, &MemoryOptions::new(100).max_size(1000)).unwrap();
            file.write_all_at(&[7; 28], 100).unwrap();
            assert_eq!(lengthen(&file, wanted).unwrap(), wanted);
            let mut data = vec![1; wanted];
            file.read_exact_at(&mut data, 0).unwrap();
            assert_eq!(data, vec![0; wanted]);
        }
    }

    #[test]
    fn a_range_outside_its_mapping_is_refused() {
        for range in [0..4097, 4097..4097, 0..usize::MAX] {
            let file = crate::file::tests::unnamed();
            file.set_len(4096).unwrap();
            let mapping = Mapping::new(&file, 4096, Access::ReadWrite).unwrap();
            let body =
                Body::fixed(mapping, range.clone(), Access::ReadWrite, Tag::BARE, Placement::new());
            let err = body.map(drop).unwrap_err().on("/x");
            assert!(err.is_invalid_argument(), "{range:?}: {err}");
        }
    }
}
